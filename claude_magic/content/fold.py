"""Stream events -> a message.

An event is its JSON object as the server sent it. Whatever does not fit a known shape changes
nothing: the server may add kinds of events, deltas and blocks at any time (Messages API,
streaming).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from claude_magic.content.blocks import Block, Text, ToolUse, read_block
from claude_magic.content.message import CHARACTERS_PER_TOKEN, Message, read_message
from claude_magic.content.wire import Json

Event = Json
_SEALED = ("signature", "data")
# What a block must have, though some servers leave it out or send null.
_EMPTY: dict[Any, dict[str, Any]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
    "tool_use": {"type": "tool_use", "input": {}},
}
# The deltas that bring a piece of text, and the field it is in.
_GROWING = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


class Fold:
    """A message as far as its events have come.

    Pieces are kept apart and joined when the message is asked for: joining at each of 2,000 deltas
    would be quadratic. `hide` takes secrets out of all text that comes in; `prefill` are the words
    put into the model's mouth, which its answer continues.

    >>> fold = Fold()
    >>> fold.add({"type": "message_start", "message": {"role": "assistant", "content": []}})
    >>> fold.add({"type": "content_block_start", "index": 0,
    ...           "content_block": {"type": "text", "text": ""}})
    >>> fold.add({"type": "content_block_delta", "index": 0,
    ...           "delta": {"type": "text_delta", "text": "Hel"}})
    >>> fold.add({"type": "content_block_delta", "index": 0,
    ...           "delta": {"type": "text_delta", "text": "lo"}})
    >>> fold.message().text
    'Hello'
    """

    def __init__(self, hide: Callable[[str], str] = str, prefill: str = "") -> None:
        self.finished = False
        self.error: Json | None = None
        self._hide = hide
        self._prefill = prefill
        self._head: dict[str, Any] = {"role": "assistant"}
        self._usage: dict[str, Any] = {}
        self._drafts: dict[int, _Draft] = {}
        self._message: Message | None = None  # as it was joined last, while no event has come

    def add(self, event: Event) -> None:
        """Take one event in."""
        self._message = None
        if event.get("type") == "content_block_delta":  # nearly all are: no patterns for these
            self._grow(event.get("index"), event.get("delta"))
            return
        event = _hidden(event, self._hide)
        match event:
            case {"type": "message_start", "message": dict(message)}:
                self._start(message)
            case {"type": "content_block_start", "index": int(index), "content_block": dict(block)}:
                self._drafts[index] = _Draft(_whole(block), self._hide)
            case {"type": "message_delta"}:
                self._close(event)
            case {"type": "message_stop"}:
                self.finished = True
            case {"type": "error"}:
                self.error = event

    def _grow(self, index: object, delta: object) -> None:
        if not isinstance(delta, dict):
            return
        if not isinstance(index, int):
            index = max(self._drafts, default=0)
        draft = self._drafts.get(index)
        if draft is None and delta.get("type") == "text_delta":  # its start was lost
            draft = self._drafts[index] = _Draft(_EMPTY["text"], self._hide)
        if draft is not None:
            draft.add(delta)

    def break_off(self) -> None:
        """Count what came, about: no total will come, and the server bills it all the same."""
        if self._head.get("stop_reason"):
            return
        came = sum(draft.size for draft in self._drafts.values())
        told = self.message().usage.output_tokens
        self._usage["output_tokens"] = max(told, round(came / CHARACTERS_PER_TOKEN))
        self._message = None

    @property
    def begun(self) -> bool:
        """Whether an event came that only an answer has."""
        return "model" in self._head or bool(self._drafts)

    def message(self) -> Message:
        """Return the message so far, its blocks in the order of their index."""
        if self._message is None:
            self._message = self._joined()
        return self._message

    def _joined(self) -> Message:
        head = read_message({**self._head, "usage": self._usage})
        blocks = tuple(self._drafts[index].block() for index in sorted(self._drafts))
        content = self._continued(head.content + blocks)
        if len(content) > 1 or self._prefill:
            content = _apart(content, self._hide)
        return replace(head, content=content)

    def _continued(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Put the prefill before the first words; some local servers repeat it themselves."""
        if not self._prefill or not blocks or not isinstance(first := blocks[0], Text):
            return blocks
        if first.text.startswith(self._prefill):
            return blocks
        begun = "" if self._prefill.startswith(first.text) else first.text
        return (replace(first, text=self._prefill + begun), *blocks[1:])

    def _start(self, message: Mapping[str, Any]) -> None:
        self._head = {k: v for k, v in message.items() if k not in ("type", "usage")}
        self._usage = _objects(message.get("usage"))

    def _close(self, event: Event) -> None:
        """Overwrite, never add: the figures of `message_delta` are totals."""
        self._head |= {k: v for k, v in _objects(event.get("delta")).items() if v is not None}
        self._usage |= {k: v for k, v in _objects(event.get("usage")).items() if v is not None}


class _Draft:
    """One block while it grows: its first JSON object and the pieces that came since."""

    def __init__(self, start: Mapping[str, Any], hide: Callable[[str], str]) -> None:
        self._start = start
        self._hide = hide
        self._pieces: dict[str, list[str]] = {field: [] for field in _GROWING.values()}
        self._citations: list[Any] = []
        self._signature = ""

    def add(self, delta: Mapping[str, Any]) -> None:
        if field := _GROWING.get(str(delta.get("type"))):
            piece = delta.get(field)
            if isinstance(piece, str):
                self._pieces[field].append(piece)
            return
        match delta:
            case {"type": "citations_delta", "citation": dict(citation)}:
                self._citations.append(_hidden(citation, self._hide))
            case {"type": "signature_delta", "signature": str(signature)}:
                self._signature = _paired(signature)

    @property
    def size(self) -> int:
        """The characters that came."""
        return sum(len(piece) for pieces in self._pieces.values() for piece in pieces)

    def block(self) -> Block:
        block = dict(self._start)
        for name in ("text", "thinking"):
            if isinstance(block.get(name), str):
                block[name] = self._hide(_paired(block[name] + "".join(self._pieces[name])))
        if "signature" in block and self._signature:
            block["signature"] = self._signature
        if self._citations and block.get("type") == "text":
            block["citations"] = tuple(block.get("citations") or ()) + tuple(self._citations)
        return self._with_input(block)

    def _with_input(self, block: dict[str, Any]) -> Block:
        """Parse a tool's input; one that is cut or broken is kept as text."""
        text = self._hide(_paired("".join(self._pieces["partial_json"])))
        if "input" not in block or not text:
            return read_block(block)
        try:
            return read_block({**block, "input": _hidden(json.loads(text), self._hide)})
        except (ValueError, RecursionError):
            cut = read_block({**block, "unfinished": text})
            return cut if isinstance(cut, ToolUse) else read_block(block)


def _apart(blocks: tuple[Block, ...], hide: Callable[[str], str]) -> tuple[Block, ...]:
    """Hide a secret that is spread over several blocks: their words are shown joined."""
    words = "".join(block.text for block in blocks if isinstance(block, Text))
    if hide(words) == words:
        return blocks
    first = next(i for i, block in enumerate(blocks) if isinstance(block, Text))
    others = [block for block in blocks if not isinstance(block, Text)]
    return (*others[:first], Text(hide(words)), *others[first:])


def _whole(block: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in block.items() if value is not None}
    return _EMPTY.get(str(given.get("type")), {}) | given


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    """Return JSON with secrets hidden, except where the server must get back what it sent."""
    if isinstance(value, str):
        return hide(_paired(value))
    if isinstance(value, list):
        return [_hidden(item, hide) for item in value]
    if isinstance(value, dict):
        return {_paired(name): _hidden(item, _hides(name, hide)) for name, item in value.items()}
    return value


def _hides(name: str, hide: Callable[[str], str]) -> Callable[[str], str]:
    return str if name in _SEALED or name.startswith("encrypted_") else hide


def _paired(text: str) -> str:
    r"""Join halves of a character that came in two deltas; a half alone cannot be shown or sent.

    >>> _paired("\ud83d" + "\ude00")
    '😀'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _objects(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}
