"""The events of an answer <-> the answer as it is recorded: its blocks, and the pace they came at.

`pace` has a list for each content block: milliseconds before a piece, characters of the piece, and
so on for each. It need not fit a text that was mended by hand: what is left over comes last.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from claude_magic.content.fold import Event, Fold
from claude_magic.content.message import write_response
from claude_magic.content.wire import Json
from claude_magic.recording.question import call_name, is_call

Paced = tuple[float, Event]  # an event, and the seconds before it

_AT_ONCE = 0.004  # seconds; pieces nearer to each other are one
_OF_ACCOUNT = ("id", "container", "diagnostics", "request_id")
_SAID = (*_OF_ACCOUNT, "type", "role", "content")
_GROWN = {"text": "text_delta", "thinking": "thinking_delta"}
_PIECES = ("text", "thinking", "partial_json")


class Listener:
    """Listens to an answer while it comes. `hide` takes secrets out of it."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._fold = Fold(hide)
        self._pace: dict[int, list[int]] = {}
        self._waited = 0.0

    def hear(self, seconds: float, events: Sequence[Event]) -> None:
        """Take in events that came together, `seconds` after those before."""
        self._waited += seconds
        for event in events:
            self._fold.add(event)
            if event.get("type") == "content_block_delta":
                self._note(event)

    @property
    def finished(self) -> bool:
        """Whether the answer is whole."""
        return self._fold.finished and self._fold.error is None

    def answer(self, calls: int = 0) -> Json:
        """Return the answer; `calls` is how many tool calls came before it."""
        message = write_response(self._fold.message())
        content = _with_calls([_recorded(block) for block in message["content"]], calls)
        rest = {k: v for k, v in message.items() if k not in _SAID and v not in (None, {})}
        rest["usage"] = _counts(message["usage"])
        pace = [self._pace.get(index, []) for index in range(len(content))]
        return {"content": content, **rest, "pace": pace, "end": round(self._waited * 1000)}

    def _note(self, event: Event) -> None:
        index, delta = event.get("index"), event.get("delta")
        if not isinstance(index, int) or not isinstance(delta, dict):
            return
        length = sum(len(str(delta.get(name) or "")) for name in _PIECES)
        pace = self._pace.setdefault(index, [])
        if pace and self._waited < _AT_ONCE:
            pace[-1] += length
        else:
            pace += [round(self._waited * 1000), length]
            self._waited = 0.0


def _with_calls(content: list[Json], before: int) -> list[Json]:
    """The blocks with their tool calls numbered on from those `before`; results name the same."""
    called = [block["id"] for block in content if is_call(block)]
    names = {call: call_name(before + n) for n, call in enumerate(called, start=1)}
    for block in content:
        for name in names.keys() & {block.get("id"), block.get("tool_use_id")}:
            block["id" if is_call(block) else "tool_use_id"] = names[name]
    return content


def _recorded(block: Mapping[str, Any]) -> Json:
    """A block without its signature: that belongs to an account, and to one conversation."""
    sealed = {"signature": ""} if "signature" in block else {}
    return {**block, **sealed}


def _counts(usage: Mapping[str, Any]) -> Json:
    """What was counted; what was not used is left out."""
    always = ("input_tokens", "output_tokens")
    return {name: count for name, count in usage.items() if name in always or _is_some(count)}


def _is_some(count: Any) -> bool:
    return any(map(_is_some, count.values())) if isinstance(count, dict) else bool(count)


def seconds_of(answer: Mapping[str, Any]) -> float:
    """Return how long the answer took, in seconds."""
    pauses = sum(sum(pace[::2]) for pace in answer.get("pace") or ())
    return float(pauses + (answer.get("end") or 0)) / 1000


def events_of(answer: Mapping[str, Any], number: int) -> Iterator[Paced]:
    """Yield the events of a recorded answer, the `number`-th of its file, as they came.

    `message_start` says in `replayed` that the answer is replayed, how many seconds it took, and
    who gave it if that was not Claude.
    """
    about = {k: v for k, v in answer.items() if k not in ("content", "pace", "end", "by")}
    by = {"by": str(answer["by"])} if answer.get("by") else {}
    told = {"replayed": {"seconds": round(seconds_of(answer), 3), **by}}
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant", "content": []}
    begun = {"stop_reason": None, "stop_sequence": None}
    yield 0.0, {"type": "message_start", "message": {**head, **about, **begun, **told}}
    paces = list(answer.get("pace") or ())
    for index, block in enumerate(answer["content"]):
        yield from _block(index, block, paces[index] if index < len(paces) else [])
    ends = ("stop_reason", "stop_sequence", "stop_details")
    delta = {name: answer.get(name) for name in ends}
    usage = answer.get("usage") or {}
    waited = (answer.get("end") or 0) / 1000
    yield waited, {"type": "message_delta", "delta": delta, "usage": usage}
    yield 0.0, {"type": "message_stop"}


def _block(index: int, block: Json, pace: list[int]) -> Iterator[Paced]:
    start, words, kind = _parts(block)
    yield 0.0, {"type": "content_block_start", "index": index, "content_block": start}
    field = kind.removesuffix("_delta") if kind != "input_json_delta" else "partial_json"
    for pause, piece in _pieces(words, pace):
        delta = {"type": kind, field: piece}
        yield pause, {"type": "content_block_delta", "index": index, "delta": delta}
    for citation in block.get("citations") or ():
        delta = {"type": "citations_delta", "citation": citation}
        yield 0.0, {"type": "content_block_delta", "index": index, "delta": delta}
    yield 0.0, {"type": "content_block_stop", "index": index}


def _parts(block: Json) -> tuple[Json, str, str]:
    """A block as it starts, the words that follow, and the kind of delta that brings them."""
    kind = block.get("type")
    if kind in _GROWN:
        start = {name: value for name, value in block.items() if name != "citations"}
        return {**start, str(kind): ""}, block[str(kind)], _GROWN[str(kind)]
    if kind == "tool_use":
        start = {name: value for name, value in block.items() if name != "unfinished"}
        words = block.get("unfinished") or json.dumps(block["input"], ensure_ascii=False)
        return {**start, "input": {}}, words, "input_json_delta"
    return block, "", "text_delta"


def _pieces(words: str, pace: list[int]) -> Iterator[tuple[float, str]]:
    """The words in the pieces they came in, each with the seconds before it."""
    for pause, length in zip(pace[::2], pace[1::2], strict=False):
        piece, words = words[:length], words[length:]
        yield pause / 1000, piece
    if words:
        yield 0.0, words
