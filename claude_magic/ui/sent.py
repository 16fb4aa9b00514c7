"""A request -> what is shown of the pictures that go along with its question."""

from collections.abc import Sequence

from claude_magic.asking import Request
from claude_magic.content.blocks import Image
from claude_magic.content.wire import Json
from claude_magic.encode.picture import size_of
from claude_magic.encode.sight import Sight, fitted, visual_tokens
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.render.small_print import Header, Sent

_LONGEST_NAME = 40


def header_of(request: Request, names: Sequence[str], line: str = "") -> Header:
    """Return what stands above an answer: pictures as they are sent, then `line`.

    `names` are what the question's own pictures are called; they are the last ones in it.
    """
    images = [block.source for block in request.question.content if isinstance(block, Image)]
    own = images[len(images) - len(names) :]
    sent = _sources(request)[-len(own) :] if own else []
    told = zip(names, own, sent, strict=False)
    return Header([_sent(*one, request.model.sight) for one in told], line)


def _sources(request: Request) -> list[Json]:
    """The pictures of the question as they go over the wire."""
    content = request.body["messages"][-1]["content"]
    blocks = content if isinstance(content, list | tuple) else ()
    return [block["source"] for block in blocks if block.get("type") == "image"]


def _sent(name: str, own: Json, sent: Json, sight: Sight) -> Sent:
    named = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    if own.get("type") == "url":
        return Sent(named, "fetched by the server")
    if own.get("type") != "base64":
        return Sent(named, "a file of the server")
    size = size_of(Image(own if sent.get("type") == "file" else sent))
    width, height = fitted(size, *sight)
    how = ", as a file" if sent.get("type") == "file" else ""
    tokens = visual_tokens((width, height))
    cost = f"{width} × {height}, {tokens:,} token{'' if tokens == 1 else 's'}{how}"
    return Sent(named, cost, thumbnail(own))
