"""Formulas in text -> where they are, and HTML that MathJax typesets and nobody can misuse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape

ENVIRONMENTS = (
    r"(?:equation|align|alignat|gather|multline|flalign|eqnarray|displaymath|math"
    r"|array|aligned|gathered|split|cases|[pbBvV]?matrix|CD|prooftree)\*?"
)
BEGIN = re.compile(rf"\\begin\{{({ENVIRONMENTS})\}}")

# As in pandoc: no space inside the dollars and no digit behind them, so that "$5 and $6" are
# prices. Nor a letter before them, "US$5 or C$6", or code between them.
DOLLARS = re.compile(r"(?<![A-Za-z$])\$(?![\s$])((?:[^$\\`\n]|\\.)*(?:[^\s$\\`]|\\\S))\$(?![\d$])")

# What may hide or open a formula: a code span, the target of a link, an escape, a dollar.
MARKS = re.compile(r"`+|\]\((?:\\.|[^\s\\()])*\)|\\.|\$", re.DOTALL)

# Commands of MathJax 2, 3 and 4 that make links, attributes, styles, ids or interactive parts,
# load extensions, or change what other commands mean (all packages read, 2026-11).
FORBIDDEN = re.compile(
    r"\\(?:href|url|class|cssId|style|data|css|mmlToken|mathml|texhtml|html\w*|bbox|enclose"
    r"|require|unicode|csname|catcode|setOptions|includegraphics|toggle|endtoggle|mathtip|texttip"
    r"|(?:x|g|e)?def|let|futurelet|global|input|include|macro|definecolor|mathtoolsset"
    r"|(?:re|use)?newtagform|usetagform|Newextarrow|begingroup|endgroup|begingroupSandbox"
    r"|(?:re)?new(?:command|environment|tagform|columntype)|provide\w*|[Dd]eclare\w*"
    r"|rowcolor|columncolor|cellcolor|arraycolor|breakAlign|char|special)(?![A-Za-z])",
    re.ASCII,
)
NESTING = re.compile(r"\\(?:left|right|begin|end)(?![A-Za-z])|\\.|[{}]", re.DOTALL)
OPENING = (r"\left", r"\begin", "{")
CLOSING = (r"\right", r"\end", "}")
BLANK_LINE = re.compile(r"\n[ \t]*\n")
ENDS = {r"\(": r"\)", r"\[": r"\]", "$$": "$$"}
LONGEST = 4_000  # characters; a longer formula is none: looking for its end would take too long
DEEPEST = 30  # levels; at 150 nested fractions Chromium's tab dies


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula: where it stands in its text, `tex` between delimiters, `source` with them.

    >>> formula_at(r"so \\(a<b\\).", 3)
    Formula(start=3, source='\\\\(a<b\\\\)', tex='a<b', display=False)
    """

    start: int
    source: str
    tex: str
    display: bool

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.start + len(self.source)


def formula_at(text: str, start: int) -> Formula | None:
    """The formula that opens exactly at `start`, or None. It contains no blank line."""
    opening = text[start : start + 2]
    if opening in ENDS:
        return _between(text, start, opening, ENDS[opening])
    if found := BEGIN.match(text, start):
        return _between(text, start, "", rf"\end{{{found[1]}}}")
    if found := DOLLARS.match(text, start):
        return Formula(start, found[0], found[1], display=False)
    return None


def _between(text: str, start: int, opening: str, closing: str) -> Formula | None:
    inside = start + len(opening)
    if text.find(closing, inside, start + LONGEST) < 0:  # much faster than the next line
        return None
    found = _unescaped(closing).search(text, inside, start + LONGEST)
    if not found or BLANK_LINE.search(text, inside, found.end()):
        return None
    tex = text[inside : found.end() - (len(closing) if opening else 0)]
    if not tex.strip():
        return None
    return Formula(start, text[start : found.end()], tex, display=opening != r"\(")


@lru_cache(maxsize=64)
def _unescaped(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}")


def next_formula(text: str, start: int = 0, end: int | None = None) -> Formula | None:
    """The first formula that opens from `start` to `end`, outside code spans and link targets."""
    position, end = start, len(text) if end is None else end
    while mark := MARKS.search(text, position, end):
        if mark[0][0] == "`":
            position = _after_code(text, mark)
        elif formula := formula_at(text, mark.start()):
            return formula
        else:
            position = mark.end()
    return None


def _after_code(text: str, ticks: re.Match[str]) -> int:
    closing = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end(), ticks.end() + LONGEST)
    is_code = closing and not BLANK_LINE.search(text, ticks.end(), closing.start())
    return closing.end() if closing and is_code else ticks.end()


def formulas(text: str) -> Iterator[Formula]:
    """Every formula of `text`, which has no code blocks."""
    position = 0
    while formula := next_formula(text, position):
        yield formula
        position = formula.end


def may_open(text: str, start: int, end: int) -> bool:
    """Does something that could still become a formula of several lines open there?"""
    return any(
        text.startswith((*ENDS, r"\begin{"), mark.start())
        for mark in MARKS.finditer(text, start, end)
    )


def is_safe(tex: str) -> bool:
    r"""Can `tex` only draw? Links, styles, ids, extensions and new macros are not drawing.

    >>> is_safe(r"\frac{a}{b}"), is_safe(r"\href{javascript:alert(1)}{x}")
    (True, False)
    """
    return not FORBIDDEN.search(tex) and _depth(tex) <= DEEPEST


def _depth(tex: str) -> int:
    level = deepest = 0
    for mark in NESTING.finditer(tex):
        level += (mark[0] in OPENING) - (mark[0] in CLOSING)
        deepest = max(deepest, level)
    return deepest


def formula_html(formula: Formula) -> str:
    """`formula` as a span for MathJax 2, 3 or 4; as code if it wants more than to be drawn.

    The delimiters are always those of LaTeX, which need no guessing about dollars.
    """
    if not is_safe(formula.tex):
        return f"<code>{escape(formula.source, quote=False)}</code>"
    tex = escape(formula.tex, quote=False)
    source = (
        tex if tex.startswith(r"\begin") else rf"\[{tex}\]" if formula.display else rf"\({tex}\)"
    )
    return f'<span class="mathjax_process tex2jax_process">{source}</span>'


def with_dollars(formula: Formula) -> str:
    r"""`formula` for front ends that know only dollars: ``\(x\)`` as ``$x$``.

    Kept as written if it has dollars of its own or is not safe to typeset.
    """
    if formula.source[:2] not in (r"\(", r"\[") or "$" in formula.tex or not is_safe(formula.tex):
        return formula.source
    return f"$${formula.tex}$$" if formula.display else f"${formula.tex.strip()}$"
