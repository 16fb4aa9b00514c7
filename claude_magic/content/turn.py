"""Turns and the conversation they make."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import uuid4

from claude_magic.content.message import Message, joined
from claude_magic.content.wire import Json


class Ending(StrEnum):
    """How an answer came to its end; what the model itself said is in its `stop_reason`."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"  # by the person
    CUT = "cut"  # by the network or the server


class Place(NamedTuple):
    """Where in a notebook a question stands: its cell, and which of the cell's questions it is.

    Without a cell it stands nowhere: asked again, it is a new question.
    """

    cell: str = ""
    number: int = 0


NOWHERE = Place()
# How the cell of a question begins that no cell asked; ids of cells have no colon.
PANEL = "panel:"
APPENDED = -1  # the number of a turn that stays though its cell asks something else now


def new_id() -> str:
    """Return an id that no other turn or conversation has."""
    return uuid4().hex


@dataclass(frozen=True)
class Turn:
    """One user message and what Claude answered; or one message that the person put there.

    Where Claude called tools, their results and its further answers are messages of the turn too.

    `asked_under` is the digest of the whole request up to this turn's answer: thinking blocks are
    bound to exactly what stood before them (Messages API, extended thinking). `asked_for` is that
    digest with all options: with the same one, the same was asked. `heard` tells which
    turns it was asked after (see `history.heard`). `cell` names the cell that asked it, `number`
    which of the cell's questions it is, `asked` when, in Unix seconds. A `hidden` turn's cell was
    deleted: it is left out until that cell is seen again. A `summary` stands for all before it.
    `asked_with` are the options that were the question's own, as `api.own` has them.
    """

    messages: tuple[Message, ...]
    ending: Ending = Ending.COMPLETE
    asked_under: str = ""
    request_id: str = ""
    cost: float | None = None  # US dollars; None where the price is not known
    synthetic: bool = False
    id: str = field(default_factory=new_id)
    cell: str = ""
    asked: float = field(default_factory=time.time)
    number: int = 0
    heard: str = ""
    asked_for: str = ""
    hidden: bool = False
    summary: bool = False
    asked_with: Json = field(default_factory=dict)

    @cached_property
    def answer(self) -> Message:
        """What Claude answered last; of a turn without an answer, its last message."""
        said = (message for message in reversed(self.messages) if message.role == "assistant")
        return next(said, self.messages[-1])

    @property
    def whole(self) -> Message:
        """All that came after the question, as one message: with tools, calls and results too."""
        after = self.messages[1:] if self.messages[0].role == "user" else self.messages
        return joined(after or self.messages)

    @property
    def place(self) -> Place:
        """Where in the notebook it was asked."""
        return Place(self.cell, self.number)

    def answers(self, asked_for: str, most: int) -> bool:
        """Whether its answer came whole, and to just this, of at most so many tokens.

        A budget may have cut it shorter than it was asked for.
        """
        said = self.answer
        cut = said.stop_reason == "max_tokens" and said.usage.output_tokens < most
        whole = self.ending is Ending.COMPLETE and len(self.messages) == 2 and not cut
        return whole and self.asked_for == asked_for


@dataclass(frozen=True)
class Conversation:
    """The ordered turns of one notebook. A `closed` one goes on only when it is asked for."""

    turns: tuple[Turn, ...] = ()
    id: str = field(default_factory=new_id)
    name: str = ""
    closed: bool = False

    def plus(self, turn: Turn) -> "Conversation":
        """Return the conversation with `turn` at its end."""
        longer = replace(self, turns=(*self.turns, turn))
        if turn.cell:
            self._places.setdefault((turn.cell, turn.number), len(self.turns))
        longer.__dict__["_places"] = self._places
        return longer

    def at(self, place: Place) -> Turn | None:
        """Return the turn that was asked at `place`, if one was."""
        number = self._places.get((place.cell, place.number))
        if number is None:
            return None
        if number < len(self.turns) and self.turns[number].place == place:
            return self.turns[number]
        return next((turn for turn in self.turns if turn.place == place), None)

    @cached_property
    def _places(self) -> dict[tuple[str, int], int]:
        """Where the turn of a place stands, so that a long conversation grows as fast as a short.

        It is handed on to the conversation that is one turn longer, so it may know of later turns.
        """
        places: dict[tuple[str, int], int] = {}
        for number, turn in enumerate(self.turns):
            if turn.cell:
                places.setdefault((turn.cell, turn.number), number)
        return places

    def with_turn(self, turn: Turn, instead_of: str = "") -> "Conversation":
        """Return the conversation with `turn` in the place of another; at its end if that is gone.

        >>> first, second = Turn((), id="1"), Turn((), id="2")
        >>> again = Turn((), id="3")
        >>> [turn.id for turn in Conversation((first, second)).with_turn(again, "1").turns]
        ['3', '2']
        """
        if not instead_of or not any(other.id == instead_of for other in self.turns):
            return self.plus(turn)
        turns = (turn if other.id == instead_of else other for other in self.turns)
        return replace(self, turns=tuple(turns))

    def without(self, turn_ids: Iterable[str]) -> "Conversation":
        """Return the conversation without these turns."""
        gone = frozenset(turn_ids)
        return replace(self, turns=tuple(turn for turn in self.turns if turn.id not in gone))

    def before(self, turn_id: str) -> tuple[Turn, ...]:
        """Return the turns that stand before one of them; all, if it is not there."""
        ids = [turn.id for turn in self.turns]
        return self.turns[: ids.index(turn_id)] if turn_id in ids else self.turns

    def until(self, place: Place) -> tuple[Turn, ...]:
        """Return the turns that a question asked at `place` stands after."""
        earlier = self.at(place)
        return self.before(earlier.id) if earlier else self.turns

    def hiding(self, turn_ids: Iterable[str], *, hidden: bool = True) -> "Conversation":
        """Return the conversation with these turns hidden, or shown again."""
        named = frozenset(turn_ids)
        turns = (replace(t, hidden=hidden) if t.id in named else t for t in self.turns)
        return replace(self, turns=tuple(turns))
