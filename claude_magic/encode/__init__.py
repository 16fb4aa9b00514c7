"""MADE: Python values become content blocks."""
