"""TAUGHT: how much Claude gives away, and what a lesson allows."""
