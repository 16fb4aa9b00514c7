"""Rows 1 to 4 and 7: how long a cell takes, against a cell with raw httpx."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.benchmarks import answers, cells
from tests.benchmarks.kernel import Bench, Kernel, Ran
from tests.benchmarks.replies import FirstWords, at_once, noted
from tests.benchmarks.table import Pair, Row, later, times

Measure = Callable[[], float]


def first_cell(at: Bench, runs: int) -> Iterator[Row]:
    """Rows 1 and 2, in fresh kernels: loading, and loading with the first request."""
    raw = cells.connect(at.server.url) + cells.POST
    bare = cells.connect(at.server.url, verify=False) + cells.POST
    loads, asks, bare_asks = list[Pair](), list[Pair](), list[Pair]()
    for turn in range(runs):
        sides = [(cells.LOAD, cells.ASK), (cells.IMPORT, raw), (cells.IMPORT, bare)]
        taken = [_fresh(at, *sides[(turn + i) % 3]) for i in range(3)]
        ours, with_raw, with_bare = (taken[(i - turn) % 3] for i in range(3))
        loads.append(Pair(ours[0], with_raw[0]))
        asks.append(Pair(ours[1], with_raw[1]))
        bare_asks.append(Pair(ours[1], with_bare[1]))
    yield times(1, "load, against `import httpx`", loads, 0.15)
    yield times(2, "load + first cell to request, against raw httpx", asks, 1.2)
    yield times(2, "the same, httpx told to load no certificates", bare_asks, 1.2)


def warm_cell(at: Bench, runs: int) -> Iterator[Row]:
    """Row 3: a later cell to its request."""
    with _both(at) as (ours, theirs):
        pairs = _turns(
            3 * runs,
            lambda: at.until_asked(ours, cells.ASK),
            lambda: at.until_asked(theirs, cells.POST),
        )
    yield times(3, "warm: cell to request, against raw httpx", pairs, 1.5)


def long_answer(at: Bench, runs: int) -> Iterator[Row]:
    """Row 4: the wall time of a cell whose answer of 40 kB comes at once."""
    reply = at_once(answers.ordinary())

    def wall(kernel: Kernel, cell: str) -> Measure:
        def measure() -> float:
            at.server.will(reply)
            return kernel.run(cell).seconds

        return measure

    what = "40 kB in 2,000 deltas at once, against raw httpx"
    with _both(at) as (ours, theirs):
        for name, cell in (
            ("reading, decoding, showing it as Markdown", cells.READ_TEXT),
            ("reading, decoding, showing safe HTML of markdown-it-py", cells.READ_SAFELY),
            ("reading its bytes only", cells.READ_BYTES),
        ):
            pairs = _turns(2 * runs, wall(ours, cells.ASK_ONCE), wall(theirs, cell))
            yield times(4, f"{what} {name}", pairs, 1.5)


def first_text(at: Bench, runs: int) -> Iterator[Row]:
    """Row 7: from the first delta to its text at the front end."""
    answer = answers.ordinary()
    first_words = answer.deltas[0].strip("# ")

    def measured(kernel: Kernel, cell: str) -> Measure:
        def measure() -> float:
            first = FirstWords()
            at.server.will(noted(first, answer))
            return _seen(kernel.run(cell), first_words) - first.sent_at

        return measure

    with _both(at) as (ours, theirs):
        sides = measured(ours, cells.ASK_ONCE), measured(theirs, cells.SHOW_FIRST)
        pairs = _turns(runs, *sides)
    yield later(7, "first text after the first delta, against `display`", pairs, 0.05)


def _fresh(at: Bench, load: str, ask: str) -> tuple[float, float]:
    """Seconds of the loading itself, and of both cells until the request is at the server."""
    with at.kernel() as kernel:
        loaded = kernel.run(cells.timed(load))
        return float(loaded.printed), loaded.seconds + at.until_asked(kernel, ask)


@contextmanager
def _both(at: Bench) -> Iterator[tuple[Kernel, Kernel]]:
    """Two kernels, ours and theirs, in which everything has been used once."""
    raw = cells.connect(at.server.url)
    with (
        at.kernel(cells.LOAD, cells.ASK_ONCE) as ours,
        at.kernel(cells.IMPORT, raw, cells.READ_TEXT) as theirs,
    ):
        yield ours, theirs


def _turns(runs: int, ours: Measure, theirs: Measure) -> list[Pair]:
    """Measure both sides by turns, each as often first; the first turn is for warming up."""
    pairs = []
    for turn in range(runs + 1):
        if turn % 2:
            pairs.append(Pair(ours(), theirs()))
        else:
            after = theirs()
            pairs.append(Pair(ours(), after))
    return pairs[1:]


def _seen(ran: Ran, words: str) -> float:
    """When `words` arrived."""
    return next(o.at for o in ran.outputs if words in json.dumps(o.content, ensure_ascii=False))
