"""Turns <-> the `messages` of the Messages API, for conversations that travel as files."""

from collections.abc import Iterable, Sequence
from typing import Any

from claude_magic.content.binding import bound
from claude_magic.content.blocks import read_block, write_block
from claude_magic.content.history import messages_for
from claude_magic.content.message import Message, write_message
from claude_magic.content.turn import Turn
from claude_magic.content.wire import Json
from claude_magic.errors import BadInput

_FORM = "It is the body of a request: an object with `messages`, each with a role and its content."


def messages_of(turns: Sequence[Turn]) -> list[Json]:
    """Return what `turns` said, as the API takes it; what it would refuse is left out."""
    said = messages_for([turn for turn in turns if not turn.hidden], None)
    messages, _ = bound([write_message(message) for message, _ in said], (), {})
    return messages


def turns_from(body: Any) -> tuple[Turn, ...]:
    """Return the turns of a request's body: each begins with a user's question.

    >>> said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    >>> [[m.text for m in turn.messages] for turn in turns_from({"messages": said})]
    [['Hi', 'Hello']]

    Raises
    ------
    BadInput: it is no body of the Messages API.
    """
    entries = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not entries:
        raise BadInput("the file holds no messages.", hint=_FORM)
    messages = [_message(number, entry) for number, entry in enumerate(entries, 1)]
    return tuple(_turn(group) for group in _groups(messages))


def _message(number: int, entry: Any) -> Message:
    role = entry.get("role") if isinstance(entry, dict) else None
    content = entry.get("content") if isinstance(entry, dict) else None
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    fits = isinstance(content, list) and all(
        isinstance(block, dict) and isinstance(block.get("type"), str) for block in content
    )
    if role not in ("user", "assistant") or not fits or not content:
        raise BadInput(f"message {number} of the file is none of the Messages API.", hint=_FORM)
    return Message(role, tuple(read_block(block) for block in content))


def _groups(messages: Iterable[Message]) -> list[list[Message]]:
    """Messages of one turn each; results of tools go on with the turn that asked for them."""
    groups: list[list[Message]] = []
    for message in messages:
        follows = groups and groups[-1][-1].role != message.role
        if follows and (message.role == "assistant" or _is_tool_results(message)):
            groups[-1].append(message)
        else:
            groups.append([message])
    return groups


def _turn(messages: list[Message]) -> Turn:
    return Turn(tuple(messages), synthetic=messages[-1].role == "user" or len(messages) == 1)


def _is_tool_results(message: Message) -> bool:
    return all(write_block(block)["type"] == "tool_result" for block in message.content)
