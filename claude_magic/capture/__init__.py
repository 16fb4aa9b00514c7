"""IN: cell text is filled in."""
