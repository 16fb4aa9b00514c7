"""What is said in conversations -> the store, but for what is asked in private."""

from collections.abc import Callable, Collection, Mapping, Sequence

from claude_magic.content.turn import Turn
from claude_magic.store.store import Store
from claude_magic.store.values import Heading


class Keeping:
    """Has changes written of the conversations of which anything is kept.

    While it is `private` nothing new is kept; a question stays what it was when it was asked.
    """

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self.private = False
        self._conversations: set[str] = set()  # of which something is kept
        self._asked: set[str] = set()  # the turns that grow and are kept
        self._private: set[str] = set()  # the turns that are not
        self._bytes: dict[str, Mapping[str, bytes]] = {}  # of turns on their way to the store

    def is_private(self, turn: str) -> bool:
        """Whether a turn is not kept."""
        return turn in self._private

    def knows(self, conversation: str) -> None:
        """Something of a conversation is in the store."""
        self._conversations.add(conversation)

    def forget(self, conversation: str) -> None:
        """Nothing of a conversation is in the store any more."""
        self._conversations.discard(conversation)

    def asked(self, heading: Heading, turn: str, now: Callable[[], Turn], instead_of: str) -> None:
        """A question was asked: its turn is kept as it grows. `now` returns it as it is."""
        if self.private:
            self._private.add(turn)
        elif self.store:
            self._asked.add(turn)
            self.knows(heading.id)
            self.store.grows(heading, turn, now, instead_of)

    def dropped(self, conversation: str, turn: str) -> None:
        """Nothing came of a question that was asked."""
        if self.store and turn in self._asked:
            self._asked.discard(turn)
            self.store.dropped(conversation, turn)

    def lean(self, turn: Turn) -> Turn:
        """Return a turn as it is held: the bytes of one that is kept go to the store."""
        if self.private and turn.id not in self._asked:
            self._private.add(turn.id)
        if self.store and turn.id not in self._private:
            turn, self._bytes[turn.id] = self.store.lean(turn)
        return turn

    def ended(self, heading: Heading, turn: Turn, instead_of: str) -> None:
        """A turn is whole; it was made lean before."""
        self._asked.discard(turn.id)
        data = self._bytes.pop(turn.id, {})
        if self.store and turn.id not in self._private:
            self.knows(heading.id)
            self.store.ended(heading, turn, data, instead_of)

    def hidden(self, conversation: str, turns: Collection[str], *, hidden: bool) -> None:
        """Turns are hidden, or shown again."""
        if store := self._of(conversation):
            store.hidden(conversation, turns, hidden)

    def placed(self, conversation: str, turn: Turn) -> None:
        """A turn stands at another cell."""
        if store := self._of(conversation):
            store.placed(conversation, turn)

    def removed(self, conversation: str, turn: str) -> None:
        """A turn was taken out."""
        if store := self._of(conversation):
            store.removed(conversation, turn)

    def headed(self, heading: Heading) -> None:
        """A conversation has another name or state."""
        if store := self._of(heading.id):
            store.headed(heading)

    def whole(self, turns: Sequence[Turn], *, sent: bool = False) -> tuple[Turn, ...]:
        """Return turns with the bytes that lie in the store, as `Store.whole` does."""
        return self.store.whole(turns, sent=sent) if self.store else tuple(turns)

    def _of(self, conversation: str) -> Store | None:
        return self.store if conversation in self._conversations else None
