"""Messages: one side's words, and for an answer how it ended and what it used."""

from dataclasses import dataclass, field

from claude_magic.content.blocks import Block, Rest, Text, read_block, write_block
from claude_magic.content.wire import Json, read


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


def read_message(json: Json) -> Message:
    """Return the message of a response body (or of a `message_start` event)."""
    parts = dict(json)
    content = tuple(read_block(block) for block in _objects(parts.pop("content", None)))
    usage = parts.pop("usage", None)
    return read(
        Message,
        {
            **parts,
            "role": parts.get("role") or "assistant",
            "content": content,
            "usage": read(Usage, usage) if isinstance(usage, dict) else None,
        },
    )


def write_message(message: Message) -> Json:
    """Return `message` as an entry of a request's `messages`: its role and content only.

    Words alone go as a string, the shorter of the two forms the API takes.

    >>> write_message(Message("user", (Text("Hello"),)))
    {'role': 'user', 'content': 'Hello'}
    """
    blocks = [write_block(block) for block in message.content]
    match blocks:
        case [{"type": "text", "text": str(words), **more}] if not more:
            return {"role": message.role, "content": words}
    return {"role": message.role, "content": blocks}


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
