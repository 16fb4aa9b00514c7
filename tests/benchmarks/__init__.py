"""How fast the package is, against doing the same by hand. See `__main__`."""
