"""One picture that the notebook displayed."""

import re
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claude_magic.content.blocks import Block
    from claude_magic.content.wire import Json
    from claude_magic.encode.pictures import Pictures

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")
PLOTLY_CALL = "Plotly.newPlot("  # with which a page draws a plot, in Colab and elsewhere
PLOTLY, _BOKEH = "application/vnd.plotly.v1+json", "application/vnd.bokehjs_exec.v0+json"
_DRAWN_BY = {"plotly", "altair", "bokeh", "ipympl"}
_QUICK = {"altair", "ipympl", "matplotlib"}  # drawn at once; others start a browser for it
_OURS = '<div class="claude-magic'  # answers, with the small pictures above them
# Compiled at its first use: %load_ext imports this module.
_IN_HTML = r"""<img\b[^>]*?\bsrc\s*=\s*["']?data:(image/[\w+]+);base64,([\w+/=\s]+)"""
_LONGEST_TAG = 2_000  # characters before the data
_REPRS = ("_repr_png_", "_repr_jpeg_", "_repr_svg_")


@dataclass(eq=False, repr=False)  # made at load, where each method costs
class Origin:
    """The run of a cell: its id ("": none is known), and the number in In [ ], known at its end."""

    cell: str = ""
    count: int | None = None


@dataclass(eq=False, repr=False)  # made at load, where each method costs
class Display:
    """What was displayed: a picture, or what draws one.

    `number` names it, and after it what its cell shows when it runs again; `place` is the output it
    stands in. `data` holds its pictures as they were published (bytes, base64 or SVG), `held` gives
    the object that was shown, while there is one. `size` is about what it takes in memory (bytes).
    """

    number: int = 0
    origin: Origin = field(default_factory=Origin)
    place: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    held: Callable[[], object] = lambda: None
    size: int = 0
    display_id: str = ""
    at: float = field(default_factory=time.time)

    @property
    def name(self) -> str:
        """Where it was displayed."""
        count = self.origin.count
        return f"#{self.number}" if count is None else f"In [{count}]"

    @property
    def cell(self) -> str:
        """The id of its cell, or ""."""
        return self.origin.cell

    @property
    def is_picture(self) -> bool:
        """Whether there is anything to see; else it only holds the place of what may come."""
        return bool(self.data) or self.held() is not None

    @property
    def kind(self) -> str:
        """PNG, JPEG, WEBP, GIF, SVG, or the library that draws it."""
        if (held := self.held()) is not None:
            return "matplotlib" if is_figure(held) else library_of(held) or type(held).__name__
        kind = next(iter(self.data), "")
        return "plotly" if kind == PLOTLY else kind[len("image/") :].removesuffix("+xml").upper()

    @property
    def is_quick(self) -> bool:
        """Whether it can be drawn at once."""
        return self.kind in _QUICK or any(kind in self.data for kind in PICTURES)

    @property
    def published(self) -> "Json | None":
        """The picture as it was published, as a source of bytes; None: it has to be drawn."""
        kind = next((kind for kind in PICTURES[:-1] if kind in self.data), "")
        if not kind or self.held() is not None:
            return None
        data = self.data[kind]
        coded = b64encode(data).decode() if isinstance(data, bytes) else "".join(data.split())
        return {"type": "base64", "media_type": kind, "data": coded}

    def blocks(self, pictures: "Pictures") -> "tuple[Block, ...] | None":
        """Return the blocks of the picture as it looks now; None: it is no longer there.

        Raises
        ------
        BadInput: it is damaged, or cannot be drawn.
        """
        if (held := self.held()) is not None:
            return pictures.blocks(held)
        return pictures.displayed(self.data, f"the picture of {self.name}")


def picture_data(data: Any) -> dict[str, Any]:
    """Return those kinds of what is published that a picture can be made of."""
    if not isinstance(data, Mapping):
        return {}
    found = {k: data[k] for k in PICTURES if isinstance(data.get(k), str | bytes) and data[k]}
    if not found and isinstance(data.get(PLOTLY), Mapping):
        return {PLOTLY: data[PLOTLY]}
    if not found and isinstance(page := data.get("text/html"), str):
        return _embedded(page)
    return found


def _embedded(page: str) -> dict[str, Any]:
    """The picture that HTML consists of for the most part; icons and the like are none."""
    if page.startswith(_OURS):
        return {}
    if (at := page.find(PLOTLY_CALL)) >= 0:
        return {PLOTLY: page[at:]}  # read when it is asked about
    at = page.find("data:image/")
    found = re.search(_IN_HTML, page[max(0, at - _LONGEST_TAG) :]) if at >= 0 else None
    mostly = found is not None and 2 * len(found[0]) > len(page)
    return {found[1]: found[2]} if found is not None and mostly else _drawing(page)


def _drawing(page: str) -> dict[str, Any]:
    """The SVG that HTML consists of for the most part."""
    begin, end = page.find("<svg"), page.rfind("</svg>")
    svg = page[begin : end + len("</svg>")] if 0 <= begin < end else ""
    one = 2 * len(svg) > len(page) and "<svg" not in svg[1:]
    return {"image/svg+xml": svg} if one else {}


def library_of(value: object) -> str:
    """Return the plotting library whose figure `value` is, or ""; its plots are no pictures."""
    libraries = {kind.__module__.split(".")[0] for kind in type(value).__mro__}
    return next(iter(_DRAWN_BY & libraries), "")


def draws_itself(value: object) -> bool:
    """Whether a notebook would show `value` as a picture, of which a terminal shows only words."""
    kind = type(value)
    own = any(callable(getattr(kind, method, None)) for method in _REPRS)
    return own or bool(library_of(value)) or is_figure(value)


def is_figure(value: object) -> bool:
    """Whether `value` is a figure of matplotlib."""
    return any(kind.__module__ == "matplotlib.figure" for kind in type(value).__mro__)


def is_remote(value: object) -> bool:
    """Whether `value` is IPython's `Image` of an address, which the page fetches."""
    url: Any = getattr(value, "url", None) if type(value).__name__ == "Image" else None
    return isinstance(url, str) and re.match("https?:", url) is not None


def is_image_widget(value: object) -> bool:
    """Whether `value` is the widget that shows an image."""
    return type(value).__name__ == "Image" and type(value).__module__.startswith("ipywidgets.")


def model_shown(metadata: Any) -> object:
    """Return the plot of bokeh that is shown with this metadata: it shows a script, no object."""
    bokeh: Any = sys.modules.get("bokeh.io")
    if bokeh is None or not isinstance(metadata, Mapping) or _BOKEH not in metadata:
        return None
    name = metadata[_BOKEH].get("id")
    return next((root for root in bokeh.curdoc().roots if root.id == name), None)


def weight(data: Any, value: object) -> int:
    """Return about how many bytes are kept with what shows itself as `data`."""
    size: Any = getattr(value, "size", None)
    if isinstance(size, tuple) and len(size) == 2:  # a PIL image in a terminal
        return int(4 * size[0] * size[1])
    return _characters(data)


def _characters(data: Any) -> int:
    match data:
        case str() | bytes():
            return len(data)
        case Mapping():
            return sum(map(_characters, data.values()))
        case [str() | Mapping() | list(), *_]:
            return sum(map(_characters, data))
        case list() | tuple():
            return 8 * len(data)
    return 8
