"""A displayed picture -> what a list shows of it."""

from typing import NamedTuple

from claude_magic.capture.display import Display
from claude_magic.content.blocks import Image
from claude_magic.encode.picture import size_of
from claude_magic.encode.pictures import Pictures
from claude_magic.encode.sight import SHARP, Sight, fitted, seen_tokens
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
    try:
        image = _image(display, pictures)
        size = fitted(size_of(image), *SHARP) if image else (0, 0)
    except BadInput:
        return Glimpse(display)
    if image is None or 0 in size:
        return Glimpse(display)
    return Glimpse(display, size, seen_tokens(size, sight), thumbnail(image.source))


def _image(display: Display, pictures: Pictures) -> Image | None:
    if (source := display.published) is not None:
        return Image(source)
    blocks = display.blocks(pictures) if display.is_quick else None
    return next((block for block in blocks or () if isinstance(block, Image)), None)
