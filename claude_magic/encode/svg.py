"""An SVG drawing -> a picture, painted without running or loading anything.

The drawing may come from anywhere, and the painter is a library that ends the whole process when
a drawing asks for more memory than there is, paints for as long as one makes it, and reads any file
that one names. So it paints in a process of its own, which has some time and memory and no more.
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from claude_magic.encode.sight import SHARP
from claude_magic.errors import BadInput

Size = tuple[int, int]

_LONGEST_SHOWN = 20_000  # characters of a drawing that goes as text
_DPI = 96
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54}
_PIXELS |= {"mm": 96 / 25.4, "em": 16.0, "ex": 8.0}
_LARGEST = SHARP.edge  # pixels; no model looks at more
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+)\s*(\w*)\s*")
_PATIENCE = 20.0  # seconds that the painter has
_MEMORY = 2_000_000_000  # bytes that it has, where the system lets one bound them
_MEND = "Save it again, or give it as a PNG."
# What the process runs: the drawing comes in, a PNG or the reason why there is none goes out.
_PAINTER = """
import sys
folder, memory, dpi, *box = sys.argv[1:]
sys.path.insert(0, folder)
import resvg_py
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(memory),) * 2)
except (ImportError, OSError, ValueError):
    pass
size = dict(zip(("width", "height"), map(int, box)))
svg = sys.stdin.buffer.read().decode()
try:
    png = resvg_py.svg_to_bytes(svg_string=svg, dpi=int(dpi), **size)
except BaseException as error:
    sys.exit(str(error).strip() or type(error).__name__)
sys.stdout.buffer.write(bytes(png))
"""
_REFERENCE = re.compile(r"""([\w-]*:?href\s*=\s*)(["'])(?!\s*(?:#|data:image/))[^"']*\2""")


def is_svg(data: bytes) -> bool:
    """Whether a file is an SVG drawing."""
    begin = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"<svg") or (begin.startswith((b"<?xml", b"<!")) and b"<svg" in begin)


def picture_of_svg(svg: str, name: str, patience: float = _PATIENCE) -> bytes | str:
    """Return an SVG drawing as a picture, or as words that hold it where nothing can paint it.

    It is no larger than a model looks at. What it would load from elsewhere is left out. `name` is
    what an error calls it, `patience` how many seconds may be spent.

    Raises
    ------
    BadInput: the drawing is damaged, or asks for too much; the message names it.
    """
    if (painter := find_spec("resvg_py")) is None or painter.origin is None:
        how = "`pip install resvg-py` lets Claude see the drawing itself"
        return f"An SVG drawing ({how}):\n\n```svg\n{svg[:_LONGEST_SHOWN]}\n```"
    here = Path(painter.origin).parent
    folder = str(here.parent if painter.submodule_search_locations else here)
    more = map(str, (_MEMORY, _DPI, *(_box(svg) or ())))
    command = [sys.executable, "-I", "-S", "-c", _PAINTER, folder, *more]
    alone = _REFERENCE.sub(r"\1\2\2", svg).encode(errors="replace")
    try:
        ran = subprocess.run(command, input=alone, capture_output=True, timeout=patience)
    except subprocess.TimeoutExpired as error:
        what = f"{name} is an SVG that was not painted within {patience:g} s."
        raise BadInput(what, hint=_MEND) from error
    if ran.returncode:
        raise BadInput(f"{name} is an SVG that cannot be painted: {_reason(ran)}.", hint=_MEND)
    return ran.stdout


def _reason(ran: "subprocess.CompletedProcess[bytes]") -> str:
    """Why the painter gave up; one that was ended told nothing to people."""
    said = ran.stderr.decode(errors="replace").strip()
    if ran.returncode != 1 or not said:
        return "it is too large or too deep"
    return said.splitlines()[0][:300].rstrip(".")


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
