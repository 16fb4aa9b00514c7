"""BESIDE the notebook: the chat panel, its Python, its ES modules and its style."""
