"""What there is of a growing message at one moment."""

from typing import NamedTuple

from claude_magic.content.message import Message
from claude_magic.content.turn import Ending


class Retrying(NamedTuple):
    """The server could not answer yet: why, and when (`time.monotonic()`) it is asked again."""

    reason: str
    until: float


class Doing(NamedTuple):
    """What the answer waits for on this side, as in “Running f”, and since when (monotonic)."""

    what: str
    since: float


class Look(NamedTuple):
    """What there is at one moment. `number` grows with each change; `ending` is None until the end.

    `message` is all that came, also where tools were called: calls, results and answers in one;
    `messages` are these one by one. `seconds` is the time since the question was asked; `held` why
    it was not sent yet; `doing` the call of a tool that is being made; `error` what broke it off.
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
    doing: Doing | None = None
    messages: tuple[Message, ...] = ()

    @property
    def answer(self) -> Message:
        """What Claude said last: where it called tools, what it said after the last of them."""
        said = (message for message in reversed(self.messages) if message.role == "assistant")
        return next(said, self.message)
