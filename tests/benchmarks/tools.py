"""Row 31: what a call of a tool costs beyond the function and the server."""

from collections.abc import Iterator

from tests.benchmarks import cells
from tests.benchmarks.kernel import Bench
from tests.benchmarks.table import Pair, Row, later
from tests.loopback import START, Reply, answer, block, ending, sse

_CALLS = 20
_DEFINE = "def add(a: int, b: int = 2) -> int:\n    'Add.'\n    return a + b"
_ASK = "%%claude --once --tools add\nAdd."
# The same requests, one after the other, by hand; their bodies are as small as can be.
_BY_HAND = (
    f"for _ in range({_CALLS + 1}):\n    " + cells.POST.replace("\n", "\n    ") + "\n    add(1)"
)


def overhead(at: Bench, runs: int) -> Iterator[Row]:
    """A loop of 20 calls in a cell, against 21 requests and the function by hand."""
    replies = [_call(number) for number in range(_CALLS)]
    pairs: list[Pair] = []
    with (
        at.kernel(cells.LOAD, _DEFINE, cells.ASK_ONCE) as ours,
        at.kernel(cells.IMPORT, cells.connect(at.server.url), _DEFINE) as theirs,
    ):
        for _ in range(runs + 1):
            seconds = []
            for kernel, cell in ((ours, _ASK), (theirs, _BY_HAND)):
                at.server.will(*replies, answer("Done."))
                seconds.append(kernel.run(cell).seconds / _CALLS)
            pairs.append(Pair(*seconds))
    yield later(31, "a call of a tool, against the requests and the function", pairs[1:], 0.005)


def _call(number: int) -> Reply:
    """An answer that calls the function."""
    use = {"type": "tool_use", "id": f"toolu_{number}", "name": "add", "input": {}}
    given = {"type": "input_json_delta", "partial_json": f'{{"a": {number}}}'}
    return Reply([sse(START, *block(0, use, given), *ending("tool_use"))])
