"""Conversation -> the signature of a thinking block, and whether one still belongs where it stands.

The API's signatures are opaque; ours hold two digests, of the conversation and of the thinking, so
that the practice model can refuse what the API refuses (extended thinking documentation).
"""

import base64
import binascii
import hashlib
import json
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.practice.catalogue import known
from claude_magic.practice.reading import blocks, text_of

MARK = b"practice"
SIZE = 16


def sign(body: Json, thinking: str) -> str:
    """The base64 signature of thinking shown as `thinking` in the answer to `body`."""
    conversation = _digest(_before(body, len(body["messages"])))
    return base64.b64encode(MARK + conversation + _digest(thinking)).decode()


def same_thinking(block: Json) -> bool:
    """Whether a thinking block's text is as signed; True for signatures that are not ours."""
    ours = _ours(block)
    return ours is None or ours[SIZE:] == _digest(block["thinking"])


def same_conversation(body: Json, number: int, block: Json) -> bool:
    """Whether the block, in message `number`, follows the conversation it was signed for."""
    ours = _ours(block)
    return ours is None or ours[:SIZE] == _digest(_before(body, number))


def _ours(block: Json) -> bytes | None:
    """The two digests of a signature made here."""
    try:
        raw = base64.b64decode(block["signature"], validate=True)
    except (binascii.Error, ValueError):
        return None
    ours = raw.startswith(MARK) and len(raw) == len(MARK) + 2 * SIZE
    return raw[len(MARK) :] if ours else None


def _before(body: Json, number: int) -> list[Any]:
    """What a thinking block is bound to: model, system, tools, and all that was said before.

    How blocks are spread over messages of one role, cache marks and earlier thinking don't count.
    """
    model = known(body["model"])
    said = [
        (message["role"], _bare(block))
        for message in body["messages"][:number]
        for block in blocks(message["content"])
        if block["type"] not in ("thinking", "redacted_thinking")
    ]
    tools = [_bare(tool) for tool in body.get("tools") or ()]
    return [model.id if model else body["model"], text_of(body.get("system")), tools, said]


def _bare(block: Json) -> Json:
    """A block or tool as far as it says something."""
    silent = ("cache_control", "citations")
    said = {key: value for key, value in block.items() if key not in silent and value is not None}
    return {key: _unfilled(value) for key, value in said.items()}


def _unfilled(value: Any) -> Any:
    """A value with its files as the question names them, whether or not they were filled in."""
    if isinstance(value, list):
        return [_unfilled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return value.get("file_id") or {key: _unfilled(item) for key, item in value.items()}


def _digest(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()[:SIZE]
