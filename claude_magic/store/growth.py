"""A turn while its answer grows -> what of it is to be written."""

from collections.abc import Callable
from dataclasses import replace
from sqlite3 import Connection

from claude_magic.content.blocks import Image
from claude_magic.content.kept import without_bytes
from claude_magic.content.message import Message
from claude_magic.content.turn import Turn
from claude_magic.encode.picture import size_of
from claude_magic.errors import BadInput
from claude_magic.store.values import Heading
from claude_magic.store.writer import Write
from claude_magic.store.writing import write_turn


class Lean:
    """Takes the bytes out of messages and holds them as `data`; knows what it has seen before."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self._known: list[tuple[Message, Message]] = []

    def turn(self, turn: Turn) -> Turn:
        """Return `turn` without its bytes; the same object where it has none."""
        messages = tuple(map(self._message, turn.messages))
        if all(one is other for one, other in zip(messages, turn.messages, strict=True)):
            return turn
        return replace(turn, messages=messages)

    def _message(self, message: Message) -> Message:
        for fat, lean in self._known:
            if fat is message:
                return lean
        lean = without_bytes(message, self.data.setdefault, _size)
        if lean is not message:
            self._known.append((message, lean))
        return lean


class Growth:
    """Looks at a turn while it grows; `now` returns it as it is at the moment."""

    def __init__(self, heading: Heading, now: Callable[[], Turn], instead_of: str) -> None:
        self.lean = Lean()
        self._heading = heading
        self._now = now
        self._instead_of = instead_of
        self._written: tuple[Message, ...] = ()

    def look(self) -> tuple[str, Write] | None:
        """Return what writes the turn as it is now; None where nothing is new."""
        turn = self.lean.turn(self._now())
        before, self._written = self._written, turn.messages
        changed = [
            (number, message)
            for number, message in enumerate(turn.messages)
            if number >= len(before) or before[number] != message
        ]
        if not changed:
            return None

        def write(rows: Connection) -> None:
            known = rows.execute("SELECT 1 FROM turns WHERE id = ?", (turn.id,)).fetchone()
            write_turn(
                *(rows, self._heading, turn),
                instead_of=self._instead_of,
                ended=False,
                messages=changed if known else None,
                data=self.lean.data,
            )

        return self._heading.id, write


def _size(image: Image) -> tuple[int, int]:
    try:
        return size_of(image)
    except (BadInput, ValueError):
        return 0, 0
