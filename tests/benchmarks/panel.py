"""Row 15: what an answer of 40 kB in 2,000 deltas costs the page while one types in the panel."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.benchmarks import answers, cells
from tests.benchmarks.answers import Answer
from tests.benchmarks.kernel import Bench
from tests.benchmarks.lab import PATIENCE, Lab, lab, lacking
from tests.benchmarks.replies import paced
from tests.benchmarks.table import Row

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SECONDS = 5.0
_WORDS = "Typed while the answer comes, one key after another, as a person does. " * 2
_PAUSE = 60  # milliseconds between keys
# Long tasks of the page, and how long each key takes from being pressed to being painted.
_WATCH = """() => {
  window.seen = {tasks: [], keys: []};
  const watch = (type, into, options) => new PerformanceObserver(list =>
    list.getEntries().forEach(entry => into(entry))).observe({type, ...options});
  watch('longtask', task => window.seen.tasks.push(task.duration));
  watch('event', event => event.name === 'keydown' && window.seen.keys.push(event.duration),
    {durationThreshold: 16});
}"""
_FORGET = """() => { const before = {...window.seen};
  window.seen.tasks = []; window.seen.keys = []; return before; }"""
_ENDED = "document.querySelectorAll('.cp-under').length > 0"
# What the notebook keeps of the conversation has come too.
_KEPT = "document.querySelector('.claude-transcript')?.textContent.length > 10_000"
_TYPESET = """() => [...document.querySelectorAll('.cp-part .mathjax_process')]
  .every(formula => formula.querySelector('mjx-container'))"""


@dataclass
class Seen:
    """One run: bytes over the widget channel, milliseconds of long tasks and of slow keys."""

    travelled: int = 0
    tasks: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    idle: "Seen | None" = None  # while nothing was asked: what a busy machine does by itself

    @property
    def longest_task(self) -> float:
        """0 where none took 50 ms."""
        return max(self.tasks, default=0)

    @property
    def slowest_key(self) -> float:
        """At most 16 ms where no key took longer than that."""
        return max(self.keys, default=16)


def growing_answer(at: Bench, runs: int) -> Iterator[Row]:
    """Bytes over the channel, the longest task, and the slowest key."""
    if missing := lacking():
        yield Row(15, "the chat panel in JupyterLab", "", f"skipped: {missing}")
        return
    kinds: dict[str, Callable[[], Answer]] = {
        "": answers.ordinary,
        " with formulas": answers.with_maths,
    }
    with lab(at.server.url, at.home) as jupyter:
        for words, make in kinds.items():
            answer = make()
            seen = [
                _seen(jupyter, at, f"panel{words[:3].strip()}{n}", answer)
                for n in range(max(1, runs // 2))
            ]
            yield from _rows(f"40 kB{words} in the panel", answer, seen)


def _rows(what: str, answer: Answer, seen: list[Seen]) -> Iterator[Row]:
    ratio = median(one.travelled for one in seen) / answer.size
    yield Row(15, f"{what}: bytes over the widget channel", "≤ 2 ×", f"{ratio:.2f} ×", ratio <= 2)
    idle = [one.idle or Seen() for one in seen]
    for name, most, times, before in (
        ("longest task", 100, [s.longest_task for s in seen], [s.longest_task for s in idle]),
        ("slowest key", 50, [s.slowest_key for s in seen], [s.slowest_key for s in idle]),
    ):
        beside = f"nothing asked: {median(before):.0f}; {len(times)} runs"
        told = f"{median(times):.0f} ms (best {min(times):.0f}; {beside})"
        yield Row(15, f"{what}: {name}", f"≤ {most} ms", told, median(times) <= most)


def _seen(jupyter: Lab, at: Bench, name: str, answer: Answer) -> Seen:
    """Ask in a fresh page, and type until the answer has come."""
    at.server.will(paced(answer, _SECONDS))
    seen = Seen()
    with jupyter.notebook(name, (cells.LOAD, "%claude chat")) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameReceived", lambda event: _count(event, seen))
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        box = page.locator(".cp-box")
        box.wait_for(timeout=PATIENCE)
        page.locator(".cp-foot > *").first.wait_for(timeout=PATIENCE)
        page.wait_for_timeout(2000)  # the page's own start
        box.fill("Tell me all.")
        _measure(page, seen)
    return seen


def _measure(page: "Page", seen: Seen) -> None:
    page.evaluate(_WATCH)
    page.locator(".cp-box").press("End")
    page.keyboard.type(_WORDS, delay=_PAUSE)
    idle: dict[str, Any] = page.evaluate(_FORGET)
    seen.idle = Seen(tasks=idle["tasks"], keys=idle["keys"])
    page.locator(".cp-box").fill("Tell me all.")
    seen.travelled = 0
    page.locator(".cp-box").press("Enter")
    page.locator(".cp-open > *").first.wait_for(timeout=PATIENCE)
    page.keyboard.type(_WORDS, delay=_PAUSE)
    page.wait_for_function(_ENDED, timeout=PATIENCE)
    page.wait_for_function(_TYPESET, timeout=PATIENCE)
    page.wait_for_function(_KEPT, timeout=PATIENCE)
    found: dict[str, Any] = page.evaluate("window.seen")
    seen.tasks, seen.keys = found["tasks"], found["keys"]


def _count(event: dict[str, Any], seen: Seen) -> None:
    frame = event["response"]
    binary, data = frame["opcode"] == 2, frame["payloadData"]
    raw = b64decode(data) if binary else data.encode()
    if b'"msg_type": "comm_msg"' in raw.split(b"}{", 1)[0]:  # not its parent's
        seen.travelled += len(raw)
