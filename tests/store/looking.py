"""Looks into the file of conversations from outside."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

PATIENCE = 30  # seconds

FILE = "conversations.sqlite"


def words_in(home: Path) -> str:
    """All messages that are kept in `home`."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(home / FILE)) as rows:
        return "\n".join(body for (body,) in rows.execute("SELECT body FROM messages"))
    return ""


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up, "it never came to hold"
        time.sleep(0.02)
