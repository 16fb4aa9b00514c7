"""Plain blocks of Markdown -> HTML at a glance; the rest goes to the parser.

An answer is mostly headings, lines of words, lists, tables and code. Found by their looks, these
take a third of the time they take to parse. Their HTML is the same, or they are not plain.
"""

import re
from collections.abc import Callable
from html import escape

from claude_magic.render.code import code_html
from claude_magic.render.grammar import MEANT, SIGN
from claude_magic.render.tags import TAGS

# Words, with which no other block begins.
_WORDS = r'(?: (?: \*\*? | [`"“(] )? [^\W\d_] [^\n]* )'
_END = r"(?= \n [ \t]* (?: \n | \Z ) | \Z )"  # an empty line, or nothing more
# What can be no part of a list above it.
_FRESH = r"(?! [ \t] | [-+*] (?: \s | \Z ) | \d{1,9} [.)] (?: \s | \Z ) )"
_LIST_END = rf"{_END} (?= (?> \n (?: [ \t]* \n )* ) {_FRESH} | [ \t\n]* \Z )"
# Another block, which needs no empty line above it.
_NEXT_BLOCK = rf"(?= \n (?: (?: [-*+] | 1\. ) [ ] {_WORDS} | ``` [^`\n]* (?: \n | \Z ) ) )"
_NO_TABLE = r"(?= \n (?! [ ]{0,3} [-:|] [-:|\ \t]* (?: \n | \Z ) ) | \Z )"  # whose head it would be
_BLOCK = re.compile(
    rf"""
      (?P<level> \#{{1,6}} ) (?> [ ]+ ) (?P<heading> [^\n]* [^\s\#] ) {_NO_TABLE}
    | (?P<paragraph> {_WORDS} ) (?: {_END} | {_NEXT_BLOCK} )
    | (?P<bullets> (?P<bullet> [-*+] ) [ ] {_WORDS} (?: \n (?P=bullet) [ ] {_WORDS} )* ) {_LIST_END}
    | (?P<steps> \d{{1,9}} \. [ ] {_WORDS} (?: \n \d{{1,9}} \. [ ] {_WORDS} )* ) {_LIST_END}
    | (?P<table> \| [^\n]* \| \n \| (?: [ ]* :? -+ :? [ ]* \| )+ (?: \n \| [^\n]* \| )* ) {_END}
    | ``` (?P<language> [\w+\#.-]* ) \n (?P<code> (?: (?! [ ]{{0,3}} ``` ) [^\n]* \n )* ) ``` {_END}
    """,
    re.VERBOSE,
)
_EMPTY = re.compile(r"(?: [ \t]* \n )* (?: [ \t]* \Z )?", re.VERBOSE)
_GAP = re.compile(rf"\n (?> (?: [ \t]* \n )+ ) (?P<fresh> {_FRESH} )?", re.VERBOSE)

# Words between stars that can only mark them, as no star before stands open; a code span; or else.
_PART = re.compile(
    rf"""{SIGN} (?:
        (?<= \*) (?P<more> \*? )
            (?P<words> [A-Za-z0-9] (?: [^*_`\\\[\]$&<~!\n]* [A-Za-z0-9.:,;?)%] )? )
            \* (?P=more) (?! [^\ \t\n.,:;?)] )
        | (?<= `) (?P<span> [^`\s] (?: [^`\n]* [^`\s] )? ) ` (?! ` )
        | (?P<other> {MEANT} )
    )""",
    re.VERBOSE,
)


class _NotPlain(Exception):
    """It must be parsed."""


def to_html(text: str, parsed: Callable[[str], str]) -> str:
    """Return the HTML of `text`; of what is not plain in it, as `parsed` makes it."""
    if "]:" in text or "\r" in text or "\0" in text:
        return parsed(text)
    out: list[str] = []
    at = _filled(text, 0)
    while at < len(text):
        try:
            html, stop = _plain(text, at)
        except _NotPlain:
            stop = _next(text, at)
            html = parsed(text[at:stop])
        out.append(html)
        at = _filled(text, stop)
    return "".join(out)


def _filled(text: str, at: int) -> int:
    """Where the first line begins, from `at` on, that is not empty."""
    empty = _EMPTY.match(text, at)
    return empty.end() if empty else at


def _plain(text: str, at: int) -> tuple[str, int]:
    """The HTML of the plain block that begins at `at`, and where it ends."""
    block = _BLOCK.match(text, at)
    if not block:
        raise _NotPlain
    return _html(block), block.end()


def _next(text: str, at: int) -> int:
    """Where something begins that takes no part in what begins at `at`."""
    gaps = _GAP.finditer(text, at)
    stop = next((gap.end() for gap in gaps if gap["fresh"] is not None), len(text))
    is_code = "```" in text[at:stop] or "~~~" in text[at:stop]  # it may go on behind empty lines
    return len(text) if is_code else stop


def _html(block: re.Match[str]) -> str:
    kind = str(block.lastgroup)
    inside = block[kind]
    match kind:
        case "heading":
            level = len(block["level"])
            return f"<h{level}>{_words(inside)}</h{level}>\n"
        case "paragraph":
            return f"<p>{_words(inside)}</p>\n"
        case "bullets":
            return f"<ul>\n{_items(inside)}</ul>\n"
        case "steps":
            first = int(inside.partition(".")[0])
            start = f' start="{first}"' if first != 1 else ""
            return f"<ol{start}>\n{_items(inside)}</ol>\n"
        case "table":
            return _table(inside.split("\n"))
        case _:
            return code_html(inside, block["language"])


def _items(lines: str) -> str:
    """List items, each a line with a mark and a space before it."""
    return "".join(f"<li>{_words(ln.partition(' ')[2])}</li>\n" for ln in lines.split("\n"))


def _table(lines: list[str]) -> str:
    head, marks, *rows = [_cells(line) for line in lines]
    sides = [_side(mark) for mark in marks]
    body = "".join(_row("td", row, sides) for row in rows)
    return "".join(
        (
            f"{TAGS['table_open']}<thead>{_row('th', head, sides)}</thead>\n",
            f"<tbody>\n{body}</tbody>" if rows else "",
            TAGS["table_close"],
        )
    )


def _cells(line: str) -> list[str]:
    """What stands between the bars of a line; one behind a backslash divides what is not plain."""
    return [cell.strip(" \t") for cell in line[1:-1].split("|")]


def _side(mark: str) -> str:
    """To which side a column is aligned whose head has this `mark` below it."""
    right = "center" if mark[0] == ":" else "right"
    return right if mark[-1] == ":" else "left"


def _row(tag: str, cells: list[str], sides: list[str]) -> str:
    if len(cells) != len(sides):
        raise _NotPlain
    shown = (
        f'<{tag} style="text-align:{side}">{_words(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(shown)}</tr>\n"


def _words(text: str) -> str:
    """Running text that holds only words, marked words and code spans."""
    if text[-1:].isspace() or text[:1].isspace():
        raise _NotPlain
    out, done = [], 0
    for part in _PART.finditer(text):
        out.append(escape(text[done : part.start()], quote=False))
        out.append(_part(part))
        done = part.end()
    out.append(escape(text[done:], quote=False))
    return "".join(out)


def _part(part: re.Match[str]) -> str:
    match part.lastgroup:
        case "span":
            return f"<code>{escape(part['span'], quote=False)}</code>"
        case "words":
            tag = "strong" if part["more"] else "em"
            return f"<{tag}>{escape(part['words'], quote=False)}</{tag}>"
        case _:
            raise _NotPlain
