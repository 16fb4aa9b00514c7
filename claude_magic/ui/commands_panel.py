"""The words after `%claude` about the chat panel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_magic.errors import BadInput
from claude_magic.ui.command_of import Command

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


def _chat(desk: "Desk", rest: str) -> str:
    if rest not in ("", "--dock"):
        raise BadInput(f"%claude chat takes --dock or nothing, not {rest!r}.")
    from claude_magic.ui.beside import panel_of

    panel = panel_of(desk)
    if not rest:
        panel.show()
        return ""
    return panel.dock()


COMMANDS: Mapping[str, Command] = {
    "chat": Command(_chat, "the chat panel, here or beside the notebook", "[--dock]"),
}
