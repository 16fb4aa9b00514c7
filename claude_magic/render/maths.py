"""Formulas in text -> where they are, and HTML that MathJax typesets and nobody can misuse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
LONGEST = 10_000  # characters; a formula beyond this would keep MathJax busy for seconds


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula: `source` as written, `tex` between its delimiters, where it ends.

    >>> formula_at(r"so \\(a<b\\).", 3)
    Formula(source='\\\\(a<b\\\\)', tex='a<b', display=False, end=10)
    """

    source: str
    tex: str
    display: bool
    end: int


def formula_at(text: str, start: int) -> Formula | None:
    """The formula that opens exactly at `start`, or None. `text` is one block: no blank line."""
    if text.startswith("$$", start):
        return _between(text, start, "$$", "$$", display=True)
    if text.startswith("$", start):
        found = DOLLARS.match(text, start)
        return found and Formula(found[0], found[1], display=False, end=found.end())
    if text.startswith(r"\(", start):
        return _between(text, start, r"\(", r"\)", display=False)
    if text.startswith(r"\[", start):
        return _between(text, start, r"\[", r"\]", display=True)
    if found := BEGIN.match(text, start):
        return _between(text, start, "", rf"\end{{{found[1]}}}", display=True)
    return None


def _between(text: str, start: int, opening: str, closing: str, *, display: bool) -> Formula | None:
    inside = start + len(opening)
    at = text.find(closing, inside)
    while at >= 0 and _is_escaped(text, at):
        at = text.find(closing, at + 1)
    if at < 0 or not text[inside:at].strip():
        return None
    end = at + len(closing)
    tex = text[inside : at if opening else end]
    return Formula(text[start:end], tex, display, end)


def _is_escaped(text: str, at: int) -> bool:
    before = at
    while before and text[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def formulas(text: str, *, growing: bool = False) -> Iterator[tuple[int, Formula]]:
    """Every formula of one block outside code spans and link targets, with its position.

    If `text` is `growing`, one that has not been closed yet reaches to its end.
    """
    position = 0
    while mark := MARKS.search(text, position):
        position = mark.end()
        if mark[0][0] == "`":
            closing = re.compile(rf"(?<!`){mark[0]}(?!`)").search(text, position)
            position = closing.end() if closing else position
        elif formula := formula_at(text, mark.start()):
            yield mark.start(), formula
            position = formula.end
        elif growing and _opens(text, mark.start()):
            yield mark.start(), Formula(text[mark.start() :], "", True, len(text))
            return


def _opens(text: str, start: int) -> bool:
    return text.startswith(("$$", r"\[", r"\("), start) or bool(BEGIN.match(text, start))


def is_safe(tex: str) -> bool:
    r"""Can `tex` only draw? Links, styles, ids, extensions and new macros are not drawing.

    >>> is_safe(r"\frac{a}{b}"), is_safe(r"\href{javascript:alert(1)}{x}")
    (True, False)
    """
    return len(tex) <= LONGEST and not FORBIDDEN.search(tex)


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
