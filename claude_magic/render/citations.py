"""Citations in a message -> marks in its words, and the footnotes they point to."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from claude_magic.content.blocks import Block, Text
from claude_magic.content.wire import Json
from claude_magic.render import grammar, tags
from claude_magic.render.markdown import LINE

if TYPE_CHECKING:
    from markdown_it.token import Token

# A mark is `[1]` with two characters in it that Unicode keeps for such inner use, so that no words
# of the answer look like one; between `]` and a following `(` it makes no link.
_MARK = re.compile("\\[\ufdd0(\\d+)\\]\ufdd1")
_MARK_BEFORE_BRACKET = re.compile("(\\[\ufdd0\\d+\\])\ufdd1(?=\\(|\\[(?!\ufdd0))")
_ALONE = re.compile(f"<p>(?:{_MARK.pattern})+</p>\n\\Z")
_BAR = re.compile(r"[ \t]*(?<!\\)\|\Z")
_MOST_TRIES = 30  # places looked for in one block, each for half as many marks
_BLANK = " \t\r\n"

_WEB = re.compile(r"https?://[^/\s]\S*", re.IGNORECASE)
_URL_SIGNS = "!#$%&'*+,/:;=?@[]~"
# What turns the direction of text around, or could move a terminal's cursor.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# Front ends see formulas in `\(` and in `\\(` alike: a backslash must not be there at all.
_LITERAL = {ord(sign): f"\\{sign}" for sign in "`*_~"} | {
    ord(sign): f"&#{ord(sign)};" for sign in "\\$[]<>&"
}
_LONGEST_TITLE, _LONGEST_WORDS = 120, 300

# type of a citation -> the first and last of what it counts, and how many lie before the first
_PLACES = {
    "page_location": ("page", "start_page_number", "end_page_number", 0),
    "content_block_location": ("block", "start_block_index", "end_block_index", 1),
    "search_result_location": ("block", "start_block_index", "end_block_index", 1),
}


@dataclass(frozen=True)
class Link:
    """What something is called, and its address if it may be opened: http or https, else ""."""

    title: str
    url: str = ""


@dataclass(frozen=True)
class Footnote:
    """A cited place: `place` is where in the source, or ""; `words` what stands there."""

    number: int
    source: Link
    place: str
    words: str


@dataclass(frozen=True)
class Mark:
    """Footnotes by number, behind the words that end at `at`."""

    at: int
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return "".join(f"[\ufdd0{number}]\ufdd1" for number in self.numbers)


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
        text += _without_ours(block.text)
        if numbers := notes.of(block):
            marks.append(Mark(len(text.rstrip(_BLANK)), numbers))
    return Flow(text, tuple(marks))


def _without_ours(text: str) -> str:
    """The text with none of our inner signs; `replace` looks for one a hundred times as fast."""
    return text.replace("\ufdd0", "\ufffd").replace("\ufdd1", "\ufffd")


def with_marks(text: str, marks: Sequence[Mark]) -> str:
    """Return Markdown `text` with each mark where it changes nothing else.

    That is at its own place; or at the end of its block, where that would break a formula or a
    link; or below its block, if that is code. Where nothing fits, as in code without an end, a mark
    is left out: its footnote still stands.

    >>> marks_as_words(with_marks("| a |\\n|---|\\n| b |\\n", [Mark(17, (1,))]))
    '| a |\\n|---|\\n| b[1] |\\n'
    """
    if not marks:
        return text
    out = []
    for start, stop in pairwise(_block_bounds(text)):
        own = [Mark(m.at - start, m.numbers) for m in marks if start < m.at <= stop]
        out.append(_placed(text[start:stop], own) if own else text[start:stop])
    return "".join(out)


def marks_as_html(html: str) -> str:
    """Return `html`, made of text with marks, with the marks raised."""
    return _MARK.sub(r"<sup>[\1]</sup>", html)


def marks_as_words(text: str) -> str:
    """Return `text` with the marks as `[1]`; a space keeps one from becoming a link."""
    return _MARK.sub(r"[\1]", _MARK_BEFORE_BRACKET.sub("\\1\ufdd1 ", text))


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


def link_to(title: object, url: object = "") -> Link:
    """Return a link, named by its address if it has no title.

    >>> link_to(" A\\n\\x1b title ", "https://x.org/a b"), link_to("A", "javascript:x")
    (Link(title='A title', url='https://x.org/a%20b'), Link(title='A', url=''))
    """
    address = url.strip() if isinstance(url, str) else ""
    name = one_line(title if isinstance(title, str) and title.strip() else address)
    address = quote(address, safe=_URL_SIGNS, errors="replace")
    return Link(name, address if _WEB.fullmatch(address) else "")


def link_html(link: Link) -> str:
    """Return a link as HTML, opened apart and told nothing of the notebook."""
    words = escape(link.title, quote=False)
    if not link.url:
        return words
    return f'<a href="{escape(link.url)}" target="_blank" rel="noopener noreferrer">{words}</a>'


def link_markdown(link: Link) -> str:
    """Return a link as Markdown."""
    words = literal(link.title)
    return f"[{words}](<{link.url}>)" if link.url else words


def link_words(link: Link) -> str:
    """Return a link as plain words."""
    return f"{link.title} <{link.url}>" if link.url not in ("", link.title) else link.title


def literal(text: str) -> str:
    """Return one line of text as Markdown that shows just that.

    >>> literal("<b> *1* \\\\(x\\\\)")
    '&#60;b&#62; \\\\*1\\\\* &#92;(x&#92;)'
    """
    return text.translate(_LITERAL)


def one_line(text: str, longest: int = _LONGEST_TITLE) -> str:
    """Return words from outside in one line of at most `longest` characters.

    >>> one_line("So\\n much  to say", 9)
    'So much…'
    """
    line = " ".join(_without_ours(_UNSEEN.sub(" ", text)).split())
    if len(line) <= longest:
        return line
    short = line[: longest - 1]
    return (short.rpartition(" ")[0] or short) + "…"


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


def _block_bounds(text: str) -> list[int]:
    """Where the outermost blocks of `text` begin and end."""
    lines = LINE.findall(text)
    found, _ = grammar.blocks(text)
    starts = {token.map[0] for token in found if token.level == 0 and token.map}
    ends, bounds = 0, [0]
    for number, line in enumerate(lines):
        if number in starts and ends:
            bounds.append(ends)
        ends += len(line)
    return [*bounds, ends]


def _placed(block: str, marks: list[Mark]) -> str:
    """Put `marks` into one block: at their places, else at its end, else below it."""
    tokens = grammar.tokens(block)
    plain = tags.html(tokens)
    inside: list[Mark] = []
    if tokens and tokens[0].type not in ("fence", "code_block"):
        is_table = any(token.type == "table_open" for token in tokens)
        end = len(block.rstrip(_BLANK))
        inside, marks = _fitting(block, plain, [], _in_cells(block, marks) if is_table else marks)
        last = [Mark(end, mark.numbers) for mark in marks]
        inside, marks = _fitting(block, plain, inside, _in_cells(block, last) if is_table else last)
    text = _inserted(block, inside)
    below = f"{text.rstrip(_BLANK)}\n\n{''.join(map(str, marks))}\n\n"
    return below if marks and _is_harmless(below, plain, inside + marks) else text


def _in_cells(block: str, marks: list[Mark]) -> list[Mark]:
    """A mark behind the bar that ends a row would be a cell of its own."""
    return [Mark(len(_BAR.sub("", block[: mark.at])), mark.numbers) for mark in marks]


def _fitting(
    block: str, plain: str, fitting: list[Mark], marks: list[Mark]
) -> tuple[list[Mark], list[Mark]]:
    """Return `fitting` with those of `marks` that fit as well, and the marks that are left.

    Mostly all fit at once; if not, each half is tried apart.
    """
    groups, left = [marks] if marks else [], []
    for _ in range(_MOST_TRIES):
        if not groups:
            break
        group = groups.pop()
        together = sorted(fitting + group, key=lambda mark: mark.at)
        if _is_harmless(_inserted(block, together), plain, together):
            fitting = together
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
        else:
            left += group
    return fitting, left + [mark for group in reversed(groups) for mark in group]


def _inserted(block: str, marks: list[Mark]) -> str:
    out: list[str] = []
    done = 0
    for mark in marks:
        out += block[done : mark.at], str(mark)
        done = mark.at
    return "".join(out) + block[done:]


def _is_harmless(text: str, plain: str, marks: list[Mark]) -> bool:
    """Is every mark of `text` seen, in running words, and all the rest as in the HTML `plain`?"""
    tokens = grammar.tokens(text)
    seen = [number for words in _running_words(tokens) for number in _MARK.findall(words)]
    if seen != [str(number) for mark in marks for number in mark.numbers]:
        return False
    return _MARK.sub("", _ALONE.sub("", tags.html(tokens))) == plain


def _running_words(tokens: "Iterable[Token]") -> Iterator[str]:
    for token in tokens:
        for part in token.children or ():
            if part.type == "text":
                yield part.content
