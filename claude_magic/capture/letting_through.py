"""Cells that IPython would not let through: a question mark at the end, `%%claude` on one line.

`%claude What is this?` reaches `%claude`: IPython would look the last word up instead. And a cell
of one line, as `%%claude --fix`, is one: IPython asks for a second line.
"""

import re
from typing import Any

# `%claude?` and `%claude ?` ask IPython for help, as for any magic.
_ASKS = re.compile(r"%claude[ \t]+\S.*[^\s?].*\?\s*$")


def add(shell: Any) -> None:
    """Let questions through in `shell`."""
    shell.input_transformers_cleanup.extend([through, on_one_line])


def remove(shell: Any) -> None:
    """Undo `add`."""
    for ours in (through, on_one_line):
        if ours in shell.input_transformers_cleanup:
            shell.input_transformers_cleanup.remove(ours)


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


def on_one_line(lines: list[str]) -> list[str]:
    r"""Return a cell of one line under `%%claude` with a second, empty one.

    >>> on_one_line(["%%claude --fix\n"])
    ['%%claude --fix\n', '\n']
    """
    is_alone = len(lines) == 1 and re.match(r"%%claude([ \t]|\s*$)", lines[0])
    return [lines[0].rstrip("\n") + "\n", "\n"] if is_alone else lines


# What is typed is no whole cell by this: a terminal must still wait for more lines.
on_one_line.has_side_effects = True  # type: ignore[attr-defined]
