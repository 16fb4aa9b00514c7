"""A growing message -> the output of a notebook cell.

While it grows, each finished stretch is an output of its own and only the last one, the live tail,
is sent again. In the end all are replaced by one ordinary output that needs no kernel, widget or
script to be read.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from claude_magic.content.look import Look
from claude_magic.render.answer import bundle, piece_html, piece_markdown
from claude_magic.render.markdown import has_references, wrap
from claude_magic.render.notices import status
from claude_magic.render.piece import Kind, Piece
from claude_magic.render.pieces import Cutter, pieces_of
from claude_magic.render.small_print import NO_HEADER, Header, small_print

# An output is drawn again when it has grown by this share, so that a long unbroken paragraph costs
# a fixed multiple of its own size, however many deltas bring it; and at least once in a while.
_GROWTH = 1 / 6
_LONGEST_STILL = 1.0  # seconds
# An output is left alone when it holds this many characters; after so many outputs, this share of
# all before it: JupyterLab hides all but the first fifty, and the longest answer must fit.
_SHORT, _SHORT_ONES, _SHARE = 2_000, 24, 1 / 6


class Publisher(Protocol):
    """IPython's display publisher, as far as it is needed here."""

    def publish(self, data: Any, *, transient: Any = ..., update: bool = ...) -> None:
        """Show `data`, or change the output that bears the same display id."""

    def clear_output(self, wait: bool = False) -> None:
        """Empty the cell's output; with `wait`, when the next output comes."""


class CellScreen:
    """Shows one answer in one cell.

    An output is filled with final pieces and the live rest until it is long enough to be left
    alone; then a new one begins below it. Where the cell shows other things too (not `alone`), one
    output is changed from first to last, so that nothing of theirs is cleared away.
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        html_shown: bool = True,
        live: bool = True,
        alone: bool = True,
        header: Header = NO_HEADER,
        footer: Callable[[Look], str] = lambda look: "",
    ) -> None:
        self._publisher = publisher
        self._html_shown = html_shown
        self._live = live
        self._alone = alone
        self._header = header
        self._footer = footer
        self._cutter = Cutter()
        self._final: list[str] = []  # all that is final, rendered
        self._begun = 0  # how much of it stands in outputs that are left alone
        self._output = ""  # the display id of the output that is being filled
        self._outputs = 0
        self._drawn = ""  # what stands in it, its live rest as source
        self._drawn_at = 0.0
        self._drawing = False  # true in the end: an interrupt came in the middle of a drawing

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""
        if not self._live:
            return
        self._drawing = True
        final, rest = self._cutter.cut(look)
        self._final += [self._rendered(piece) for piece in final]
        line = status(look)
        tail = line or "".join(piece.source for piece in rest)
        source = "".join([*self._final[self._begun :], tail])
        is_long = self._is_long()
        if source != self._drawn and (line or is_long or self._worth_drawing(source)):
            if is_long:
                self._leave_alone()
            shown = [self._told(line)] if line else [self._rendered(piece) for piece in rest]
            if parts := [*self._final[self._begun :], *shown]:
                self._fill(parts)
            self._drawn = "".join([*self._final[self._begun :], tail])
            self._drawn_at = time.monotonic()
        self._drawing = False

    def pause(self) -> None:
        """Nothing is in the way of a tool here."""

    def finish(self, look: Look) -> None:
        """Replace what was drawn by one output with the whole answer."""
        footer = self._footer(look) if look.message.content else ""
        parts = self._all_parts(look)
        data = bundle(
            look,
            header=self._header,
            footer=footer,
            html_parts=parts,
            html_shown=self._html_shown,
        )
        shown = bool(data["text/plain"] or pieces_of(look))
        if self._alone and self._outputs:
            self._publisher.clear_output(wait=shown)
            self._output = ""
        if shown or self._output:
            self._last(data if shown else {"text/plain": ""})

    def _last(self, data: Mapping[str, str]) -> None:
        if self._output:
            self._publisher.publish(data, transient={"display_id": self._output}, update=True)
        else:
            self._publisher.publish(data)

    def _all_parts(self, look: Look) -> list[str] | None:
        """The whole answer rendered, most of it already while it grew; None: to be done anew."""
        if not self._html_shown or self._drawing or has_references(look.message.text):
            return None
        final, _ = self._cutter.cut(look)
        return self._final + [piece_html(piece) for piece in final]

    def _worth_drawing(self, source: str) -> bool:
        """Whether enough is new to send all of the output again."""
        grown = len(source) - len(self._drawn) >= len(self._drawn) * _GROWTH
        return grown or time.monotonic() - self._drawn_at >= _LONGEST_STILL

    def _is_long(self) -> bool:
        """Whether the output that is being filled holds enough to be left alone."""
        standing = sum(map(len, self._final[: self._begun]))
        most = _SHORT if self._outputs <= _SHORT_ONES else standing * _SHARE
        return self._alone and sum(map(len, self._final[self._begun :])) > most

    def _leave_alone(self) -> None:
        """Fill the output with what is final; what comes goes into a new one."""
        self._fill(self._final[self._begun :])
        self._begun = len(self._final)
        self._output = ""

    def _rendered(self, piece: Piece) -> str:
        if self._html_shown:
            return piece_html(piece)
        text = piece_markdown(piece, seen=True)
        return text if piece.kind is Kind.WORDS else f"\n\n{text}\n\n"

    def _told(self, line: str) -> str:
        return small_print(line) if self._html_shown else f"*{line}*\n\n"

    def _fill(self, parts: list[str]) -> None:
        """Show `parts` in the output that is being filled, or in a new one."""
        if self._header and not self._begun:
            header = self._header
            parts = [header.html if self._html_shown else self._told(header.text), *parts]
        shown = wrap("".join(parts)) if self._html_shown else "".join(parts)
        data = {"text/html" if self._html_shown else "text/markdown": shown}
        known, self._output = bool(self._output), self._output or uuid.uuid4().hex
        self._outputs += not known
        self._publisher.publish(data, transient={"display_id": self._output}, update=known)
