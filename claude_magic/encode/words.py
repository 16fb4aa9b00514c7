"""A Python value -> the words that tell Claude what it is."""

import re
import sys
import traceback

from claude_magic.encode.shown import told
from claude_magic.encode.table import is_frame, table

_NOTHING = re.compile(r"<[^<>]* object( at 0x[0-9a-fA-F]+)?>")


def words_of(value: object) -> str:
    """Return a data frame as a compact table, an exception as its traceback, all else as text.

    A formula is its LaTeX. What tells nothing as text (`<… object at 0x…>`) but shows Markdown or
    HTML in a notebook is that, tables as tables.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, BaseException):
        return _traceback(value)
    if is_frame(value, sys.modules):
        return table(value)
    if latex := told(value, "_repr_latex_"):
        return latex
    text = str(value)
    return _shown(value) or text if says_nothing(text) else text


def says_nothing(text: str) -> bool:
    """Whether a text only names an object.

    >>> says_nothing("<IPython.core.display.HTML object>"), says_nothing("<b>")
    (True, False)
    """
    return _NOTHING.fullmatch(text) is not None


def _shown(value: object) -> str:
    """What it shows in a notebook instead of such a text, or ""."""
    if markdown := told(value, "_repr_markdown_"):
        return markdown
    if html := told(value, "_repr_html_"):
        from claude_magic.encode.html_words import words_of_html

        return words_of_html(html)
    return ""


def _traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without the frames of the notebook's machinery."""
    told = traceback.TracebackException.from_exception(error)
    own = [frame for frame in told.stack if not _is_machinery(frame.filename)]
    told.stack = traceback.StackSummary.from_list(own)
    return "".join(told.format()).rstrip()


def _is_machinery(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    return "site-packages" in parts and bool({"IPython", "ipykernel"} & set(parts))
