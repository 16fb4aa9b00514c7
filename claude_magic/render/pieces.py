"""A growing message -> pieces that will not change any more, and the live rest.

What is final is shown once; only the rest is drawn again.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from claude_magic.content.blocks import Block, Opaque, RedactedThinking, Text, Thinking, ToolUse
from claude_magic.content.growing import Look
from claude_magic.render.markdown import split


class Kind(StrEnum):
    """What a piece is."""

    WORDS = "words"  # Markdown
    THINKING = "thinking"
    NOTE = "note"  # a line about a block that has no words


@dataclass(frozen=True)
class Piece:
    """A part of a message, as its source text."""

    kind: Kind
    source: str


class Cutter:
    """Follows one growing message and remembers how much of it is final."""

    def __init__(self) -> None:
        self._block = 0
        self._offset = 0

    def cut(self, look: Look) -> tuple[list[Piece], list[Piece]]:
        """Return the pieces that have become final since the last call, and the live rest.

        At the end all is final and the rest is empty.
        """
        final: list[Piece] = []
        blocks = look.message.content
        while self._block < len(blocks):
            piece = self._from_offset(blocks[self._block])
            if look.ending is None and self._block == len(blocks) - 1:
                return self._part(piece, final)
            final += _filled(piece)
            self._block, self._offset = self._block + 1, 0
        return final, []

    def _from_offset(self, block: Block) -> Piece:
        piece = piece_of(block)
        return Piece(piece.kind, piece.source[self._offset :])

    def _part(self, piece: Piece, final: list[Piece]) -> tuple[list[Piece], list[Piece]]:
        """Cut the block that still grows: only words can be final in part."""
        if piece.kind is not Kind.WORDS:
            return final, [piece]
        finished, rest = split(piece.source)
        self._offset += len(finished)
        return final + _filled(Piece(Kind.WORDS, finished)), _filled(Piece(Kind.WORDS, rest))


def pieces_of(look: Look) -> list[Piece]:
    """Return a whole message as pieces."""
    return [piece for block in look.message.content for piece in _filled(piece_of(block))]


def piece_of(block: Block) -> Piece:
    """Return what is shown of `block`."""
    match block:
        case Text(text=text):
            return Piece(Kind.WORDS, text)
        case Thinking(thinking=thinking):
            return Piece(Kind.THINKING, thinking)
        case RedactedThinking():
            return Piece(Kind.THINKING, "")
        case ToolUse(name=name, input=given, unfinished=cut):
            return Piece(Kind.NOTE, f"asks for the tool {name}({cut or json.dumps(given)})")
        case Opaque(json=block_json):
            return Piece(Kind.NOTE, f"a block of type {block_json.get('type', 'unknown')}")
        case _:
            return Piece(Kind.NOTE, "a picture")


def _filled(piece: Piece) -> list[Piece]:
    return [piece] if piece.source.strip() else []
