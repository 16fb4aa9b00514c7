"""A question that is not recorded -> the nearest one that is, and what differs."""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from claude_magic.content.counting import counted
from claude_magic.content.wire import Json
from claude_magic.recording.file import Exchange

_LONGEST = 100  # characters of a value that are shown
_BEFORE = 12  # characters shown before the place where two texts part


def nearest(question: Json, exchanges: Sequence[Exchange]) -> Exchange | None:
    """Return the recorded exchange whose question is most like this one, if there is any."""
    same_kind = [one for one in exchanges if one.question.get("path") == question.get("path")]
    return max(same_kind, key=lambda one: _closeness(question, one.question), default=None)


def differences(recorded: Json, asked: Json) -> list[str]:
    """Return, a line each, what differs between two questions: recorded first, then asked.

    >>> differences({"model": "a", "messages": []}, {"model": "b", "messages": []})
    ["model: 'a' is recorded, 'b' was asked"]
    """
    lines = [*_of_messages(recorded.get("messages", []), asked.get("messages", []))]
    names = [name for name in dict.fromkeys([*recorded, *asked]) if name != "messages"]
    for name in names:
        one, other = recorded.get(name), asked.get(name)
        if one != other and name != "max_tokens":
            lines.append(_line(name.replace("_", " "), one, other))
    limits = recorded.get("max_tokens"), asked.get("max_tokens")
    return lines or [_line("the limit of tokens", *limits)]


def first_words(question: Json) -> str:
    """Return how the last message of a question begins."""
    said = question.get("messages") or [{"content": question.get("path", "")}]
    return _shown(" ".join(_words(said[-1]["content"]).split()))


def _closeness(question: Json, recorded: Json) -> tuple[float, float, float]:
    mine, theirs = question.get("messages", []), recorded.get("messages", [])
    last = SequenceMatcher(None, _last(mine), _last(theirs), autojunk=False)
    before = sum(one == other for one, other in zip(mine, theirs, strict=False))
    head = sum(question.get(n) == recorded.get(n) for n in {*question, *recorded} - {"messages"})
    return round(last.ratio(), 2), before - abs(len(mine) - len(theirs)), head


def _last(messages: list[Json]) -> str:
    return _words(messages[-1]["content"])[-2000:] if messages else ""


def _of_messages(recorded: list[Json], asked: list[Json]) -> Iterator[str]:
    if len(recorded) != len(asked):
        if recorded and asked and recorded[-1] != asked[-1]:
            yield from _of_message("question", recorded[-1], asked[-1])
        before = f"{_turns(recorded)} before it when recorded, {_turns(asked)} now"
        yield f"conversation: {before} (`%claude reset`, then run the cells from the top)"
        return
    for number, (one, other) in enumerate(zip(recorded, asked, strict=True)):
        if one != other:
            yield from _of_message(_place(number, len(asked), other), one, other)


def _of_message(place: str, one: Json, other: Json) -> Iterator[str]:
    mine, theirs = _blocks(one), _blocks(other)
    kinds = [b["type"] for b in mine], [b["type"] for b in theirs]
    if kinds[0] != kinds[1]:
        yield _line(f"{place}, its parts", kinds[0], kinds[1])
        return
    for first, second in zip(mine, theirs, strict=True):
        if first == second:
            continue
        if first["type"] == "image":
            yield f"{place}: another picture ({_size(first)} recorded, {_size(second)} asked)"
        else:
            yield _line(place, first.get("text", first), second.get("text", second))


def _place(number: int, count: int, message: Json) -> str:
    if number == count - 1:
        return "question"
    who = "answer" if message["role"] == "assistant" else "question"
    return f"{who} of turn {number // 2 + 1}, before it"


def _line(what: str, one: Any, other: Any) -> str:
    if isinstance(one, str) and isinstance(other, str):
        one, other = _from_where_they_part(one, other)
    return f"{what}: {_value(one)} is recorded, {_value(other)} was asked"


def _from_where_they_part(one: str, other: str) -> tuple[str, str]:
    """Leave out what both begin with, where they are long."""
    if max(len(one), len(other)) <= _LONGEST:
        return one, other
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, same - _BEFORE)
    mark = "…" if start else ""
    return mark + one[start:], mark + other[start:]


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return repr(_shown(value)) if isinstance(value, str) else _shown(json.dumps(value))


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _turns(messages: list[Json]) -> str:
    return counted(sum(message["role"] == "user" for message in messages) - 1, "turn")


def _size(picture: Json) -> str:
    return f"{picture.get('width', '?')} × {picture.get('height', '?')} pixels"


def _blocks(message: Json) -> list[Json]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = [block.get("text", "") for block in content if isinstance(block, dict)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)
