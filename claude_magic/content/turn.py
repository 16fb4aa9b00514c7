"""Turns and the conversation they make."""

import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import uuid4

from claude_magic.content.message import Message


class Ending(StrEnum):
    """How an answer came to its end; what the model itself said is in its `stop_reason`."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"  # by the person
    CUT = "cut"  # by the network or the server


@dataclass(frozen=True)
class Turn:
    """One user message and what Claude answered; or one message that the person put there.

    `asked_under` is the digest of the whole request up to this turn's answer: thinking blocks are
    bound to exactly what stood before them (Messages API, extended thinking). `cell` names the cell
    that asked it, `asked` when, in Unix seconds.
    """

    messages: tuple[Message, ...]
    ending: Ending = Ending.COMPLETE
    asked_under: str = ""
    request_id: str = ""
    cost: float | None = None  # US dollars; None where the price is not known
    synthetic: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    cell: str = ""
    asked: float = field(default_factory=time.time)

    @property
    def answer(self) -> Message:
        """The last message: of an asked turn, what Claude answered."""
        return self.messages[-1]


@dataclass(frozen=True)
class Conversation:
    """The ordered turns of one notebook."""

    turns: tuple[Turn, ...] = ()

    def plus(self, turn: Turn) -> "Conversation":
        """Return the conversation with `turn` at its end."""
        return replace(self, turns=(*self.turns, turn))
