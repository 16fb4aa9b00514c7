"""A picture -> a small one, for a page to show at once."""

import base64
import io
import warnings
from collections.abc import Mapping
from typing import Any

_SIDE = 160  # pixels
_SLIMMEST = 4  # times as wide as high, or the other way round
_LARGEST = 40_000_000  # base64 characters; above it nobody waits for a small picture


def thumbnail(source: Mapping[str, Any]) -> str:
    """Return the picture of an image block's `source` as a small `data:` address; "" for others.

    What the kernel does not hold (an address, a file of the server) has none.
    """
    data = source.get("data")
    if not isinstance(data, str) or len(data) > _LARGEST:
        return ""
    try:
        return small(base64.b64decode(data))
    except ValueError:
        return ""


def _no_strip(picture: Any) -> Any:
    """The picture with room around it where it is a mere strip: it is shown by its height."""
    from PIL import Image

    width, height = picture.size
    size = max(width, height // _SLIMMEST), max(height, width // _SLIMMEST)
    if size == picture.size:
        return picture
    ground = Image.new("RGBA", size)
    ground.paste(picture, ((size[0] - width) // 2, (size[1] - height) // 2))
    return ground


def small(data: bytes) -> str:
    """Return the picture in `data` as a small `data:` address; "" where it is none."""
    from PIL import Image

    shown = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                picture.thumbnail((_SIDE, _SIDE))
                _no_strip(picture.convert("RGBA")).save(shown, "WEBP", quality=70)
    except Exception:  # decoders fail in many ways
        return ""
    return f"data:image/webp;base64,{base64.b64encode(shown.getvalue()).decode()}"
