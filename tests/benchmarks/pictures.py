"""Rows 10 to 12: blocks of large pictures, against plain Pillow, and what goes over the wire.

The photograph is noise over slow waves, as a sensor sees the sky, so that no file of its own is
needed; the plot has many lines and dots, drawn by Pillow. Both are in memory, as in a notebook.
"""

import io
import json
import math
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, ImageDraw

from claude_magic.content.message import Message, write_message
from claude_magic.encode.fitting import Fitter
from claude_magic.encode.picture import size_of
from claude_magic.encode.pictures import Pictures
from claude_magic.encode.sight import USUAL
from tests.benchmarks.kernel import Bench
from tests.benchmarks.table import Pair, Row, times

_TURNS = 10


def encoding(at: Bench, runs: int) -> Iterator[Row]:
    """Rows 10 and 11: a picture in memory becomes a block as the sharpest models see it."""
    photo, plot = photograph((4000, 3000)), dense_plot((3840, 2160))
    for number, name, picture in ((10, "12 MP photograph", photo), (11, "dense 4k plot", plot)):
        block: Any = (Pictures().blocks(picture) or ())[0]
        size, kind = size_of(block), block.source["media_type"].split("/")[1].upper()
        pairs = [
            Pair(
                _seconds(lambda p=picture: Pictures().blocks(p)), _seconds(_plain(picture, size, k))
            )
            for k in [kind] * (runs + 1)
        ][1:]
        yield times(number, f"{name} to a block, against resize and save ({kind})", pairs, 1.2)


def ten_turns(at: Bench, runs: int) -> Iterator[Row]:
    """Row 12: all requests of ten turns about one PNG of 20 MB, against sending it as it is."""
    file = io.BytesIO()
    photograph((4800, 3600)).save(file, "PNG")
    (block,) = Pictures().blocks(file.getvalue()) or ()
    fitter, sent = Fitter(), 0
    messages = [write_message(Message("user", (block,)))]
    for _ in range(_TURNS):
        sent += len(json.dumps(fitter.fit({"messages": messages}, USUAL)))
        messages += [{"role": "assistant", "content": "…"}, {"role": "user", "content": "And?"}]
    plain = _TURNS * len(file.getvalue()) * 4 / 3
    what = f"ten turns about a PNG of {len(file.getvalue()) / 1e6:.0f} MB, bytes sent"
    measured = f"{sent / plain:.3f} × ({sent / 1e6:.1f} MB : {plain / 1e6:.0f} MB)"
    yield Row(12, what, "≤ 0.05 ×", measured, sent <= 0.05 * plain)


def photograph(size: tuple[int, int]) -> Image.Image:
    """Slow waves of colour under the noise of a sensor."""
    small = Image.new("RGB", (80, 60))
    wave = [(math.sin(x / 9) + math.cos(y / 7)) * 50 + 128 for y in range(60) for x in range(80)]
    small.putdata([(int(w), int(w * 0.8), 255 - int(w)) for w in wave])
    grain = Image.effect_noise(size, 12).convert("RGB")
    return Image.blend(small.resize(size, Image.Resampling.BICUBIC), grain, 0.2)


def dense_plot(size: tuple[int, int]) -> Image.Image:
    """Thirty lines and five thousand dots on white, with letters."""
    chance, picture = random.Random(4), Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(30):
        ys = [chance.gauss(size[1] / 2, size[1] / 6) for _ in range(300)]
        points = [(x * size[0] / 300, y) for x, y in enumerate(ys)]
        pen.line(points, fill=tuple(chance.randrange(200) for _ in range(3)), width=2)
    for _ in range(5000):
        x, y = chance.random() * size[0], chance.random() * size[1]
        pen.ellipse((x, y, x + 8, y + 8), fill=tuple(chance.randrange(255) for _ in range(3)))
    for row in range(0, size[1], 120):
        pen.text((20, row), f"label {row}", fill="black")
    return picture


def _plain(picture: Image.Image, size: tuple[int, int], kind: str) -> Callable[[], object]:
    how = {"lossless": True} if kind == "WEBP" else {}
    return lambda: picture.resize(size).save(io.BytesIO(), kind, **how)


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
