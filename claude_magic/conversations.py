"""The conversations at hand: which there are, and which one questions go to."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from claude_magic.content.turn import Conversation, Turn, new_id

Change = Callable[[Conversation], Conversation]


class Conversations:
    """Conversations by id. Safe to use from any thread; `changed` is told of each new state."""

    def __init__(self, changed: Callable[[Conversation], None] = lambda conversation: None) -> None:
        self._changed = changed
        self._lock = threading.RLock()
        first = Conversation()
        self._all = {first.id: first}
        self._current = first.id

    @property
    def current(self) -> Conversation:
        """The conversation that questions go to."""
        return self._all[self._current]

    def get(self, conversation_id: str = "") -> Conversation:
        """Return a conversation as it stands now; without an id, the current one."""
        return self._all[conversation_id or self._current]

    def change(self, conversation_id: str, change: Change) -> Conversation:
        """Put a changed conversation in the place of what it was, and return it."""
        with self._lock:
            before = self._all[conversation_id]
            after = change(before)
            self._all[conversation_id] = after
        if after is not before:
            self._changed(after)
        return after

    def begin(self, name: str = "", turns: Iterable[Turn] = ()) -> Conversation:
        """Begin a conversation, with copies of some turns or with none."""
        begun = Conversation(tuple(replace(turn, id=new_id()) for turn in turns), name=name)
        with self._lock:
            self._all[begun.id] = begun
        return begun

    def named(self, name: str) -> Conversation | None:
        """Return the conversation of that name, if there is one."""
        return next((one for one in self._all.values() if one.name == name), None)

    def all(self) -> list[Conversation]:
        """Return those that have turns or a name, the newest first."""
        return [one for one in reversed(self._all.values()) if one.turns or one.name]

    def use(self, conversation: Conversation) -> None:
        """Let questions go to this conversation from now on."""
        with self._lock:
            self._all.setdefault(conversation.id, conversation)
            self._current = conversation.id
        self._changed(self.current)

    def hide(self, gone: Callable[[Turn], bool]) -> None:
        """Hide the turns whose cells the notebook no longer shows."""
        for conversation in list(self._all.values()):
            ids = [turn.id for turn in conversation.turns if not turn.hidden and gone(turn)]
            if ids:
                self.change(conversation.id, partial(_hiding, frozenset(ids)))


def _hiding(turn_ids: frozenset[str], conversation: Conversation) -> Conversation:
    return conversation.hiding(turn_ids)
