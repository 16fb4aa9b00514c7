"""Question + offered tools -> the calls a model would make."""

import re
from collections import Counter

from claude_magic.content.wire import Json
from claude_magic.practice.fill import tool_input
from claude_magic.practice.reading import (
    of_kind,
    offered,
    question,
    results,
    since_question,
    text_of,
    tool_names,
    words,
)
from claude_magic.practice.wording import SMALL_WORDS, is_subject, stem

NAMED = 3
"""What a word of the tool's name counts, against 1 for a word of its description."""
AT_MOST = 3


def calls(body: Json) -> list[tuple[str, Json]]:
    """The tools to call, as (name, input); none once results have come, unless it is forced.

    A call that failed, and whose error says to try again, is made once more. Only tools that bring
    their own schema are called: the rest run on a server, or run commands.
    """
    choice = body.get("tool_choice") or {"type": "auto"}
    ranked = _ranked(body)
    match choice["type"]:
        case "none":
            called = []
        case "tool":
            called = [tool for _, tool in ranked if tool["name"] == choice["name"]]
        case "any":
            called = _several(ranked) or [tool for _, tool in ranked[:1]]
        case _:
            called = _again(body) if results(body) else _several(ranked)
    most = 1 if choice.get("disable_parallel_tool_use") else AT_MOST
    told = "\n".join([*(text_of(one.get("content")) for one in _to_mend(body)), question(body)])
    return [(tool["name"], tool_input(tool["input_schema"], told)) for tool in called[:most]]


def _again(body: Json) -> list[Json]:
    """The tools whose only call since the question was asked is to be mended."""
    names = tool_names(body)
    failed = {names.get(one["tool_use_id"]) for one in _to_mend(body)}
    tried = Counter(use.block["name"] for use in of_kind(since_question(body), "tool_use"))
    return [tool for tool in offered(body) if tool["name"] in failed and tried[tool["name"]] == 1]


def _to_mend(body: Json) -> list[Json]:
    """The results that came last which say to try again."""
    failed = [one for one in results(body) if one.get("is_error")]
    return [one for one in failed if re.search(r"\btry again\b", text_of(one.get("content")), re.I)]


def _ranked(body: Json) -> list[tuple[int, Json]]:
    asked = question(body)
    scored = [(_fit(tool, asked), tool) for tool in offered(body)]
    return sorted(scored, key=lambda one: -one[0])


def _several(ranked: list[tuple[int, Json]]) -> list[Json]:
    """The best fitting tool if any fits, and every other whose name the question speaks of."""
    return [tool for place, (fit, tool) in enumerate(ranked) if fit >= (1 if place == 0 else NAMED)]


def _fit(tool: Json, asked: str) -> int:
    """How well a tool fits the question's words."""
    said = {stem(word) for word in re.findall(r"[^\W_]+", asked)}
    if tool["name"] in words(asked):
        return 100
    parts = re.findall(r"[A-Z]?[a-z]+|\d+|[A-Z]+", tool["name"])
    name = {stem(part) for part in parts if part.lower() not in SMALL_WORDS}
    told = {stem(word) for word in words(tool.get("description") or "") if is_subject(word)}
    return NAMED * len(name & said) + len((told - name) & said)
