"""The conversations at hand: which there are, and which one questions go to.

Each notebook has conversations of its own, and the practice model and recordings have some beside
Claude's: none takes the others' words for its own. What a notebook said before comes from the
store.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from math import inf

from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import Conversation, Place, Turn, new_id
from claude_magic.holding import Holding, Space, Watcher
from claude_magic.store.store import Store
from claude_magic.store.values import Listed, goes_on

MAIN = "main"  # what conversations are called that nobody named, and that Claude answers
NOBODY = "nobody"  # where runs without a notebook find what they gave a name


class Conversations(Holding):
    """The conversations of notebooks, and which one questions go to."""

    def __init__(
        self, changed: Watcher = lambda conversation: None, store: Store | None = None
    ) -> None:
        super().__init__(changed, store)
        self._space = Space()
        self._used: dict[Space, str] = {}  # where questions go
        self._chosen: set[Space] = set()  # where a person said so
        self._ids: dict[tuple[str, str], str] = {}  # of notebooks, by kernel and key
        self._entered: dict[Space, tuple[int, int]] = {}  # and the store as it was then

    @property
    def current(self) -> Conversation:
        """The conversation that questions go to."""
        with self._lock:
            if self._space not in self._used:
                self._go_to(self._begin(self._space, self.free_name(self._usual)))
            now = self._used[self._space]
            self._went_on.add(now)
            return self._all[now]

    def notebook_id(
        self, notebook: Notebook, cells: Callable[[], Collection[str] | None] = lambda: None
    ) -> str:
        """Return what a notebook is known by, in this kernel and later ones.

        `cells` returns those of its file, by which one that was moved is found; None: not known.
        """
        key = (notebook.kernel, notebook.key or notebook.folder)
        with self._lock:
            if key not in self._ids:
                known = self._ids.values()
                found = self.store.notebook_id(notebook, cells, known) if self.store else ""
                self._ids[key] = found or "/".join(key)
            self._notebooks[self._ids[key]] = notebook
            return self._ids[key]

    def enter(self, space: Space, *, private: bool = False, anew: bool = False) -> None:
        """Let questions go to the conversations of `space`.

        `anew`: not to those that another kernel had there.
        """
        if self._space == Space():
            self._settle_in(space)
        news = self._take_in(space, anew=anew)
        with self._lock:
            self._keeping.private = private
            news = news or space != self._space
            self._space = space
        if news:
            self._changed(self.current)

    def settle(self) -> list[str]:
        """Wait a moment until all is kept; return what a person must be told about that."""
        told = super().settle()
        if self.store:
            self._is_up_to_date(self._space)  # while nobody waits: the next question need not ask
        return told

    def get(self, conversation_id: str = "") -> Conversation:
        """Return a conversation as it stands now; without an id, the current one."""
        with self._lock:
            if listed := self._shelved.get(conversation_id):
                self._bring(listed)
            return self._all[conversation_id] if conversation_id else self.current

    def begin(self, name: str, turns: Iterable[Turn] = ()) -> Conversation:
        """Begin a conversation that a person named, with copies of some turns or with none."""
        with self._lock:
            begun = self._begin(self._shared or self._space, name)
            for turn in turns:
                self._put(begun, replace(turn, id=new_id()))
            return self._all[begun]

    def here(self) -> list[Conversation]:
        """Return the conversations of this space, the oldest first.

        One that was left before its first answer came is there from that answer on.
        """
        with self._lock:
            for listed in self._on_shelf():
                self._bring(listed)
            return [one for one in self._open() if one.turns or not one.closed]

    def elsewhere(self) -> list[Listed]:
        """Return the kept conversations of other notebooks, the one asked last first."""
        return self.store.elsewhere(self._space.notebook, self._space.answers) if self.store else []

    def named(self, name: str) -> Conversation | None:
        """Return the conversation of that name in this space, if there is one."""
        with self._lock:
            for listed in self._on_shelf():
                if listed.heading.name == name:
                    self._bring(listed)
            return next((one for one in self._open() if one.name == name), None)

    def free_name(self, name: str) -> str:
        """Return `name`, or the first of name-1, name-2, … that is not taken."""
        with self._lock:
            taken = {one.name for one in self._open()}
            taken |= {listed.heading.name for listed in self._on_shelf()}
        numbered = (f"{name}-{number}" for number in count(1))
        return next(free for free in chain([name], numbered) if free not in taken)

    def use(self, conversation: Conversation) -> None:
        """Let questions go to this conversation from now on, as a person chose."""
        with self._lock:
            self._chosen.add(self._space)
            self._all[conversation.id] = replace(self._all[conversation.id], closed=False)
            self._go_to(conversation.id)
        self._changed(self._all[conversation.id])

    def follow(self, place: Place) -> None:
        """Let questions go where the cell at `place` asked before, unless a person chose otherwise.

        A notebook that is run again from its beginning so comes to the conversations it had.
        """
        if self._space in self._chosen or self.current.at(place):
            return
        for other in self._open():
            if other.at(place) and not other.closed and other.id in self._went_on:
                self._go_to(other.id)
                self._changed(other)
                return

    def reset(self) -> str:
        """Begin anew under the same name; return the name that the old one has now, or ""."""
        old = self.current
        kept = self.free_name(old.name)
        with self._lock:
            self._all[old.id] = replace(self._all[old.id], name=kept, closed=True)
            self._head(old.id)
            self.use(self._all[self._begin(self._space, old.name)])
        return kept if old.turns else ""

    def purge(self, only: Conversation | None = None, *, all_of_it: bool = False) -> bool:
        """Remove for good one conversation, all of this notebook, or all that are kept.

        Return whether nothing of them is left on disk.
        """
        with self._lock:
            home = (self._space.notebook, NOBODY if self._shared else self._space.notebook)
            gone = [one for one, space in self._spaces.items() if space.notebook in home]
            gone += [o for o, listed in self._shelved.items() if listed.heading.notebook in home]
            every = [*self._spaces, *self._shelved]
            gone = [only.id] if only else every if all_of_it else gone
            for one in gone:
                self._forget(one)
            self._used = {space: one for space, one in self._used.items() if one not in gone}
        done = self.store.purge(gone, all_of_it=all_of_it) if self.store else True
        self._changed(self.current)
        return done

    def hide(self, gone: Callable[[Turn, float], bool]) -> None:
        """Hide the turns whose cells the notebook no longer shows.

        `gone` gets a turn, and since when questions go to its conversation: those that are asked in
        by name alone have always been open, those that a person left will never be.
        """
        for conversation in self._open():
            since, turns = self._open_since(conversation.id), conversation.turns
            ids = [turn.id for turn in turns if not turn.hidden and gone(turn, since)]
            if ids:
                self._hide(conversation.id, ids, hidden=True)

    # All below is called with the lock held.

    @property
    def _usual(self) -> str:
        return self._space.answers or MAIN

    def _settle_in(self, space: Space) -> None:
        """What began before its notebook was known belongs to that."""
        with self._lock:
            self._spaces = {one: space for one in self._spaces}
            for one in self._used.values():
                self._used = {space: one}

    def _go_to(self, conversation_id: str) -> None:
        self._used[self._space] = conversation_id
        self._since[conversation_id] = time.time()
        self._head(conversation_id)

    def _open(self) -> list[Conversation]:
        """The conversations of this space that were read."""
        spaces = (self._space, self._shared)
        with self._lock:
            return [one for one in self._all.values() if self._spaces[one.id] in spaces]

    def _open_since(self, conversation_id: str) -> float:
        if conversation_id == self._used.get(self._space):
            return self._since.get(conversation_id, 0.0)
        return inf if conversation_id in self._went_on else 0.0

    def _on_shelf(self) -> list[Listed]:
        """The conversations of this space that are kept and not read yet."""
        notebooks = (self._space.notebook, NOBODY if self._shared else "")
        return [
            listed
            for listed in self._shelved.values()
            if listed.heading.notebook in notebooks
            and listed.heading.answers == self._space.answers
        ]

    @property
    def _shared(self) -> Space | None:
        """Where a run that is nobody's notebook finds what it gave a name."""
        known = self._notebooks.get(self._space.notebook)
        return Space(NOBODY, self._space.answers) if known == Notebook() else None

    def _take_in(self, space: Space, *, anew: bool) -> bool:
        """Read what is kept of `space` and new; whether anything is."""
        if not self.store or self._is_up_to_date(space):
            return False
        self.store.settle()
        with self._lock:
            self._entered[space] = self.store.state()
            own, *shared = (self.store.of(one, space.answers) for one in self._notebooks_of(space))
            kept = [*own, *(listed for others in shared for listed in others)]
            news = [self._take(listed, anew=anew) for listed in kept]
            if not anew:
                self._go_on(space, own)
            return any(news)

    def _is_up_to_date(self, space: Space) -> bool:
        """Whether nothing is kept of `space` that is not known here; this kernel writes too."""
        assert self.store is not None
        state = self.store.state()
        if space in self._entered and self._entered[space] != state:
            if not self.store.is_known(self._notebooks_of(space), space.answers):
                return False
            self._entered[space] = state
        return space in self._entered

    def _notebooks_of(self, space: Space) -> list[str]:
        """Its own, and for a run that is nobody's notebook where it finds what it gave a name."""
        of_nobody = self._notebooks.get(space.notebook) == Notebook()
        return [space.notebook, NOBODY] if of_nobody else [space.notebook]

    def _go_on(self, space: Space, kept: Sequence[Listed]) -> None:
        """Go on with the conversation that questions went to last, unless one has begun here."""
        now = self._used.get(space, "")
        if space in self._chosen or (now and self._all[now].turns):
            return
        if last := goes_on(kept):
            self._used[space] = last.heading.id
