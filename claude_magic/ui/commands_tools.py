"""The words after `%claude tools`: which functions are offered in every cell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_magic.errors import BadInput
from claude_magic.teaching.policy import policy_of
from claude_magic.tools.tool import Tool
from claude_magic.ui import reports
from claude_magic.ui.command_of import Command
from claude_magic.ui.equipping import described

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_NONE = (
    "No function is offered in every cell. Mark one with @claude_tool, or `%claude tools add NAME`."
)


def _tools(desk: "Desk", rest: str) -> str:
    word, *names = rest.replace(",", " ").split() or ["list"]
    if word == "list" and not names:
        return _listed(desk)
    if word == "add" and names:
        lesson = policy_of(desk.settings)
        if not lesson.tools:
            raise lesson.forbids("does without tools", "Try it yourself.")
        added = desk.offering.add(names)
        return f"Offered in every cell from now on: {', '.join(tool.name for tool in added)}."
    if word == "remove" and names:
        desk.offering.remove(names)
        return f"No longer offered: {', '.join(names)}."
    raise BadInput(
        f"%claude tools cannot take {rest!r}.",
        hint="Write `%claude tools add NAME`, `remove NAME` or `list`.",
    )


def _listed(desk: "Desk") -> str:
    tools = [described(function) for function in desk.offering.everywhere()]
    return reports.aligned({_call(tool): _first_line(tool) for tool in tools}) or _NONE


def _call(tool: Tool) -> str:
    return f"{tool.name}({', '.join(tool.arguments.schema['properties'])})"


def _first_line(tool: Tool) -> str:
    at_once = "may run beside others; " if tool.marks.parallel else ""
    return at_once + (tool.description.splitlines() or ["no docstring"])[0]


COMMANDS: Mapping[str, Command] = {
    "tools": Command(
        _tools, "which functions Claude may call in every cell", "[add NAME|remove NAME|list]"
    ),
}
