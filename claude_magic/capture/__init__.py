"""IN: cell text is filled in; what the notebook runs and displays is noticed."""
