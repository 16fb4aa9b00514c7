"""Plain Markdown -> the tokens that the parser would come to letter by letter.

An answer is mostly plain, and a person waits while it is parsed. Each shortcut gives exactly what
the parser gives, or leaves the text to it.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock, paragraph
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

Environment = MutableMapping[str, Any]  # what the rules know of the text as a whole
# Where running text can be something else; the rest is words. The set comes first: Python looks
# for one of a set five times as fast as for what stands around it.
_SIGN = r"[\n*`\\\[\]$!~&<_]"
_MEANT = r"""(?: (?<= [\n*`\\\[\]$]) | (?<= !)(?= \[) | (?<= ~)(?= ~) | (?<= &)(?= [\#A-Za-z])
    | (?<= <)(?= [A-Za-z]) | (?<= _)(?: (?<! [A-Za-z0-9]_) | (?! [A-Za-z0-9]) ) )"""
_SPECIAL = re.compile(_SIGN + _MEANT, re.VERBOSE)
# Words between stars that can only mark them, as no star before stands open; a code span; or else.
_PART = re.compile(
    rf"""{_SIGN} (?:
        (?<= \*) (?P<more> \*?)
            (?P<words> [A-Za-z0-9] (?: [^*_`\\\[\]$&<~!\n]* [A-Za-z0-9.:,;?)%] )? )
            \* (?P=more) (?! [^\s.,:;?)])
        | (?<= `) (?P<code> [^`\s] (?: [^`\n]* [^`\s] )? ) ` (?! `)
        | (?P<other> {_MEANT})
    )""",
    re.VERBOSE,
)
# It ends a paragraph, or makes a heading or a table of it.
_DASHES = re.compile(r"-{3,}[ \t]*")


class RunningText(ParserInline):
    """Reads what holds only words, marked words and code spans at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ruler.at("text", _words)

    def parse(self, src: str, md: MarkdownIt, env: Environment, tokens: list[Token]) -> list[Token]:
        """Append the tokens of `src` to `tokens`."""
        parts = list(_PART.finditer(src))
        if any(part.lastgroup == "other" for part in parts):
            return super().parse(src, md, env, tokens)
        done = 0
        for part in parts:
            _add_words(tokens, src[done : part.start()])
            _add_part(tokens, part)
            done = part.end()
        _add_words(tokens, src[done:])
        return tokens


def _add_words(tokens: list[Token], words: str) -> None:
    if words:
        tokens.append(Token("text", "", 0, content=words))


def _add_part(tokens: list[Token], part: re.Match[str]) -> None:
    if code := part["code"]:
        tokens.append(Token("code_inline", "code", 0, content=code, markup="`"))
        return
    tag, stars = ("strong", "**") if part["more"] else ("em", "*")
    tokens += (
        Token(f"{tag}_open", tag, 1, markup=stars),
        Token("text", "", 0, content=part["words"], level=1),
        Token(f"{tag}_close", tag, -1, markup=stars),
    )


def _words(state: StateInline, silent: bool) -> bool:
    """All words up to the next place that can be something else."""
    found = _SPECIAL.search(state.src, state.pos, state.posMax)
    end = found.start() if found else state.posMax
    if end == state.pos:
        return False
    if not silent:
        state.pending += state.src[state.pos : end]
    state.pos = end
    return True


class Blocks(ParserBlock):
    """Finds all lines at once, and sees at a glance which are paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.ruler.before("table", "line_of_words", _line_of_words)

    def parse(
        self, src: str, md: MarkdownIt, env: Environment, outTokens: list[Token]
    ) -> list[Token]:
        """Append the tokens of the blocks of `src` to `outTokens`."""
        lines = _Lines(src, md, env, outTokens)
        self.tokenize(lines, lines.line, lines.lineMax)
        return outTokens


class _Lines(StateBlock):
    """A text that is split into lines, where the library looks at each letter."""

    def __init__(self, src: str, md: MarkdownIt, env: Environment, tokens: list[Token]) -> None:
        super().__init__("", md, env, tokens)
        self.src, start = src, 0
        lines = src.split("\n")
        if not lines[-1].strip(" \t"):  # what follows the last line end is no line yet
            del lines[-1]
        marks = []
        for line in lines:
            indent = len(line) - len(line.lstrip(" \t"))
            width = len(line[:indent].expandtabs(4))
            marks.append((start, start + len(line), indent, width, 0))
            start += len(line) + 1
        columns = zip(*marks, (len(src), len(src), 0, 0, 0), strict=True)
        self.bMarks, self.eMarks, self.tShift, self.sCount, self.bsCount = map(list, columns)
        self.lineMax = len(lines)


def _line_of_words(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line that begins with a letter is a paragraph, if the next one is no part of it."""
    begins = state.bMarks[start] + state.tShift[start]
    if silent or not state.src[begins].isalpha() or state.is_code_block(start):
        return False
    if start + 1 < state.lineMax and (state.env["formulas"] or _is_of_dashes(state, start + 1)):
        return False
    known = len(state.tokens)
    paragraph(state, start, end, silent)
    if state.line > start + 1:  # a longer one, or something else altogether
        del state.tokens[known:]
        state.line = start
    return state.line > start


def _is_of_dashes(state: StateBlock, line: int) -> bool:
    begins = state.bMarks[line] + state.tShift[line]
    return _DASHES.fullmatch(state.src, begins, state.eMarks[line]) is not None
