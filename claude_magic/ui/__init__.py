"""DOORS: magics and the command line."""
