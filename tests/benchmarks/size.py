"""Rows 5 and 6: the bytes a kernel publishes for an answer, against the answer's own.

Live outputs are told as well: JupyterLab shows 50 of a cell and hides what comes after them.
"""

import json
from collections import Counter
from collections.abc import Iterator

from tests.benchmarks import answers, cells
from tests.benchmarks.answers import Answer
from tests.benchmarks.kernel import Bench, Kernel, Output
from tests.benchmarks.replies import at_once, paced
from tests.benchmarks.table import Row
from tests.loopback import Reply

_SECONDS = 5.0
_COUNTED = ("text/html", "text/markdown")


def ordinary_answer(at: Bench, runs: int) -> Iterator[Row]:
    """Row 5: a mix of paragraphs, lists, tables and code, at once and paced."""
    answer = answers.ordinary()
    what = "bytes published for an ordinary answer of 40 kB"
    with at.kernel(cells.LOAD) as kernel:
        once = _published(at, kernel, at_once(answer))
        yield _row(5, f"{what}, at once", answer, once, 5)
        slow = _published(at, kernel, paced(answer, _SECONDS))
        yield _row(5, f"{what}, over 5 s", answer, slow, 10)


def one_paragraph(at: Bench, runs: int) -> Iterator[Row]:
    """Row 6: 12 kB without a break, paced."""
    answer = answers.one_paragraph()
    with at.kernel(cells.LOAD) as kernel:
        slow = _published(at, kernel, paced(answer, _SECONDS))
    yield _row(6, "bytes published for one paragraph of 12 kB, over 5 s", answer, slow, 15)


def _published(at: Bench, kernel: Kernel, reply: Reply) -> Counter[str]:
    """Bytes of each MIME type as they stand in the messages' JSON; messages; outputs."""
    at.server.will(reply)
    total = Counter[str]()
    for output in kernel.run(cells.ASK_ONCE).outputs:
        total += _sizes(output)
    return total


def _sizes(output: Output) -> Counter[str]:
    if output.kind not in ("display_data", "update_display_data"):
        return Counter()
    data = output.content["data"]
    sizes = {kind: len(json.dumps(data[kind], ensure_ascii=False).encode()) for kind in data}
    return Counter({**sizes, "messages": 1, "outputs": output.kind == "display_data"})


def _row(number: int, what: str, answer: Answer, total: Counter[str], most: float) -> Row:
    own = answer.size
    ratio = sum(total[kind] for kind in _COUNTED) / own
    parts = ", ".join(
        f"{name} {total[kind] / own:.1f}"
        for name, kind in (
            ("HTML", "text/html"),
            ("Markdown", "text/markdown"),
            ("not counted: plain", "text/plain"),
        )
    )
    live = total["outputs"] - 1  # all but the one that stays
    measured = f"{ratio:.1f} × ({parts}; {total['messages']} messages, {live} live outputs)"
    return Row(number, what, f"≤ {most:g} ×", measured, ratio <= most)
