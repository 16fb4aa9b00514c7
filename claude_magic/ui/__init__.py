"""DOORS: magics, scripts, the command line."""
