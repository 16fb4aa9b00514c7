"""A growing message -> the output of a notebook cell.

While it grows, each finished stretch is an output of its own and only the last one, the live tail,
is sent again. In the end all are replaced by one ordinary output that needs no kernel, widget or
script to be read.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from claude_magic.content.growing import Look
from claude_magic.render.answer import bundle, piece_html, small_print
from claude_magic.render.markdown import has_references, to_markdown, wrap
from claude_magic.render.notices import status
from claude_magic.render.pieces import Cutter, Piece

# A tail is drawn again when it has grown by this share, so that a long unbroken paragraph costs a
# fixed multiple of its own size, however many deltas bring it; and at least once in a while.
_GROWTH = 1 / 6
_LONGEST_STILL = 1.0  # seconds


class Publisher(Protocol):
    """IPython's display publisher, as far as it is needed here."""

    def publish(self, data: Any, *, transient: Any = ..., update: bool = ...) -> None:
        """Show `data`, or change the output that bears the same display id."""

    def clear_output(self, wait: bool = False) -> None:
        """Empty the cell's output; with `wait`, when the next output comes."""


class CellScreen:
    """Shows one answer in one cell."""

    def __init__(
        self,
        publisher: Publisher,
        *,
        html_shown: bool = True,
        live: bool = True,
        footer: Callable[[Look], str] = lambda look: "",
    ) -> None:
        self._publisher = publisher
        self._html_shown = html_shown
        self._live = live
        self._footer = footer
        self._cutter = Cutter()
        self._final: list[str] = []  # what is final, rendered
        self._outputs = 0
        self._tail_id = ""
        self._drawn = ""  # the source of the tail on screen
        self._drawn_at = 0.0

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""
        if not self._live:
            return
        final, rest = self._cutter.cut(look)
        if final:
            self._freeze(final)
        line = status(look)
        source = line or "".join(piece.source for piece in rest)
        if source != self._drawn and (final or line or self._worth_drawing(source)):
            self._show_tail(self._waiting(line) if line else self._render(rest))
            self._drawn, self._drawn_at = source, time.monotonic()

    def finish(self, look: Look) -> None:
        """Replace what was drawn by one output with the whole answer."""
        footer = self._footer(look) if look.message.content else ""
        parts = self._all_parts(look)
        data = bundle(look, footer=footer, html_parts=parts, html_shown=self._html_shown)
        empty = not data["text/plain"]
        if self._outputs:
            self._publisher.clear_output(wait=not empty)
        if not empty:
            self._publisher.publish(data)

    def _all_parts(self, look: Look) -> list[str] | None:
        """The whole answer rendered, most of it already while it grew; None: to be done anew."""
        if not self._html_shown or has_references(look.message.text):
            return None
        final, _ = self._cutter.cut(look)
        return self._final + [piece_html(piece) for piece in final]

    def _freeze(self, final: list[Piece]) -> None:
        """Let the tail's output hold what is final now; a new tail comes below it."""
        if self._html_shown:
            self._final += [piece_html(piece) for piece in final]
            shown = wrap("".join(self._final[-len(final) :]))
        else:
            shown = self._render(final)
        self._show_tail(shown)
        self._tail_id = ""
        self._drawn = ""

    def _worth_drawing(self, source: str) -> bool:
        grown = len(source) - len(self._drawn) >= len(self._drawn) * _GROWTH
        return grown or time.monotonic() - self._drawn_at >= _LONGEST_STILL

    def _render(self, pieces: list[Piece]) -> str:
        if self._html_shown:
            return wrap("".join(piece_html(piece) for piece in pieces))
        return "\n\n".join(to_markdown(piece.source) for piece in pieces)

    def _waiting(self, line: str) -> str:
        return wrap(small_print(line)) if self._html_shown else f"*{line}*"

    def _show_tail(self, shown: str) -> None:
        data = {"text/html" if self._html_shown else "text/markdown": shown}
        known, self._tail_id = bool(self._tail_id), self._tail_id or uuid.uuid4().hex
        self._outputs += not known
        self._publisher.publish(data, transient={"display_id": self._tail_id}, update=known)
