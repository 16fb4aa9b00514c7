"""Whatever a notebook can show -> image blocks; and a request's pictures within its limits.

A picture is kept as the sharpest models see it. What a request carries is made from that when it is
sent: as its model sees it, and always the same bytes for the same picture, so that the prompt cache
is met.
"""

import io
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any

from claude_magic.content.blocks import Block, Image, Text
from claude_magic.encode.arrays import is_array, looks_like_pixels, picture_of_array
from claude_magic.encode.figures import Drawn, drawer, figure_of
from claude_magic.encode.named import data_of, is_address, is_path, read, remote, shown
from claude_magic.encode.picture import (
    is_picture,
    is_picture_file,
    made_fit,
    packed,
    picture_block,
)
from claude_magic.encode.shown import picture_in, picture_shown
from claude_magic.encode.sight import SHARP
from claude_magic.encode.svg import is_svg, picture_of_svg
from claude_magic.errors import BadInput

Blocks = tuple[Block, ...]
_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg")
_MOST_PAINTINGS = 50
_MOST_REMEMBERED = 64_000_000  # characters of base64
_NOT_PICTURES = (str, int, float, complex, bool, dict, set, frozenset, type(None), BaseException)


def is_picture_name(text: str) -> bool:
    """Whether `text` names a file as pictures are named."""
    return text.lower().endswith(_SUFFIXES)


class Memory:
    """Pictures that were made already, the oldest forgotten once they are too many."""

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Image] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable, make: Callable[[], Image]) -> Image:
        """Return what `key` stands for; `make` makes it the first time."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        made = self._known[key] = make()
        self._size += _length(made)
        while self._size > self._most and len(self._known) > 1:
            self._size -= _length(self._known.popitem(last=False)[1])
        return made


class Pictures:
    """Makes blocks of pictures, each once.

    `fetch` returns what is at an address; without it the server is given the address. `paint`
    returns the picture of an SVG drawing, which it calls by a name in errors.
    """

    def __init__(
        self,
        memory: Memory | None = None,
        fetch: Callable[[str], bytes] | None = None,
        paint: Callable[[str, str], Drawn] = picture_of_svg,
    ) -> None:
        self._paint = paint
        self._memory = memory or Memory()
        self._paintings: dict[bytes, Drawn | BadInput] = {}  # of SVG, by its hash
        self._fetch = fetch

    def fetching(self, fetch: Callable[[str], bytes]) -> "Pictures":
        """Return the same with what is at addresses fetched here."""
        return Pictures(self._memory, fetch, self._paint)

    def blocks(self, value: object) -> Blocks | None:
        """Return the blocks of one or several pictures; None: `value` is none that we know.

        Takes PIL images; figures of matplotlib, seaborn, plotly, altair and bokeh, and what belongs
        to them; whatever shows a picture of itself in a notebook; arrays and tensors of pixels;
        bytes, open files and paths of pictures; `https://` addresses and `file_…` ids; and lists of
        these. A figure that nothing here can draw becomes its specification, as text.

        Raises
        ------
        BadInput: it is damaged, or no picture in spite of its type.
        """
        if isinstance(value, list | tuple):
            return self._several(value)
        if isinstance(value, str):
            return self._named(value)
        if isinstance(value, (*_NOT_PICTURES, type)) and figure_of(value) is None:
            return None
        if isinstance(value, Path):
            return self._file(value)
        return self._made(value)

    def among_words(self, value: object) -> Blocks | None:
        """Return the blocks of what stands among words and is surely meant as a picture.

        There, text stays text, a path is its name unless it leads to a picture, and a small matrix
        is its numbers.

        Raises
        ------
        BadInput: as `blocks` says.
        """
        if isinstance(value, Path):
            return self._file(value) if is_picture_name(value.name) else None
        if isinstance(value, bytes | bytearray) and not is_picture_file(bytes(value[:16])):
            return None
        if is_array(value) and not looks_like_pixels(value) and figure_of(value) is None:
            return None
        if isinstance(value, list | tuple):
            return self._several(value, of=self.among_words)
        return None if isinstance(value, str) else self.blocks(value)

    def displayed(self, data: Mapping[str, Any], name: str) -> Blocks | None:
        """Return the blocks of what was displayed, given as IPython's bundle; None: no picture.

        Raises
        ------
        BadInput: it is damaged, or cannot be drawn; `name` is what the error calls it.
        """
        drawn = picture_in(data, name)
        return None if drawn is None else self._of_drawn(drawn, name)

    def _several(
        self, values: Iterable[object], of: Callable[[object], Blocks | None] | None = None
    ) -> Blocks | None:
        """The blocks of all of them, a figure once though several of its parts are there."""
        try:
            items = _each_figure_once(values)
            found = [(of or self.blocks)(item) for item in items]
        except RecursionError:  # a list in itself
            return None
        if not items or None in found:
            return None
        return tuple(block for blocks in found if blocks for block in blocks)

    def _named(self, text: str) -> Blocks | None:
        if self._fetch is not None and is_address(text):
            return self._of_bytes(self._fetch(text), shown(text))
        if text[:11].lower() == "data:image/":
            return self._of_bytes(data_of(text), "the data: address")
        if (image := remote(text)) is not None:
            return (image,)
        return self._file(Path(text)) if is_path(text) else None

    def _file(self, path: Path) -> Blocks:
        if path.suffix.lower() in (".pdf", ".eps", ".ps"):
            raise BadInput(
                f"{shown(str(path))} is no picture but a document.",
                hint="A PDF goes along with `--doc`.",
            )
        return self._of_bytes(read(path), shown(str(path)))

    def _made(self, value: Any) -> Blocks | None:
        if is_picture(value):
            return (self._of_picture(value),)
        if (draw := drawer(value)) is not None:
            return self._of_drawn(draw(), type(value).__name__)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._of_bytes(bytes(value), "the bytes object")
        if is_array(value):
            return (self._of_picture(picture_of_array(value)),)
        if isinstance(value, io.IOBase) and (value.closed or value.readable()):
            return self._of_bytes(_all_of(value), str(getattr(value, "name", "the open file")))
        if type(value).__module__.startswith("ipywidgets.") and hasattr(value, "value"):
            own = value.value
            return self.blocks(own) if isinstance(own, bytes | memoryview) else None
        if isinstance(address := getattr(value, "url", None), str) and _is_display(value):
            return self._named(address)
        drawn = picture_shown(value)
        return None if drawn is None else self._of_drawn(drawn, type(value).__name__)

    def _of_drawn(self, drawn: Drawn, name: str) -> Blocks:
        return (Text(drawn),) if isinstance(drawn, str) else self._of_bytes(drawn, name)

    def _of_bytes(self, data: bytes, name: str) -> Blocks:
        key = sha1(data, usedforsecurity=False).digest()
        if is_svg(data):
            drawn = self._painted(data, key, name)
            return (Text(drawn),) if isinstance(drawn, str) else self._of_bytes(drawn, name)
        return (self._memory.get(key, lambda: picture_block(data, **_sharp(name))),)

    def _painted(self, svg: bytes, key: bytes, name: str) -> Drawn:
        """A drawing as a picture, painted once; what cannot be painted is not tried again."""
        if key not in self._paintings:
            try:
                painted: Drawn | BadInput = self._paint(svg.decode(errors="replace"), name)
            except BadInput as error:
                painted = error
            self._paintings[key] = painted
            while len(self._paintings) > _MOST_PAINTINGS:
                del self._paintings[next(iter(self._paintings))]
        painted = self._paintings[key]
        if isinstance(painted, BadInput):
            raise BadInput(str(painted), hint=painted.hint)
        return painted

    def _of_picture(self, picture: Any) -> Image:
        fit = made_fit(picture, *SHARP)
        pixels = sha1(fit.picture.tobytes(), usedforsecurity=False).digest()
        key = (fit.picture.mode, fit.picture.size, fit.drawn, pixels)
        return self._memory.get(key, lambda: packed(fit))


def _each_figure_once(values: Iterable[object]) -> list[object]:
    """Figures for their parts; the numbers that `plt.hist` gives beside them are none."""
    items = [(item, figure_of(item)) for item in values]
    some = any(figure is not None for _, figure in items)
    wanted = [item if f is None else f for item, f in items if not (some and _is_numbers(item, f))]
    return list({id(item): item for item in wanted}.values())


def _is_numbers(item: object, figure: object) -> bool:
    return figure is None and is_array(item) and not looks_like_pixels(item)


def _sharp(name: str) -> dict[str, Any]:
    return {**SHARP._asdict(), "name": name}


def _is_display(value: object) -> bool:
    """Whether it is IPython's `Image`, which may hold no more than an address."""
    own: Any = value
    return type(value).__module__ == "IPython.core.display" and own.data is None


def _all_of(file: Any) -> bytes:
    """What is in an open file, which is left where it was."""
    if file.closed:
        raise BadInput("the file is closed, so no picture can be read from it.")
    at = file.tell() if file.seekable() else None
    if at is not None:
        file.seek(0)
    data = file.read()
    if at is not None:
        file.seek(at)
    if not isinstance(data, bytes):
        raise BadInput("the file is open as text, so no picture can be read from it.")
    return data


def _length(image: Image) -> int:
    return len(str(image.source.get("data", "")))
