"""A displayed picture -> what a list shows of it."""

from collections.abc import Sequence
from typing import NamedTuple

from claude_magic.capture.display import Display
from claude_magic.content.blocks import Block, Image
from claude_magic.encode.picture import size_of
from claude_magic.encode.pictures import Pictures
from claude_magic.encode.sight import Sight, seen_tokens
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.errors import BadInput


class Glimpse(NamedTuple):
    """What can be told of a displayed picture.

    `size` is in pixels and `tokens` what it costs the model, both 0 where that is not known before
    it is drawn; `small` is a `data:` address, or "".
    """

    display: Display
    size: tuple[int, int] = (0, 0)
    tokens: int = 0
    small: str = ""


def glimpse(display: Display, pictures: Pictures, sight: Sight) -> Glimpse:
    """Return what can be told at once; what takes a browser to draw is not drawn for it."""
    images = [block for block in _blocks(display, pictures) if isinstance(block, Image)]
    if not images:
        return Glimpse(display)
    size = size_of(images[0])
    return Glimpse(display, size, seen_tokens(size, sight), thumbnail(images[0].source))


def _blocks(display: Display, pictures: Pictures) -> Sequence[Block]:
    try:
        return (display.is_quick and display.blocks(pictures)) or ()
    except BadInput:
        return ()
