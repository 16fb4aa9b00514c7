"""A function -> a tool: what Claude is told of it, and how it is called."""

import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claude_magic.content.wire import Json
from claude_magic.errors import BadInput
from claude_magic.tools.marks import Marks, marks_of

if TYPE_CHECKING:  # what reads signatures is imported with the first tool, not the first question
    from claude_magic.tools.arguments import Arguments

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # (Messages API, tool use)
_MOST_STRICT = 20  # tools of one request (Messages API, structured outputs)
_UNMARKED = Marks()
_OF_THE_SERVER = ("web_search", "web_fetch", "code_execution")


@dataclass(frozen=True)
class Tool:
    """One function that Claude may call. `asks_first`: never without the person's word.

    `language` is that of its only argument, where that is code.
    """

    name: str
    description: str
    arguments: "Arguments"
    function: Callable[..., Any]
    marks: Marks = _UNMARKED
    asks_first: bool = False
    language: str = ""

    @property
    def is_async(self) -> bool:
        """Whether it is awaited."""
        called = self.function, type(self.function).__call__
        kinds = inspect.iscoroutinefunction, inspect.isasyncgenfunction
        return any(is_one(function) for function in called for is_one in kinds)

    def definition(self, *, strict: bool) -> Json:
        """Return what the request says of it; `strict`: the server holds Claude to the schema."""
        return {
            "name": self.name,
            **({"description": self.description} if self.description else {}),
            "input_schema": self.arguments.schema,
            **({"strict": True} if strict else {}),
        }


def tool_of(function: object, *, asks_first: bool = False, language: str = "") -> Tool:
    """Return the tool of a function; of a marked one, as `@claude_tool` says.

    >>> def power(base: float, exponent: int = 2) -> float:
    ...     "Raise a number to a power."
    >>> tool_of(power).definition(strict=True)["input_schema"]["required"]
    ['base']

    Raises
    ------
    BadInput: it is no function, or one of its arguments cannot be described.
    """
    from claude_magic.tools.arguments import arguments_of
    from claude_magic.tools.docstring import told_in

    if not callable(function) or isinstance(function, type):
        raise BadInput(
            f"{_a(function)} is no tool.", hint="Offer a function with type hints and a docstring."
        )
    marks = marks_of(function) or _UNMARKED
    name = marks.name or _name(function)
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} is no name for a tool.",
            hint="A name has at most 64 letters (a-z), digits, _ and -: give it one with "
            "`@claude_tool(name='…')`.",
        )
    description, told = told_in(_docstring(function))
    arguments = arguments_of(function, name, told)
    return Tool(name, description, arguments, function, marks, asks_first, language)


def checked(tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """Return the tools, or say which name two of them have.

    Raises
    ------
    BadInput: two have the same name, or one has that of a tool of the server.
    """
    found = tuple(tools)
    counted = Counter([*(tool.name for tool in found), *_OF_THE_SERVER])
    twice = [tool.name for tool in found if counted[tool.name] > 1]
    if twice:
        raise BadInput(
            f"two tools are called {twice[0]}.",
            hint="Rename one, or give it another name with `@claude_tool(name='…')`.",
        )
    return found


def definitions(tools: Sequence[Tool]) -> tuple[Json, ...]:
    """Return the `tools` of a request.

    Where strictness helps (there are arguments) a tool is strict, as long as the request stays
    within what the API compiles; the others are held to their schema here.
    """
    from claude_magic.encode.schema_rules import MOST_OPTIONAL, MOST_UNIONS, weight

    strict, optional, unions = 0, 0, 0
    told: list[Json] = []
    for tool in tools:
        try:
            own = weight(tool.arguments.schema)
        except BadInput:
            own = (MOST_OPTIONAL + 1, MOST_UNIONS + 1)
        fits = optional + own[0] <= MOST_OPTIONAL and unions + own[1] <= MOST_UNIONS
        fits = fits and strict < _MOST_STRICT and bool(tool.arguments.schema["properties"])
        if fits:
            strict, optional, unions = strict + 1, optional + own[0], unions + own[1]
        told.append(tool.definition(strict=fits))
    return tuple(told)


def _docstring(function: Any) -> str | None:
    """The docstring of the function itself; that of `partial` says nothing of it."""
    inner = inspect.unwrap(getattr(function, "func", function))
    if inspect.isroutine(inner):
        return inspect.getdoc(inner)
    return inspect.getdoc(type(inner).__call__) or inspect.getdoc(type(inner))


def _name(function: Any) -> str:
    inner = getattr(function, "func", function)
    return str(getattr(inner, "__name__", type(inner).__name__))


def _a(value: object) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
