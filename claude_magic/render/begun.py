"""The end of a growing answer -> the same, as if what it has begun were whole.

So nobody sees signs that turn out to mark something a moment later, and no line grows shorter.
"""

import re

from claude_magic.render import grammar, maths

_LONGEST = 120  # characters that may be marked by a sign which is still open
_LONGEST_TEX = 1_000  # characters that may be held back behind what may begin a formula
_MOST_OPEN = 10  # of more, the first are signs and nothing else
_FENCE_END = re.compile(r"(?<=\n)[ \t]*(?:`{1,2}|~{1,2})\Z")
_TEX = (*maths.ENDS, r"\begin{")
_SIGN = re.compile(r"\\.|`+|\*\*|\*|~~|!?\[|\$+|[\\~!]\Z", re.DOTALL)
_LINK = re.compile(r"!?\[[^\[\]\n]*\]\([^()\s]*\)")
_LINK_BEGUN = re.compile(r"!?\[([^\[\]\n]*)(?:\](?:\([^()\s]*)?)?\Z")
# A last line of which later signs decide what it is: a list item, a heading, the head of a table.
_UNDECIDED = re.compile(r"(?:\A|(?<=\n))[ \t>]*(?:[-+*=]+|\#{1,6}|\d{1,2}[.)]?)[ \t]*\Z")
_ROWS = re.compile(r"(?:\A|(?<=\n))(?:\|[^\n]*\n)*\|[^\n]*\n?\Z")
_HEAD = re.compile(r"(\|[^\n]*\|)\n(\|(?: *:?-+:? *\|)+)(?:\n|\Z)")


def as_if_whole(text: str) -> str:
    """Return the Markdown `text`, which may end anywhere, without signs that are still open.

    >>> as_if_whole("so **ver"), as_if_whole("see [the do"), as_if_whole("it is \\\\(x +")
    ('so **ver**', 'see the do', 'it is ')
    >>> as_if_whole("A:\\n-"), as_if_whole("2 * 3 = `x"), as_if_whole("| a | b |")
    ('A:\\n', '2 * 3 = `x`', '')
    """
    blocks, _ = grammar.blocks(text, growing=True)
    if not blocks or blocks[-1].type in ("fence", "code_block"):
        return _FENCE_END.sub("", text)
    text = _UNDECIDED.sub("", text)
    if (rows := _ROWS.search(text)) and not _is_table(rows[0]):
        return text[: rows.start()]
    text = text[: _formula_begun(text, text.rfind("\n\n") + 1)]
    start = text.rfind("\n", 0, len(text.rstrip())) + 1
    return text[:start] + _closed(text[start:])


def _formula_begun(text: str, start: int) -> int:
    """Where a formula begins that is not whole, from `start` on; else where the text ends."""
    while formula := maths.next_formula(text, start):
        start = formula.end
    start = max(start, len(text) - _LONGEST_TEX)
    begun = (mark.start() for mark in maths.MARKS.finditer(text, start))
    return next((at for at in begun if text.startswith(_TEX, at)), len(text))


def _is_table(rows: str) -> bool:
    head = _HEAD.match(rows)
    return head is not None and head[1].count("|") == head[2].count("|")


def _closed(line: str) -> str:
    """The last line with what is open in it closed, or left out if it shows nothing yet."""
    opened: list[tuple[str, int]] = []
    at = 0
    while sign := _SIGN.search(line, at):
        mark, begin, at = sign[0], sign.start(), sign.end()
        if formula := maths.formula_at(line, begin):
            at = formula.end
        elif mark in ("\\", "~", "!") or _may_be_tex(line, mark, at):
            line = line[:begin]
        elif mark[0] in "$\\":
            continue
        elif mark[0] == "`":
            end = line.find(mark, at)
            at = end + len(mark) if end >= 0 else len(line)
            opened += [] if end >= 0 else [(mark, begin)]
        elif mark[-1] == "[":
            if link := _LINK.match(line, begin):
                at = link.end()
            elif begun := _LINK_BEGUN.match(line, begin):
                line = line[:begin] + begun[1]
        elif not _mark(line, mark, begin, opened) and at == len(line):
            line = line[:begin]  # half of the end of `**`
    return _with_ends(line, opened)


def _may_be_tex(line: str, mark: str, at: int) -> bool:
    """Whether a dollar can open a formula: no price, and not long ago."""
    after = line[at : at + 1]
    return mark == "$" and len(line) - at <= _LONGEST and not after.isdigit() and after != " "


def _mark(line: str, mark: str, begin: int, opened: list[tuple[str, int]]) -> bool:
    """Note a sign of emphasis that opens, or closes what it opened before; whether it does."""
    end = begin + len(mark)
    before, after = line[max(0, begin - 1) : begin], line[end : end + 1]
    known = [at for at, (other, _) in enumerate(opened) if other == mark]
    if known and before.strip():
        del opened[known[-1] :]
        return True
    opens = not (after.isspace() or before.isalnum())
    if opens:
        del opened[: 1 - _MOST_OPEN]
        opened.append((mark, begin))
    return opens or not opened


def _with_ends(line: str, opened: list[tuple[str, int]]) -> str:
    while opened:
        mark, begin = opened.pop()
        inside = line[begin + len(mark) :].rstrip()
        if not inside:
            line = line[:begin]
        elif len(inside) <= _LONGEST:
            line = line[: begin + len(mark)] + inside + mark
    return line
