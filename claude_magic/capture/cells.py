"""Cells as they ran last: their code, and what they printed, showed and raised.

While a cell runs, what goes to the screen is noted on its way, by the means IPython itself uses;
after it everything is as it was. Nothing is turned into words or pictures before it is asked for.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_magic.capture.noting import Notes
from claude_magic.capture.running import Run

_MOST_CELLS = 500
_MOST_TEXT = 20_000  # characters of what one cell prints; the middle of more is left out
_MOST_PICTURES = 32 * 2**20  # characters of base64, of all cells
_PRINTED = "printed"  # stands for the display id of what was printed
_OURS = ("%%claude", "%claude")
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")


@dataclass(eq=False, repr=False)  # made at load, where each method costs
class Shown:
    """One output: the data that was shown, as IPython's bundle; what was printed is `text/plain`.

    `display_id` is the name by which it can be changed later.
    """

    data: Mapping[str, Any]
    display_id: str = ""

    @property
    def pictures(self) -> list[tuple[str, str | bytes]]:
        """The picture it shows: its kind, and its bytes or these in base64; or nothing."""
        return [(kind, self.data[kind]) for kind in PICTURES if kind in self.data][:1]


@dataclass(eq=False, repr=False)  # made at load, where each method costs
class CellRun:
    """What came of the last run of a cell.

    `error` is its traceback, where that is not among what it printed; `failed` whether it has one.
    """

    run: Run
    code: str
    number: int | None = None  # the one in In [ ]
    outputs: list[Shown] = field(default_factory=list)
    error: str = ""
    failed: bool = False

    @property
    def name(self) -> str:
        """Return what tells the cell from others; without an id each run is a cell of its own."""
        return self.run.cell or f"{self.run.began}"


class Cells:
    """Remembers the last run of each cell of a shell, the latest last."""

    def __init__(self, shell: Any, errors: Callable[[BaseException], str] = str) -> None:
        self._shell = shell
        self._errors = errors
        self._kept: dict[str, CellRun] = {}
        self._now: CellRun | None = None
        self._taken = 0  # characters of the pictures of the running cell
        self._notes = Notes()

    @property
    def ran(self) -> list[CellRun]:
        """The cells that ran to their end, in the order of running."""
        return list(self._kept.values())

    def begin(self, run: Run, code: str) -> None:
        """A cell begins: note what it shows, unless it is one of ours."""
        self.stop()
        if code.lstrip().startswith(_OURS):
            return
        self._now, self._taken = CellRun(run, code), 0
        self._notes.of(sys.stdout, "write", self._written)
        self._notes.of(self._shell.display_pub, "publish", self._published)
        self._notes.of(self._shell.display_pub, "clear_output", self._cleared)
        self._notes.of(self._shell.displayhook, "write_format_data", self._returned)

    def end(self, result: Any) -> None:
        """The cell has ended: keep what came of it in place of its earlier run."""
        self.stop()
        now, self._now = self._now, None
        if now is None:
            return
        now.number = getattr(result, "execution_count", None)
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        now.failed = error is not None
        # A terminal prints it, so that it is noted already.
        now.error = self._errors(error) if error is not None and self._is_kernel else ""
        self._kept.pop(now.name, None)
        self._kept[now.name] = now
        self._bound()

    def stop(self) -> None:
        """Note no more, and put everything back as it was."""
        self._notes.end()

    def _written(self, text: Any = "", *rest: Any, **more: Any) -> None:
        if self._now is None or not isinstance(text, str) or not text:
            return
        outputs = self._now.outputs
        if outputs and outputs[-1].display_id == _PRINTED:
            text = outputs.pop().data["text/plain"] + text
        outputs.append(Shown({"text/plain": _cut(text)}, _PRINTED))

    def _published(self, data: Any = None, *rest: Any, **more: Any) -> None:
        transient = more.get("transient") or {}
        shown = Shown(self._worth(data), str(transient.get("display_id", "")))
        if more.get("update"):
            self._update(shown)
        elif self._now is not None:
            self._show(shown)

    def _show(self, shown: Shown) -> None:
        """Note one output of the running cell; of too many pictures the oldest are let go."""
        if self._now is not None:
            self._now.outputs.append(shown)
            self._taken += _size(shown)
            if self._taken > _MOST_PICTURES:
                self._taken = _without_oldest(self._now.outputs, _MOST_PICTURES // 2)

    def _update(self, shown: Shown) -> None:
        cells = [*self._kept.values(), *([self._now] if self._now else [])]
        for outputs in (cell.outputs for cell in cells):
            for number, other in enumerate(outputs):
                if other.display_id == shown.display_id and other.display_id:
                    outputs[number] = shown

    def _returned(self, format_dict: Any = None, *rest: Any, **more: Any) -> None:
        self._show(Shown(self._worth(format_dict)))

    def _worth(self, data: Any) -> dict[str, Any]:
        """Of an output, what a question could take along; a terminal prints its text."""
        kinds = (*PICTURES, "text/plain") if self._is_kernel else PICTURES
        found = {kind: data[kind] for kind in kinds if isinstance(data.get(kind), str | bytes)}
        return {k: _cut(v) if k == "text/plain" else v for k, v in found.items()}

    @property
    def _is_kernel(self) -> bool:
        return hasattr(self._shell, "kernel")

    def _cleared(self, *rest: Any, **more: Any) -> None:
        if self._now is not None:
            self._now.outputs.clear()

    def _bound(self) -> None:
        """Let go of the oldest cells, and of the oldest pictures."""
        while len(self._kept) > _MOST_CELLS:
            self._kept.pop(next(iter(self._kept)))
        room = _MOST_PICTURES
        for cell in reversed(self._kept.values()):
            room -= _without_oldest(cell.outputs, room)


def _size(shown: Shown) -> int:
    return sum(len(data) for _, data in shown.pictures)


def _without_oldest(outputs: list[Shown], room: int) -> int:
    """Let go of the oldest pictures beyond `room`; return the characters of those that stay."""
    left = 0
    for number, shown in reversed(list(enumerate(outputs))):
        if left + _size(shown) > room and shown.pictures:
            words = {k: v for k, v in shown.data.items() if k not in PICTURES}
            outputs[number] = Shown(words, shown.display_id)
        else:
            left += _size(shown)
    return left


def _cut(text: str) -> str:
    if len(text) <= _MOST_TEXT:
        return text
    half = _MOST_TEXT // 2
    return f"{text[:half]}\n[…]\n{text[-half:]}"
