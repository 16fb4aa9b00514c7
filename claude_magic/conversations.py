"""The conversations at hand: which there are, and which one questions go to.

Each notebook has conversations of its own, and the practice model has some beside Claude's: neither
takes the other's words for its own.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count

from claude_magic.content.turn import APPENDED, Conversation, Place, Turn, new_id

MAIN, PRACTICE = "main", "practice"  # what conversations are called that nobody named


@dataclass(frozen=True)
class Space:
    """Whose conversations: a notebook's (by an id), Claude's or the practice model's."""

    notebook: str = ""
    practice: bool = False


Watcher = Callable[[Conversation], None]


class Conversations:
    """Conversations by id. Safe to use from any thread; `changed` is told of each new state."""

    def __init__(self, changed: Watcher = lambda conversation: None) -> None:
        self._changed = changed
        self._lock = threading.RLock()
        self._all: dict[str, Conversation] = {}
        self._spaces: dict[str, Space] = {}  # of each conversation
        self._used: dict[Space, str] = {}  # where questions go
        self._chosen: set[Space] = set()  # where a person said so
        self._went_on: set[str] = set()  # the conversations that questions went to without a name
        self._space = Space()

    @property
    def current(self) -> Conversation:
        """The conversation that questions go to."""
        with self._lock:
            if self._space not in self._used:
                self._used[self._space] = self.begin().id
            now = self._used[self._space]
            self._went_on.add(now)
            return self._all[now]

    def enter(self, space: Space) -> None:
        """Let questions go to the conversations of `space`."""
        with self._lock:
            if space == self._space:
                return
            self._space = space
        self._changed(self.current)

    def get(self, conversation_id: str = "") -> Conversation:
        """Return a conversation as it stands now; without an id, the current one."""
        return self._all[conversation_id] if conversation_id else self.current

    def begin(self, name: str = "", turns: Iterable[Turn] = ()) -> Conversation:
        """Begin a conversation of this space, with copies of some turns or with none."""
        usual = PRACTICE if self._space.practice else MAIN
        copies = tuple(replace(turn, id=new_id()) for turn in turns)
        with self._lock:
            begun = Conversation(copies, name=name or usual)
            self._all[begun.id], self._spaces[begun.id] = begun, self._space
        return begun

    def here(self) -> list[Conversation]:
        """Return the conversations of this space, the oldest first.

        One that was left before its first answer came is there from that answer on.
        """
        return [one for one in self._here() if one.turns or not one.closed]

    def _here(self) -> list[Conversation]:
        with self._lock:
            return [one for one in self._all.values() if self._spaces[one.id] == self._space]

    def named(self, name: str) -> Conversation | None:
        """Return the conversation of that name in this space, if there is one."""
        return next((one for one in self._here() if one.name == name), None)

    def free_name(self, name: str) -> str:
        """Return `name`, or the first of name-1, name-2, … that is not taken."""
        numbered = (f"{name}-{number}" for number in count(1))
        return next(free for free in chain([name], numbered) if not self.named(free))

    def use(self, conversation: Conversation) -> None:
        """Let questions go to this conversation from now on, as a person chose."""
        with self._lock:
            self._used[self._space] = conversation.id
            self._chosen.add(self._space)
            self._change(conversation.id, lambda now: replace(now, closed=False))

    def follow(self, place: Place) -> None:
        """Let questions go where the cell at `place` asked before, unless a person chose otherwise.

        A notebook that is run again from its beginning so comes to the conversations it had.
        """
        if self._space in self._chosen or self.current.at(place):
            return
        for other in self.here():
            if other.at(place) and not other.closed and other.id in self._went_on:
                self._used[self._space] = other.id
                self._changed(other)
                return

    def reset(self) -> str:
        """Begin anew under the same name; return the name that the old one has now, or ""."""
        old = self.current
        kept = self.free_name(old.name)
        self._change(old.id, lambda now: replace(now, name=kept, closed=True))
        self.use(self.begin(old.name))
        return kept if old.turns else ""

    def put(self, conversation_id: str, turn: Turn, instead_of: Turn | None = None) -> None:
        """Put a turn in the place of another, or at the end.

        One that stood at its place and is not replaced stays, and gives up the place.
        """

        def putting(now: Conversation) -> Conversation:
            other = now.at(turn.place)
            if instead_of is None and other is not None:
                now = now.with_turn(replace(other, number=APPENDED), other.id)
            return now.with_turn(turn, instead_of.id if instead_of else "")

        self._change(conversation_id, putting)

    def hide(self, gone: Callable[[Turn], bool]) -> None:
        """Hide the turns whose cells the notebook no longer shows."""
        for conversation in self.here():
            ids = [turn.id for turn in conversation.turns if not turn.hidden and gone(turn)]
            if ids:
                self._change(conversation.id, partial(_hiding, frozenset(ids)))

    def show(self, conversation_id: str, turn: Turn) -> None:
        """Show a turn again that was hidden."""
        if turn.hidden:
            self._change(conversation_id, lambda now: now.hiding([turn.id], hidden=False))

    def move(self, conversation_id: str, turn: Turn, place: Place) -> None:
        """Let a turn stand at `place`; one that stood there takes its place instead."""

        def moving(now: Conversation) -> Conversation:
            other = now.at(place)
            if other is not None and other.id != turn.id:
                now = now.with_turn(replace(other, cell=turn.cell, number=turn.number), other.id)
            return now.with_turn(replace(turn, cell=place.cell, number=place.number), turn.id)

        self._change(conversation_id, moving)

    def remove(self, conversation_id: str, turn: Turn) -> None:
        """Take a turn out."""
        self._change(conversation_id, lambda now: now.without([turn.id]))

    def _change(self, conversation_id: str, change: Callable[[Conversation], Conversation]) -> None:
        with self._lock:
            after = self._all[conversation_id] = change(self._all[conversation_id])
        self._changed(after)


def _hiding(turn_ids: frozenset[str], conversation: Conversation) -> Conversation:
    return conversation.hiding(turn_ids)
