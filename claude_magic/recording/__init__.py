"""KEPT AND PLAYED AGAIN: questions and answers of a lesson, in a file that people can read."""
