"""Citations in a message -> the marks in its words, and the footnotes they point to."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from claude_magic.content.blocks import Block, Text
from claude_magic.content.wire import Json
from claude_magic.render.links import (
    Link,
    link_html,
    link_markdown,
    link_to,
    link_words,
    literal,
    one_line,
)
from claude_magic.render.marks import BLANK, Mark, with_marks, without_signs

_LONGEST_WORDS = 300

# type of a citation -> the first and last of what it counts, and how many lie before the first
_PLACES = {
    "page_location": ("page", "start_page_number", "end_page_number", 0),
    "content_block_location": ("block", "start_block_index", "end_block_index", 1),
    "search_result_location": ("block", "start_block_index", "end_block_index", 1),
}


@dataclass(frozen=True)
class Footnote:
    """A cited place: `place` is where in the source, or ""; `words` what stands there."""

    number: int
    source: Link
    place: str
    words: str


class Footnotes:
    """The footnotes of a message, counted as they come; the same place has one number.

    >>> cited = {"type": "page_location", "document_title": "Tides", "cited_text": "Twice a day.",
    ...          "start_page_number": 3, "end_page_number": 4}
    >>> notes = Footnotes([Text("High water", citations=(cited,)), Text("x", citations=(cited,))])
    >>> [line_of(note) for note in notes.all()]
    ['[1] Tides, page 3: “Twice a day.”']
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._cited: dict[str, Json] = {}
        for block in blocks:
            for citation in _citations(block):
                self._cited.setdefault(_key(citation), citation)
        self._numbers = {key: number for number, key in enumerate(self._cited, 1)}

    def of(self, block: Block) -> tuple[int, ...]:
        """Return the numbers that `block` cites."""
        return tuple(dict.fromkeys(self._numbers[_key(cited)] for cited in _citations(block)))

    def all(self) -> tuple[Footnote, ...]:
        """Return all footnotes in the order of their numbers."""
        return tuple(
            Footnote(number, _source(cited), _place(cited), _words(cited))
            for number, cited in enumerate(self._cited.values(), 1)
        )


@dataclass(frozen=True)
class Flow:
    """Text blocks that follow each other as the one text they are, and the marks at their ends."""

    text: str
    marks: tuple[Mark, ...]

    def cut(self, start: int, stop: int | None = None) -> str:
        """Return the text from `start` to `stop` with its marks in it."""
        text = self.text[start:stop]
        inside = (Mark(mark.at - start, mark.numbers) for mark in self.marks)
        return with_marks(text, [mark for mark in inside if 0 < mark.at <= len(text)])


def flow_of(blocks: Iterable[Text], notes: Footnotes) -> Flow:
    """Return text blocks as one text; a mark stands before the blank space a block ends in."""
    text, marks = "", []
    for block in blocks:
        text += without_signs(block.text)
        if numbers := notes.of(block):
            marks.append(Mark(len(text.rstrip(BLANK)), numbers))
    return Flow(text, tuple(marks))


def footnotes_html(notes: Iterable[Footnote]) -> str:
    """Return the list of footnotes as HTML that runs nothing."""
    lines = [_line(note, link_html, lambda text: escape(text, quote=False)) for note in notes]
    return "<p><small>" + "<br>\n".join(lines) + "</small></p>\n"


def footnotes_markdown(notes: Iterable[Footnote]) -> str:
    """Return the list of footnotes as Markdown in which nothing they quote means anything."""
    return "\n".join(f"- {_line(note, link_markdown, literal)}" for note in notes)


def line_of(note: Footnote) -> str:
    """Return a footnote as plain words."""
    return _line(note, link_words, str)


def _line(note: Footnote, link: Callable[[Link], str], words: Callable[[str], str]) -> str:
    place = f", {note.place}" if note.place else ""
    quoted = words(f": “{note.words}”") if note.words else ""
    return f"[{note.number}] {link(note.source)}{place}{quoted}"


def _citations(block: Block) -> Iterator[Json]:
    """The citations of a block; anything else a server may put there is passed over."""
    given: Any = block.citations if isinstance(block, Text) else ()
    if isinstance(given, list | tuple):
        yield from (one for one in given if isinstance(one, dict))


def _key(citation: Json) -> str:
    """What makes two citations the same: source and place, or without a place the words."""
    left_out = {"encrypted_index", "cited_text" if _place(citation) else ""}
    told = {name: value for name, value in citation.items() if name not in left_out}
    return json.dumps(told, sort_keys=True, default=str)


def _source(citation: Json) -> Link:
    """The cited document by its title, else its address, else its place in the request."""
    title = citation.get("document_title") or citation.get("title")
    found = link_to(title, citation.get("url") or citation.get("source") or title)
    index = citation.get("document_index")
    number = f" {index + 1}" if isinstance(index, int) else ""
    return found if found.title else Link(f"Document{number}")


def _place(citation: Json) -> str:
    """Where in the source; pages and blocks are counted from one, ends on the wire lie behind."""
    kind = str(citation.get("type"))
    if kind == "char_location":
        start, end = citation.get("start_char_index"), citation.get("end_char_index")
        numbers = isinstance(start, int) and isinstance(end, int)
        return f"characters {start}–{end}" if numbers else ""
    unit, first, last, before = _PLACES.get(kind, ("", "", "", 0))
    start, end = citation.get(first), citation.get(last)
    if not isinstance(start, int) or not isinstance(end, int):
        return ""
    start, end = start + before, end + before - 1
    return f"{unit} {start}" if end <= start else f"{unit}s {start}–{end}"


def _words(citation: Json) -> str:
    words = citation.get("cited_text")
    return one_line(words, _LONGEST_WORDS) if isinstance(words, str) else ""
