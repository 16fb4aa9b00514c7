"""What can go wrong, sorted by what the person can do next.

Told                      a message, a hint, and two lines instead of a traceback
├── ClaudeMagicError
│   ├── BadInput          mend the cell; nothing was sent
│   │   └── NotInLesson      do without; the lesson's policy says so
│   ├── BudgetSpent       raise the budget, or ask for less; nothing was sent
│   ├── NoKey             give a key, or choose another way on; nothing was sent
│   ├── NotRecorded       record the question, or let another model answer; nothing was sent
│   ├── Unreachable       check the network and the base URL; no answer began
│   ├── NotUnderstood     the server does not speak the Messages API; check the base URL
│   ├── ApiError          the server said no: `status`, `kind`, `code`, `request_id`
│   │   ├── RequestRefused   mend the request
│   │   ├── NotAllowed       mend the key or what it may do
│   │   ├── NoCredit         raise the limit or add credit
│   │   └── TryLater         wait, then run the cell again
│   ├── Unexpected        look at the words; perhaps a fault of this package
│   └── BrokenOff         the answer stopped half-way; what came is kept
└── Interrupted           (a KeyboardInterrupt) the person stopped it; what came is kept
"""

import re
from collections.abc import Callable

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_control(text: str) -> str:
    """Return words from outside without what moves a terminal's cursor or renames its window.

    >>> without_control("a\\x1b[2Jb\\n")
    'a[2Jb\\n'
    """
    return _CONTROL.sub("", text)


class Told(BaseException):
    """An expected event, told in a sentence with what to do next.

    IPython shows what `_render_traceback_` returns in place of a traceback, so that a missing key
    takes two lines and the cell still fails (Run All stops).
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        lines = [f"{type(self).__name__}: {self}", *([f"  {self.hint}"] if self.hint else [])]
        return [without_control(line) for line in lines]


class ClaudeMagicError(Told, Exception):
    """The base of all errors this package raises on purpose."""


class BadInput(ClaudeMagicError):
    """The cell asks for something that cannot be sent; nothing was sent."""


class NotInLesson(BadInput):
    """The lesson's policy forbids it; nothing was sent."""


class BudgetSpent(ClaudeMagicError):
    """The question would cost more than the budget has left; nothing was sent."""


class NoKey(ClaudeMagicError):
    """There is no key for a server that needs one; nothing was sent."""


class NotRecorded(ClaudeMagicError):
    """The recording that answers has no such question; nothing was sent."""


class Unreachable(ClaudeMagicError):
    """The server could not be reached, or hung up before it answered."""


class NotUnderstood(ClaudeMagicError):
    """Something answered, but not in the words of the Messages API."""


class ApiError(ClaudeMagicError):
    """The server answered with an error.

    `status` is the HTTP status (None for an error inside a stream), `kind` the API's `error.type`,
    `code` its `error.details.error_code` (both "" when absent), `request_id` what to quote to the
    server's support.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        kind: str = "",
        code: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.kind = kind
        self.code = code
        self.request_id = request_id


class RequestRefused(ApiError):
    """The request itself is at fault: sending it again unchanged gives the same answer."""


class NotAllowed(ApiError):
    """The key is unknown, or may not do this."""


class NoCredit(ApiError):
    """An account's credit or spend limit is used up."""


class TryLater(ApiError):
    """The server is busy or unwell; the same request may succeed later."""


class Unexpected(ClaudeMagicError):
    """Something nobody thought of; the original error is its `__cause__`."""


class BrokenOff(ClaudeMagicError):
    """The answer stopped half-way; what came is kept."""


class Interrupted(Told, KeyboardInterrupt):
    """The person stopped the answer; what came is kept. `early`: before anything was asked."""

    def __init__(self, *, early: bool = False) -> None:
        super().__init__(
            "stopped before it was done." if early else "the answer was stopped.",
            hint="Run the cell again.",
        )


def cause(error: Exception, hide: Callable[[str], str]) -> Exception | None:
    """Return `error` as the cause of one of ours, or None where its words hold a secret.

    A program's traceback shows the causes of an error, too.
    """
    return error if hide(str(error)) == str(error) else None
