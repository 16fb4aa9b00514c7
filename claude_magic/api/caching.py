"""A request body -> the same with breakpoints for the prompt cache.

The automatic breakpoint moves with the conversation. A long system prompt and the last long
documents get one of their own, so that they stay cached when what follows changes; so does the
question before, where the answer to it has more blocks than the cache looks back. A request takes
four; what is shorter than the model's minimum is not cached, silently (Messages API, caching).
"""

import json
import re
from typing import Any

from claude_magic.api.models import Model
from claude_magic.content.wire import Json

Messages = list[dict[str, Any]]
Place = tuple[int, int]  # a message, and a block in it

_EPHEMERAL = {"type": "ephemeral"}
_ONE_TOO_MANY = re.compile(
    r"(unknown|unrecogni[sz]ed|unexpected|unsupported|additional|extra)\W+"
    r"(\w+\W+){0,3}(field|param|propert|argument|input|key)",
    re.IGNORECASE,
)
_OWN_DOCUMENTS = 2
_LOOK_BACK = 20  # blocks
_CHARACTERS_PER_TOKEN = 4  # a rough rule: a breakpoint too many costs nothing


def with_breakpoints(body: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return `body` with its breakpoints set."""
    long = model.cacheable * _CHARACTERS_PER_TOKEN
    marked = {**body, "cache_control": _EPHEMERAL}
    if len(body.get("system", "")) >= long:
        marked["system"] = [{"type": "text", "text": body["system"], "cache_control": _EPHEMERAL}]
    messages = body["messages"]
    before = _out_of_sight(messages)
    documents = _long_documents(messages[:-1], long)  # the last has the automatic breakpoint
    own = {*before, *documents[-(_OWN_DOCUMENTS - len(before)) :]}
    for at in {place[0] for place in own}:
        messages = [*messages[:at], _marked(messages[at], at, own), *messages[at + 1 :]]
    return {**marked, "messages": messages}


def without_breakpoints(body: Any) -> Any:
    """Return `body` as it was before: for servers that do not know the prompt cache.

    >>> without_breakpoints({"cache_control": {}, "messages": [{"content": "Hi"}]})
    {'messages': [{'content': 'Hi'}]}
    """
    if isinstance(body, dict):
        rest = {name: item for name, item in body.items() if name != "cache_control"}
        return {name: without_breakpoints(item) for name, item in rest.items()}
    return [without_breakpoints(item) for item in body] if isinstance(body, list) else body


def is_about_caching(refusal: str, body: Json) -> bool:
    """Whether a server that says this does not know the prompt cache.

    Some name the field; others only say that there is one too many.

    >>> is_about_caching("json: unknown field", {"cache_control": {}, "stream": True})
    True
    >>> is_about_caching("unknown field: stream", {"cache_control": {}, "stream": True})
    False
    """
    if "cache_control" not in body or "cache_control" in refusal:
        return "cache_control" in body
    others = (name for name in body if name != "cache_control")
    return _ONE_TOO_MANY.search(refusal) is not None and not any(n in refusal for n in others)


def _out_of_sight(messages: Messages) -> list[Place]:
    """Where the cache ended for the question before, if that is too far back to be found."""
    questions = [at for at, message in enumerate(messages) if message["role"] == "user"]
    if len(questions) < 2:
        return []
    before = questions[-2]
    since = sum(len(_blocks(message)) for message in messages[before + 1 :])
    return [(before, len(_blocks(messages[before])) - 1)] if since >= _LOOK_BACK else []


def _long_documents(messages: Messages, long: int) -> list[Place]:
    return [
        (at, number)
        for at, message in enumerate(messages)
        if not isinstance(message["content"], str)
        for number, block in enumerate(message["content"])
        if block.get("type") == "document" and len(json.dumps(block)) >= long
    ]


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _marked(message: dict[str, Any], at: int, own: set[Place]) -> dict[str, Any]:
    content = [
        {**block, "cache_control": _EPHEMERAL} if (at, number) in own else block
        for number, block in enumerate(_blocks(message))
    ]
    return {**message, "content": content}
