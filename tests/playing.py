"""A server that plays a model which calls tools."""

import json
from collections.abc import Mapping
from typing import Any

from loopback import START, Reply, block, ending, sse


def call(name: str, given: Mapping[str, Any] | str, number: int = 1) -> list[dict[str, Any]]:
    """Return the events of one call; its input may be given as broken JSON."""
    text = given if isinstance(given, str) else json.dumps(given)
    middle = len(text) // 2
    kind = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}
    pieces = ["", text[:middle], text[middle:]]
    deltas = ({"type": "input_json_delta", "partial_json": piece} for piece in pieces)
    return block(number, kind, *deltas)


def calls(*made: tuple[str, Any], first: int = 1, stop_reason: str = "tool_use") -> Reply:
    """Return an answer that calls tools, each given as (name, input)."""
    events = [e for n, (name, given) in enumerate(made, first) for e in call(name, given, n)]
    return Reply([sse(START, *events, *ending(stop_reason))])


def results(body: Any) -> list[dict[str, Any]]:
    """Return the results of tools in the last message of a request."""
    content = body["messages"][-1]["content"]
    return [one for one in content if one["type"] == "tool_result"]
