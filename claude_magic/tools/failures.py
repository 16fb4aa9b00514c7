"""What went wrong in a function -> what Claude is told: the lines of the person's code, bounded."""

import sysconfig
import traceback
from pathlib import Path

_MOST = 4_000  # characters
_LONGEST_MESSAGE = 1_000
_MOST_FRAMES = 8
_OURS = str(Path(__file__).parent.parent)
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")})


class TimedOut(BaseException):
    """A function took too long; it must not be caught as an error of its own."""


def told_failure(error: BaseException) -> str:
    """Return an error with the lines of the person's code that led to it."""
    told = traceback.TracebackException.from_exception(error, limit=-100, compact=True)
    _keep_own(told)
    text = "".join(told.format()).rstrip()
    if len(text) > _MOST:
        text = f"{text[: _MOST // 2]}\n[…]\n{text[-_MOST // 2 :]}"
    return text


def _keep_own(told: traceback.TracebackException, depth: int = 0) -> None:
    """Leave out the frames of libraries and of this package, in what caused it too."""
    own = [_named(frame) for frame in told.stack if _is_own(frame.filename)]
    told.stack = traceback.StackSummary.from_list(own[-_MOST_FRAMES:])
    _shorten(told)
    inner = [told.__cause__, told.__context__, *(told.exceptions or ())]
    for one in inner:
        if one is not None and depth < 5:
            _keep_own(one, depth + 1)


def _shorten(told: traceback.TracebackException) -> None:
    words: str = getattr(told, "_str", "")
    if len(words) > _LONGEST_MESSAGE:
        told._str = f"{words[:_LONGEST_MESSAGE]}…"  # type: ignore[attr-defined]


def _is_own(filename: str) -> bool:
    path = filename.replace("\\", "/")
    library = "site-packages" in path.split("/") or filename.startswith(_LIBRARIES)
    return not library and not filename.startswith((_OURS, "<frozen"))


def _named(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    """A frame whose file, if it is a cell, is called so: its real name says nothing."""
    cell = "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input")
    name = "cell" if cell else Path(frame.filename).name
    return traceback.FrameSummary(name, frame.lineno, frame.name, line=frame.line)
