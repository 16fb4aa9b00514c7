"""A request body -> the same with its pictures as its model takes them, within the API's limits."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from claude_magic.content.blocks import Image
from claude_magic.content.wire import Json
from claude_magic.encode.picture import picture_block, size_of
from claude_magic.encode.pictures import Memory
from claude_magic.encode.sight import CROWD, CROWD_SIDE, LONGEST_SIDE, Sight, fitted
from claude_magic.errors import BadInput

LARGEST_REQUEST = 32_000_000  # bytes (Messages API, errors)
MOST_PICTURES = 600  # in one request (Messages API, vision)
_LEFT_OUT = "[A picture was left out here: the request would have been too large.]"
_DAMAGED = "[A picture was left out here: it is damaged.]"

Picture = dict[str, Any]


def _none_kept(name: str) -> bytes:
    raise KeyError(name)


@dataclass
class Fitter:
    """Fits requests. `kept` returns the bytes of a picture that memory no longer holds, by hash.

    Each picture is made smaller once for each way a model sees it, and remembered.
    """

    kept: Callable[[str], bytes] = _none_kept
    memory: Memory = field(default_factory=Memory)
    largest: int = LARGEST_REQUEST

    def fit(
        self,
        body: Json,
        sight: Sight,
        most: int = MOST_PICTURES,
        as_file: Callable[[Json], Json | None] = lambda source: None,
        sent: int = 0,
    ) -> Json:
        """Return `body` with each picture no larger than `sight`, and all of it within the limits.

        Of too many pictures (more than `most`, or more than fit into a request) the oldest give
        way to a line of text. Addresses and ids of files stay as they are; `as_file` may return
        such an id for a source of bytes. The pictures of the first `sent` messages stay as they
        were sent, as thinking demands that answered them: instead, new ones give way.

        Raises
        ------
        BadInput: it is too large without any earlier picture, or has too many of its own.
        """
        if not any(_pictures(body)):
            self._within(body)
            return body
        fit = _copied(body)
        pictures = list(_pictures(fit))
        _check_count(fit, most)
        settled = list(_pictures({"messages": fit["messages"][:sent]}))
        for one in _too_many(pictures, len(settled), most):
            _leave_out(one)
        staying = [one for one in pictures if one["type"] == "image"]
        crowded = len(staying) > CROWD
        for one in staying:
            source = self._source(one["source"], sight, crowded=crowded)
            if source is None:
                _leave_out(one, _DAMAGED)
                continue
            in_bytes = source.get("type") == "base64"
            one["source"] = (in_bytes and as_file(source)) or source
        self._within(fit, settled)
        return fit

    def _within(self, body: Json, settled: Sequence[Picture] = ()) -> None:
        """Leave out the oldest pictures until all is small enough; never the question's own.

        Where some are `settled`, only those that come after them.
        """
        size = len(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
        if size <= self.largest:
            return
        staying = settled or list(_pictures({"messages": body["messages"][-1:]}))
        own = set(map(id, staying))
        for early in list(_pictures(body)):
            if size > self.largest and id(early) not in own:
                size -= len(json.dumps(early["source"]))
                _leave_out(early)
        if size > self.largest:
            raise BadInput(
                f"the question is too large: {size / 1e6:.0f} MB, and a request holds "
                f"{self.largest / 1e6:.0f} MB.",
                hint="Send less text, fewer pictures or documents at once, or pictures as files: "
                "--upload. Those of earlier turns stay away with --last 0.",
            )

    def _source(self, source: Json, sight: Sight, *, crowded: bool) -> Json | None:
        """What a picture is sent as; None: it is damaged, as in a file that was taken in."""
        if source.get("type") == "kept":
            data = base64.b64encode(self._kept(str(source["hash"]))).decode()
            source = {"type": "base64", "media_type": source["media_type"], "data": data}
        if source.get("type") != "base64":
            return source
        edge = min(sight.edge, CROWD_SIDE if crowded else LONGEST_SIDE)
        try:
            size = size_of(Image(source))
            if fitted(size, edge, sight.tokens) == size:
                return source
            key = (blake2b(str(source["data"]).encode()).digest(), edge, sight.tokens)
            return self.memory.get(key, lambda: _smaller(source, edge, sight.tokens)).source
        except BadInput:
            return None

    def _kept(self, name: str) -> bytes:
        try:
            return self.kept(name)
        except KeyError as error:
            raise BadInput(
                "a picture of this conversation is no longer in the store.",
                hint="Ask without the turns before it: `--once`, `--last`, or `%claude reset`.",
            ) from error


def _check_count(body: Json, most: int) -> None:
    """Refuse a question whose own pictures are too many: none of them is less wanted."""
    last = body["messages"][-1].get("content")
    blocks = last if isinstance(last, list) else ()
    own = sum(block.get("type") == "image" for block in blocks)
    if own > most:
        raise BadInput(
            f"the question has {own:,} pictures, and the model takes {most} at once.",
            hint="Ask about some of them at a time.",
        )


def _too_many(pictures: Sequence[Picture], settled: int, most: int) -> Sequence[Picture]:
    """Those that give way where there are more than `most`: the oldest, if none is settled.

    In a crowd all must be small; where a settled one is not, no crowd comes together.
    """
    if not settled:
        return pictures[: max(0, len(pictures) - most)]
    sizes = [size_of(Image(one["source"])) for one in pictures[:settled]]
    room = CROWD if settled <= CROWD and max(map(max, sizes)) > CROWD_SIDE else most
    return pictures[max(settled, room) :]


def _smaller(source: Json, edge: int, tokens: int) -> Image:
    return picture_block(base64.b64decode(source["data"]), edge=edge, tokens=tokens)


def _leave_out(picture: Picture, words: str = _LEFT_OUT) -> None:
    cached = {name: value for name, value in picture.items() if name == "cache_control"}
    picture.clear()
    picture.update({"type": "text", "text": words, **cached})


def _pictures(value: Any) -> Iterator[Picture]:
    """All image blocks of a body in their order, those in tool results too."""
    for message in value.get("messages", ()):
        if not isinstance(message.get("content"), str):
            yield from _in_content(message.get("content"))


def _in_content(content: Any) -> Iterator[Picture]:
    for block in content if isinstance(content, list) else ():
        if block.get("type") == "image":
            yield block
        elif block.get("type") == "tool_result":
            yield from _in_content(block.get("content"))


def _copied(body: Json) -> dict[str, Any]:
    """A body whose messages and blocks can be changed; their data is shared."""
    return {**body, "messages": [_copy(message) for message in body["messages"]]}


def _copy(value: Mapping[str, Any]) -> dict[str, Any]:
    content = value.get("content")
    if not isinstance(content, list):
        return dict(value)
    return {**value, "content": [_copy(block) for block in content]}
