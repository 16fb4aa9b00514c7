"""Conversations by id, with their turns: held here, and each change kept and told."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import APPENDED, Conversation, Place, Turn
from claude_magic.keeping import Keeping
from claude_magic.store.store import Store
from claude_magic.store.values import Heading, Listed


class Space(NamedTuple):
    """Whose conversations: a notebook's (by an id), and who answers in them ("" is Claude)."""

    notebook: str = ""
    answers: str = ""


Watcher = Callable[[Conversation], None]


class Holding:
    """Holds conversations. Safe to use from any thread; `changed` is told of each new state.

    With a `store` they outlast the kernel; what is asked while `private` is not kept.
    """

    def __init__(
        self, changed: Watcher = lambda conversation: None, store: Store | None = None
    ) -> None:
        self._changed = changed
        self.store = store
        self._keeping = Keeping(store)
        self._lock = threading.RLock()
        self._all: dict[str, Conversation] = {}
        self._spaces: dict[str, Space] = {}  # of each conversation
        self._since: dict[str, float] = {}  # when questions began to go to each
        self._went_on: set[str] = set()  # those that questions went to without a name
        self._shelved: dict[str, Listed] = {}  # kept, and not read yet
        self._notebooks: dict[str, Notebook] = {}  # by id
        if store:
            store.all_known = self._known

    @property
    def private(self) -> bool:
        """Whether what is asked now is not kept."""
        return self._keeping.private

    def adopt(self, listed: Listed) -> tuple[Turn, ...]:
        """Return the turns of a kept conversation of another notebook."""
        assert self.store is not None
        return self.store.whole(self.store.turns(listed))

    def retain(self, days: float | None, megabytes: float | None) -> None:
        """Keep no conversation longer than so many days, and no more than so many megabytes."""
        if self.store and not self.private and (days, megabytes) != (None, None):
            with self._lock:
                self.store.retain(days, megabytes, frozenset(self._all))

    def grows(
        self, conversation_id: str, turn_id: str, now: Callable[[], Turn], instead_of: Turn | None
    ) -> None:
        """A question was asked: keep its turn as it grows. `now` returns it as it is."""
        with self._lock:
            heading = self._heading(conversation_id)
            self._keeping.asked(heading, turn_id, now, instead_of.id if instead_of else "")

    def dropped(self, conversation_id: str, turn_id: str) -> None:
        """Nothing came of a question that was asked."""
        with self._lock:
            self._keeping.dropped(conversation_id, turn_id)

    def put(self, conversation_id: str, turn: Turn, instead_of: Turn | None = None) -> None:
        """Put a turn in the place of another, or at the end.

        One that stood at its place and is not replaced stays, and gives up the place.
        """
        with self._lock:
            if conversation_id not in self._all:
                return  # it was removed while it was being answered
            self._put(conversation_id, turn, instead_of)
            after = self._all[conversation_id]
        self._changed(after)

    def show(self, conversation_id: str, turn: Turn) -> None:
        """Show a turn again that was hidden."""
        if turn.hidden:
            self._hide(conversation_id, [turn.id], hidden=False)

    def move(self, conversation_id: str, turn: Turn, place: Place) -> None:
        """Let a turn stand at `place`; one that stood there takes its place instead."""
        with self._lock:
            other = self._all[conversation_id].at(place)
            if other is not None and other.id != turn.id:
                self._place(conversation_id, other, turn.place)
            self._place(conversation_id, turn, place)
        self._changed(self._all[conversation_id])

    def remove(self, conversation_id: str, turn: Turn) -> None:
        """Take a turn out."""
        with self._lock:
            self._all[conversation_id] = self._all[conversation_id].without([turn.id])
            self._keeping.removed(conversation_id, turn.id)
        self._changed(self._all[conversation_id])

    def whole(self, turns: Sequence[Turn], *, sent: bool = False) -> tuple[Turn, ...]:
        """Return turns with the bytes of what was attached, which lie in the store.

        Those of turns that are `sent` stay at hand: the next request carries most of them again.
        """
        return self._keeping.whole(turns, sent=sent)

    def settle(self) -> list[str]:
        """Wait a moment until all is kept; return what a person must be told about that."""
        if not self.store:
            return []
        self.store.settle()
        return self.store.news()

    def close(self) -> None:
        """Let the store go."""
        if self.store:
            self.store.close()

    # All below is called with the lock held.

    def _begin(self, space: Space, name: str) -> str:
        begun = Conversation(name=name)
        self._all[begun.id], self._spaces[begun.id] = begun, space
        return begun.id

    def _forget(self, conversation_id: str) -> None:
        for known in (self._all, self._spaces, self._since, self._shelved):
            known.pop(conversation_id, None)
        self._keeping.forget(conversation_id)

    def _put(self, conversation_id: str, turn: Turn, instead_of: Turn | None = None) -> None:
        other = self._all[conversation_id].at(turn.place) if instead_of is None else None
        if other is not None:
            self._place(conversation_id, other, Place(other.cell, APPENDED))
        replaced = instead_of.id if instead_of else ""
        turn = self._keeping.lean(turn)
        self._all[conversation_id] = self._all[conversation_id].with_turn(turn, replaced)
        self._keeping.ended(self._heading(conversation_id), turn, replaced)

    def _place(self, conversation_id: str, turn: Turn, place: Place) -> None:
        placed = replace(turn, cell=place.cell, number=place.number)
        self._all[conversation_id] = self._all[conversation_id].with_turn(placed, turn.id)
        self._keeping.placed(conversation_id, placed)

    def _hide(self, conversation_id: str, ids: Collection[str], *, hidden: bool) -> None:
        with self._lock:
            after = self._all[conversation_id].hiding(ids, hidden=hidden)
            self._all[conversation_id] = after
            self._keeping.hidden(conversation_id, ids, hidden=hidden)
        self._changed(after)

    def _head(self, conversation_id: str) -> None:
        self._keeping.headed(self._heading(conversation_id))

    def _heading(self, conversation_id: str) -> Heading:
        space, one = self._spaces[conversation_id], self._all[conversation_id]
        return Heading(
            id=one.id,
            notebook=space.notebook,
            known=self._notebooks.get(space.notebook, Notebook()),
            answers=space.answers,
            name=one.name,
            closed=one.closed,
            went_on=one.id in self._went_on,
            used=self._since.get(one.id, 0.0),
        )

    def _known(self) -> list[tuple[Heading, tuple[Turn, ...]]]:
        """All that is to be kept."""
        with self._lock:
            return [
                (
                    self._heading(one.id),
                    tuple(t for t in one.turns if not self._keeping.is_private(t.id)),
                )
                for one in self._all.values()
            ]

    def _take(self, listed: Listed, *, anew: bool) -> bool:
        one = listed.heading.id
        if one not in self._all:
            self._shelved[one] = listed
            if not (anew or listed.heading.closed):
                self._bring(listed)
            return True
        assert self.store is not None
        if not self.store.is_new(listed):
            return False
        now = self._merged(self._all[one], self.store.turns(listed))
        self._all[one] = replace(now, name=listed.heading.name, closed=listed.heading.closed)
        return True

    def _bring(self, listed: Listed) -> None:
        """Read a conversation that lies in the store."""
        assert self.store is not None
        heading = listed.heading
        self._shelved.pop(heading.id, None)
        self._keeping.knows(heading.id)
        turns = self.store.turns(listed)
        one = Conversation(turns, heading.id, heading.name, heading.closed)
        self._all[one.id] = one
        self._spaces[one.id] = Space(heading.notebook, heading.answers)
        self._since[one.id] = heading.used
        self._went_on |= {one.id} if heading.went_on else set()

    def _merged(self, now: Conversation, kept: Sequence[Turn]) -> Conversation:
        """What another kernel wrote, with what this one does not keep where it stood."""
        same = {turn.id: turn for turn in now.turns}
        turns = [same[one.id] if same.get(one.id) == one else one for one in kept]
        before = ""
        for turn in now.turns:
            if self._keeping.is_private(turn.id):
                ids = [one.id for one in turns]
                turns.insert(ids.index(before) + 1 if before in ids else len(turns), turn)
            before = turn.id
        return replace(now, turns=tuple(turns))
