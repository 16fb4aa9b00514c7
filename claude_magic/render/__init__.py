"""SEEN: a message as safe Markdown and HTML, growing in a cell or a terminal."""
