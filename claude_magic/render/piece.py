"""What a message is shown in: pieces, each with its source text and what belongs below it."""

from dataclasses import dataclass
from enum import StrEnum

from claude_magic.content.wire import Json
from claude_magic.render.citations import Footnote
from claude_magic.render.links import Link

_LONGEST_CODE = 10_000  # characters of code, arguments or output that are shown


class Kind(StrEnum):
    """What a piece is."""

    WORDS = "words"  # Markdown, with marks where it cites something
    THINKING = "thinking"
    NOTE = "note"  # a line about a block that has no words
    RESULT = "result"  # a line about what a tool did; the rest is in `details`
    FOOTNOTES = "footnotes"  # in `details`


@dataclass(frozen=True)
class Code:
    """Code, or what it printed."""

    text: str
    language: str = ""
    label: str = ""


def code_of(text: str, language: str = "", label: str = "") -> Code:
    """Return what is shown of code: its beginning, where it is long."""
    more = len(text) - _LONGEST_CODE
    left_out = f"\n… {more:,} characters more" if more > 0 else ""
    return Code(text[:_LONGEST_CODE].rstrip("\n") + left_out + "\n", language, label)


@dataclass(frozen=True)
class Picture:
    """A picture; `source` is that of its block."""

    source: Json


@dataclass(frozen=True)
class Piece:
    """A part of a message, as its source text and what belongs below it."""

    kind: Kind
    source: str
    details: tuple[Link | Code | Footnote | Picture, ...] = ()
