"""Markdown text -> HTML that runs nothing."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from claude_magic.render import maths, tags

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Environment = dict[str, Any]  # what markdown-it hands from rule to rule

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
LINE_END = re.compile(r"\r\n|\r")
# Where running text can be something else; the rest is skipped at once.
SPECIAL = re.compile(
    r"[\n*`\\\[\]$]|!\[|~~|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&[#A-Za-z]|<[A-Za-z]"
)
REFERENCE = re.compile(r"^[\s>*+\-\d.)]*\[(?:[^\[\]\\]|\\.)+\]:", re.MULTILINE | re.DOTALL)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
FORMULA = re.compile(r"\$|\\[\[(]|\\begin\{")
# A line that begins so cannot belong to what stood before the blank line above it.
FRESH = re.compile(r"[^\s\d*+\-]|\*\*\w|\d+[^\d.)]")


def to_html(text: str) -> str:
    """The HTML of a whole or growing answer: nothing in it runs or is fetched.

    >>> to_html("Is **a < b**?")
    '<p>Is <strong>a &lt; b</strong>?</p>\\n'
    >>> to_html("<script>alert(1)</script> [x](javascript:alert(1))")
    '<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>\\n'
    """
    parser = _parser()
    return tags.html(parser.parse(text, {"formulas": bool(FORMULA.search(text))}))


def wrap(html: str) -> str:
    """`html` as one output, in which only marked formulas are typeset.

    >>> wrap("<p>costs $5 and $6</p>")
    '<div class="claude-magic mathjax_ignore tex2jax_ignore"><p>costs $5 and $6</p></div>'
    """
    return f'<div class="claude-magic mathjax_ignore tex2jax_ignore">{html}</div>'


def to_markdown(text: str) -> str:
    r"""`text` with ``\( \)`` and ``\[ \]`` as dollars outside code, and otherwise unchanged.

    >>> to_markdown(r"Where \(x\) is, not `\(y\)`: \[z\]")
    'Where $x$ is, not `\\(y\\)`: $$z$$'
    """
    if r"\(" not in text and r"\[" not in text:
        return text
    lines = LINE.findall(text)
    out: list[str] = []
    done = 0
    for start, end in _running_text(text):
        if start >= done:
            out += lines[done:start]
            out.append(_with_dollars("".join(lines[start:end])))
            done = end
    return "".join(out + lines[done:])


def has_references(text: str) -> bool:
    """May `text` define links by name, so that blocks rendered apart would miss them?

    >>> has_references("See [docs].\\n\\n[docs]: https://x.org"), has_references("See [docs].")
    (True, False)
    """
    return REFERENCE.search(text) is not None


def split(text: str) -> tuple[str, str]:
    """Cut `text` after the leading blocks that no later text can change: (finished, rest).

    Blocks finished at different times and rendered apart give the HTML of the whole, unless a
    link is defined after its use (`has_references`).

    >>> split("# Title\\n\\nOne.\\n\\nTwo")
    ('# Title\\n\\nOne.\\n\\n', 'Two')
    >>> split("- a\\n- b\\n")
    ('', '- a\\n- b\\n')
    """
    cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
    whole, last = text[:cut], text[cut:]
    lines = LINE.findall(whole)
    cut = sum(map(len, lines[: _first_open_line(whole, lines, last)]))
    return text[:cut], text[cut:]


def _first_open_line(whole: str, lines: list[str], last: str) -> int:
    """The first of the ended `lines` that a longer `last` line, or more of them, could change."""
    environment: Environment = {"formulas": bool(FORMULA.search(whole)), "growing": True}
    blocks = [
        t for t in _block_tokens(whole, environment) if t.level == 0 and t.nesting >= 0 and t.map
    ]
    if not blocks:
        return 0
    final = blocks[-1]
    start, end = final.map or (0, 0)
    if "references" in environment:
        # What uses a link stays with its definition.
        defined = min(reference["map"][0] for reference in environment["references"].values())
        return max(
            (b.map[0] for b in blocks if b.map and b.map[0] <= min(defined, start)), default=0
        )
    is_open_code = final.type == "fence" and end == len(lines)
    is_closed = not lines[-1].strip(" \t\r\n") and FRESH.match(last) and not is_open_code
    return len(lines) if is_closed else start


def _block_tokens(text: str, environment: Environment) -> "list[Token]":
    """The blocks of `text`, their running text not parsed yet."""
    parser = _parser()
    tokens: list[Token] = []
    parser.block.parse(LINE_END.sub("\n", text), parser, environment, tokens)
    return tokens


def _running_text(text: str) -> list[tuple[int, int]]:
    """The lines of each stretch of text that is not code, in order."""
    tokens = _block_tokens(text, {"formulas": True})
    return sorted((t.map[0], t.map[1]) for t in tokens if t.type == "inline" and t.map)


def _with_dollars(text: str) -> str:
    out: list[str] = []
    done = 0
    for start, formula in maths.formulas(text):
        out += text[done:start], maths.with_dollars(formula)
        done = formula.end
    return "".join(out) + text[done:]


@cache
def _parser() -> "MarkdownIt":
    """CommonMark with tables, strikethrough, formulas and ``<br>``; without any other HTML."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 60})
    parser.enable(["table", "strikethrough"])
    parser.disable(["html_inline", "html_block"])
    parser.validateLink = tags.is_link  # type: ignore[method-assign]
    parser.inline.ruler.at("text", _plain)
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("autolink", "break", _break)
    parser.block.ruler.before("lheading", "formula_paragraph", _paragraph_with_formula)
    return parser


def _plain(state: "StateInline", silent: bool) -> bool:
    found = SPECIAL.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


def _formula(state: "StateInline", silent: bool) -> bool:
    formula = maths.formula_at(state.src, state.pos)
    if not formula or formula.end > state.posMax:
        return False
    if not silent:
        state.push("formula", "", 0).meta["formula"] = formula
    state.pos = formula.end
    return True


def _break(state: "StateInline", silent: bool) -> bool:
    """``<br>``, which Claude writes in table cells, as they cannot hold a line break."""
    found = BREAK.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _paragraph_with_formula(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """A paragraph with a formula of several lines, which may look like list items or headings."""
    if silent or not state.env.get("formulas"):
        return False
    blank = next((n for n in range(start + 1, state.lineMax) if state.isEmpty(n)), state.lineMax)
    inside = _lines_inside_formulas(state, start, blank) if blank > start + 1 else set()
    if not inside:
        return False
    stop = start + 1
    while stop < blank and (stop in inside or not _interrupted(state, stop)):
        stop += 1
    if min(inside) >= stop:
        return False
    _push_paragraph(state, start, stop)
    return True


def _lines_inside_formulas(state: "StateBlock", start: int, end: int) -> set[int]:
    """Lines that begin within a formula."""
    text = state.getLines(start, end, state.blkIndent, False)
    growing = end == state.lineMax and state.env.get("growing", False)
    inside: set[int] = set()
    for position, formula in maths.formulas(text, growing=growing):
        first = start + text.count("\n", 0, position)
        inside.update(range(first + 1, first + 1 + formula.source.count("\n")))
    return inside


def _interrupted(state: "StateBlock", line: int) -> bool:
    """Does another block begin at `line`, although no blank line stands before it?"""
    if state.is_code_block(line) or state.sCount[line] < 0:
        return False
    outer, state.parentType = state.parentType, "paragraph"
    rules = state.md.block.ruler.getRules("paragraph")
    interrupted = _underlines(state, line) or any(rule(state, line, state.lineMax, True) for rule in rules)
    state.parentType = outer
    return interrupted


def _underlines(state: "StateBlock", line: int) -> bool:
    """Does `line` make a heading of the line above it?"""
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip(" \t")
    return bool(text) and text.strip(text[0]) == "" and text[0] in "=-"


def _push_paragraph(state: "StateBlock", start: int, stop: int) -> None:
    state.line = stop
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [start, stop]
    content = state.push("inline", "", 0)
    content.content = state.getLines(start, stop, state.blkIndent, False).strip()
    content.map = [start, stop]
    content.children = []
    state.push("paragraph_close", "p", -1)
