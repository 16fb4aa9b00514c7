"""Request -> answer: what the practice model says, as content blocks with stop reason and usage."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.practice import catalogue, sight
from claude_magic.practice.citing import cited
from claude_magic.practice.fill import structured
from claude_magic.practice.prose import prose, reflection
from claude_magic.practice.reading import of_kind, offered, question, results
from claude_magic.practice.signature import sign
from claude_magic.practice.tools import calls

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Answer:
    """What is said: content blocks, why it ended, and how many tokens each part cost."""

    content: tuple[Json, ...]
    stop_reason: str
    stop_sequence: str | None
    tokens: int
    thinking_tokens: int


def message(body: Json) -> Json:
    """The message object that answers `body` (Messages API, create a message).

    A pure function: the same request, streamed or not, gets the same message, its id included.
    `body` must be one that `rules.refusal` lets pass.
    """
    given = answer(body)
    return {
        "id": f"msg_practice_{_fingerprint(body)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": list(given.content),
        "stop_reason": given.stop_reason,
        "stop_sequence": given.stop_sequence,
        "stop_details": None,
        "container": None,
        "usage": _usage(body, given),
    }


def answer(body: Json) -> Answer:
    """What the practice model says to `body`, within its `max_tokens` and `stop_sequences`."""
    called = calls(body)
    spoken = [] if called else [{"type": "text", "text": _text(body)}, *cited(body)]
    uses = [_tool_use(body, number, *call) for number, call in enumerate(called)]
    return _ended(body, [*_thinking(body), *spoken, *uses])


def input_tokens(body: Json) -> int:
    """About how many tokens the request has: a quarter of its characters, and what images cost."""
    model = catalogue.find(body["model"]) or catalogue.NEWEST
    words = {key: body[key] for key in ("system", "tools", "messages") if body.get(key)}
    characters = _characters(words)
    images = of_kind(body["messages"], "image")
    return _tokens(characters) + sum(_image_tokens(one.block["source"], model) for one in images)


def _image_tokens(source: Json, model: catalogue.Model) -> int:
    """What an image costs; nothing when it cannot be looked at, as in the API's own count."""
    data = sight.decode(source["data"]) if source["type"] == "base64" else None
    picture = sight.glance(data) if data else None
    if picture is None:
        return 0
    size = sight.fitted(
        picture.width, picture.height, edge=model.image_edge, most=model.image_tokens
    )
    return sight.tokens(*size)


def _characters(value: Any) -> int:
    """The characters of all strings inside, keys and binary data left out."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_characters, value))
        case {"type": "base64"}:
            return 0
        case dict():
            return sum(map(_characters, value.values()))
        case _:
            return 1


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)


def _text(body: Json) -> str:
    wanted = (body.get("output_config") or {}).get("format")
    if not wanted:
        return prose(body)
    return json.dumps(structured(wanted["schema"], question(body)), ensure_ascii=False)


def _tool_use(body: Json, number: int, name: str, given: Json) -> Json:
    id = f"toolu_practice_{_fingerprint(body)}_{number}"
    return {"type": "tool_use", "id": id, "name": name, "input": given}


def _fingerprint(body: Json) -> str:
    """A short digest of the request, the same whether the answer is streamed or not."""
    said = {key: value for key, value in body.items() if key != "stream"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _thinking(body: Json) -> list[Json]:
    """A thinking block if the request or the model asks for one (extended thinking)."""
    model = catalogue.find(body["model"]) or catalogue.NEWEST
    asked = body.get("thinking") or {}
    match asked.get("type"):
        case "adaptive" | "enabled":
            thinks = True
        case "between_tools":
            thinks = bool(results(body) and offered(body))
        case "disabled":
            thinks = False
        case _:
            thinks = model.thinks_unasked
    return [{"type": "thinking", "thinking": reflection(body), "signature": ""}] if thinks else []


def _shown(body: Json, block: Json) -> Json:
    """A thinking block as it is sent: empty when it is to be omitted, and signed."""
    model = catalogue.find(body["model"]) or catalogue.NEWEST
    display = (body.get("thinking") or {}).get("display")
    shown = display != "omitted" if display else model.shows_thinking
    text = block["thinking"] if shown else ""
    return block | {"thinking": text, "signature": sign(body, text)}


def _ended(body: Json, content: list[Json]) -> Answer:
    """`content` cut where `stop_sequences` or `max_tokens` end it."""
    stopped, sequence = _stopped(content, body.get("stop_sequences") or [])
    kept = _cut(stopped, body["max_tokens"] * CHARACTERS_PER_TOKEN)
    full = kept == stopped
    calling = any(block["type"] == "tool_use" for block in stopped)
    reason = "tool_use" if calling else "stop_sequence" if sequence is not None else "end_turn"
    thought = sum(_size(block) for block in kept if block["type"] == "thinking")
    return Answer(
        content=tuple(
            _shown(body, block) if block["type"] == "thinking" else block for block in kept
        ),
        stop_reason=reason if full else "max_tokens",
        stop_sequence=sequence if full else None,
        tokens=max(1, _tokens(sum(map(_size, kept)))),
        thinking_tokens=_tokens(thought),
    )


def _stopped(content: list[Json], stops: list[str]) -> tuple[list[Json], str | None]:
    """The content before the first stop sequence in its text, and that sequence."""
    kept: list[Json] = []
    for block in content:
        found = [
            (block["text"].find(stop), stop) for stop in stops if stop in block.get("text", "")
        ]
        if found:
            place, stop = min(found)
            text = block["text"][:place]
            return [*kept, *([block | {"text": text}] if text else [])], stop
        kept.append(block)
    return kept, None


def _cut(content: list[Json], room: int) -> list[Json]:
    """The content that fits into so many characters; the block at the edge is cut short."""
    kept = []
    for block in content:
        if room <= 0:
            break
        kept.append(block if _size(block) <= room else _shortened(block, room))
        room -= _size(block)
    return kept


def _shortened(block: Json, room: int) -> Json:
    match block["type"]:
        case "tool_use":
            return block | {"input": _begun_input(block, room)}
        case kind:
            return block | {kind: block[kind][:room]}


def _begun_input(block: Json, room: int) -> Json:
    """The properties of a tool's input that were written when the room ran out."""
    begun: Json = {}
    for key, value in block["input"].items():
        if _size(block | {"input": {**begun, key: value}}) > room:
            break
        begun[key] = value
    return begun


def _size(block: Json) -> int:
    """How many characters a block took to say."""
    if block["type"] == "tool_use":
        return len(block["name"]) + len(json.dumps(block["input"], ensure_ascii=False))
    return len(block[block["type"]])


def _usage(body: Json, given: Answer) -> Json:
    return {
        "input_tokens": input_tokens(body),
        "output_tokens": given.tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens_details": {"thinking_tokens": given.thinking_tokens},
        "server_tool_use": None,
        "service_tier": "standard",
        "speed": "standard",
        "inference_geo": "global",
    }
