"""Row 14: how much longer it takes to display a plot when what is displayed is remembered.

Two kernels display the same picture of 640 kB, one with the extension loaded, in turns of twenty.
The median of each turn is taken inside the kernel, and the best turn told: the difference is far
below what a busy machine adds. Both have first displayed as many as are kept.
"""

import json
from collections.abc import Iterator

from tests.benchmarks.cells import LOAD
from tests.benchmarks.kernel import Bench
from tests.benchmarks.table import Row

_REACH = 0.1  # milliseconds
_MAKE = """
import random, statistics, time
from IPython.display import Image, display
plot = Image(bytes([137, 80, 78, 71, 13, 10, 26, 10]) + random.Random(1).randbytes(640_000))
def _seconds():
    began = time.perf_counter()
    display(plot)
    return time.perf_counter() - began
"""
_FILL = "for _ in range(80): display(plot)"
_DISPLAY = "_told = statistics.median(_seconds() for _ in range(20))\nprint(_told)"


def overhead(at: Bench, runs: int) -> Iterator[Row]:
    """Row 14: the difference of the best turns."""
    ours, theirs = [], []
    with at.kernel(LOAD, _MAKE, _FILL) as loaded, at.kernel(_MAKE, _FILL) as plain:
        for _ in range(2 * runs):
            theirs.append(json.loads(plain.run(_DISPLAY).printed))
            ours.append(json.loads(loaded.run(_DISPLAY).printed))
    more = (min(ours) - min(theirs)) * 1000
    measured = f"{more:+.3f} ms (on {min(theirs) * 1000:.2f} ms)"
    yield Row(14, "a plot of 640 kB displayed, on top", f"+ {_REACH} ms", measured, more <= _REACH)
