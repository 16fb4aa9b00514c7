"""What a function prints and displays, noted for Claude in place of the screen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher

from claude_magic.capture.displays import open_figures
from claude_magic.capture.noting import Notes
from claude_magic.tools.shown import Display, Shown


@contextmanager
def noted_aside(shell: Any) -> Iterator[Shown]:
    """Note what is printed and displayed in the block; none of it reaches the screen of `shell`.

    Figures that were drawn and not shown are noted too.
    """
    shown, printed, figures = Shown(), StringIO(), open_figures()
    noting, usual, notes = _Noting(), shell.display_pub, Notes()
    notes.of(shell.display_formatter, "format", noting.formatting)
    with redirect_stdout(printed), redirect_stderr(printed):
        shell.display_pub = noting
        try:
            yield shown
        finally:
            shell.display_pub = usual
            notes.end()
            shown.printed = printed.getvalue()
            shown.displays = [*noting.displays, *map(Display, _drawn_since(figures))]


class _Noting(CapturingDisplayPublisher):
    """Keeps what is displayed, with the object that it shows."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._shown: dict[object, Display] = {}  # by the display's id, or a number
        self._object: object = None

    @property
    def displays(self) -> list[Display]:
        return list(self._shown.values())

    def formatting(self, value: object, *more: Any, **named: Any) -> None:
        """An object is made ready to be displayed."""
        self._object = value

    def publish(self, data: Any, *more: Any, **named: Any) -> None:
        value, self._object = self._object, None
        display_id = (named.get("transient") or {}).get("display_id")
        self._shown[display_id or len(self._shown)] = Display(value, data)

    def clear_output(self, wait: bool = False) -> None:
        self._shown.clear()


def _drawn_since(before: list[object]) -> list[object]:
    """The figures that were drawn and left open; the notebook would show them after the cell."""
    new = [figure for figure in open_figures() if not any(figure is one for one in before)]
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot and "inline" in pyplot.get_backend().lower():
        for figure in new:
            pyplot.close(figure)
    return new
