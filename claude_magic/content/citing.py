"""Citations: a request has them for all of its documents, or for none (Messages API, citations)."""

from collections.abc import Iterable
from dataclasses import replace

from claude_magic.content.blocks import Block, Opaque, Text
from claude_magic.content.message import Message


def without_citations(message: Message) -> Message:
    """Return `message` as it is sent where nothing can be cited."""
    return replace(message, content=tuple(map(_plain, message.content)))


def cited_alike(messages: Iterable[Message]) -> bool:
    """Whether answers may cite all documents of `messages`, or none of them."""
    documents = [
        block.json
        for message in messages
        for block in message.content
        if isinstance(block, Opaque) and block.json.get("type") == "document"
    ]
    return len({_is_cited(document.get("citations")) for document in documents}) < 2


def _is_cited(citations: object) -> bool:
    return isinstance(citations, dict) and citations.get("enabled") is True


def _plain(block: Block) -> Block:
    match block:
        case Text():
            return replace(block, citations=())
        case Opaque(json={"type": "document" | "search_result", "citations": _}):
            return Opaque({name: it for name, it in block.json.items() if name != "citations"})
        case _:
            return block
