"""What the notebook displayed lately -> pictures to choose from in the chat panel."""

from typing import TYPE_CHECKING, Any

from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.models import model_named
from claude_magic.capture.display import Display
from claude_magic.content.blocks import Block, write_block
from claude_magic.errors import BadInput
from claude_magic.panel.attachments import Attachment
from claude_magic.ui.glimpses import Glimpse, glimpse

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_MOST = 12  # pictures that are offered


class Strip:
    """The pictures of the notebook whose `desk` this is."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def offered(self) -> list[dict[str, Any]]:
        """Return the last pictures, newest first: `id`, `name`, `small`."""
        lately = reversed(self._desk.displays.lately()[-_MOST:])
        seen = map(self._glimpse, lately)
        return [{"id": str(g.display.number), "name": _named(g), "small": g.small} for g in seen]

    def attachment(self, number: str) -> Attachment:
        """Return what the picture that bears this number becomes.

        Raises
        ------
        BadInput: it is not there any more, or cannot be drawn.
        """
        display = self._desk.displays.numbered(int(number)) if number.isdecimal() else None
        blocks = display and self._blocks(display)
        if display is None or not blocks:
            raise BadInput("that picture is not there any more.", hint="Run its cell again.")
        seen = self._glimpse(display)
        tokens = seen.tokens or estimated_tokens([write_block(block) for block in blocks])
        return Attachment(blocks, _named(seen), 0, tokens, seen.small)

    def last(self) -> tuple[Block, ...]:
        """Return the blocks of the picture that was displayed last, if there is one.

        Raises
        ------
        BadInput: it cannot be drawn.
        """
        lately = self._desk.displays.lately()
        return self._blocks(lately[-1]) if lately else ()

    def _blocks(self, display: Display) -> tuple[Block, ...]:
        return display.blocks(self._desk.engine.pictures) or ()

    def _glimpse(self, display: Display) -> Glimpse:
        sight = model_named(self._desk.settings.model).sight
        return glimpse(display, self._desk.engine.pictures, sight)


def _named(seen: Glimpse) -> str:
    """Where it was displayed, and what it is."""
    width, height = seen.size
    what = f"{width} × {height}" if width else seen.display.kind
    return f"{seen.display.name}, {what}"
