"""What a word after `%claude` is: what it does, its help, what may follow it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


@dataclass(frozen=True)
class Command:
    """A word after `%claude`; `takes` describes what may follow it."""

    run: Callable[["Desk", str], str]
    help: str
    takes: str = ""
    markdown: bool = False
