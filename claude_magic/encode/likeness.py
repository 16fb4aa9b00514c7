"""Image bytes -> what tells whether two pictures show the same, however they were saved."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_GRID = 12  # squares on a side, each with a level of red, green and blue
_LEVELS = 16
_SHAPES_ALIKE = 0.03  # how much the proportions may differ
_FAR = 1  # levels


def likeness(data: bytes) -> dict[str, Any]:
    """Return `sha256` (hex, of the pixels), `width`, `height` in pixels, and `look`.

    `look` is a picture of 12 by 12 squares, a hexadecimal digit for the red, green and blue of
    each. Bytes that are no picture have only the `sha256` of themselves.
    """
    try:
        picture = _seen(data)
    except Exception:  # a decoder fed odd bytes may raise anything
        return {"sha256": sha256(data).hexdigest()}
    width, height = picture.size
    digest = sha256(f"{width}x{height}".encode() + picture.tobytes())
    small = picture.resize((_GRID, _GRID), 4)  # 4: box, the mean of each square
    look = "".join(f"{level * _LEVELS // 256:x}" for level in small.tobytes())
    return {"sha256": digest.hexdigest(), "width": width, "height": height, "look": look}


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two likenesses are of the same picture drawn twice: by other fonts, at another size.

    >>> alike({"sha256": "1"}, {"sha256": "2"})
    False
    """
    if one.get("sha256") == other.get("sha256"):
        return True
    looks = str(one.get("look", "")), str(other.get("look", ""))
    if not all(looks) or len(looks[0]) != len(looks[1]):
        return False
    shapes = [float(it.get("width") or 1) / float(it.get("height") or 1) for it in (one, other)]
    if abs(shapes[0] / shapes[1] - 1) > _SHAPES_ALIKE:
        return False
    return all(abs(int(a, 16) - int(b, 16)) <= _FAR for a, b in zip(*looks, strict=True))


def _seen(data: bytes) -> "Picture":
    """The picture as it looks on white: what is under full transparency cannot be seen."""
    from PIL import Image

    clear = Image.open(BytesIO(data)).convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")
