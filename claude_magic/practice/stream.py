"""Message -> the events in which the API streams it, each after a pause that makes it watchable."""

import json
import re
from collections.abc import Iterator
from typing import Any

from claude_magic.content.wire import Json

Event = dict[str, Any]

BEFORE_FIRST = 0.3
OMITTED_THINKING = 1.2
"""Seconds without a word, while the API thinks and shows nothing."""


def events(message: Json) -> Iterator[tuple[float, Event]]:
    """The events of a finished message, each with the seconds to wait before it.

    message_start, ping, each block's start, deltas and stop, message_delta, message_stop
    (Messages API, streaming). Folded, they give exactly `message`.
    """
    started: Json = {"content": [], "stop_reason": None, "stop_sequence": None}
    first = message["usage"] | {"output_tokens": 1, "output_tokens_details": None}
    yield (
        BEFORE_FIRST,
        {"type": "message_start", "message": message | started | {"usage": first}},
    )
    yield 0, {"type": "ping"}
    for index, block in enumerate(message["content"]):
        start, deltas = _parts(message, block)
        yield 0, {"type": "content_block_start", "index": index, "content_block": start}
        for pause, delta in deltas:
            yield pause, {"type": "content_block_delta", "index": index, "delta": delta}
        yield 0, {"type": "content_block_stop", "index": index}
    yield 0, _message_delta(message)
    yield 0, {"type": "message_stop"}


def encoded(event: Event) -> bytes:
    """One event as the bytes of a server-sent event."""
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event['type']}\ndata: {data}\n\n".encode()


def pieces(text: str) -> list[str]:
    """The text in pieces of about three words, none longer than 40 characters; joined, the text.

    >>> pieces("A few words make a piece.")
    ['A few words ', 'make a piece.']
    """
    return re.findall(r"(?:\s*\S{1,12}(?:\s+|$)){3}|.{1,20}\s|.{1,20}", text, re.S)


def _parts(message: Json, block: Json) -> tuple[Json, list[tuple[float, Json]]]:
    """A block as it starts, and its deltas with their pauses."""
    match block["type"]:
        case "thinking":
            start = block | {"thinking": "", "signature": ""}
            shown = _spoken("thinking", block["thinking"])
            wait = 0 if shown else OMITTED_THINKING
            signed = {"type": "signature_delta", "signature": block["signature"]}
            return start, [*shown, (wait, signed)]
        case "tool_use":
            cut = message["stop_reason"] == "max_tokens" and block is message["content"][-1]
            return block | {"input": {}}, _written(block["input"], cut=cut)
        case _:
            return _text_parts(block)


def _text_parts(block: Json) -> tuple[Json, list[tuple[float, Json]]]:
    """Words, and the citations that support them, each in a delta of its own."""
    citations = block.get("citations")
    start = block | {"text": ""} | ({} if citations is None else {"citations": []})
    deltas: list[tuple[float, Json]] = [
        (0, {"type": "citations_delta", "citation": citation}) for citation in citations or ()
    ]
    return start, [*_spoken("text", block["text"]), *deltas]


def _spoken(kind: str, text: str) -> list[tuple[float, Json]]:
    said = pieces(text)
    return [(_pause(piece), {"type": f"{kind}_delta", kind: piece}) for piece in said]


def _pause(piece: str) -> float:
    """30 to 60 ms, longer for longer pieces."""
    return 0.03 + 0.001 * min(len(piece), 30)


def _written(given: Json, *, cut: bool) -> list[tuple[float, Json]]:
    """An input one property at a time, after an empty piece; unfinished JSON when `cut`."""
    pairs = [json.dumps({key: value}, ensure_ascii=False)[1:-1] for key, value in given.items()]
    written = ["", "{", *(f"{', ' if n else ''}{pair}" for n, pair in enumerate(pairs))]
    ended = written if cut else [*written[:-1], written[-1] + "}"]
    return [(0.05, {"type": "input_json_delta", "partial_json": piece}) for piece in ended]


def _message_delta(message: Json) -> Event:
    usage = message["usage"]
    totals = (
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "output_tokens_details",
    )
    ends = ("stop_reason", "stop_sequence", "stop_details", "container")
    return {
        "type": "message_delta",
        "delta": {key: message[key] for key in ends},
        "usage": {key: usage[key] for key in totals},
    }
