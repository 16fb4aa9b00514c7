"""A request body -> the same with breakpoints for the prompt cache.

The automatic breakpoint moves with the conversation. A long system prompt and the last long
documents get one of their own, so that they stay cached when what follows changes. A request takes
four; what is shorter than the model's minimum is not cached, silently (Messages API, caching).
"""

import json
import re
from typing import Any

from claude_magic.api.models import Model
from claude_magic.content.wire import Json

_EPHEMERAL = {"type": "ephemeral"}
_ONE_TOO_MANY = re.compile(
    r"(unknown|unrecogni[sz]ed|unexpected|unsupported|additional|extra)\W+"
    r"(\w+\W+){0,3}(field|param|propert|argument|input|key)",
    re.IGNORECASE,
)
_OWN_DOCUMENTS = 2
_CHARACTERS_PER_TOKEN = 4  # a rough rule: a breakpoint too many costs nothing


def with_breakpoints(body: dict[str, Any], model: Model) -> dict[str, Any]:
    """Return `body` with its breakpoints set."""
    long = model.cacheable * _CHARACTERS_PER_TOKEN
    marked = {**body, "cache_control": _EPHEMERAL}
    if len(body.get("system", "")) >= long:
        marked["system"] = [{"type": "text", "text": body["system"], "cache_control": _EPHEMERAL}]
    earlier = body["messages"][:-1]  # the last message has the automatic one
    documents = [id(b) for m in earlier for b in m["content"] if _is_long_document(b, long)]
    own = set(documents[-_OWN_DOCUMENTS:])
    marked["messages"] = [_marked(message, own) for message in body["messages"]]
    return marked


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


def _is_long_document(block: Any, long: int) -> bool:
    is_document = isinstance(block, dict) and block.get("type") == "document"
    return is_document and len(json.dumps(block)) >= long


def _marked(message: dict[str, Any], own: set[int]) -> dict[str, Any]:
    if isinstance(message["content"], str):
        return message
    content = [
        {**block, "cache_control": _EPHEMERAL} if id(block) in own else block
        for block in message["content"]
    ]
    return {**message, "content": content}
