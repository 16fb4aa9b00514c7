"""Conversations kept: written as they grow, read when their notebook comes back."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from claude_magic.content.kept import with_bytes
from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import Turn
from claude_magic.store import reading, writing
from claude_magic.store.file import File
from claude_magic.store.growth import Growth, Lean
from claude_magic.store.rows import Placed, in_order, read_turns
from claude_magic.store.trouble import Trouble, told, trouble_of
from claude_magic.store.values import Heading, Listed
from claude_magic.store.writer import Write, Writer

T = TypeVar("T")

_PURGED = 10.0  # seconds for the file to be written anew
_TO_READ = 0.3  # seconds for another program to be done: a question waits meanwhile
_SETTLED = 0.5  # seconds for what was written last to be on disk


class Store:
    """The file in `folder`. Safe to use from any thread.

    Nothing is opened before something is read or written. Whatever goes wrong with the file,
    nothing is raised: `news` tells it. `all_known` returns every conversation that this kernel
    holds, for a file that has to be begun anew.
    """

    def __init__(self, folder: Path) -> None:
        self.all_known: Callable[[], list[tuple[Heading, tuple[Turn, ...]]]] = list
        self._file = File(folder)
        self._writer = Writer(self._file, self._note, self._restore)
        self._lock = threading.RLock()
        self._rows: sqlite3.Connection | None = None
        self._inode = 0
        self._opened = 0
        self._growths: dict[str, Growth] = {}
        self._unwritten: dict[str, bytes] = {}
        self._sent: dict[str, bytes] = {}  # of the turns that were asked for last
        self._told: set[Trouble] = set()
        self._news: list[str] = []

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._file.path

    @property
    def is_behind(self) -> bool:
        """Whether something is not written yet."""
        return self._writer.is_behind

    # What is read

    def notebook_id(
        self,
        notebook: Notebook,
        cells: Callable[[], Collection[str] | None],
        others: Collection[str],
    ) -> str:
        """Return what a notebook is known by; one that is not known gets a new id.

        `cells` returns the ids of the cells in its file, None where it tells none; it is none of
        the `others`.
        """
        found = ""
        if notebook != Notebook():
            find = partial(reading.find_notebook, notebook=notebook, cells=cells, others=others)
            found = self._read(find, "")
        return found or uuid4().hex

    def of(self, notebook: str, answers: str) -> list[Listed]:
        """Return a notebook's conversations, the oldest first."""
        condition = "c.notebook = ? AND c.answers = ?"
        none: list[Listed] = []
        return self._read(lambda rows: reading.listed(rows, condition, notebook, answers), none)

    def elsewhere(self, notebook: str, answers: str) -> list[Listed]:
        """Return the conversations of all other notebooks, the one asked last first."""
        condition = "c.notebook <> ? AND c.answers = ?"
        none: list[Listed] = []
        found = self._read(lambda rows: reading.listed(rows, condition, notebook, answers), none)
        return sorted((one for one in found if one.turns), key=lambda one: -one.asked)

    def turns(self, listed: Listed) -> tuple[Turn, ...]:
        """Return the turns of a conversation, without the bytes of what was attached."""
        one = listed.heading.id
        none: list[Placed] = []
        placed = self._read(lambda rows: read_turns(rows, one), none)
        self._writer.versions[one] = listed.version
        return in_order(each for each in placed if not self._writer.grows(each.turn.id))

    def state(self) -> tuple[int, int]:
        """Return what is another after anything was written, by whichever kernel."""
        version = self._read(_data_version, 0)
        return self._opened, version  # a version counts for one connection

    def is_known(self, notebooks: Sequence[str], answers: str) -> bool:
        """Whether this kernel knows all that is kept of these notebooks' conversations."""
        none: dict[str, int] = {}
        known = self._writer.versions
        return all(
            known.get(one) == version
            for notebook in notebooks
            for one, version in self._read(
                partial(reading.versions, notebook=notebook, answers=answers), none
            ).items()
        )

    def is_new(self, listed: Listed) -> bool:
        """Whether another kernel wrote to a conversation since this one knew it last.

        Not before all is written that this one has to say itself: what is read would lack it.
        """
        one = listed.heading.id
        return self._writer.versions.get(one) != listed.version and not self._writer.waits(one)

    def whole(self, turns: Sequence[Turn], *, sent: bool = False) -> tuple[Turn, ...]:
        """Return turns with the bytes of what was attached.

        Those that are `sent` stay at hand: the next request carries most of them again.
        """
        used: dict[str, bytes] = {}

        def get(name: str) -> bytes | None:
            data = used.get(name) or self._bytes_of(name)
            if data is not None:
                used[name] = data
            return data

        found = tuple(with_bytes(turn, get) for turn in turns)
        if sent:
            self._sent = used
        return found

    def _bytes_of(self, name: str) -> bytes | None:
        found = self._sent.get(name) or self._unwritten.get(name)
        if found is None:
            self._writer.settle(_SETTLED)  # they may be on their way
            found = self._read(lambda rows: reading.bytes_of(rows, name), None)
        return found

    # What is written

    def lean(self, turn: Turn) -> tuple[Turn, dict[str, bytes]]:
        """Return a turn without the bytes of what was attached, and these."""
        growth = self._growths.get(turn.id)
        lean = growth.lean if growth else Lean()
        found = lean.turn(turn)
        self._unwritten |= lean.data
        return found, lean.data

    def grows(self, heading: Heading, turn: str, now: Callable[[], Turn], instead_of: str) -> None:
        """A turn was asked: write it as it grows. `now` returns it as it is at the moment."""
        growth = self._growths[turn] = Growth(heading, now, instead_of)
        self._writer.follow(turn, growth.look)

    def ended(
        self, heading: Heading, turn: Turn, data: Mapping[str, bytes], instead_of: str
    ) -> None:
        """Write a turn as it is at its end."""

        def write(rows: sqlite3.Connection) -> None:
            writing.write_turn(rows, heading, turn, instead_of=instead_of, data=data)

        self._put(heading.id, write, turn.id)

    def dropped(self, conversation: str, turn: str) -> None:
        """Nothing came of a turn that was asked."""
        self._put(conversation, lambda rows: writing.drop_growing(rows, turn), turn)

    def hidden(self, conversation: str, turns: Collection[str], hidden: bool) -> None:
        """Hide turns, or show them again."""
        self._put(conversation, lambda rows: writing.hide_turns(rows, conversation, turns, hidden))

    def placed(self, conversation: str, turn: Turn) -> None:
        """A turn stands at another cell."""
        self._put(conversation, lambda rows: writing.place_turn(rows, conversation, turn))

    def removed(self, conversation: str, turn: str) -> None:
        """Remove a turn."""
        self._put(conversation, lambda rows: writing.remove_turns(rows, [turn]))

    def headed(self, heading: Heading) -> None:
        """Write the name and state of a conversation."""
        self._put(heading.id, lambda rows: writing.head(rows, heading))

    def _put(self, conversation: str, write: Write, ended: str = "") -> None:
        with self._lock:
            self._growths.pop(ended, None)
        self._writer.leave(ended)
        self._writer.put(conversation, write)

    def retain(self, days: float | None, megabytes: float | None, spare: Collection[str]) -> None:
        """Keep no conversation longer than so many days, and no more than so many megabytes.

        Those in `spare` stay.
        """
        self._put("", lambda rows: writing.retain(rows, days, megabytes, spare))

    def purge(self, conversations: Collection[str], *, all_of_it: bool = False) -> bool:
        """Remove conversations for good, or all; whether nothing of them is left on disk.

        What is removed is overwritten: the file is written anew without it, and so is what lies
        beside it. Another kernel that reads at that moment can hold that up.
        """
        if not self._file.exists:
            return True
        ids = self._read(_every, list[str]()) if all_of_it else list(conversations)
        self._put("", lambda rows: writing.remove_conversations(rows, ids))
        with self._lock:
            self._sent = {}
        if all_of_it:
            for path in self._file.aside():
                path.unlink(missing_ok=True)
        return self._writer.between(_rewrite, _PURGED)

    def settle(self, timeout: float = _SETTLED) -> bool:
        """Wait until all is on disk, at most `timeout` seconds; whether it is."""
        settled = self._writer.settle(timeout)
        if settled:
            self._unwritten = {}
        return settled

    def close(self) -> None:
        """Write what is left, and let the file go."""
        self._writer.close()
        with self._lock:
            self._let_go()

    # What goes wrong

    def news(self) -> list[str]:
        """Return what a person must be told about the file: each kind of trouble once."""
        found, self._news = self._news, []
        return found

    def _read(self, read: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with self._lock:
            try:
                if self._rows is None and not self._file.exists:
                    return otherwise  # reading makes no file
                return read(self._open())
            except Exception as error:
                self._let_go()
                trouble, aside = trouble_of(error), ""
                if trouble is Trouble.DAMAGED:
                    aside = self._file.set_aside(self._inode or self._file.inode())
                self._note(trouble, error, aside)
                return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._rows is None or self._file.inode() != self._inode:
            rows = self._file.connect(_TO_READ)  # a number is not given again while it is held
            self._let_go()
            before, self._inode = self._inode, self._file.inode()
            self._rows = rows
            self._opened += 1
            self._writer.reads(self._inode, before)
        return self._rows

    def _let_go(self) -> None:
        if self._rows is not None:
            with suppress(sqlite3.Error):
                self._rows.close()
            self._rows = None

    def _note(self, trouble: Trouble, error: Exception, aside: str) -> None:
        if trouble is Trouble.DAMAGED and not aside:
            return  # another kernel has seen to it
        if trouble is Trouble.DAMAGED or trouble not in self._told:
            self._told.add(trouble)
            self._news.append(told(trouble, str(self.path), aside, error))

    def _restore(self) -> list[tuple[str, Write]]:
        """What writes all that this kernel knows into a file that is new to it."""
        data = {**self._sent, **self._unwritten}
        return [
            (heading.id, partial(writing.restore, heading=heading, turns=turns, data=data))
            for heading, turns in self.all_known()
        ]


def _every(rows: sqlite3.Connection) -> list[str]:
    return [str(one) for (one,) in rows.execute("SELECT id FROM conversations")]


def _rewrite(rows: sqlite3.Connection) -> None:
    """Leave nothing of what was removed, neither in the file nor in the log beside it."""
    rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    rows.execute("VACUUM")
    busy = rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise sqlite3.OperationalError("another kernel reads the file")


def _data_version(rows: sqlite3.Connection) -> int:
    return int(rows.execute("PRAGMA data_version").fetchone()[0])
