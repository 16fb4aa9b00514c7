"""Cells as they run: which cell asks, and which of them the notebook no longer shows.

Front ends tell it in the message that runs a cell; none of them tells the order of the cells.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from claude_magic.content.turn import Place, Turn


@dataclass(eq=False, repr=False)  # made at load, where each method costs
class Run:
    """One run of one cell: when it was sent and began (Unix seconds), how often it has asked."""

    cell: str
    client: str = ""  # the id of the front end's connection
    sent: float = 0.0  # by the clock of the front end
    began: float = field(default_factory=time.time)
    asked: int = 0
    tried: bool = False  # it only showed what it would ask


class Noting(Protocol):
    """Notes what a run shows."""

    def begin(self, run: Run, code: str) -> None:
        """A cell begins."""

    def end(self, result: Any) -> None:
        """It has ended."""

    def stop(self) -> None:
        """Note no more."""


class Running:
    """Follows the cells of `shell` from `watch` to `unwatch`.

    `noting` note what the runs show.
    """

    def __init__(self, shell: Any, noting: Sequence[Noting] = ()) -> None:
        self._shell = shell
        self._noting = noting
        self._depth = 0  # a cell can run cells itself
        self._deleted: set[str] = set()
        self._over: dict[str, float] = {}  # cell: the end of its last run
        self._lag = float("inf")  # what the clock of the front end lags behind ours, at most
        self._ended: dict[str, Run] = {}  # cell: its last run that went well
        self.run = Run("")
        self.since = time.time()

    def watch(self) -> None:
        """Begin; the cell that runs already counts."""
        self._begin_run(None)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    def unwatch(self) -> None:
        """Stop following."""
        for noting in self._noting:
            noting.stop()
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)

    def place(self) -> "Place":
        """Return where the next question of the running cell stands; each call is a question.

        A question from another thread stands nowhere: which cell meant it cannot be told.
        """
        from claude_magic.content.turn import NOWHERE, Place  # not at load: it takes a while

        if not self.run.cell or threading.current_thread() is not threading.main_thread():
            return NOWHERE
        self.run.asked += 1
        return Place(self.run.cell, self.run.asked - 1)

    def try_out(self) -> None:
        """The running cell only showed what it would ask: its earlier questions stay."""
        self.run.tried = True

    def is_deleted(self, cell: str) -> bool:
        """Whether the front end named a cell as deleted, and it has not run since."""
        return cell in self._deleted

    def is_gone(self, turn: "Turn", since: float) -> bool:
        """Whether the notebook no longer shows the question of `turn`.

        Its cell was deleted, or has since run without asking it, while questions went to its
        conversation: `since` tells from when on they do. Front ends name a cell as deleted that was
        cut and pasted too, so it counts as gone only until it runs.
        """
        from claude_magic.content.turn import APPENDED

        if turn.cell in self._deleted:
            return True
        run = self._ended.get(turn.cell)
        if run is None or turn.number == APPENDED or turn.asked >= run.began:
            return False
        return not run.asked or since <= run.began

    def _before(self, info: Any) -> None:
        self._depth += 1
        if self._depth == 1:
            self._begin_run(info)
            for noting in self._noting:
                noting.begin(self.run, str(getattr(info, "raw_cell", "") or ""))

    def _begin_run(self, info: Any) -> None:
        parent = _parent(self._shell)
        header, metadata = _mapping(parent.get("header")), _mapping(parent.get("metadata"))
        cell = cell_id(metadata, getattr(info, "cell_id", None))
        self.run = Run(cell, str(header.get("session", "")), _seconds(header.get("date")))
        self._lag = min(self._lag, self.run.began - self.run.sent)
        told = metadata.get("deletedCells")
        if isinstance(told, list | tuple):
            self._deleted |= {str(one) for one in told if self._is_news(str(one))}
        self._deleted.discard(cell)

    def _is_news(self, cell: str) -> bool:
        """JupyterLab tells it in every message that it sends before the first is answered.

        What it sent before a cell had run was meant before that.
        """
        return self.run.sent + self._lag >= self._over.get(cell, 0.0)

    def _after(self, result: Any) -> None:
        if self._depth > 1:
            self._depth -= 1
            return
        self._depth = 0
        for noting in reversed(self._noting):
            noting.end(result)
        run, self.run = self.run, Run("")
        self._over[run.cell] = time.time()
        if run.cell and not run.tried and getattr(result, "success", False):
            self._ended[run.cell] = run


def cell_id(metadata: Mapping[str, Any], told: object = None) -> str:
    """Return the id of the cell that a message runs, or "" where the front end gives none.

    IPython passes it on (`told`) from version 8; JupyterLab, Notebook 7 and VS Code send it as
    `cellId`, Colab as `colab.cell_id`.

    >>> cell_id({"colab": {"cell_id": "a1"}})
    'a1'
    """
    found = told or metadata.get("cellId") or _mapping(metadata.get("colab")).get("cell_id")
    return str(found) if found else ""


def _parent(shell: Any) -> Mapping[str, Any]:
    """The message that runs the cell; a terminal has none."""
    get = getattr(shell, "get_parent", None)
    return _mapping(get()) if get else {}


def _seconds(date: object) -> float:
    return date.timestamp() if isinstance(date, datetime) else time.time()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
