"""How fast: run `python -m tests.benchmarks` in the repository; it prints one table.

Rows 1 to 8 compare the package with raw httpx, or with `display` by hand, in real kernels on this
machine: both take turns, and medians are told, so that a busy machine slows both. Row 9 is a bill,
the same on every machine. `--only 4 7` runs some rows, `--runs N` takes N turns each. Nothing is
written but the table.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import (
    bill,
    browser,
    classroom,
    displays,
    kept,
    panel,
    pictures,
    size,
    speed,
    tools,
)
from tests.benchmarks.kernel import Bench, bench
from tests.benchmarks.table import HEAD, Row, line

Measure = Callable[[Bench, int], Iterator[Row]]

# Row 9 is of the prompt cache, 10 to 12 and 14 are of pictures, row 13 of a class, 15 of the panel,
# 21 to 23 of what is kept, 31 of tools.
ROWS: tuple[tuple[frozenset[int], Measure], ...] = (
    (frozenset({1, 2}), speed.first_cell),
    (frozenset({3}), speed.warm_cell),
    (frozenset({4}), speed.long_answer),
    (frozenset({5}), size.ordinary_answer),
    (frozenset({6}), size.one_paragraph),
    (frozenset({7}), speed.first_text),
    (frozenset({8}), browser.maths_answer),
    (frozenset({9}), bill.conversation),
    (frozenset({10, 11}), pictures.encoding),
    (frozenset({12}), pictures.ten_turns),
    (frozenset({13}), classroom.a_class),
    (frozenset({14}), displays.overhead),
    (frozenset({15}), panel.growing_answer),
    (frozenset({21}), kept.appending),
    (frozenset({22}), kept.restoring),
    (frozenset({23}), kept.holding),
    (frozenset({31}), tools.overhead),
)


def main() -> int:
    """Print the table; the status is 1 where something is over its reach."""
    options = _options()
    wanted = frozenset(options.only)
    met = True
    print(*HEAD, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as home, bench(Path(home)) as at:
        for numbers, measure in ROWS:
            for row in measure(at, options.runs) if numbers & wanted else ():
                if row.number in wanted:
                    print(line(row), flush=True)
                    met = met and row.met is not False
    return 0 if met else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    numbers = sorted(n for found, _ in ROWS for n in found)
    parser.add_argument(
        "--only", nargs="+", type=int, choices=numbers, default=numbers, metavar="N"
    )
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="turns each (7)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
