"""Figures of plotting libraries -> pictures, or their specification as text.

A library is imported only when one of its own objects is at hand, so it is there already; what it
needs besides may be missing, and then the error says what to install.
"""

import io
import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from importlib import import_module
from typing import Any

from claude_magic.encode.sight import SHARP
from claude_magic.errors import BadInput

_PATIENCE = 60.0  # seconds for a browser to start and draw
_DEEPEST = 4  # lists in lists
_LONGEST_LIST = 20  # items of a list in a specification
_LONGEST_SPECIFICATION = 20_000  # characters

_LARGEST = 2 * SHARP.edge  # pixels of a side; enough to stay sharp when it is made smaller

Drawn = bytes | str  # a picture file, or words that stand for it


def drawer(value: object) -> Callable[[], Drawn] | None:
    """Return what draws `value`, if it is a figure of a plotting library."""
    if (figure := figure_of(value)) is not None:
        return lambda: _matplotlib(figure)
    libraries = {kind.__module__.split(".")[0] for kind in type(value).__mro__}
    own: Any = value
    if "plotly" in libraries and hasattr(own, "to_image"):
        return lambda: _plotly(own)
    if "altair" in libraries and hasattr(own, "to_dict") and hasattr(own, "save"):
        return lambda: _altair(own)
    if "bokeh" in libraries and _is_bokeh(own):
        return lambda: _bokeh(own)
    return None


def figure_of(value: object, depth: int = _DEEPEST) -> Any:
    """Return the matplotlib figure that `value` is, belongs to or holds; None: there is none.

    Axes, artists, colour bars, animations and the containers of `plt.bar`, `plt.pie` and the like
    lead to their figure, and so do seaborn's grids, arrays, lists and dictionaries of any of these,
    and `plt` itself to the current one.
    """
    matplotlib: Any = sys.modules.get("matplotlib.figure")
    if matplotlib is None or isinstance(value, type):
        return None
    if isinstance(value, matplotlib.FigureBase):
        return _whole(value)
    if isinstance(found := _attribute(value, "figure"), matplotlib.FigureBase):
        return _whole(found)
    if type(value).__module__.startswith("matplotlib."):
        for part in (_attribute(value, name) for name in ("ax", "_fig", "wedges")):
            if depth and part is not None:
                return figure_of(part, depth - 1)
    if value is sys.modules.get("matplotlib.pyplot"):
        return _current(value)
    return _figure_of_first(value, depth) if depth else None


def _current(pyplot: Any) -> Any:
    """The current figure; asking for it must not make one."""
    return pyplot.gcf() if pyplot.get_fignums() else None


def _whole(figure: Any) -> Any:
    """The figure that a subfigure is a part of."""
    return figure.figure if getattr(figure, "figure", None) is not None else figure


def _figure_of_first(value: Any, depth: int) -> Any:
    """Of an array of axes, a list of lines or what `plt.hist` gives: the figure of its parts."""
    if isinstance(value, dict):
        return figure_of(next(iter(value.values()), None), depth - 1)
    if isinstance(value, list | tuple) and value:
        return figure_of(value[-1], depth - 1)
    array = getattr(getattr(value, "dtype", None), "kind", "") == "O" and _attribute(value, "flat")
    return figure_of(value.flat[0], depth - 1) if array and getattr(value, "size", 0) else None


def _attribute(value: object, name: str) -> object:
    try:
        return getattr(value, name, None)
    except Exception:  # somebody's property
        return None


def _matplotlib(figure: Any) -> Drawn:
    """The figure as a notebook shows it; drawing it elsewhere leaves figure and canvas alone.

    A poster is drawn coarser, as it will be made smaller anyway.
    """
    target = io.BytesIO()
    size, stale = figure.get_size_inches().copy(), figure.stale
    dpi = min(figure.dpi, _LARGEST / max(size))
    try:
        figure.savefig(target, format="png", dpi=dpi, bbox_inches="tight")
    except Exception as error:  # a formula that is none, a backend of its own
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise BadInput(f"matplotlib cannot draw the figure: {why}", hint=_MEND) from error
    if (figure.get_size_inches() != size).any():
        figure.set_size_inches(size, forward=False)
    figure.stale = stale
    return target.getvalue()


def _plotly(figure: Any) -> Drawn:
    try:
        return bytes(_in_time(lambda: figure.to_image(format="png")))
    except Exception as error:  # no kaleido, no browser, or one that does not start
        how = "pip install kaleido" if _lacks(error, "kaleido") else "plotly_get_chrome"
        how = f"`{how}` lets Claude see the plot itself"
        return _specification(figure.to_json(), "plotly", how)


def picture_of_plotly(shown: Mapping[str, Any] | str) -> Drawn:
    """Return the picture of a plotly figure that was displayed, or its specification as text.

    `shown` is its bundle, or the call with which a page draws it.

    Raises
    ------
    BadInput: it cannot be read.
    """
    if isinstance(shown, str):
        shown = _called_with(shown)
    specification = {name: shown[name] for name in ("data", "layout") if name in shown}
    try:
        objects: Any = import_module("plotly.graph_objects")
        return _plotly(objects.Figure(specification, skip_invalid=True))
    except ImportError:
        how = "`pip install plotly kaleido` lets Claude see the plot itself"
        return _specification(json.dumps(specification, default=str), "plotly", how)


def _called_with(script: str) -> Mapping[str, Any]:
    """The data and layout in `Plotly.newPlot("id", data, layout, …`."""
    decoder, given, rest = json.JSONDecoder(), [], script.partition("(")[2]
    try:
        for _ in range(3):
            value, end = decoder.raw_decode(rest := rest.lstrip(", \t\r\n"))
            given.append(value)
            rest = rest[end:]
    except ValueError as error:
        raise BadInput("the plotly figure in the page cannot be read.", hint=_MEND) from error
    return {"data": given[1], "layout": given[2]}


def _altair(chart: Any) -> Drawn:
    target = io.BytesIO()
    try:
        chart.save(target, format="png")
    except Exception as error:
        if not _lacks(error, "vl-convert", "vl_convert"):
            raise BadInput(
                f"altair cannot draw the chart: {_first_line(error)}", hint=_MEND
            ) from error
        how = "`pip install vl-convert-python` lets Claude see the plot itself"
        return _specification(chart.to_json(), "altair", how)
    return target.getvalue()


def _is_bokeh(value: Any) -> bool:
    models: Any = sys.modules.get("bokeh.models")
    return models is not None and isinstance(value, models.LayoutDOM)


def _bokeh(figure: Any) -> Drawn:
    try:
        from bokeh.io.export import get_screenshot_as_png

        picture = _in_time(lambda: get_screenshot_as_png(figure))
        target = io.BytesIO()
        picture.save(target, "PNG")
        return target.getvalue()
    except Exception:  # no selenium, no browser, or one that does not start
        from bokeh.embed import json_item

        how = "`pip install selenium`, with a browser and its driver, lets Claude see the plot"
        return _specification(json.dumps(json_item(figure)["doc"]), "bokeh", how)


_MEND = "Show it in a cell of its own to see what is wrong."


def _in_time(draw: Callable[[], Any]) -> Any:
    """Draw on a thread of its own, so that a browser that never answers is given up."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(draw).result(_PATIENCE)
    except TimeoutError as error:
        raise RuntimeError(f"nothing was drawn within {_PATIENCE:.0f} s") from error
    finally:
        pool.shutdown(wait=False)


def _lacks(error: Exception, *packages: str) -> bool:
    said = str(error).lower()
    return isinstance(error, ImportError | ValueError) and any(name in said for name in packages)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _specification(text: str, library: str, how: str) -> str:
    shown = json.dumps(_shortened(json.loads(text)), ensure_ascii=False)
    cut = "" if len(shown) <= _LONGEST_SPECIFICATION else " …"
    shown = shown[:_LONGEST_SPECIFICATION] + cut
    return f"A {library} figure, as its specification ({how}):\n\n```json\n{shown}\n```"


def _shortened(value: Any) -> Any:
    """A specification whose long lists end in how many more there are."""
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    if isinstance(value, list):
        shown = [_shortened(item) for item in value[:_LONGEST_LIST]]
        more = len(value) - _LONGEST_LIST
        return [*shown, f"… {more} more"] if more > 0 else shown
    return value
