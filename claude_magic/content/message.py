"""Messages: one side's words, and for an answer how it ended and what it used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from claude_magic.content.blocks import Block, Rest, Text, read_block, write_block
from claude_magic.content.remembered import remembered
from claude_magic.content.wire import Json, read, write


@dataclass(frozen=True)
class Usage:
    """Tokens billed for one message. The whole input is the sum of the three input counts."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    rest: Rest = field(default_factory=dict, kw_only=True)

    @property
    def whole_input(self) -> int:
        """All input tokens, cached or not."""
        cached = self.cache_creation_input_tokens + self.cache_read_input_tokens
        return self.input_tokens + cached

    @property
    def web_searches(self) -> int:
        """How often the server's web search was used; each costs extra."""
        used = self.rest.get("server_tool_use")
        count = used.get("web_search_requests") if isinstance(used, dict) else 0
        return count if _is_count(count) else 0


CHARACTERS_PER_TOKEN = 3.5  # about, of the newer tokenizers, for English prose and code
_STRINGS = ("id", "role", "model", "stop_reason", "stop_sequence")
_COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)


def _is_count(value: object) -> TypeGuard[int]:
    """Whether it can be a number of tokens: one that can be reckoned with, and stored."""
    return type(value) is int and 0 <= value < 2**53


@dataclass(frozen=True)
class Message:
    """A message of the Messages API.

    >>> Message("user", (Text("Hello"),)).text
    'Hello'
    """

    role: str
    content: tuple[Block, ...]
    id: str = ""
    model: str = ""
    stop_reason: str = ""
    stop_sequence: str = ""
    stop_details: Json = field(default_factory=dict)
    usage: Usage = Usage()
    rest: Rest = field(default_factory=dict, kw_only=True)

    @property
    def text(self) -> str:
        """The words of all text blocks, joined."""
        return "".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it to see: no block but empty words."""
        return all(isinstance(block, Text) and not block.text.strip() for block in self.content)


def is_replayed(answer: Message) -> bool:
    """Whether an answer came from a recording, which says so in the message itself."""
    return isinstance(answer.rest.get("replayed"), dict)


def seconds_recorded(answer: Message) -> float:
    """Return how long a replayed answer took when it was recorded; 0 for others."""
    seconds = answer.rest["replayed"].get("seconds") if is_replayed(answer) else 0.0
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def read_message(json: Json) -> Message:
    """Return the message of a response body (or of a `message_start` event)."""
    parts = {name: value for name, value in json.items() if _fits(name, value)}
    content = tuple(read_block(block) for block in _objects(parts.pop("content", None)))
    usage = {k: v for k, v in parts.pop("usage", {}).items() if k not in _COUNTS or _is_count(v)}
    role = parts.pop("role", "") or "assistant"
    return read(Message, {**parts, "role": role, "content": content, "usage": read(Usage, usage)})


@remembered
def write_message(message: Message) -> Json:
    """Return `message` as an entry of a request's `messages`: its role and content only.

    Words alone go as a string, the shorter of the two forms the API takes.

    >>> write_message(Message("user", (Text("Hello"),)))
    {'role': 'user', 'content': 'Hello'}
    """
    match message.content:
        case [Text(text=words, citations=(), rest=rest)] if not rest:
            return {"role": message.role, "content": words}
    return {"role": message.role, "content": [write_block(block) for block in message.content]}


def write_response(message: Message) -> Json:
    """Return `message` as the API's own response body: all that came back."""
    return {
        "id": message.id,
        "type": "message",
        "role": message.role,
        "model": message.model,
        "content": [write_block(block) for block in message.content],
        "stop_reason": message.stop_reason or None,
        "stop_sequence": message.stop_sequence or None,
        **({"stop_details": message.stop_details} if message.stop_details else {}),
        **message.rest,
        "usage": write(message.usage),
    }


def joined(messages: Sequence[Message]) -> Message:
    """Return all that an answer took as one message, its tokens added up.

    It may be parts of one that was continued, or answers with the results of tools between them.
    """
    last = next((m for m in reversed(messages) if m.role == "assistant"), messages[-1])
    content = tuple(block for message in messages for block in message.content)
    totals: dict[str, Any] = {
        name: sum(getattr(m.usage, name) for m in messages) for name in _COUNTS
    }
    totals["rest"] = _rest_of([m.usage for m in messages if m.role == last.role])
    took = seconds_taken(messages)
    return replace(
        last,
        id=last.id or messages[0].id,
        model=last.model or messages[0].model,
        content=content,
        usage=replace(last.usage, **totals),
        rest={**last.rest, "took": took} if took else last.rest,
    )


def _rest_of(usages: Sequence[Usage]) -> Rest:
    """What usages hold besides the counts: that of the last, the use of server tools added up."""
    rest, searches = usages[-1].rest, sum(usage.web_searches for usage in usages)
    if searches == usages[-1].web_searches:
        return rest
    last = rest.get("server_tool_use") or {}
    return {**rest, "server_tool_use": {**last, "web_search_requests": searches}}


def seconds_taken(messages: Iterable[Message]) -> dict[str, float]:
    """Return how long each call of a tool took, by its id."""
    told = (message.rest.get("took") for message in messages)
    return {call: took for one in told if isinstance(one, dict) for call, took in one.items()}


def _fits(name: str, value: object) -> bool:
    """Whether a field has the type the API gives it; a server's odd ones are dropped."""
    if name in ("usage", "stop_details"):
        return isinstance(value, dict)
    return name not in _STRINGS or isinstance(value, str)


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
