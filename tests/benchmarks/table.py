"""Measurements -> rows of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("| | what | reach | measured | |", "|---|---|---|---|---|")


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is None where nothing could be measured or no reach is set."""

    number: int
    what: str
    reach: str
    measured: str
    met: bool | None = None


@dataclass(frozen=True)
class Pair:
    """What one turn measured: ours, and theirs right before or after it."""

    ours: float
    theirs: float


def line(row: Row) -> str:
    """Return `row` as a line of Markdown."""
    verdict = {True: "ok", False: "**over**", None: ""}[row.met]
    return f"| {row.number} | {row.what} | {row.reach} | {row.measured} | {verdict} |"


def times(number: int, what: str, pairs: Sequence[Pair], most: float) -> Row:
    """Return the row of a ratio of seconds: the median over the turns, both sides beside it.

    The best of each side tells what a machine with nothing else to do would show.
    """
    ratio = median(pair.ours / pair.theirs for pair in pairs)
    ours, theirs = (1000 * median(side) for side in sides(pairs))
    best_ours, best_theirs = (1000 * min(side) for side in sides(pairs))
    best = f"best {best_ours / best_theirs:.2f} ×, {best_ours:.1f} : {best_theirs:.1f}"
    measured = f"{ratio:.2f} × ({ours:.0f} ms : {theirs:.0f} ms; {best}; {_runs(pairs)})"
    return Row(number, what, f"≤ {most:g} ×", measured, ratio <= most)


def later(number: int, what: str, pairs: Sequence[Pair], most: float) -> Row:
    """Return the row of a difference of seconds, against `most` seconds."""
    gap = median(pair.ours - pair.theirs for pair in pairs)
    ours, theirs = (1000 * median(side) for side in sides(pairs))
    measured = f"{1000 * gap:+.0f} ms ({ours:.0f} ms : {theirs:.0f} ms; {_runs(pairs)})"
    return Row(number, what, f"≤ {1000 * most:+.0f} ms", measured, gap <= most)


def sides(pairs: Sequence[Pair]) -> tuple[list[float], list[float]]:
    """Return all of ours and all of theirs."""
    return [pair.ours for pair in pairs], [pair.theirs for pair in pairs]


def _runs(pairs: Sequence[Pair]) -> str:
    return f"{len(pairs)} runs" if len(pairs) > 1 else "1 run"
