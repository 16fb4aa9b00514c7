"""Claude inside a Jupyter notebook: a cell that begins with `%%claude` is a prompt."""

from typing import TYPE_CHECKING

from claude_magic.errors import ClaudeMagicError, Interrupted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from claude_magic.tools.marks import claude_tool
    from claude_magic.ui.chat import chat
    from claude_magic.ui.door import Claude

__all__ = [
    "Claude",
    "ClaudeMagicError",
    "Interrupted",
    "chat",
    "claude_tool",
    "load_ipython_extension",
    "unload_ipython_extension",
]


def __getattr__(name: str) -> object:
    """Import what is first asked for: `%load_ext` does without."""
    if name == "Claude":
        from claude_magic.ui.door import Claude

        return Claude
    if name == "chat":
        from claude_magic.ui.chat import chat

        return chat
    if name == "claude_tool":
        from claude_magic.tools.marks import claude_tool

        return claude_tool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add the magics to `shell`: `%load_ext claude_magic`."""
    from claude_magic.ui.magics import add

    add(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics out of `shell` again: `%unload_ext claude_magic`."""
    from claude_magic.ui.magics import remove

    remove(shell)
