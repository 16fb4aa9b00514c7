"""A picture -> a small one, for a page to show at once."""

import base64
import io
import warnings
from collections.abc import Mapping
from typing import Any

_SIDE = 160  # pixels
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


def small(data: bytes) -> str:
    """Return the picture in `data` as a small `data:` address; "" where it is none."""
    from PIL import Image

    shown = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                picture.thumbnail((_SIDE, _SIDE))
                picture.convert("RGBA").save(shown, "WEBP", quality=70)
    except Exception:  # decoders fail in many ways
        return ""
    return f"data:image/webp;base64,{base64.b64encode(shown.getvalue()).decode()}"
