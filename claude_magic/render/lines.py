"""Text -> its lines, as the parser wants to know them."""

from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

Environment = MutableMapping[str, Any]


class Blocks(ParserBlock):
    """Finds the lines of a text by splitting it; the library looks at each letter."""

    def parse(
        self, src: str, md: MarkdownIt, env: Environment, outTokens: list[Token]
    ) -> list[Token]:
        """Append the tokens of the blocks of `src` to `outTokens`."""
        lines = Lines(src, md, env, outTokens)
        self.tokenize(lines, lines.line, lines.lineMax)
        return outTokens


class Lines(StateBlock):
    """A text before it is parsed; all else in it is as the library begins."""

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
