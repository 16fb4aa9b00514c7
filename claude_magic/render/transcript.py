"""A conversation -> a readable transcript, as Markdown."""

from claude_magic.content.blocks import Text, write_block
from claude_magic.content.history import goes_along
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Ending, Turn

_WHO = {"user": "You", "assistant": "Claude"}


def transcript(conversation: Conversation) -> str:
    """Return the turns as they will be sent; what will not be sent is marked with its reason."""
    turns = [_turn(number, turn) for number, turn in enumerate(conversation.turns, 1)]
    return "\n\n".join(turns) or "The conversation has no turns yet."


def _turn(number: int, turn: Turn) -> str:
    head = f"**{number}.**" + "".join(f" *({mark})*" for mark in _marks(turn))
    return "\n\n".join([head, *(_message(message) for message in turn.messages)])


def _marks(turn: Turn) -> list[str]:
    marks = ["put there by you"] if turn.synthetic else []
    if turn.ending is not Ending.COMPLETE:
        marks.append(f"{turn.ending}; sent as far as it came")
    if turn.answer.stop_reason == "max_tokens":
        marks.append("stopped at the limit of tokens")
    if not goes_along(turn):
        marks.append("refused" if turn.answer.stop_reason == "refusal" else "empty")
        marks.append("left out of what is sent")
    return marks


def _message(message: Message) -> str:
    """The words quoted under their speaker, and a line for what has no words."""
    parts = [
        block.text if isinstance(block, Text) else f"*[{write_block(block)['type']}]*"
        for block in message.content
    ]
    quoted = "\n".join(f"> {line}".rstrip() for line in "\n\n".join(parts).splitlines())
    return f"{_WHO.get(message.role, message.role)}:\n\n{quoted}"
