"""The chat panel from Python: `chat()` shows what `%claude chat` shows."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_magic.panel.widget import ChatPanel


def chat() -> "ChatPanel":
    """Return the notebook's chat panel; as the last line of a cell it shows itself.

    Raises
    ------
    BadInput: this is no notebook, or the extension is not loaded.
    """
    from claude_magic.ui.beside import panel_of
    from claude_magic.ui.door import desk_of_notebook
    from claude_magic.ui.telling import telling

    with telling():
        return panel_of(desk_of_notebook())
