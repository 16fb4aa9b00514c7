"""What is kept of a notebook -> the line that `%load_ext` says of it.

Only what is kept is read, and nothing that a question needs is imported: loading stays light.
"""

import sqlite3
import time
from contextlib import closing
from typing import Any

from claude_magic.capture.saved import SavedNotebooks
from claude_magic.capture.whereabouts import Whereabouts
from claude_magic.content.counting import counted
from claude_magic.content.money import dollars
from claude_magic.content.notebook import Notebook
from claude_magic.store.home import NAME, home
from claude_magic.store.reading import find_notebook, listed
from claude_magic.store.values import Listed, goes_on


def greeting(shell: Any, answers: str) -> str:
    """Return which conversation goes on, or "" where a new one begins.

    `answers`: who answers in it. What is wrong with the file is told with the first answer.
    """
    path = home() / NAME
    notebook, saved = Whereabouts(shell).guess(), SavedNotebooks()
    if notebook == Notebook():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as rows:
            known = find_notebook(rows, notebook, lambda: saved.cell_ids(notebook.path))
            kept = listed(rows, "c.notebook = ? AND c.answers = ?", known, answers)
    except (sqlite3.Error, OSError, ValueError):
        return ""
    last = goes_on(kept)
    if last is None or not last.turns:
        return ""
    if notebook.folder:
        name = last.heading.name
        return f"The last conversation here: {told(last)}. `%claude use {name}` goes on with it."
    return f"The conversation goes on: {told(last)}."


def told(kept: Listed) -> str:
    """Return a conversation in a few words: its turns, when the last was asked, the cost."""
    cost = "" if kept.cost is None else dollars(kept.cost)
    return ", ".join(filter(None, (counted(kept.turns, "turn"), when(kept.asked), cost)))


def when(at: float, now: float | None = None) -> str:
    """Return a time as one says it: today's by the clock, others by their day.

    >>> when(0.0, 86_400.0 * 400)[-4:]
    '1970'
    """
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("today %H:%M", then)
    yesterday = time.localtime((time.time() if now is None else now) - 86_400)
    if then[:3] == yesterday[:3]:
        return time.strftime("yesterday %H:%M", then)
    return time.strftime("%d %b %Y", then)
