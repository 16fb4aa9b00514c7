"""An SVG drawing -> a picture, painted without running or loading anything.

The drawing may come from anywhere, and the painter is a library that ends the whole process when
it is asked for too large a picture, and reads any file that a drawing names.
"""

import re

from claude_magic.encode.sight import SHARP
from claude_magic.errors import BadInput

Size = tuple[int, int]

_LONGEST_SHOWN = 20_000  # characters of a drawing that goes as text
_DPI = 96
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54}
_PIXELS |= {"mm": 96 / 25.4, "em": 16.0, "ex": 8.0}
_LARGEST = SHARP.edge  # pixels; no model looks at more
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+)\s*(\w*)\s*")
_REFERENCE = re.compile(r"""([\w-]*:?href\s*=\s*)(["'])(?!\s*(?:#|data:image/))[^"']*\2""")


def is_svg(data: bytes) -> bool:
    """Whether a file is an SVG drawing."""
    begin = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"<svg") or (begin.startswith((b"<?xml", b"<!")) and b"<svg" in begin)


def picture_of_svg(svg: str) -> bytes | str:
    """Return an SVG drawing as a picture, or as words that hold it where nothing can paint it.

    It is no larger than a model looks at. What it would load from elsewhere is left out.

    Raises
    ------
    BadInput: the drawing is damaged.
    """
    try:
        import resvg_py
    except ImportError:
        how = "`pip install resvg-py` lets Claude see the drawing itself"
        return f"An SVG drawing ({how}):\n\n```svg\n{svg[:_LONGEST_SHOWN]}\n```"
    width, height = _box(svg) or (None, None)
    alone = _REFERENCE.sub(r"\1\2\2", svg)
    try:
        return bytes(resvg_py.svg_to_bytes(svg_string=alone, width=width, height=height, dpi=_DPI))
    except Exception as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise BadInput(f"the SVG drawing cannot be painted: {why}") from error


def _box(svg: str) -> Size | None:
    """The box to paint it in; None: it is small enough as it is."""
    size = _size(svg)
    if size is not None and 0 < max(size) <= _LARGEST:
        return None
    return _LARGEST, _LARGEST


def _size(svg: str) -> tuple[float, float] | None:
    """The size in pixels that a drawing says it has."""
    head = re.search(r"<(?:\w+:)?svg\b[^>]*>", svg)
    if head is None:
        return None
    sides = [_side(head[0], name) for name in ("width", "height")]
    if None in sides:
        box = re.search(r"""\bviewBox\s*=\s*["']([^"']*)""", head[0])
        numbers = re.split(r"[\s,]+", box[1].strip()) if box else []
        try:
            sides = [float(number) for number in numbers[2:4]]
        except ValueError:
            return None
    width, height = (*sides, None, None)[:2]
    return None if width is None or height is None else (width, height)


def _side(head: str, name: str) -> float | None:
    told = re.search(rf"""\s{name}\s*=\s*["']([^"']*)""", head)
    length = _LENGTH.fullmatch(told[1]) if told else None
    unit = _PIXELS.get(length[2]) if length else None
    return float(length[1]) * unit if length and unit else None
