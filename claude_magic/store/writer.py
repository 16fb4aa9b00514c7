"""What is to be written -> the file, on a thread of its own, so that no answer waits for a disk."""

import atexit
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from claude_magic.store.file import File
from claude_magic.store.trouble import Trouble, trouble_of
from claude_magic.store.writing import version_of

Write = Callable[[sqlite3.Connection], object]  # within a transaction
Look = Callable[[], tuple[str, Write] | None]  # what is to be written, and of which conversation

_TICK = 0.5  # seconds between two looks at what grows
_SOON = 0.03  # seconds for a request to leave before its question is written
_AGAIN = 2.0  # seconds after a failure
_LAST = 3.0  # seconds that a kernel's end waits for what is not written yet


class Writer:
    """Writes in order; what cannot be written now is written later.

    `failed` is told of each failure; `anew` returns what comes first into a file that takes the
    place of another. Both are called on the writer's thread.
    """

    def __init__(
        self,
        file: File,
        failed: Callable[[Trouble, Exception, str], None],
        anew: Callable[[], list[tuple[str, Write]]],
    ) -> None:
        self._file = file
        self._failed = failed
        self._anew = anew
        self._changed = threading.Condition()
        self._waiting: list[tuple[str, Write]] = []  # by conversation
        self._growing: dict[str, Look] = {}
        self._rows: sqlite3.Connection | None = None
        self._inode = 0
        self._in_trouble = False
        self._closing = False
        self._thread: threading.Thread | None = None
        self._new_growth = False
        self.versions: dict[str, int] = {}  # of each conversation as this kernel knows it

    def put(self, conversation: str, *writes: Write) -> None:
        """Have something written about a conversation."""
        with self._changed:
            self._waiting += [(conversation, write) for write in writes]
            self._wake()

    def follow(self, turn: str, look: Look) -> None:
        """Write what `look` returns, now and each time it returns something, until `leave`."""
        with self._changed:
            self._growing[turn] = look
            self._new_growth = True
            self._wake()

    def reads(self, inode: int, before: int) -> None:
        """What this kernel knows was read from this file, and `before` from another; 0: none."""
        with self._changed:
            self._inode = self._inode or before or inode
        if before not in (0, inode):
            self.versions.clear()
            self.put("", lambda rows: None)  # so that the new one is looked at now

    def leave(self, turn: str) -> None:
        """A turn has ended: look no more."""
        with self._changed:
            self._growing.pop(turn, None)

    @property
    def is_behind(self) -> bool:
        """Whether something is not written yet."""
        return bool(self._waiting)

    def grows(self, turn: str) -> bool:
        """Whether a turn is being answered in this kernel."""
        return turn in self._growing

    def waits(self, conversation: str) -> bool:
        """Whether something about a conversation is not written yet."""
        with self._changed:
            return any(one == conversation for one, _ in self._waiting)

    def settle(self, timeout: float) -> bool:
        """Wait until all is written, at most `timeout` seconds; not at all while it fails."""
        with self._changed:
            return (
                self._changed.wait_for(lambda: not self._waiting or self._in_trouble, timeout)
                and not self._waiting
            )

    def between(self, act: Callable[[sqlite3.Connection], None], timeout: float) -> bool:
        """Do what must be done outside of a transaction; whether it was done in time."""
        done = threading.Event()

        def outside(rows: sqlite3.Connection) -> None:
            rows.execute("COMMIT")
            try:
                act(rows)
                done.set()
            finally:
                rows.execute("BEGIN IMMEDIATE")

        self.put("", outside)
        return done.wait(timeout)

    def close(self) -> None:
        """Write what is left, and let the file go."""
        atexit.unregister(self.close)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_LAST)

    def _wake(self) -> None:
        self._closing = False
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="claude_magic", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                pause = _TICK if self._growing else None
                self._changed.wait_for(self._is_due, pause)
                closing, soon, self._new_growth = self._closing, self._new_growth, False
            if soon and not closing:
                time.sleep(_SOON)
            well = self._write()
            if closing and self._is_over():
                break
            if not well:
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, _AGAIN)

    def _is_over(self) -> bool:
        """Whether there is still nothing more to come, and so this thread ends."""
        with self._changed:
            if self._closing:
                self._let_go()
                self._thread = None
            return self._closing

    def _is_due(self) -> bool:
        return bool(self._waiting or self._new_growth or self._closing)

    def _write(self) -> bool:
        """Write what waits and what has grown; False where the file does not take it."""
        try:
            if self._waiting or self._growing:
                self._open()
            with self._changed:
                waiting, growing = list(self._waiting), list(self._growing.values())
            grown = [write for look in growing if (write := self._looked(look))]
            if waiting or grown:
                self._commit([*waiting, *grown])
        except Exception as error:
            self._fail(error)
            return False
        with self._changed:
            del self._waiting[: len(waiting)]
            self._in_trouble = False
            self._changed.notify_all()
        return True

    def _looked(self, look: Look) -> tuple[str, Write] | None:
        """What has grown; what cannot be looked at must not hold up what can be written."""
        try:
            return look()
        except Exception as error:
            self._failed(Trouble.ODD, error, "")
            return None

    def _commit(self, writes: Sequence[tuple[str, Write]]) -> None:
        rows = self._open()
        rows.execute("BEGIN IMMEDIATE")
        try:
            ids = {one for one, _ in writes if one}
            before = {one: version_of(rows, one) for one in ids}
            for _, write in writes:
                self._apart(rows, write)
            after = {one: version_of(rows, one) for one in ids}
            rows.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                rows.execute("ROLLBACK")
            raise
        for one in ids:  # if another kernel wrote meanwhile, its turns are still to be read
            if self.versions.get(one, 0) == before[one]:
                self.versions[one] = after[one]

    def _apart(self, rows: sqlite3.Connection, write: Write) -> None:
        """What one thing is wrong with must not hold the others up for ever."""
        try:
            write(rows)
        except Exception as error:
            if trouble_of(error) is not Trouble.ODD:
                raise
            self._failed(Trouble.ODD, error, "")

    def _open(self) -> sqlite3.Connection:
        """The file that has the name now: another kernel may have set aside the one we had."""
        before, there = self._inode, self._file.inode()
        if self._rows is not None and before == there:
            return self._rows
        self._let_go()
        self._rows = self._file.connect()
        self._inode = self._file.inode()
        if before not in (0, there):  # not by the new one: a file system gives numbers again
            self._begin_anew()
        return self._rows

    def _let_go(self) -> None:
        if self._rows is not None:
            with suppress(sqlite3.Error):
                self._rows.close()
            self._rows = None

    def _fail(self, error: Exception) -> None:
        trouble, aside = trouble_of(error), ""
        if trouble is Trouble.DAMAGED:
            inode = self._inode or self._file.inode()
            self._let_go()
            aside = self._file.set_aside(inode)
            self._inode = inode  # so that the next is known for another
        with self._changed:
            self._in_trouble = True
            self._changed.notify_all()
        self._failed(trouble, error, aside)

    def _begin_anew(self) -> None:
        self.versions.clear()
        first = self._anew()
        with self._changed:
            self._waiting[:0] = first
