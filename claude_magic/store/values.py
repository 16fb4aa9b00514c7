"""What is known of a conversation beside its turns."""

from collections.abc import Iterable
from typing import NamedTuple

from claude_magic.content.notebook import Notebook


class Heading(NamedTuple):
    """A conversation without its turns.

    `notebook`: the id of its notebook, which was last `known` so. `answers`: who answers in it (""
    is Claude). `went_on`: questions went to it without its name. `used`: since when questions go to
    it, in Unix seconds; 0: never.
    """

    id: str
    notebook: str
    known: Notebook
    answers: str = ""
    name: str = ""
    closed: bool = False
    went_on: bool = False
    used: float = 0.0


class Listed(NamedTuple):
    """A kept conversation as a list shows it. `asked`: the time of its last question."""

    heading: Heading
    version: int
    turns: int
    cost: float | None
    asked: float


def goes_on(kept: Iterable[Listed]) -> Listed | None:
    """Return the conversation that goes on when its notebook comes back: the one used last."""
    used = [one for one in kept if one.heading.used and not one.heading.closed]
    return max(used, key=lambda one: one.heading.used, default=None)


def plain(text: str) -> str:
    """Return a name as SQLite takes it; a path may hold bytes that are no text."""
    return text if is_text(text) else text.encode("utf-8", "backslashreplace").decode()


def is_text(text: str) -> bool:
    """Whether SQLite takes `text` as it is: half of a surrogate pair it does not."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)
