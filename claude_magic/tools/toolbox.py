"""The tools that go along with a question: the calls of an answer are made, in order."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from claude_magic.content.blocks import Text, ToolResult, ToolUse
from claude_magic.content.growing import Growing
from claude_magic.content.wire import Json
from claude_magic.encode.pictures import Blocks, Pictures
from claude_magic.tools.awaiting import Loop
from claude_magic.tools.call import Call, Outcome, changed, prepared, too_late, with_input
from claude_magic.tools.consulting import Consult, nobody
from claude_magic.tools.failures import TimedOut
from claude_magic.tools.results import Results
from claude_magic.tools.shown import Aside, Awaited, Shown, aside
from claude_magic.tools.stopping import stoppable
from claude_magic.tools.tool import Tool, definitions

MOST_CALLS = 20
_LOOK_EVERY = 0.05  # seconds
_GRACE = 1.0  # seconds: a coroutine ends itself first when its time is over
_LIMIT = "Not run: this question's {} used up. Answer with what you know; say what is missing."


@dataclass(frozen=True)
class Bench:
    """Where tools run: how what they show is noted, how they are awaited, who is asked first.

    `timeout`: seconds that a tool has which names none; None: as long as it takes.
    """

    aside: Aside = aside
    awaited: Awaited = field(default_factory=Loop)
    consult: Consult = nobody
    timeout: float | None = None


class Toolbox:
    """The tools of one question. `most` is how many calls are made; `ask`: each only if allowed."""

    def __init__(
        self,
        tools: Sequence[Tool],
        bench: Bench | None = None,
        *,
        most: int = MOST_CALLS,
        ask: bool = False,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.definitions = definitions(tools)
        self._bench = bench or Bench()
        self._most = most
        self._ask = ask
        self._made = 0
        self._results = Results(Pictures())
        self.is_closed = False  # no more calls are made

    def open(self, pictures: Pictures, hide: Callable[[str], str]) -> None:
        """Make ready for a question; `hide` takes secrets out of what Claude is told."""
        self._results = Results(pictures, hide)
        self._made, self.is_closed = 0, False

    def limited(self, body: Json) -> Json:
        """Return the next request; when the limit is reached, Claude may not call any more."""
        if self._made < self._most:
            return body
        self.is_closed = True
        return {**body, "tool_choice": {"type": "none"}}

    def make_calls(self, growing: Growing) -> None:
        """Make the calls that an answer waits for, in order; those that may, at the same time.

        Raises
        ------
        KeyboardInterrupt: the person stopped it; what was done is in `growing`.
        """
        for together, group in groupby(growing.calls, self._may_be_parallel):
            uses = list(group)
            if together and len(uses) > 1:
                self._make_together(uses, growing)
                continue
            for use in uses:
                self._make(use, growing)

    def _make(self, use: ToolUse, growing: Growing) -> None:
        call = self._ready(use, growing)
        began, shown = time.perf_counter(), Shown()
        if isinstance(call, Call):
            growing.do(f"Running {use.name}")
            seconds = self._seconds(call.tool)
            with self._bench.aside() as shown:
                outcome = self._run(call, seconds)
        else:
            outcome = call
        self._answer(use, outcome, shown, time.perf_counter() - began, growing)

    def _run(self, call: Call, seconds: float | None) -> Outcome:
        """On this thread."""
        longest = seconds + _GRACE if seconds is not None and call.tool.is_async else seconds
        try:
            with stoppable(longest):
                return call.make(self._bench.awaited, seconds)
        except TimedOut:  # on the way out
            return Outcome(failure=too_late(seconds))

    def _make_together(self, uses: Sequence[ToolUse], growing: Growing) -> None:
        """Each on a thread of its own; what they show cannot be told apart: the first gets it."""
        calls = [self._ready(use, growing) for use in uses]
        growing.do("Running " + ", ".join(use.name for use in uses))
        with self._bench.aside() as shown:
            threads = [_Thread(call, self._bench.awaited) for call in calls]
            outcomes = [
                thread.outcome(self._seconds(call.tool) if isinstance(call, Call) else None)
                for thread, call in zip(threads, calls, strict=True)
            ]
        for use, outcome, thread in zip(uses, outcomes, threads, strict=True):
            self._answer(use, outcome, shown, thread.took, growing)
            shown = Shown()

    def _ready(self, use: ToolUse, growing: Growing) -> Call | Outcome:
        """The call, if it may be made; else why not."""
        if self._made >= self._most:
            calls = "only call is" if self._most == 1 else f"{self._most} calls are"
            return Outcome(failure=_LIMIT.format(calls))
        self._made += 1
        call = prepared(use, self._tools)
        if not isinstance(call, Call) or not self._asks(call.tool):
            return call
        growing.do(f"Asking you about {use.name}")
        verdict = self._bench.consult(call.tool, use.input)
        if not verdict.allowed:
            return Outcome(failure=verdict.reason)
        if verdict.input is None:
            return call
        return changed(with_input(call.tool, verdict.input), verdict.input)

    def _asks(self, tool: Tool) -> bool:
        return self._ask or tool.asks_first

    def _may_be_parallel(self, use: ToolUse) -> bool:
        tool = self._tools.get(use.name)
        parallel = tool is not None and tool.marks.parallel and not tool.is_async
        return parallel and not self._ask

    def _seconds(self, tool: Tool) -> float | None:
        return self._bench.timeout if tool.marks.timeout is None else tool.marks.timeout

    def _answer(
        self, use: ToolUse, outcome: Outcome, shown: Shown, seconds: float, growing: Growing
    ) -> None:
        made = self._results
        if outcome.failure:
            content = made.failed(outcome.failure, shown)
        else:
            content = made.of(outcome.value, shown)
        if outcome.note:
            content = _noted(made.hide(outcome.note), content)
        result = ToolResult(use.id, content, is_error=bool(outcome.failure))
        growing.answered(result, seconds)


def _noted(note: str, content: Blocks) -> Blocks:
    """The content with a word before it; words that follow words are one text."""
    match content:
        case (Text(text=text), *rest):
            return (Text(f"{note}\n\n{text}"), *rest)
    return (Text(note), *content)


class _Thread:
    """Makes one call on a thread of its own, which is left alone when it takes too long."""

    def __init__(self, call: Call | Outcome, awaited: Awaited) -> None:
        self.took = 0.0
        self._call = call
        self._awaited = awaited
        self._outcome: Outcome | None = call if isinstance(call, Outcome) else None
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._work, daemon=True)
        if self._outcome is None:
            self._thread.start()

    def outcome(self, seconds: float | None) -> Outcome:
        """Wait for what it comes to, at most `seconds` from its beginning."""
        while self._outcome is None:
            if seconds is not None and time.perf_counter() - self._began > seconds:
                self.took = time.perf_counter() - self._began
                return Outcome(failure=f"{too_late(seconds)} It may still be running.")
            self._thread.join(_LOOK_EVERY)  # short, so that an interrupt comes through
        return self._outcome

    def _work(self) -> None:
        if isinstance(self._call, Call):
            outcome = self._call.make(self._awaited, None)
            self.took = time.perf_counter() - self._began
            self._outcome = outcome
