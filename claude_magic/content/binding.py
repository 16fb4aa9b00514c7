"""Thinking goes back only to the model that wrote it, and only while all before it is as it was.

The API binds it to exactly the request that it answered, pictures as they were sent (extended
thinking); so it is judged on what is about to be sent.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from claude_magic.content.wire import Json

# What a further answer of one exchange is bound to: whatever the answer before it is.
CONTINUED = "continued"
_JSON = json.JSONEncoder(default=str)
_KINDS = ("thinking", "redacted_thinking")


class Digest:
    """A running fingerprint of a request, read from its start.

    `head` is what stands before the messages: model, system prompt, tools.
    """

    def __init__(self, head: Json, messages: Iterable[Json] = ()) -> None:
        self._hash = blake2b(json.dumps(head, sort_keys=True, default=str).encode(), digest_size=16)
        for message in messages:
            self.add(message)

    def add(self, message: Json) -> None:
        """Take in the next message as it is sent."""
        self._hash.update(_JSON.encode(message).encode())

    def __str__(self) -> str:
        return self._hash.hexdigest()


def bound(
    messages: Sequence[Json], asked_under: Sequence[str], head: Json
) -> tuple[list[Json], str]:
    """Return the messages without thinking that answered another request, and their digest.

    An answer that was nothing else is left out: the API takes no empty message.

    `asked_under` is, for each message that is an answer, the digest of the request that it
    answered, or CONTINUED; it may be shorter than `messages`.
    """
    digest, kept, unchanged, gone = Digest(head), list[Json](), False, False
    for number, message in enumerate(messages):
        under = asked_under[number] if number < len(asked_under) else ""
        if message["role"] == "assistant":
            unchanged = unchanged if under == CONTINUED else str(digest) == under
        said = message if unchanged else _without_thinking(message)
        if message["content"] and not said["content"]:
            gone = True
            continue
        digest.add(said)
        joins = gone and kept and kept[-1]["role"] == said["role"]
        kept.append(_joined(kept.pop(), said) if joins else said)
        gone = False
    return kept, str(digest)


def _joined(results: Json, question: Json) -> Json:
    """The results of a tool after which only thinking came, and the next question, as one."""
    return {**question, "content": [*_blocks(results), *_blocks(question)]}


def _blocks(message: Json) -> Any:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _without_thinking(message: Json) -> Json:
    content = message["content"]
    if isinstance(content, str):
        return message
    said: Any = [block for block in content if block["type"] not in _KINDS]
    match said:
        case [{"type": "text", "text": str(words), **more}] if not more and said != content:
            said = words
    return {**message, "content": said}
