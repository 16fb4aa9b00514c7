"""A picture (PIL image, file or bytes) -> an image block within the API's limits."""

import base64
import io
import warnings
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claude_magic.content.blocks import Image
from claude_magic.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_PATCH = 28  # pixels; a visual token is a square of them (Messages API, vision)
_LARGE = 1_000_000  # bytes; a PNG above it is a photograph, or nearly
_QUALITY = 90
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")


def is_picture(value: object) -> bool:
    """Whether `value` is a PIL image, without importing Pillow."""
    return any(kind.__module__.split(".")[0] == "PIL" for kind in type(value).__mro__)


def is_picture_file(data: bytes) -> bool:
    """Whether a file begins as a picture does: PNG, JPEG, GIF, WebP, TIFF or BMP."""
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or data.startswith(_BEGINNINGS)


def picture_block(value: object, *, edge: int, tokens: int) -> Image:
    """Return the block of a picture, no larger than the model looks at.

    `edge` is the longest side in pixels and `tokens` the most visual tokens that the model keeps;
    larger pictures are made smaller, smaller ones left as they are.

    Raises
    ------
    BadInput: it is no picture, damaged, or a decompression bomb; the message names the file.
    """
    picture = _upright(_opened(value))
    size = fitted(picture.size, edge=edge, tokens=tokens)
    if size != picture.size:
        picture = picture.resize(size, 1, reducing_gap=3.0)  # 1: Lanczos
    kind, data = _packed(picture)
    coded = base64.b64encode(data).decode()
    return Image({"type": "base64", "media_type": f"image/{kind}", "data": coded})


def visual_tokens(size: tuple[int, int]) -> int:
    """Return the tokens of a picture of `size` pixels (Messages API, vision).

    >>> visual_tokens((1000, 1000))
    1296
    """
    return ceil(size[0] / _PATCH) * ceil(size[1] / _PATCH)


def fitted(size: tuple[int, int], *, edge: int, tokens: int) -> tuple[int, int]:
    """Return the largest size of the same shape within `edge` and `tokens`.

    >>> fitted((1920, 1080), edge=1568, tokens=1568)
    (1456, 819)
    >>> fitted((3840, 2160), edge=2576, tokens=4784)
    (2576, 1449)
    """
    longest, shortest = max(size), min(size)
    for long in range(min(edge, longest), 0, -1):
        short = max(1, round(shortest * long / longest))
        if visual_tokens((long, short)) <= tokens:
            break
    return (long, short) if size[0] >= size[1] else (short, long)


def _opened(value: object) -> "Picture":
    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    if isinstance(value, pillow.Image):
        return value
    name = "the bytes" if isinstance(value, bytes) else str(value)
    source: Any = io.BytesIO(value) if isinstance(value, bytes) else Path(str(value)).expanduser()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pillow.DecompressionBombWarning)
            picture = pillow.open(source)
            picture.load()
    except (pillow.DecompressionBombWarning, pillow.DecompressionBombError) as error:
        raise BadInput(f"{name} has too many pixels to be opened.") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadInput(
            f"{name} is no picture that can be read ({type(error).__name__}).",
            hint="Give a PIL image, or a file that is PNG, JPEG, GIF, WebP, TIFF or BMP.",
        ) from error
    return picture


def _upright(picture: "Picture") -> "Picture":
    """Its first frame, turned as its camera says, in a mode that PNG and JPEG know."""
    from PIL import ImageOps

    if getattr(picture, "n_frames", 1) > 1:
        picture.seek(0)
    turned = ImageOps.exif_transpose(picture) or picture
    if turned.mode.startswith(("I", "F")):
        return _eight_bits(turned)
    clear = turned.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in turned.info
    if clear:
        return turned.convert("RGBA")
    return turned if turned.mode in ("L", "RGB") else turned.convert("RGB")


def _eight_bits(picture: "Picture") -> "Picture":
    """Deep grey, spread from its darkest to its lightest: conversion alone would cut it off."""
    deep = picture.convert("F")
    low, high = deep.getextrema()
    scale = 255.0 / (float(high) - float(low) or 1.0)  # type: ignore[arg-type]
    return deep.point(lambda value: value * scale - float(low) * scale).convert("L")  # type: ignore[arg-type]


def _packed(picture: "Picture") -> tuple[str, bytes]:
    """PNG, which keeps lines and letters sharp; JPEG where a photograph would be large."""
    png = _saved(picture, "PNG", optimize=False)
    if len(png) <= _LARGE or picture.mode == "RGBA":
        return "png", png
    jpeg = _saved(picture, "JPEG", quality=_QUALITY, subsampling=0)
    return ("jpeg", jpeg) if len(jpeg) < len(png) / 2 else ("png", png)


def _saved(picture: "Picture", kind: str, **how: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()
