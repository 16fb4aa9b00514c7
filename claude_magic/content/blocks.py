"""Content blocks: what messages are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_magic.content.wire import Json, read, write

Rest = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """Words, with the citations that support them."""

    text: str
    citations: tuple[Json, ...] = field(default=(), kw_only=True)
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Image:
    """A picture; `source` is the API's `{type: base64 | url | file, …}`."""

    source: Json
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Thinking:
    """The model's thinking; without its signature the API does not take it back."""

    thinking: str
    signature: str
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class RedactedThinking:
    """Thinking the API sent encrypted."""

    data: str
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class ToolUse:
    """A call of one of our tools; `unfinished` holds an input that was cut before it was whole."""

    id: str
    name: str
    input: Json
    unfinished: str = field(default="", kw_only=True)
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class ToolResult:
    """What a call of one of our tools came to; `content` is words and pictures."""

    tool_use_id: str
    content: tuple["Block", ...] = ()
    is_error: bool = field(default=False, kw_only=True)
    rest: Rest = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Opaque:
    """A block of a kind we do not act on: shown by name, sent back as it came."""

    json: Json


Block = Text | Image | Thinking | RedactedThinking | ToolUse | ToolResult | Opaque

_KINDS: Mapping[str, type[Text | Image | Thinking | RedactedThinking | ToolUse | ToolResult]] = {
    "text": Text,
    "image": Image,
    "thinking": Thinking,
    "redacted_thinking": RedactedThinking,
    "tool_use": ToolUse,
    "tool_result": ToolResult,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def read_block(json: Json) -> Block:
    """Return the block of its JSON object; one we cannot read is kept as it is.

    >>> read_block({"type": "text", "text": "Hi", "citations": None})
    Text(text='Hi', citations=(), rest={})
    >>> read_block({"type": "hologram", "data": "…"})
    Opaque(json={'type': 'hologram', 'data': '…'})
    """
    kind = _KINDS.get(str(json.get("type")))
    if kind is None or not _fits(json):
        return Opaque(json)
    try:
        return read(kind, _with_blocks(json) if kind is ToolResult else json)
    except TypeError:  # a required field is missing
        return Opaque(json)


def _fits(json: Json) -> bool:
    strings = ("text", "thinking", "signature", "data", "id", "name", "tool_use_id")
    objects = ("input", "source")
    return (
        all(isinstance(json[name], str) for name in strings if name in json)
        and all(isinstance(json[name], dict) for name in objects if name in json)
        and isinstance(json.get("citations") or [], list | tuple)
    )


def _with_blocks(json: Json) -> Json:
    """A tool result with its content read: words, or a list of blocks."""
    match json.get("content"):
        case str(words):
            content: tuple[Block, ...] = (Text(words),) if words else ()
        case list(blocks) if all(isinstance(block, dict) for block in blocks):
            content = tuple(map(read_block, blocks))
        case None:
            content = ()
        case _:
            raise TypeError("this is no content of a tool result")
    return {**json, "content": content}


def is_known(kind: object) -> bool:
    """Whether `kind` names a block we act on: one of them in an `Opaque` is malformed."""
    return kind in _KINDS


def write_block(block: Block) -> Json:
    """Return the JSON object of `block`.

    >>> write_block(Text("Hi"))
    {'type': 'text', 'text': 'Hi'}
    """
    if isinstance(block, Opaque):
        return block.json
    if isinstance(block, ToolResult):
        return _write_result(block)
    return {"type": _NAMES[type(block)], **write(block)}


def _write_result(result: ToolResult) -> Json:
    """Words alone go as a string; what is no error does not say so."""
    json = {"type": "tool_result", **write(result)}
    blocks = [write_block(block) for block in result.content]
    match blocks:
        case []:
            del json["content"]
        case [{"type": "text", "text": str(words), **more}] if not more:
            json["content"] = words
        case _:
            json["content"] = blocks
    return json
