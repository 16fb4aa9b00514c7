"""A growing message -> readable text in a terminal.

Finished stretches are printed once and scroll away as any output; only the tail is drawn again.
"""

from collections.abc import Callable
from itertools import dropwhile
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment
from rich.text import Text as Line

from claude_magic.content.look import Look
from claude_magic.errors import without_control
from claude_magic.render.answer import piece_markdown, piece_words
from claude_magic.render.notices import notices, status
from claude_magic.render.piece import Kind, Piece
from claude_magic.render.pieces import Cutter
from claude_magic.render.small_print import NO_HEADER, Header


class TerminalScreen:
    """Shows one answer in a terminal; where output is no terminal, as plain text."""

    def __init__(
        self,
        file: TextIO | None = None,
        *,
        header: Header = NO_HEADER,
        footer: Callable[[Look], str] = lambda look: "",
    ) -> None:
        self._console = Console(file=file)
        self._header = header
        self._footer = footer
        self._cutter = Cutter()
        self._live: Live | None = None  # what draws the tail, while there is one

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""
        self._print_header()
        final, rest = self._cutter.cut(look)
        self._print(final)
        line = [Line(status(look), style="dim")] if status(look) else []
        tail = [*map(self._piece, rest), *line]
        if not tail:
            self.pause()
        elif self._console.is_terminal:
            self._draw_tail(Group(*tail))

    def pause(self) -> None:
        """Take the tail away, so that others can print and ask: it would leave empty lines."""
        if self._live:
            self._live.stop()
            self._live = None

    def _draw_tail(self, tail: Group) -> None:
        if not self._live:  # a new one each time: an old one believes that its lines still stand
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(self._end_of(tail), refresh=True)

    def finish(self, look: Look) -> None:
        """Print what is left, and how the answer ended."""
        self.pause()
        self._print_header()
        final, _ = self._cutter.cut(look)
        self._print(final)
        for line in [*notices(look), self._footer(look) if look.message.content else ""]:
            if line:
                self._console.print(Line(line, style="dim"))

    def _end_of(self, tail: Group) -> Group:
        """The last lines of what grows, as many as the window holds: news come at the end."""
        lines = self._console.render_lines(tail, pad=False)[-max(1, self._console.height - 1) :]
        return _drawn(lines)

    def _print_header(self) -> None:
        """Once, before anything else."""
        if self._header:
            self._console.print(Line(self._header.text, style="dim"))
            self._header = NO_HEADER

    def _print(self, pieces: list[Piece]) -> None:
        if pieces:
            self.pause()
        for piece in pieces:
            self._console.print(self._piece(piece))
            self._console.print()

    def _piece(self, piece: Piece) -> Group | Line:
        if piece.kind is Kind.WORDS and self._console.is_terminal:
            markdown = Markdown(without_control(piece_markdown(piece)).strip("\n"))
            lines = self._console.render_lines(markdown, pad=False)
            return _drawn(_trimmed(_trimmed(lines)[::-1])[::-1])
        words = without_control(piece_words(piece)).strip("\n")
        return Line(words, style="" if piece.kind is Kind.WORDS else "dim")


def _drawn(lines: list[list[Segment]]) -> Group:
    return Group(*(Line.assemble(*((s.text, s.style or "") for s in line)) for line in lines))


def _trimmed(lines: list[list[Segment]]) -> list[list[Segment]]:
    """Without the empty lines at the beginning: rich puts one before a list and a table."""
    return list(dropwhile(_is_empty, lines))


def _is_empty(line: list[Segment]) -> bool:
    return not any(s.text.strip() or (s.style and s.style.bgcolor) for s in line)
