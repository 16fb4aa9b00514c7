"""Markdown text -> tokens: CommonMark with tables and formulas, and without HTML."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from claude_magic.render import maths, tags

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

# Where running text can be something else; the rest is words. A set of signs comes first: Python
# looks for these alone five times as fast as for all that is said of them.
SIGN = r"[\n*`\\\[\]$!~&<_]"
MEANT = r"""(?: (?<= [\n*`\\\[\]$] ) | (?<= !)(?= \[ ) | (?<= ~)(?= ~ ) | (?<= &)(?= [\#A-Za-z] )
    | (?<= <)(?= [A-Za-z] ) | (?<= _)(?: (?<! [A-Za-z0-9]_ ) | (?! [A-Za-z0-9] ) ) )"""
SPECIAL = re.compile(SIGN + MEANT, re.VERBOSE)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
FORMULA = re.compile(r"\\(?:[\[(]|begin\{)")
LINE_END = re.compile(r"\r\n|\r")
# Each definition of a link looks at all lines below it: thousands of them would take minutes.
DEFINITION = re.compile(r"^[ >]*\[[^\]\n]+\]:", re.MULTILINE)
MOST_DEFINITIONS = 300
# Levels of lists and quotes (a list takes two); what stands deeper is words. From `maxNesting` on
# the library leaves out all that is left of a text.
DEEPEST = 50


def tokens(text: str) -> "list[Token]":
    """The blocks of `text` and all that stands in them."""
    return parser().parse(text, _environment(text))


def blocks(text: str, *, growing: bool = False) -> "tuple[list[Token], int | None]":
    """The blocks of `text`, and the line where the first definition of a link begins, if any.

    What runs within the blocks is not parsed, which is four times as fast. A formula that a
    `growing` text has only begun reaches to the end.
    """
    environment = _environment(text, growing=growing)
    found: list[Token] = []
    parser().block.parse(_with_line_feeds(text), parser(), environment, found)
    references = environment.get("references", {}).values()
    return found, min((reference["map"][0] for reference in references), default=None)


def has_formulas(text: str) -> bool:
    """May there be any? Looking takes no time."""
    return "$" in text or FORMULA.search(text) is not None


def _environment(text: str, *, growing: bool = False) -> dict[str, Any]:
    """What the rules must know of the text as a whole."""
    definitions = len(DEFINITION.findall(text)) if "]:" in text else 0
    return {
        "formulas": has_formulas(text),
        "growing": growing,
        "defined": definitions <= MOST_DEFINITIONS,
    }


@cache
def parser() -> "MarkdownIt":
    """CommonMark with tables, strikethrough, formulas and ``<br>``; without any other HTML."""
    from markdown_it import MarkdownIt

    from claude_magic.render.lines import Blocks

    made = MarkdownIt("zero")
    made.block = Blocks()
    made.configure("commonmark", {"html": False, "maxNesting": 60})
    made.enable(["table", "strikethrough"])
    made.disable(["html_inline", "html_block"])
    made.validateLink = tags.is_link  # type: ignore[method-assign]
    made.core.ruler.at("normalize", _normalize)
    made.inline.ruler.at("text", _words)
    made.inline.ruler.before("escape", "formula", _formula)
    made.inline.ruler.before("autolink", "break", _break)
    made.block.ruler.before("table", "deep", _words_far_in)
    made.block.ruler.at("reference", _definition)
    made.block.ruler.before("lheading", "formula_paragraph", _paragraph_with_formula)
    return made


def _normalize(state: "StateCore") -> None:
    state.src = _with_line_feeds(state.src).replace("\0", "\ufffd")


def _with_line_feeds(text: str) -> str:
    return LINE_END.sub("\n", text) if "\r" in text else text


def _words(state: "StateInline", silent: bool) -> bool:
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


def _words_far_in(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """What stands in too many lists and quotes to be looked into, up to an empty line."""
    if silent or state.level < DEEPEST:
        return False
    stop = start + 1
    while stop < end and not state.isEmpty(stop) and state.sCount[stop] >= state.blkIndent:
        stop += 1
    _push_paragraph(state, start, stop)
    return True


def _definition(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """``[name]: address``, as long as there are not too many."""
    from markdown_it.rules_block import reference

    return bool(state.env.get("defined")) and reference(state, start, end, silent)


def _paragraph_with_formula(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """A paragraph with a formula of several lines, which may look like list items or headings."""
    if silent or not state.env.get("formulas"):
        return False
    line, has_long_formula = start, False
    while True:
        last = _last_line_of_formulas(state, line)
        has_long_formula |= last > line
        line = last + 1
        if line >= state.lineMax or state.isEmpty(line) or _interrupted(state, line):
            break
    if has_long_formula:
        _push_paragraph(state, start, line)
    return has_long_formula


def _last_line_of_formulas(state: "StateBlock", line: int) -> int:
    """Where the formulas end that open on `line`, and on the lines where those end."""
    position = state.bMarks[line] + state.tShift[line]
    while formula := maths.next_formula(state.src, position, state.eMarks[line]):
        last = line + formula.source.count("\n")
        if _stays_open(state, line, position, formula.start):
            return state.lineMax - 1
        if last >= state.lineMax or any(state.isEmpty(n) for n in range(line, last)):
            return line
        line, position = last, formula.end
    return state.lineMax - 1 if _stays_open(state, line, position, state.eMarks[line]) else line


def _stays_open(state: "StateBlock", line: int, start: int, end: int) -> bool:
    """May what a growing text has begun on `line` become a formula that reaches its end?"""
    if not state.env.get("growing") or not maths.may_open(state.src, start, end):
        return False
    return not any(map(state.isEmpty, range(line + 1, state.lineMax)))


def _interrupted(state: "StateBlock", line: int) -> bool:
    """Does another block begin at `line`, although no blank line stands before it?"""
    if state.is_code_block(line) or state.sCount[line] < 0:
        return False
    outer, state.parentType = state.parentType, "paragraph"
    rules = state.md.block.ruler.getRules("paragraph")
    interrupted = _underlines(state, line) or any(
        rule(state, line, state.lineMax, True) for rule in rules
    )
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
