"""Row 8: what an answer with maths costs the browser, against its blocks displayed by hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from claude_magic.render.markdown import to_html, wrap
from tests.benchmarks import answers, cells
from tests.benchmarks.answers import Answer
from tests.benchmarks.kernel import Bench
from tests.benchmarks.lab import PATIENCE, Lab, lab, lacking
from tests.benchmarks.replies import paced
from tests.benchmarks.table import Pair, Row, times

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

_SECONDS = 5.0
_WHAT = "40 kB with maths and code in JupyterLab"
_BLOCKS = "blocks.json"
_BY_HAND = f"""import json, time
from IPython.display import HTML, display
blocks = json.load(open({_BLOCKS!r}))
began = time.perf_counter()
for due, block in blocks:
    time.sleep(max(0, began + due - time.perf_counter()))
    display(HTML(block))"""
# Watches the output of the last cell: gaps between frames, and heights as they are painted.
_WATCH = """() => {
  const area = [...document.querySelectorAll('.jp-CodeCell .jp-Cell-outputArea')].at(-1);
  const seen = window.seen = {gap: 0, long: 0, drop: 0, height: 0, changed: performance.now()};
  let last = performance.now();
  const frame = now => {
    seen.gap = Math.max(seen.gap, now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver(list => list.getEntries().forEach(task => {
    seen.long = Math.max(seen.long, task.duration);
  })).observe({type: 'longtask'});
  new ResizeObserver(([entry]) => {
    const height = entry.contentRect.height;
    seen.drop = Math.max(seen.drop, seen.height - height);
    seen.height = height;
    seen.changed = performance.now();
  }).observe(area);
}"""
_RUN = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
# All cells have run, and nothing has moved for two seconds: formulas are typeset late.
_SETTLED = """() => {
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
  return prompts.every(prompt => /\\d/.test(prompt.textContent))
    && performance.now() - window.seen.changed > 2000;
}"""


@dataclass(frozen=True)
class Seen:
    """One run: milliseconds of the longest gap and task, pixels of drop, seconds of work."""

    gap: float
    long: float
    drop: float
    busy: float


def maths_answer(at: Bench, runs: int) -> Iterator[Row]:
    """The longest frame, the deepest drop in height, and the main thread's work."""
    if missing := lacking():
        yield Row(8, _WHAT, "", f"skipped: {missing}")
        return
    answer = answers.with_maths()
    ours, theirs = list[Seen](), list[Seen]()
    with lab(at.server.url, at.home) as jupyter:
        (jupyter.folder / _BLOCKS).write_text(json.dumps(_blocks(answer)), encoding="utf-8")
        for turn in range(max(1, runs // 2)):
            at.server.will(paced(answer, _SECONDS))
            ours.append(_seen(jupyter, f"ours-{turn}", (cells.LOAD, cells.ASK)))
            theirs.append(_seen(jupyter, f"theirs-{turn}", ("pass", _BY_HAND)))
    yield from _rows(ours, theirs)


def _rows(ours: list[Seen], theirs: list[Seen]) -> Iterator[Row]:
    gap = median(seen.gap for seen in ours)
    note = _beside("ms", [seen.gap for seen in ours], [seen.gap for seen in theirs])
    yield Row(8, f"{_WHAT}: longest frame", "≤ 300 ms", note, gap <= 300)
    drop = median(seen.drop for seen in ours)
    note = _beside("px", [seen.drop for seen in ours], [seen.drop for seen in theirs])
    yield Row(8, f"{_WHAT}: height drop", "none", note, drop < 1)
    pairs = [Pair(o.busy, t.busy) for o, t in zip(ours, theirs, strict=True)]
    yield times(8, f"{_WHAT}: main thread, against finished blocks by hand", pairs, 1)


def _beside(unit: str, ours: list[float], theirs: list[float]) -> str:
    best = f"best {min(ours):.0f}, by hand {median(theirs):.0f}, best {min(theirs):.0f}"
    return f"{median(ours):.0f} {unit} ({best}; {len(ours)} runs)"


def _seen(jupyter: Lab, name: str, notebook: tuple[str, ...]) -> Seen:
    """Run a notebook in a fresh page, until all is typeset."""
    with jupyter.notebook(name, notebook) as page:
        page.wait_for_timeout(2000)  # the page's own start
        session = page.context.new_cdp_session(page)
        # Work alone: time for which a busy machine kept the thread waiting is not counted.
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(_WATCH)
        before = _busy(session)
        page.evaluate(_RUN)
        page.wait_for_function(_SETTLED, polling=500, timeout=PATIENCE)
        busy = _busy(session) - before
        seen: dict[str, Any] = page.evaluate("window.seen")
        return Seen(seen["gap"], seen["long"], seen["drop"], busy)


def _busy(session: "CDPSession") -> float:
    """Seconds the page's main thread has worked since measuring was enabled."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def _blocks(answer: Answer) -> list[tuple[float, str]]:
    """Each finished block as HTML, and when its last delta comes."""
    whole, so_far, blocks = len(answer.text), 0, []
    for block in answer.blocks:
        so_far += len(block) + 2
        blocks.append((_SECONDS * so_far / whole, wrap(to_html(block))))
    return blocks
