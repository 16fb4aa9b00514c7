"""Claude inside a Jupyter notebook: a cell that begins with `%%claude` is a prompt."""

from typing import TYPE_CHECKING

from claude_magic.errors import ClaudeMagicError, Interrupted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "ClaudeMagicError",
    "Interrupted",
    "load_ipython_extension",
    "unload_ipython_extension",
]


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add the magics to `shell`: `%load_ext claude_magic`."""
    from claude_magic.ui.magics import add

    add(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics out of `shell` again: `%unload_ext claude_magic`."""
    from claude_magic.ui.magics import remove

    remove(shell)
