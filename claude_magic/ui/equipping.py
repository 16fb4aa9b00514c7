"""The functions that go along with a question -> its toolbox."""

from collections.abc import Sequence
from typing import Any

from claude_magic.errors import BadInput
from claude_magic.tools.marks import marks_of
from claude_magic.tools.tool import Tool, checked, tool_of
from claude_magic.tools.toolbox import MOST_CALLS, Bench, Toolbox
from claude_magic.ui.offering import Offered
from claude_magic.ui.python import python_tool


def equipped(shell: Any, functions: Sequence[object], offered: Offered, bench: Bench) -> Toolbox:
    """Return the toolbox of a question: `functions`, and Python if the cell offers it.

    Raises
    ------
    BadInput: one of them cannot be described, or two have one name.
    """
    tools = [described(function) for function in functions]
    if offered.python:
        tools.append(python_tool(shell, bench.awaited, asks_first=offered.ask is not False))
    most = MOST_CALLS if offered.most is None else offered.most
    return Toolbox(checked(tools), bench, most=most, ask=bool(offered.ask))


def described(function: object) -> Tool:
    """Return a function as a tool; where a marked one is none, say how the cells go on without.

    Raises
    ------
    BadInput: it cannot be described.
    """
    try:
        return tool_of(function)
    except BadInput as error:
        if marks_of(function) is not None:
            name = getattr(function, "__name__", "NAME")
            error.hint += f" Or ask without it: `%claude tools remove {name}`."
        raise
