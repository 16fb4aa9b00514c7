"""Turns -> the messages of the next request, whatever happened before.

The API refuses empty text, unanswered tool calls and thinking that is cut or was written after
something else. So that no accident can block a conversation, a request carries only what it takes:

* a turn that brought nothing, or was refused, is left out (the API asks to discard refusals);
* empty text, unanswered tool calls and unresolved server tool calls are left out;
* thinking goes back only to the model that wrote it, and only while all before it is unchanged.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from claude_magic.content.blocks import (
    Block,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolUse,
    is_known,
)
from claude_magic.content.citing import cited_alike, without_citations
from claude_magic.content.message import Message, write_message
from claude_magic.content.turn import Turn
from claude_magic.content.wire import Json


class Digest:
    """A running fingerprint of a request, read from its start."""

    def __init__(self, head: Json) -> None:
        self._hash = blake2b(json.dumps(head, sort_keys=True, default=str).encode(), digest_size=16)

    def add(self, message: Message) -> None:
        """Take in the next message as it is sent."""
        self._hash.update(json.dumps(write_message(message), default=str).encode())

    def __str__(self) -> str:
        return self._hash.hexdigest()


def messages_for(
    turns: Sequence[Turn], question: Message | None, head: Json, *, cite: bool = True
) -> tuple[tuple[Message, ...], str]:
    """Return the messages to send, `question` last if there is one, and their digest as a request.

    `head` is what stands before the messages: model, system prompt, tools. `cite`: whether answers
    may cite; they may not where only some documents are meant to be cited.
    """
    said = [message for turn in filter(goes_along, turns) for message in turn.messages]
    cite = cite and cited_alike([*said, *([question] if question else ())])
    digest = Digest(head)
    messages: list[Message] = []

    def send(message: Message) -> None:
        message = message if cite else without_citations(message)
        messages.append(message)
        digest.add(message)

    for turn in filter(goes_along, turns):
        for message in turn.messages:
            unchanged = str(digest) == turn.asked_under
            send(message if message.role == "user" else _clean(message, thinking=unchanged))
    if question is not None:
        send(question)
    return tuple(messages), str(digest)


def goes_along(turn: Turn) -> bool:
    """Whether later requests carry `turn`: it was answered, and not refused."""
    if turn.synthetic:
        return True
    return turn.answer.stop_reason != "refusal" and bool(_clean(turn.answer).content)


def _clean(answer: Message, *, thinking: bool = False) -> Message:
    """Return `answer` with the blocks that the API takes back; thinking only beside all of them."""
    paired = _paired(answer.content)
    said = [block for block in answer.content if not isinstance(block, Thinking | RedactedThinking)]
    fit = [block for block in said if _fits(block, paired)]
    whole = thinking and len(fit) == len(said)
    kept = [block for block in answer.content if block in fit or (whole and _signed(block))]
    return replace(answer, content=tuple(map(_plain, kept)))


def _plain(block: Block) -> Block:
    """Words without what only answers have besides their text and citations."""
    return replace(block, rest={}) if isinstance(block, Text) else block


def _fits(block: Block, paired: frozenset[object]) -> bool:
    match block:
        case Text(text=text):
            return bool(text.strip())
        case ToolUse():
            return False
        case Opaque(json={"type": "server_tool_use", "id": call}):
            return call in paired
        case Opaque(json={"tool_use_id": call}):
            return call in paired
        case Opaque(json={"type": kind}):
            return not is_known(kind)
        case _:
            return True


def _signed(block: Block) -> bool:
    match block:
        case Thinking(signature=signature):
            return bool(signature)
        case _:
            return isinstance(block, RedactedThinking)


def _paired(blocks: Iterable[Block]) -> frozenset[object]:
    """The ids of server tool calls that have their result."""
    objects = [block.json for block in blocks if isinstance(block, Opaque)]
    calls = {json.get("id") for json in objects if json.get("type") == "server_tool_use"}
    return frozenset(calls & {json.get("tool_use_id") for json in objects})
