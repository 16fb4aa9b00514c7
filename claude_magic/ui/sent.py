"""A request -> what is shown of the pictures that go along with its question."""

from collections.abc import Mapping, Sequence
from typing import Any

from claude_magic.content.blocks import Image
from claude_magic.encode.picture import size_of
from claude_magic.encode.sight import visual_tokens
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.engine import Request
from claude_magic.render.small_print import Header, Sent

_LONGEST_NAME = 40
Json = Mapping[str, Any]


def header_of(request: Request, names: Sequence[str], line: str = "") -> Header:
    """Return what stands above an answer: pictures as they are sent, then `line`.

    `names` are what the question's own pictures are called; they are the last ones in it.
    """
    content = request.body["messages"][-1]["content"]
    blocks = content if isinstance(content, list | tuple) else ()
    sources = [block["source"] for block in blocks if block.get("type") == "image"]
    own = sources[len(sources) - len(names) :] if names else []
    return Header([_sent(name, source) for name, source in zip(names, own, strict=False)], line)


def _sent(name: str, source: Json) -> Sent:
    named = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    if source.get("type") == "url":
        return Sent(named, "fetched by the server")
    if source.get("type") != "base64":
        return Sent(named, "a file of the server")
    width, height = size_of(Image(source))
    tokens = visual_tokens((width, height))
    return Sent(named, f"{width} × {height}, {tokens:,} tokens", thumbnail(source))
