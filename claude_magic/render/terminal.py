"""A growing message -> readable text in a terminal.

Finished stretches are printed once and scroll away as any output; only the tail is drawn again.
"""

from collections.abc import Callable
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text as Line

from claude_magic.content.look import Look
from claude_magic.render.answer import piece_markdown, piece_words
from claude_magic.render.notices import notices, status
from claude_magic.render.piece import Kind, Piece
from claude_magic.render.pieces import Cutter
from claude_magic.render.small_print import NO_HEADER, Header

# A control character in an answer could move the cursor or rename the window.
_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


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
        self._live = Live(console=self._console, auto_refresh=False, transient=True)

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""
        self._print_header()
        final, rest = self._cutter.cut(look)
        self._print(final)
        if self._console.is_terminal:
            self._live.start()
            line = [Line(status(look), style="dim")] if status(look) else []
            self._live.update(self._end_of(Group(*map(self._piece, rest), *line)), refresh=True)

    def pause(self) -> None:
        """Stop drawing, so that others can print and ask."""
        self._live.stop()

    def finish(self, look: Look) -> None:
        """Print what is left, and how the answer ended."""
        self._live.stop()
        self._print_header()
        final, _ = self._cutter.cut(look)
        self._print(final)
        for line in [*notices(look), self._footer(look) if look.message.content else ""]:
            if line:
                self._console.print(Line(line, style="dim"))

    def _end_of(self, tail: Group) -> Group:
        """The last lines of what grows, as many as the window holds: news come at the end."""
        lines = self._console.render_lines(tail, pad=False)[-max(1, self._console.height - 1) :]
        return Group(*(Line.assemble(*((s.text, s.style or "") for s in line)) for line in lines))

    def _print_header(self) -> None:
        """Once, before anything else."""
        if self._header:
            self._console.print(Line(self._header.text, style="dim"))
            self._header = NO_HEADER

    def _print(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self._console.print(self._piece(piece))
            self._console.print()

    def _piece(self, piece: Piece) -> Markdown | Line:
        if piece.kind is Kind.WORDS and self._console.is_terminal:
            return Markdown(piece_markdown(piece).translate(_CONTROL).strip("\n"))
        words = piece_words(piece).translate(_CONTROL).strip("\n")
        return Line(words, style="" if piece.kind is Kind.WORDS else "dim")
