"""Whatever goes wrong under a magic -> a line or two, without a secret in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from claude_magic.errors import Interrupted, Told, Unexpected, cause

_LONGEST = 600  # characters of an error's words


@contextmanager
def telling() -> Iterator[None]:
    """Let expected errors pass with secrets hidden, and turn all others into one that is told.

    A traceback of ours would show the values of our variables where IPython is set to, and one of
    them holds the key. The original error stays at hand as `__cause__`, unless it tells one.
    """
    try:
        yield
    except Told as error:
        error.args = (_safe(str(error)),)
        error.hint = _safe(error.hint)
        raise
    except KeyboardInterrupt:
        raise Interrupted(early=True) from None  # an answer has told it itself
    except Exception as error:
        raise Unexpected(
            _safe(f"{type(error).__name__}: {error}"),
            hint=f"It arose in {_place(error)}. If no setting or value caused it, this is a "
            "fault of claude_magic.",
        ) from cause(error, _hidden)


def _hidden(text: str) -> str:
    from claude_magic.server import hide, secrets_in

    return hide(text, secrets_in(os.environ))


def _safe(text: str) -> str:
    hidden = _hidden(text)
    return hidden if len(hidden) <= _LONGEST else f"{hidden[:_LONGEST]} …"


def _place(error: Exception) -> str:
    """The file and line where an error arose, without the way there."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}, line {trace.tb_lineno}"
