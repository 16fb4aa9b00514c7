"""What can be wrong with the file, sorted by what becomes of what is to be written.

Whatever it is, the answer arrives and stays in memory; a person is told once.
"""

import sqlite3
from enum import StrEnum

_MEMORY = "what is said stays in this kernel's memory"


class Newer(Exception):
    """A later version of this package made the file."""


class Trouble(StrEnum):
    """What is wrong."""

    DAMAGED = "damaged"  # set aside, and another file is begun
    LOCKED = "locked"  # written as soon as it is free
    FULL = "full"  # written as soon as there is room
    CLOSED = "closed"  # it may not be read or written
    NEWER = "newer"
    ODD = "odd"  # nobody thought of it


_OF_SQLITE = {
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.CLOSED,
    sqlite3.SQLITE_CANTOPEN: Trouble.CLOSED,
    sqlite3.SQLITE_PERM: Trouble.CLOSED,
    sqlite3.SQLITE_AUTH: Trouble.CLOSED,
}


def trouble_of(error: Exception) -> Trouble:
    """Return what kind of trouble an error tells of."""
    match error:
        case Newer():
            return Trouble.NEWER
        case sqlite3.Error():
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary one of the extended
            return _OF_SQLITE.get(code, Trouble.ODD)
        case OSError():
            return Trouble.CLOSED
    return Trouble.ODD


def told(trouble: Trouble, file: str, aside: str, error: Exception) -> str:
    """Return the words for a person: what happened, what becomes of the conversation."""
    match trouble:
        case Trouble.DAMAGED:
            return (
                f"The file of conversations was damaged. It is kept as {aside}, and a new one is "
                "begun, with the conversations that this kernel holds."
            )
        case Trouble.LOCKED:
            return f"Another program holds {file}: {_MEMORY}, and is written as soon as it is free."
        case Trouble.FULL:
            return (
                f"{file} cannot be written: the disk is full, or fails ({error}). Until that is "
                f"mended, {_MEMORY} only."
            )
        case Trouble.CLOSED:
            return (
                f"{file} cannot be written ({error}): {_MEMORY} only. CLAUDE_MAGIC_HOME names "
                "another folder."
            )
        case Trouble.NEWER:
            return (
                f"{file} was made by a later version of claude_magic and is left as it is: "
                f"{_MEMORY} only. `%pip install -U claude-magic`"
            )
    return f"{file} cannot be used ({type(error).__name__}: {error}): {_MEMORY} only."
