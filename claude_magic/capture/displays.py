"""What the notebook displayed lately: pictures, remembered on their way to the screen.

Anything else that needs them (questions with `-p`, `%claude images`, the chat panel) asks the
desk's `displays`: `lately()` gives them in the order of displaying, the newest last. Each
`Display` has a number, a name, a kind, and `blocks(engine.pictures)`; `ui.glimpses` gives its size
and a small picture. Nothing is decoded or drawn before that.
"""

import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from claude_magic.capture.display import (
    Display,
    Origin,
    draws_itself,
    is_image_widget,
    is_remote,
    library_of,
    model_shown,
    picture_data,
    weight,
)
from claude_magic.capture.noting import Notes
from claude_magic.capture.running import Run

_MOST = 64_000_000  # bytes that the pictures take
_MOST_DISPLAYS, _MOST_AWAITED = 500, 200
_APPENDS = "append_display_data"  # the method of an Output widget that shows without publishing
_WIDGET = "widget "  # how the place begins that is an Output widget


class Displays:
    """Remembers what `shell` displays, from `watch` to `stop`.

    A cell that runs again replaces what it displayed, a display that is updated is replaced where
    it stands, and what is cleared is forgotten. The oldest are forgotten beyond `most` bytes. What
    is under `%%capture` never comes here.
    """

    def __init__(self, shell: Any, most: int = _MOST) -> None:
        self._shell = shell
        self._most = most
        self._notes = Notes()
        self._kept: list[Display] = []
        self._number = 0
        self._freed: list[int] = []  # the numbers of what the running cell replaces
        self._run: Run | None = None
        self._is_deleted: Callable[[str], bool] = lambda cell: False
        self._to_clear: set[str] = set()  # the outputs that the next display clears
        self._awaited: dict[str, Display] = {}  # what was shown by an id, and may become a picture
        self._origin = Origin()
        self._origins: dict[str, Origin] = {}  # of each Output widget
        self._figures: list[object] = []
        self._thread = threading.local()
        self._lock = threading.RLock()

    def lately(self) -> list[Display]:
        """Return the pictures that stand in the notebook, in the order of displaying."""
        with self._lock:
            there = [one for one in self._kept if not self._is_deleted(one.cell)]
            return [display for display in there if display.is_picture]

    def numbered(self, number: int) -> Display | None:
        """Return the picture that bears a number, if it is still there."""
        return next((one for one in self.lately() if one.number == number), None)

    def of_last_cell(self) -> list[Display]:
        """Return all pictures of the cell that displayed the last one."""
        lately = self.lately()
        return [one for one in lately if _output_of(one) == _output_of(lately[-1])]

    def watch(self, run: Run, is_deleted: Callable[[str], bool] = lambda cell: False) -> None:
        """Begin; the cell that runs already counts.

        `is_deleted` tells of a cell whether the notebook no longer shows it.
        """
        self._run, self._origin, self._is_deleted = run, Origin(run.cell), is_deleted
        shell = self._shell
        self._notes.of(shell.display_formatter, "format", self._formatting, self._formatted)
        self._notes.of(shell.display_pub, "publish", self._published)
        self._notes.of(shell.display_pub, "clear_output", self._cleared)
        self._notes.of(shell.displayhook, "write_format_data", self._returned)

    def stop(self) -> None:
        """Remember no more, and let everything go."""
        self._notes.end()
        with self._lock:
            self._kept.clear()
            self._awaited.clear()
            self._origins.clear()
            self._figures = []

    def begin(self, run: Run, code: str) -> None:
        """A cell begins: what it displayed before is replaced, and hands its numbers on."""
        self._run, self._origin = run, Origin(run.cell)
        self._freed = []
        if run.cell:
            self._forget(lambda display: display.cell == run.cell)
        if not self._is_kernel:
            self._figures = open_figures()

    def end(self, result: Any) -> None:
        """It has ended; a terminal shows the figures that are open now in windows, if at all."""
        if not self._is_kernel:
            for figure in open_figures():
                if figure not in self._figures:
                    self._add(Display(held=weakref.ref(figure)))
            self._figures = []
        self._origin.count = getattr(result, "execution_count", None)
        self._run = None

    def _formatting(self, value: object = None, *rest: Any, **more: Any) -> None:
        self._being_formatted.append(value)

    def _formatted(self, result: Any) -> None:
        value = self._being_formatted.pop()
        if isinstance(result, tuple) and result and result[0] and self._is_drawn(value):
            self._thread.last = result[0], value
        else:
            self._thread.last = None
        if widget := _appending_to(sys._getframe(2)):  # what called the formatter
            self._take(result[0], self._shown(result[0]), place=f"{_WIDGET}{widget}")

    @property
    def _being_formatted(self) -> list[object]:
        """The objects whose representation is made at the moment, one by another."""
        if not hasattr(self._thread, "stack"):
            self._thread.stack = []
        stack: list[object] = self._thread.stack
        return stack

    def _is_drawn(self, value: object) -> bool:
        """Whether the object is worth keeping: what it shows in this front end is no picture."""
        if self._is_kernel:
            return bool(library_of(value)) or is_remote(value) or is_image_widget(value)
        return draws_itself(value)

    def _shown(self, data: Any) -> object:
        """The object whose representation `data` is, if it is needed to draw the picture."""
        last, self._thread.last = getattr(self._thread, "last", None), None
        if last is not None and last[0] is data:
            value: object = last[1]
            return value
        outer = self._being_formatted[-1:]  # one that displays itself
        return outer[0] if outer and self._is_drawn(outer[0]) else None

    def _published(self, data: Any = None, metadata: Any = None, *rest: Any, **more: Any) -> None:
        transient = more.get("transient") or {}
        display_id = str(transient.get("display_id") or "")
        value = self._shown(data) or model_shown(metadata)
        self._take(data, value, display_id, update=bool(more.get("update")))

    def _returned(self, format_dict: Any = None, *rest: Any, **more: Any) -> None:
        self._take(format_dict, self._shown(format_dict))

    def _take(
        self,
        data: Any,
        value: object,
        display_id: str = "",
        *,
        update: bool = False,
        place: str = "",
    ) -> None:
        place = place or self._place()
        if place in self._to_clear and not update:
            self._to_clear.discard(place)
            self._forget(lambda display: display.place == place)
        found = picture_data(data)
        size = weight(found, None) if found and value is None else weight(data, value)
        display = Display(0, Origin(), place, found, _hold(value, found), size, display_id)
        with self._lock:
            if update:
                self._replace(display)
            elif display.is_picture:
                self._add(display)
            elif display_id:
                self._awaited[display_id] = self._placed(display)
            self._bound()

    def _placed(self, display: Display) -> Display:
        """The same, with the cell it stands in."""
        if display.place in self._origins:
            display.origin = self._origins[display.place]
        elif self._run is not None:
            display.origin = self._origin
            display.place = display.place or _key(self._run)
            if display.place.startswith(_WIDGET):
                self._origins[display.place] = self._origin
        return display

    def _add(self, display: Display) -> None:
        display.number = self._next_number()
        self._kept.append(self._placed(display))

    def _replace(self, new: Display) -> None:
        """Put what an update shows where the display of its id stands."""
        if new.is_picture and (awaited := self._awaited.pop(new.display_id, None)) is not None:
            awaited.number = self._next_number()
            self._kept.append(awaited)
        for old in self._kept:
            if old.display_id == new.display_id and new.display_id:
                old.data, old.held, old.size = new.data, new.held, new.size

    def _next_number(self) -> int:
        if self._freed:
            return self._freed.pop(0)
        self._number += 1
        return self._number

    def _cleared(self, wait: bool = False, *rest: Any, **more: Any) -> None:
        place = self._place()
        if wait:
            self._to_clear.add(place)
        else:
            self._forget(lambda display: display.place == place)

    def _forget(self, gone: Callable[[Display], bool]) -> None:
        with self._lock:
            self._freed += sorted(display.number for display in self._kept if gone(display))
            self._kept = [display for display in self._kept if not gone(display)]

    def _bound(self) -> None:
        """Let go of the oldest."""
        while len(self._awaited) > _MOST_AWAITED:
            self._awaited.pop(next(iter(self._awaited)))
        taken = sum(display.size for display in self._kept)
        while self._kept and (taken > self._most or len(self._kept) > _MOST_DISPLAYS):
            taken -= self._kept.pop(0).size

    def _place(self) -> str:
        """The output that a display goes to now: an Output widget's, or the running cell's."""
        widget = ""
        with suppress(Exception):
            widget = output_widget(self._shell)
        return widget or (_key(self._run) if self._run is not None else "")

    @property
    def _is_kernel(self) -> bool:
        return hasattr(self._shell, "kernel")


def _key(run: Run) -> str:
    """What tells a run from others."""
    return f"run {run.cell or run.began}"


def _output_of(display: Display) -> str:
    return f"cell {display.cell}" if display.cell else display.place


def _hold(value: object, found: Mapping[str, Any]) -> Callable[[], object]:
    """Keep the object alive only where the picture cannot be had without it."""
    if value is None:
        return lambda: None
    if found:
        with suppress(TypeError):  # some objects cannot be referred to like that
            return weakref.ref(value)
    return lambda: value


def open_figures() -> list[object]:
    """Return the figures that pyplot has open."""
    helpers: Any = sys.modules.get("matplotlib._pylab_helpers")
    return [manager.canvas.figure for manager in helpers.Gcf.figs.values()] if helpers else []


def _appending_to(caller: FrameType) -> str:
    """The Output widget that what is formatted goes to without being published, or ""."""
    widget = caller.f_locals.get("self") if caller.f_code.co_name == _APPENDS else None
    return str(getattr(widget, "model_id", None) or "")


def output_widget(shell: Any) -> str:
    """Return the Output widget that displays go to at the moment, or "".

    One that is entered takes what answers the message that its kernel is at.
    """
    widgets: Any = sys.modules.get("ipywidgets")
    if widgets is None or not hasattr(shell, "get_parent"):
        return ""
    message = (shell.get_parent() or {}).get("header", {}).get("msg_id")
    registry: Any = getattr(sys.modules.get("ipywidgets.widgets.widget"), "_instances", None)
    known = widgets.Widget.widgets if registry is None else registry
    entered = [
        widget.model_id
        for widget in list(known.values())
        if isinstance(widget, widgets.Output) and message and widget.msg_id == message
    ]
    return f"{_WIDGET}{entered[-1]}" if entered else ""
