"""`%claude What is this?` reaches `%claude`: IPython would look the last word up instead."""

import re
from typing import Any

# `%claude?` and `%claude ?` ask IPython for help, as for any magic.
_ASKS = re.compile(r"%claude[ \t]+\S.*[^\s?].*\?\s*$")


def add(shell: Any) -> None:
    """Let questions through in `shell`."""
    shell.input_transformers_cleanup.append(through)


def remove(shell: Any) -> None:
    """Undo `add`."""
    if through in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(through)


def through(lines: list[str]) -> list[str]:
    r"""Return a cell's lines with a question after `%claude` as what runs the magic.

    >>> through(["%claude What is this?\n"])
    ["get_ipython().run_line_magic('claude', 'What is this?')\n"]
    >>> through(["%claude?\n"]), through(["x = 1\n"])
    (['%claude?\n'], ['x = 1\n'])
    """
    if not lines or not _ASKS.match(lines[0]):
        return lines
    words = lines[0].removeprefix("%claude").strip()
    return [f"get_ipython().run_line_magic('claude', {words!r})\n", *lines[1:]]
