"""Marks of footnotes in the words of an answer, where they change nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

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
BLANK = " \t\r\n"


@dataclass(frozen=True)
class Mark:
    """Footnotes by number, behind the words that end at `at`."""

    at: int
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return "".join(f"[\ufdd0{number}]\ufdd1" for number in self.numbers)


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


def without_signs(text: str) -> str:
    """Return the text with none of our inner signs."""
    # `replace` looks for one a hundred times as fast as a translation would
    return text.replace("\ufdd0", "\ufffd").replace("\ufdd1", "\ufffd")


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
        end = len(block.rstrip(BLANK))
        inside, marks = _fitting(block, plain, [], _in_cells(block, marks) if is_table else marks)
        last = [Mark(end, mark.numbers) for mark in marks]
        inside, marks = _fitting(block, plain, inside, _in_cells(block, last) if is_table else last)
    text = _inserted(block, inside)
    below = f"{text.rstrip(BLANK)}\n\n{''.join(map(str, marks))}\n\n"
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
