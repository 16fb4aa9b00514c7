"""One call of a tool -> what it came to. Whatever happens, Claude gets an answer to it."""

import asyncio
import difflib
import inspect
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from claude_magic.content.blocks import ToolUse
from claude_magic.tools.failures import TimedOut, told_failure
from claude_magic.tools.shown import Awaited
from claude_magic.tools.tool import Tool

_MOST_ITEMS = 1_000  # of what a function yields
_MOST_OF_SCHEMA = 2_000  # characters


@dataclass(frozen=True)
class Outcome:
    """What a call came to: its value, or why there is none; `note` is said before either."""

    value: object = None
    failure: str = ""
    note: str = ""


@dataclass(frozen=True)
class Call:
    """A call that can be made: its tool, and its arguments by place and by name."""

    tool: Tool
    places: Sequence[Any]
    named: Mapping[str, Any]
    note: str = ""

    def make(self, awaited: Awaited, seconds: float | None) -> Outcome:
        """Run the function and return what came of it; what it yields as a list.

        An awaitable is awaited.

        Raises
        ------
        KeyboardInterrupt: the person interrupted it.
        """
        try:
            value = self.tool.function(*self.places, **self.named)
            if inspect.isasyncgen(value):
                value = _first_items(value)
            if inspect.isawaitable(value):
                value = awaited(_within(value, seconds))
            elif inspect.isgenerator(value):
                value = list(islice(value, _MOST_ITEMS))
        except TimedOut:
            return Outcome(failure=too_late(seconds), note=self.note)
        except (Exception, SystemExit, GeneratorExit, asyncio.CancelledError) as error:
            return Outcome(failure=told_failure(error), note=self.note)
        return Outcome(value, note=self.note)


def prepared(use: ToolUse, tools: Mapping[str, Tool]) -> Call | Outcome:
    """Return the call that Claude asks for, or why it cannot be made."""
    tool = tools.get(use.name)
    if tool is None:
        return Outcome(failure=_unknown(use.name, tools))
    return with_input(tool, use.input)


def with_input(tool: Tool, given: Mapping[str, Any]) -> Call | Outcome:
    """Return the call of `tool` with these arguments, or what is wrong with them."""
    try:
        places, named = tool.arguments.bound(given)
    except ValueError as error:
        return Outcome(failure=f"Not run: {error} {_expected(tool)}")
    except Exception as error:  # the person's own __post_init__ or validator
        return Outcome(failure=f"Not run: {told_failure(error)}\n{_expected(tool)}")
    return Call(tool, places, named)


def changed(call: Call | Outcome, given: Mapping[str, Any]) -> Call | Outcome:
    """Return a call whose arguments the person changed, with a word about it."""
    told = json.dumps(given, ensure_ascii=False, default=str)
    return replace(call, note=f"The person changed the arguments to {told}.")


def too_late(seconds: float | None) -> str:
    """Return what is told of a call that took too long."""
    return (
        f"Stopped: it took longer than the {seconds:g} seconds it has." if seconds else "Stopped."
    )


async def _first_items(generator: AsyncGenerator[Any, Any]) -> list[Any]:
    """What an asynchronous generator yields, at most so many."""
    found: list[Any] = []
    async for item in generator:
        found.append(item)
        if len(found) == _MOST_ITEMS:
            break
    await generator.aclose()
    return found


async def _within(awaitable: Any, seconds: float | None) -> Any:
    """The result of an awaitable, if it comes in time."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await awaitable
    except TimeoutError:
        if limit.expired():
            raise TimedOut from None
        raise


def _unknown(name: str, tools: Mapping[str, Tool]) -> str:
    near = difflib.get_close_matches(name, tools, n=1)
    likely = f" Did you mean {near[0]}?" if near else ""
    return f"Not run: there is no tool called {name!r}.{likely} The tools are {', '.join(tools)}."


def _expected(tool: Tool) -> str:
    """What the arguments are, so that the next call can be right."""
    told = json.dumps(tool.arguments.schema, ensure_ascii=False)
    return f"The arguments of {tool.name} are: {told[:_MOST_OF_SCHEMA]}"
