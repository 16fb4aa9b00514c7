"""What a word after `%claude` is: what it does, its help, what may follow it."""

import shlex
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from claude_magic.errors import BadInput

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


@dataclass(frozen=True)
class Command:
    """A word after `%claude`; `takes` describes what may follow it."""

    run: Callable[["Desk", str], str]
    help: str
    takes: str = ""
    markdown: bool = False


class CommandParser(ArgumentParser):
    """Options of a command; what cannot be read is told, and nothing exits."""

    def error(self, message: str) -> NoReturn:
        """Raise BadInput."""
        raise BadInput(f"{self.prog}: {message}.", hint="`%claude help` shows how it is written.")


def switch(name: str, on: str, off: str) -> Callable[["Desk", str], str]:
    """Return a command that is followed by on or off and sets the setting `name`.

    It raises BadInput where another word follows.
    """

    def command(desk: "Desk", rest: str) -> str:
        if rest not in ("on", "off"):
            raise BadInput(f"%claude {name} is followed by on or off.")
        desk.traits.set_trait(name, rest == "on")
        return on if rest == "on" else off

    return command


def words_after(rest: str) -> list[str]:
    """Split what follows a word as a shell does: a name with a space stands in quotes.

    Raises
    ------
    BadInput: a quote is not closed.
    """
    try:
        return shlex.split(rest)
    except ValueError as error:
        raise BadInput(
            f"the line cannot be read: {error}.",
            hint='A name that holds a quote or a space stands in quotes: "l\'été.claude".',
        ) from error
