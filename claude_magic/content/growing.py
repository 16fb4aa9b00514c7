"""A message while it grows: filled on one thread, looked at from others."""

import threading
import time
from collections.abc import Callable, Iterable

from claude_magic.content.blocks import Text, ToolResult, ToolUse
from claude_magic.content.fold import Event, Fold
from claude_magic.content.look import Doing, Look, Retrying
from claude_magic.content.message import Message, is_replayed, joined, seconds_recorded
from claude_magic.content.turn import Ending

_CALLS = ("tool_use", "end_turn")  # some local servers end their turn with a call
_STOPPED = "Not finished: the person stopped it."
_NOT_RUN = "Not run: the answer was stopped before."


class Growing:
    """An answer on its way.

    1. The thread that reads the stream calls `feed` for what comes, `retry` while it waits, and
       `go_on` when the answer pauses and the next response continues it. Where tools are called,
       it asks for the `calls` to be made with `want`, and begins the next answer with `after`.
    2. Whoever shows it calls `wait` for a change, `work` to do what is wanted, then `look`. So
       tools run on the thread that waits; `answered` takes in what each call came to.
    3. `end` is called once, by whoever sees the end first: the reading thread, or `stop` (the
       person). Later calls change nothing, so nothing is added to an answer that has ended.
    """

    def __init__(
        self,
        hide: Callable[[str], str] = str,
        hang_up: Callable[[], None] = lambda: None,
        on_end: Callable[[Look], None] = lambda look: None,
        prefill: str = "",
    ) -> None:
        self._hide = hide
        self._fold = Fold(hide, prefill)
        self._before: list[Message] = []  # answers that called tools, each with its results
        self._earlier: list[Message] = []  # parts of the answer that is being continued
        self._results: list[ToolResult] = []
        self._took: dict[str, float] = {}
        self._wanted: Callable[[], None] | None = None
        self._doing: Doing | None = None
        self._hang_up = hang_up
        self._on_end = on_end
        self._changed = threading.Condition()
        self._asked = time.monotonic()
        self._number = 0
        self._retrying: Retrying | None = None
        self._ending: Ending | None = None
        self._error: BaseException | None = None
        self._request_id = ""
        self._notice = ""
        self._held = ""
        self._seconds = 0.0
        self._served: tuple[Message, ...] = ()

    def serve(self, messages: Iterable[Message]) -> None:
        """End with an answer that was given before: it takes no time, or what was recorded."""
        self._served = tuple(messages)
        self.end(Ending.COMPLETE)

    def begin(self, request_id: str) -> None:
        """The server accepted the request."""
        with self._changed:
            self._request_id, self._retrying = request_id, None

    def hold(self, reason: str) -> None:
        """The question is not sent yet, for this reason; or ("") it is being sent."""
        with self._changed:
            if reason != self._held:
                self._held = reason
                self._tell()

    def retry(self, retrying: Retrying | None) -> None:
        """The request will be sent again later, or (None) is being sent."""
        with self._changed:
            if retrying != self._retrying:
                self._retrying = retrying
                self._tell()

    def feed(self, events: Iterable[Event], notice: str = "") -> None:
        """Take in what the stream brought; `notice` is anything odd about how it came."""
        with self._changed:
            if self._ending is None:
                self._notice = notice or self._notice
                for event in events:
                    self._fold.add(event)
                self._tell()

    def go_on(self) -> Message:
        """Begin the response that continues the answer; return all of the answer so far."""
        with self._changed:
            self._earlier.append(self._fold.message())
            self._fold = Fold(self._hide)
            return joined(self._earlier)

    @property
    def calls(self) -> tuple[ToolUse, ...]:
        """The calls of tools that wait for their result, once the answer that makes them is whole.

        A call that was cut by the limit of tokens is none.
        """
        with self._changed:
            if not self._fold.finished or self._fold.message().stop_reason not in _CALLS:
                return ()
            done = {result.tool_use_id for result in self._results}
            said = joined([*self._earlier, self._fold.message()]).content
            calls = (block for block in said if isinstance(block, ToolUse))
            return tuple(call for call in calls if call.id not in done and not call.unfinished)

    def want(self, work: Callable[[], None]) -> bool:
        """Have `work` done by whoever waits for the answer; False if it ended meanwhile."""
        with self._changed:
            self._wanted = work
            self._tell()
            self._changed.wait_for(lambda: self._wanted is None or self.ended)
            return not self.ended

    @property
    def is_wanted(self) -> bool:
        """Whether something is to be done by whoever waits."""
        return self._wanted not in (None, _being_done)

    def work(self) -> bool:
        """Do what is wanted, on this thread; False if nothing is.

        Raises
        ------
        KeyboardInterrupt: the person interrupted it, and so the answer; what came is kept.
        """
        with self._changed:
            work, self._wanted = self._wanted, None
            if work is None or self.ended:
                return False
            self._wanted = _being_done
        try:
            work()
        except KeyboardInterrupt:
            self.stop()
            raise
        except Exception as error:  # a fault of ours: whoever waits is told when the answer ends
            self.end(Ending.CUT, error)
        finally:
            with self._changed:
                self._wanted = None
                self._doing = None
                self._tell()
        return True

    def do(self, what: str) -> None:
        """Tell what is being done now, as in “Running f”; "" ends it."""
        with self._changed:
            self._doing = Doing(what, time.monotonic()) if what else None
            self._tell()

    def answered(self, result: ToolResult, seconds: float) -> None:
        """Take in what a call came to, and how long it took; a replay is the same each time."""
        with self._changed:
            if not self.ended:
                self._results.append(result)
                replayed = is_replayed(self._fold.message())
                took = 0.0 if replayed else max(0.001, round(seconds, 3))
                self._took[result.tool_use_id] = took
                self._tell()

    def after(self) -> tuple[Message, Message]:
        """Begin the answer to the results; return the one that called for them, and the results."""
        with self._changed:
            said = joined([*self._earlier, self._fold.message()])
            results = self._message_of_results()
            self._before += [said, results]
            self._earlier, self._results, self._took = [], [], {}
            self._fold = Fold(self._hide)
            return said, results

    def _message_of_results(self) -> Message:
        return Message("user", tuple(self._results), rest={"took": dict(self._took)})

    def _close_calls(self) -> None:
        """Give each call that was made a result: the conversation goes on from here."""
        for number, call in enumerate(self.calls if self._results or self._wanted else ()):
            words = _STOPPED if number == 0 and self._doing else _NOT_RUN
            self._results.append(ToolResult(call.id, (Text(words),), is_error=True))

    @property
    def paused(self) -> bool:
        """Whether the model wants to be asked to go on (`pause_turn`)."""
        return self._fold.finished and self._fold.message().stop_reason == "pause_turn"

    @property
    def begun(self) -> bool:
        """Whether anything of an answer has come."""
        return bool(self._earlier or self._before) or self._fold.begun

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ending is not None

    @property
    def complete(self) -> bool:
        """Whether the answer came to its own end."""
        return self._ending is Ending.COMPLETE

    @property
    def finished(self) -> bool:
        """Whether the model said it was done (`message_stop`)."""
        return self._fold.finished

    @property
    def broken(self) -> Event | None:
        """The error event the stream brought, if one came."""
        return self._fold.error

    def end(self, ending: Ending, error: BaseException | None = None) -> bool:
        """Close the answer, keep what came, wake whoever waits; False if it had ended before."""
        with self._changed:
            if self._ending is not None:
                return False
            self._close_calls()
            if ending is not Ending.COMPLETE:
                self._fold.break_off()
            self._ending, self._error, self._retrying = ending, error, None
            self._seconds = time.monotonic() - self._asked
            self._on_end(self.look())
            self._tell()
            return True

    def stop(self) -> None:
        """End the answer as the person wishes, and hang up."""
        if self.end(Ending.INTERRUPTED):
            self._hang_up()

    def look(self) -> Look:
        """Return what there is now."""
        with self._changed:
            messages = self._messages()
            return Look(
                number=self._number,
                message=joined(messages),
                seconds=self._seconds_so_far(),
                retrying=self._retrying,
                ending=self._ending,
                error=self._error,
                request_id=self._request_id,
                notice=self._notice,
                held=self._held,
                doing=self._doing,
                messages=messages,
            )

    def _seconds_so_far(self) -> float:
        if self._served:
            return sum(map(seconds_recorded, self._served))
        return self._recorded() or self._seconds or time.monotonic() - self._asked

    def _messages(self) -> tuple[Message, ...]:
        """All that came: the answer that grows last, with the results it has so far."""
        if self._served:
            return self._served
        now = joined([*self._earlier, self._fold.message()])
        if self._before and not now.content and not self._fold.begun:
            return tuple(self._before)
        results = [self._message_of_results()] if self._results else []
        return (*self._before, now, *results)

    def _recorded(self) -> float:
        """The seconds that a replayed answer took when it was recorded: the same each time."""
        if self._ending is None:
            return 0.0
        said = [*self._before, *self._earlier, self._fold.message()]
        return sum(map(seconds_recorded, said))

    def wait(self, number: int, timeout: float) -> bool:
        """Wait until something is newer than look `number`, at most `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._number != number, timeout)

    def wait_for_end(self, timeout: float) -> bool:
        """Wait until the answer has ended, at most `timeout` seconds; less if it wants work."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or self.is_wanted, timeout)
            return self.ended

    def _tell(self) -> None:
        self._number += 1
        self._changed.notify_all()


def _being_done() -> None:
    """Stand for work that somebody does already."""
