"""Files that come from the page in pieces -> content blocks, ready for a question."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_magic.api.estimate import estimated_tokens
from claude_magic.content.blocks import Block, write_block
from claude_magic.content.wire import Json
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.errors import BadInput

LARGEST = 32_000_000  # bytes: more than a request takes (Messages API, request size)


@dataclass(frozen=True)
class Attachment:
    """What goes along with a question: its blocks, and what the page shows of it.

    `size` in bytes, `tokens` about how many it costs, `small` a small picture as `data:` address.
    """

    blocks: tuple[Block, ...]
    name: str
    size: int
    tokens: int
    small: str = ""

    def json(self) -> Json:
        """Return what the page shows."""
        return {"name": self.name, "size": self.size, "tokens": self.tokens, "small": self.small}


def attached_again(block: Block) -> Attachment:
    """Return what a question's block becomes when it is attached to another."""
    json = write_block(block)
    source = json.get("source")
    source = source if isinstance(source, dict) else {}
    data = source.get("data")
    size = len(data) if isinstance(data, str) else 0
    size = size * 3 // 4 if source.get("type") == "base64" else size
    tokens = estimated_tokens(json)
    return Attachment((block,), name_of(json), size, tokens, thumbnail(source))


def name_of(json: Mapping[str, Any]) -> str:
    """Return what a block is called, by its JSON object."""
    if isinstance(title := json.get("title"), str) and title:
        return title
    source = json.get("source")
    address = source.get("url") if isinstance(source, dict) else None
    kind = str(json.get("type", "block"))
    return str(address) if address else {"image": "picture"}.get(kind, kind)


@dataclass
class _Coming:
    name: str
    size: int
    pieces: list[bytes] = field(default_factory=list)


class Attachments:
    """Those that came, by the name the page gave them. `made` makes one of a whole file."""

    def __init__(self, made: Callable[[str, bytes], Attachment]) -> None:
        self._made = made
        self._coming: dict[str, _Coming] = {}
        self._kept: dict[str, Attachment] = {}

    def begin(self, ref: str, name: str, size: int) -> None:
        """A file of `size` bytes will come.

        Raises
        ------
        BadInput: it is empty or too large.
        """
        if not 0 < size <= LARGEST:
            why = "is empty" if size <= 0 else f"has {size / 1e6:.0f} MB; {LARGEST / 1e6:.0f} fit"
            raise BadInput(f"{name} {why}.", hint="Attach a part of it.")
        self._coming[ref] = _Coming(name, size)

    def take(self, ref: str, piece: bytes) -> Attachment | None:
        """Add a piece; return the attachment with the last one.

        Raises
        ------
        BadInput: the file is none that Claude can read, or is not what was announced.
        """
        coming = self._coming.get(ref)
        if coming is None:  # taken off while it came
            return None
        coming.pieces.append(piece)
        come = sum(map(len, coming.pieces))
        if come < coming.size:
            return None
        del self._coming[ref]
        if come > coming.size:
            raise BadInput(f"{coming.name} changed while it was read.", hint="Attach it again.")
        return self.add(ref, self._made(coming.name, b"".join(coming.pieces)))

    def add(self, ref: str, attachment: Attachment) -> Attachment:
        """Keep one that is whole already."""
        self._kept[ref] = attachment
        return attachment

    def drop(self, ref: str) -> None:
        """Forget one, whole or coming."""
        self._coming.pop(ref, None)
        self._kept.pop(ref, None)

    def known(self, refs: Iterable[str]) -> list[Json]:
        """Return what the page shows of those that are here."""
        return [{"ref": ref, **self._kept[ref].json()} for ref in refs if ref in self._kept]

    def blocks(self, refs: Iterable[str]) -> tuple[Block, ...]:
        """Return the blocks of a question's attachments.

        Raises
        ------
        BadInput: one is not here: it still comes, or the kernel forgot it.
        """
        missing = [ref for ref in refs if ref not in self._kept]
        if missing:
            raise BadInput("an attachment is not here any more.", hint="Attach it again.")
        return tuple(block for ref in refs for block in self._kept[ref].blocks)
