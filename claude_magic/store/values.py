"""What is known of a conversation beside its turns."""

from dataclasses import dataclass

from claude_magic.content.notebook import Notebook


@dataclass(frozen=True)
class Heading:
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


@dataclass(frozen=True)
class Listed:
    """A kept conversation as a list shows it. `asked`: the time of its last question."""

    heading: Heading
    version: int
    turns: int
    cost: float | None
    asked: float
