"""ACTED: Python functions that Claude may call."""
