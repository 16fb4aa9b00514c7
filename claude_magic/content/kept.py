"""Blocks that hold bytes <-> blocks that name them by their hash, for bytes that lie elsewhere.

Pictures and documents are many times as large as all the words of a conversation. Named by their
hash, the same bytes lie in one place once, and are fetched only when they are sent or shown.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

from claude_magic.content.blocks import Block, Image, Opaque, Text, ToolResult, write_block
from claude_magic.content.message import Message
from claude_magic.content.turn import Turn
from claude_magic.content.wire import Json

Put = Callable[[str, bytes], object]  # takes bytes and their hash
Size = Callable[[Image], tuple[int, int]]  # the width and height of a picture, in pixels
Get = Callable[[str], bytes | None]  # returns the bytes of a hash, where they are still kept

_KEPT = "kept"  # the type of a source whose bytes lie elsewhere
_SIZE = ("bytes", "width", "height")  # what is told of them
_GONE = "[What was attached here is no longer kept.]"


def without_bytes(message: Message, put: Put, size: Size) -> Message:
    """Return `message` with its bytes given to `put`; the same object where it holds none.

    What is left tells how many bytes there are, and of a picture its `size`: by these its tokens
    are counted.
    """
    return _each(message, partial(_lean, put, size))


def with_bytes(turn: Turn, get: Get) -> Turn:
    """Return `turn` with its bytes; words stand for those that are not kept any more."""
    messages = tuple(_each(message, partial(_whole, get)) for message in turn.messages)
    same = all(one is other for one, other in zip(messages, turn.messages, strict=True))
    return turn if same else replace(turn, messages=messages)


def hashes_in(message: Message) -> frozenset[str]:
    """Return the hashes of the bytes that `message` names."""
    found: set[str] = set()

    def note(name: str) -> bytes:
        found.add(name)
        return b""

    _each(message, partial(_whole, note))
    return frozenset(found)


def is_kept(source: Json) -> bool:
    """Whether the bytes of a picture's source lie elsewhere."""
    return source.get("type") == _KEPT


def _each(message: Message, change: Callable[[Block], Block]) -> Message:
    if all(isinstance(block, Text) for block in message.content):
        return message
    content = tuple(map(change, message.content))
    same = all(one is other for one, other in zip(content, message.content, strict=True))
    return message if same else replace(message, content=content)


def _lean(put: Put, size: Size, block: Block) -> Block:
    match block:
        case Image(source=source):
            lean = _taken(source, put)
            if lean is source:
                return block
            width, height = size(block)
            return replace(block, source={**lean, "width": width, "height": height})
        case ToolResult(content=content):
            return _with_content(block, tuple(_lean(put, size, one) for one in content))
        case Opaque(json=json):
            lean = _taken(json, put)
            return block if lean is json else Opaque(lean)
    return block


def _with_content(result: ToolResult, content: tuple[Block, ...]) -> ToolResult:
    """The result with other content; the same object where that is the same."""
    same = all(one is other for one, other in zip(content, result.content, strict=True))
    return result if same else replace(result, content=content)


def _taken(value: Any, put: Put) -> Any:
    """The same JSON, its keys in their order, with a hash in the place of bytes in base64."""
    match value:
        case {"type": "base64", "data": str(coded)}:
            data = _decoded(coded)
            if data is None:
                return value
            name = sha256(data).hexdigest()
            put(name, data)
            named = {"type": _KEPT, "data": name}
            lean = {("hash" if k == "data" else k): named.get(k, v) for k, v in value.items()}
            return {**lean, "bytes": len(data)}
        case dict():
            return _same(value, {k: _taken(v, put) for k, v in value.items()})
        case list():
            found = [_taken(item, put) for item in value]
            return value if all(a is b for a, b in zip(found, value, strict=True)) else found
    return value


def _decoded(coded: str) -> bytes | None:
    """The bytes of base64 that can be written again just as it was; else None."""
    try:
        data = b64decode(coded)
    except ValueError:
        return None
    return data if b64encode(data).decode() == coded else None


def _whole(get: Get, block: Block) -> Block:
    match block:
        case Image(source=source):
            whole = _given(source, get)
            if whole is None:
                return Text(_GONE)
            return block if whole is source else replace(block, source=whole)
        case ToolResult(content=content):
            return _with_content(block, tuple(_whole(get, one) for one in content))
        case Opaque(json=json):
            whole = _given(json, get)
            if whole is None:
                return Text(_GONE)
            return block if whole is json else Opaque(whole)
    return block


def _given(value: Any, get: Get) -> Any:
    """The same JSON with bytes in base64 in the place of their hash; None where they are gone."""
    match value:
        case {"type": "kept", "hash": str(name)}:
            data = get(name)
            if data is None:
                return None
            coded = {"type": "base64", "hash": b64encode(data).decode()}
            return {
                ("data" if k == "hash" else k): coded.get(k, v)
                for k, v in value.items()
                if k not in _SIZE
            }
        case dict():
            inner = {k: _given(v, get) for k, v in value.items()}
            gone = any(inner[k] is None and v is not None for k, v in value.items())
            return None if gone else _same(value, inner)
        case list():
            found = [_given(item, get) for item in value]
            if any(a is None and b is not None for a, b in zip(found, value, strict=True)):
                return None
            return value if all(a is b for a, b in zip(found, value, strict=True)) else found
    return value


def _same(before: Json, after: Json) -> Json:
    return before if all(after[name] is value for name, value in before.items()) else after


def essence(block: Block) -> Json:
    """Return the JSON of a block that is the same whether its bytes are in it or elsewhere."""
    json = write_block(block)
    return json if isinstance(block, Text) else dict(_taken(json, lambda name, data: None))
