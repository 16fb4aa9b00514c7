"""Image bytes -> what can be seen in them: size, media type, colours by name. Pillow lives here."""

import base64
import binascii
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)

NAMED_COLOURS = {
    "black": (0, 0, 0), "dark grey": (70, 70, 70), "grey": (128, 128, 128),
    "light grey": (200, 200, 200), "white": (255, 255, 255), "red": (220, 30, 30),
    "dark red": (130, 0, 0), "orange": (255, 140, 0), "brown": (130, 75, 30),
    "yellow": (250, 230, 40), "beige": (240, 225, 195), "green": (40, 160, 50),
    "dark green": (0, 90, 30), "light green": (150, 225, 150), "teal": (0, 140, 140),
    "cyan": (60, 220, 240), "blue": (31, 100, 200), "dark blue": (10, 20, 110),
    "light blue": (160, 205, 240), "purple": (125, 50, 170), "magenta": (225, 40, 200),
    "pink": (250, 170, 195),
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A picture's header: its true media type and its size in pixels."""

    media_type: str
    width: int
    height: int


def decode(data: str) -> bytes | None:
    """The bytes behind base64 text; None if it is not base64."""
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None


def glance(data: bytes) -> Picture | None:
    """Size and kind from the header, the pixels left undecoded; None if it is no sound picture."""
    media_type = media_type_of(data)
    try:
        image = _open(data)
        picture = Picture(media_type, *image.size)
        image.verify()
    except Exception:  # a decoder fed broken bytes may raise anything
        return None
    return picture


def colours(data: bytes, *, at_most: int = 3) -> list[str]:
    """The most frequent colours by name, commonest first; [] if the pixels cannot be read.

    A colour is told when it covers at least a fiftieth of the picture; "transparent" is one.
    """
    from PIL.Image import Resampling

    try:
        image = _open(data)
        image.draft("RGB", (64, 64))
        image.thumbnail((64, 64), resample=Resampling.NEAREST)  # mixing would invent colours
        pixels = image.convert("RGBA").tobytes()
    except Exception:  # as above
        return []
    quads = [pixels[n : n + 4] for n in range(0, len(pixels), 4)]
    counts = Counter[str]()
    for quad, count in Counter(quads).items():
        counts[_name(quad)] += count
    return [name for name, count in counts.most_common(at_most) if count * 50 >= len(quads)]


def _name(quad: bytes) -> str:
    if quad[3] < 32:
        return "transparent"
    return min(
        NAMED_COLOURS,
        key=lambda name: sum((a - b) ** 2 for a, b in zip(quad, NAMED_COLOURS[name], strict=False)),
    )


def media_type_of(data: bytes) -> str:
    """The media type that the first bytes tell, "" for none the API takes."""
    return next((kind for start, kind in SIGNATURES if data.startswith(start)), "")


def _open(data: bytes) -> "ImageFile":
    """The picture, its header read.

    The format's own class, because `Image.open` refuses or warns on very large sizes, and a very
    large size is exactly what the caller wants to be told.
    """
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    match media_type_of(data):
        case "image/png":
            return PngImageFile(BytesIO(data))
        case "image/jpeg":
            return JpegImageFile(BytesIO(data))
        case "image/gif":
            return GifImageFile(BytesIO(data))
        case "image/webp":
            return WebPImageFile(BytesIO(data))
        case _:
            raise ValueError("no image the API takes")


def fitted(width: int, height: int, *, edge: int, most: int) -> tuple[int, int]:
    """The size in pixels a picture is shrunk to (vision documentation): the largest of the same
    proportions whose long edge is at most `edge` and which costs at most `most` tokens.

    >>> fitted(1920, 1080, edge=1568, most=1568), fitted(1000, 1000, edge=2576, most=4784)
    ((1456, 819), (1000, 1000))
    """
    long, short = max(width, height), min(width, height)
    sizes = ((side, max(1, round(short * side / long))) for side in range(min(edge, long), 0, -1))
    size = next((size for size in sizes if tokens(*size) <= most), (1, 1))
    return size if width >= height else size[::-1]


def tokens(width: int, height: int) -> int:
    """What a picture of this size costs: one token per 28 by 28 pixels, begun ones included."""
    return -(-width // 28) * -(-height // 28)
