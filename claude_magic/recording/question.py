"""A request -> what was asked: the part of it that decides the answer.

What is incidental is left out, so that a recording outlives versions and machines: how bytes are
packed, the prompt cache, ids, thinking that is sent back, addresses in memory, where libraries lie.
`asked` of what it returned gives the same again.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b, sha256
from typing import Any

from claude_magic.content.steady import steady
from claude_magic.content.wire import Json
from claude_magic.encode.likeness import likeness

MESSAGES = "/v1/messages"
_INCIDENTAL = ("stream", "cache_control", "metadata", "service_tier", "container", "diagnostics")
_THINKING = ("thinking", "redacted_thinking")
_OF_MODEL = ("model", "thinking")  # what changes with the model, not with what is asked
_TUTOR = re.compile(r'(<tutor level="(?!own)\w+" language="[\w-]+">).*?(</tutor>)', re.S)


class Pictures:
    """What pictures and files show; each is looked at once, however often it is sent."""

    def __init__(self) -> None:
        self._seen: dict[bytes, Json] = {}
        self._files: dict[str, Json] = {}

    def likeness(self, coded: str) -> Json:
        """Return the likeness of a picture in base64."""
        key = blake2b(coded.encode(), digest_size=16).digest()
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = likeness(_decoded(coded))
        return seen

    def uploaded(self, file_id: str, data: bytes) -> None:
        """Remember what an uploaded file holds: its id is another each time."""
        self._files[file_id] = likeness(data)

    def file(self, file_id: str) -> Json:
        """Return the likeness of an uploaded file; one we have not seen by a hash of its id."""
        return self._files.get(file_id) or {"file": sha256(file_id.encode()).hexdigest()}


def asked(path: str, body: Mapping[str, Any], pictures: Pictures) -> Json:
    """Return what the request asks; `path` is left out where it is that of messages."""
    question: Json = {} if path == MESSAGES else {"path": path}
    question |= {name: value for name, value in body.items() if name not in _INCIDENTAL}
    if "system" in body:
        question["system"] = _TUTOR.sub(r"\1…\2", _usual(_joined_words(body["system"])).strip())
    if "tools" in body:
        question["tools"] = [_tool(tool) for tool in body["tools"]]
    if "messages" in body:
        question["messages"] = messages(body["messages"], pictures)
    unmarked: Json = _without_marks(question)
    return unmarked


def messages(given: Iterable[Mapping[str, Any]], pictures: Pictures) -> list[Json]:
    """Return messages as they count: neighbours of one role are one, calls numbered in order."""
    merged: list[Json] = []
    for message in given:
        blocks = [_block(block, pictures) for block in _blocks(message["content"])]
        if message["role"] == "assistant":
            blocks = [block for block in blocks if block.get("type") not in _THINKING]
        if merged and merged[-1]["role"] == message["role"]:
            merged[-1]["content"] += blocks
        elif blocks:
            merged.append({"role": message["role"], "content": blocks})
    number = _numbering()
    return [
        {"role": one["role"], "content": _short(_numbered(_run_together(one["content"]), number))}
        for one in merged
    ]


def key(question: Json, *, any_model: bool = False, any_picture: bool = False) -> str:
    """Return what two questions have in common when they are the same.

    The longest answer allowed is not part of it: a model does not know that limit.
    """
    same = {name: value for name, value in question.items() if name != "max_tokens"}
    if any_model:
        same = {name: value for name, value in same.items() if name not in _OF_MODEL}
    if any_model or any_picture:
        same["messages"] = _unseen(same.get("messages", []))
    return sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()


def pictures_of(value: Any) -> list[Json]:
    """Return the likenesses of all pictures in a question, in order."""
    if isinstance(value, dict):
        found = [value] if value.get("type") == "image" else []
        return found + [one for item in value.values() for one in pictures_of(item)]
    return [one for item in value for one in pictures_of(item)] if isinstance(value, list) else []


def calls_in(messages: Iterable[Mapping[str, Any]]) -> int:
    """Return how many tool calls messages hold."""
    blocks = (block for message in messages for block in _blocks(message["content"]))
    return sum(is_call(block) for block in blocks)


def is_call(block: Mapping[str, Any]) -> bool:
    """Whether a block calls a tool, ours or the server's."""
    return str(block.get("type")).endswith("tool_use")


def _blocks(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [dict(block) for block in content or () if isinstance(block, Mapping)]


def _block(block: Json, pictures: Pictures) -> Json:
    """A block by its content; what is packed into it by its likeness."""
    match block:
        case {"type": "text", "text": str(text)}:
            return {"type": "text", "text": _usual(text)}
        case {"type": "image", "source": {"type": "base64", "data": str(data)}}:
            return {"type": "image", **pictures.likeness(data)}
        case {"type": "document", "source": {"type": "base64", "data": str(data)}, **more}:
            digest = sha256(_decoded(data)).hexdigest()
            return {"type": "document", "sha256": digest, **_said(more)}
        case {"source": {"type": "file", "file_id": str(file)}, "type": kind, **more}:
            return {"type": kind, **pictures.file(file), **_said(more)}
        case {"type": "tool_result", "content": content}:
            inner = [_block(one, pictures) for one in _blocks(content)]
            return _said(block) | {"content": _short(_run_together(inner))}
    return _said(block)


def _said(block: Mapping[str, Any]) -> Json:
    left_out = ("cache_control", "caller", "transformations")
    return {k: v for k, v in block.items() if k not in left_out and v not in (None, False, [])}


def _run_together(blocks: list[Json]) -> list[Json]:
    """Words that follow words are one text, as the model reads them; empty ones are nothing."""
    joined: list[Json] = []
    for block in blocks:
        if block["type"] == "text" and joined and joined[-1]["type"] == "text":
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + block["text"]}
        else:
            joined.append(block)
    stripped = [b | {"text": b["text"].strip()} if b["type"] == "text" else b for b in joined]
    return [block for block in stripped if block.get("text") != ""]


def _short(blocks: list[Json]) -> str | list[Json]:
    """Words alone as a string."""
    match blocks:
        case [{"type": "text", "text": str(words)}]:
            return words
    return blocks


def _numbering() -> Callable[[str], str]:
    """Return the name of each tool call, by the order in which they first appear."""
    numbers: dict[str, str] = {}
    return lambda call: numbers.setdefault(call, call_name(len(numbers) + 1))


def call_name(number: int) -> str:
    """Return the id of the n-th tool call of a conversation, in a recording."""
    return f"toolu_{number}"


def _numbered(blocks: list[Json], number: Callable[[str], str]) -> list[Json]:
    for block in blocks:
        for name in ("id", "tool_use_id"):
            if isinstance(block.get(name), str):
                block[name] = number(block[name])
    return blocks


def _tool(tool: Mapping[str, Any]) -> Json:
    """A tool without the date of its version, which newer models change."""
    dated = re.compile(r"_20\d{6}$")
    kind = {"type": dated.sub("", tool["type"])} if isinstance(tool.get("type"), str) else {}
    return _said(tool) | kind


def _usual(text: str) -> str:
    return steady(text.replace("\r\n", "\n"))


def _joined_words(system: Any) -> str:
    return "\n\n".join(block.get("text", "") for block in _blocks(system))


def _without_marks(value: Any) -> Any:
    """Leave the marks of the prompt cache out, wherever they stand."""
    if isinstance(value, dict):
        return {k: _without_marks(item) for k, item in value.items() if k != "cache_control"}
    return [_without_marks(item) for item in value] if isinstance(value, list) else value


def _unseen(value: Any) -> Any:
    """The same with all pictures alike."""
    if isinstance(value, dict):
        seen = value.get("type") == "image"
        return {"type": "image"} if seen else {k: _unseen(item) for k, item in value.items()}
    return [_unseen(item) for item in value] if isinstance(value, list) else value


def _decoded(coded: str) -> bytes:
    try:
        return base64.b64decode(coded)
    except (binascii.Error, ValueError):
        return coded.encode()
