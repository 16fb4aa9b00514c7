"""A Python value -> the words that tell Claude what it is."""

import sys
import traceback

from claude_magic.encode.table import is_frame, table


def words_of(value: object) -> str:
    """Return a data frame as a compact table, an exception as its traceback, all else as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, BaseException):
        return _traceback(value)
    if is_frame(value, sys.modules):
        return table(value)
    return str(value)


def _traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without the frames of the notebook's machinery."""
    told = traceback.TracebackException.from_exception(error)
    own = [frame for frame in told.stack if not _is_machinery(frame.filename)]
    told.stack = traceback.StackSummary.from_list(own)
    return "".join(told.format()).rstrip()


def _is_machinery(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    return "site-packages" in parts and bool({"IPython", "ipykernel"} & set(parts))
