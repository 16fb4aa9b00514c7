"""A message while it grows: filled on one thread, looked at from others."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from claude_magic.content.fold import Event, Fold
from claude_magic.content.message import Message, joined, seconds_recorded
from claude_magic.content.turn import Ending


@dataclass(frozen=True)
class Retrying:
    """The server could not answer yet: why, and when (`time.monotonic()`) it is asked again."""

    reason: str
    until: float


@dataclass(frozen=True)
class Look:
    """What there is at one moment. `number` grows with each change; `ending` is None until the end.

    `seconds` is the time since the question was asked; `held` why it was not sent yet; `error` what
    broke the answer off.
    """

    number: int
    message: Message
    seconds: float
    retrying: Retrying | None = None
    ending: Ending | None = None
    error: BaseException | None = None
    request_id: str = ""
    notice: str = ""
    held: str = ""


class Growing:
    """An answer on its way.

    1. The thread that reads the stream calls `feed` for what comes, `retry` while it waits, and
       `go_on` when the answer pauses and the next response continues it.
    2. Whoever shows it calls `wait` for a change, then `look`.
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
        self._earlier: list[Message] = []
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
        self._served: Message | None = None

    def serve(self, message: Message) -> None:
        """End with an answer that was given before: it takes no time, or what was recorded."""
        self._served = message
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
    def paused(self) -> bool:
        """Whether the model wants to be asked to go on (`pause_turn`)."""
        return self._fold.finished and self._fold.message().stop_reason == "pause_turn"

    @property
    def begun(self) -> bool:
        """Whether anything of an answer has come."""
        return bool(self._earlier) or self._fold.begun

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
            return Look(
                number=self._number,
                message=self._served or joined([*self._earlier, self._fold.message()]),
                seconds=self._seconds_so_far(),
                retrying=self._retrying,
                ending=self._ending,
                error=self._error,
                request_id=self._request_id,
                notice=self._notice,
                held=self._held,
            )

    def _seconds_so_far(self) -> float:
        if self._served:
            return seconds_recorded(self._served)
        return self._recorded() or self._seconds or time.monotonic() - self._asked

    def _recorded(self) -> float:
        """The seconds that a replayed answer took when it was recorded: the same each time."""
        if self._ending is None:
            return 0.0
        return sum(map(seconds_recorded, [*self._earlier, self._fold.message()]))

    def wait(self, number: int, timeout: float) -> bool:
        """Wait until something is newer than look `number`, at most `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._number != number, timeout)

    def wait_for_end(self, timeout: float) -> bool:
        """Wait until the answer has ended, at most `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ending is not None, timeout)

    def _tell(self) -> None:
        self._number += 1
        self._changed.notify_all()
