"""The file of conversations: where it is, how it is opened, and how a damaged one is set aside."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from claude_magic.store.home import NAME
from claude_magic.store.schema import migrate

# SQLite's own files beside it come first: a log that is left behind would be read into the next.
_BESIDE = ("-wal", "-shm", "")
_PATIENCE = 2.0  # seconds for another program to be done with the file


class File:
    """The file in `folder`; both are readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return self.path.exists()

    def connect(self, patience: float = _PATIENCE) -> sqlite3.Connection:
        """Open the file, made or brought to this version where that is needed.

        `patience`: seconds for another program to be done with it, here and later.

        Raises
        ------
        OSError, sqlite3.Error, Newer: it cannot be opened; see `trouble`.
        """
        self._make()
        connection = sqlite3.connect(
            self.path, timeout=patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def inode(self) -> int:
        """Return what tells the file from another that takes its name later; 0 for none."""
        try:
            return self.path.stat().st_ino
        except OSError:
            return 0

    def size(self) -> int:
        """Return how many bytes it takes on disk."""
        found = 0
        for end in _BESIDE:
            with suppress(OSError):
                found += os.stat(f"{self.path}{end}").st_size
        return found

    def set_aside(self, inode: int) -> str:
        """Give the damaged file another name and return that; "" if it is another by now."""
        if self.inode() != inode:
            return ""  # another kernel was faster
        stamp = time.strftime("%Y-%m-%d-%H%M%S")
        aside = self.path.with_name(f"{self.path.stem}-damaged-{stamp}-{os.getpid()}.sqlite")
        for end in _BESIDE:
            with suppress(FileNotFoundError):
                os.rename(f"{self.path}{end}", f"{aside}{end}")
        return aside.name

    def aside(self) -> list[Path]:
        """Return the files that were set aside, with those beside them."""
        return sorted(self.path.parent.glob(f"{self.path.stem}-damaged-*"))

    def _make(self) -> None:
        """SQLite's own files take the mode of the file that is there first."""
        if not self.path.parent.is_dir():
            self.path.parent.mkdir(parents=True, mode=0o700)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            if os.name == "posix" and self.path.stat().st_mode & 0o077:
                os.chmod(self.path, 0o600)
