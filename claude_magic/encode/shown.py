"""What an object shows of itself in a notebook -> a picture, by its `_repr_…_` methods."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from claude_magic.encode.figures import Drawn, picture_of_plotly
from claude_magic.encode.svg import is_svg
from claude_magic.errors import BadInput

# Methods and kinds, in the order they are preferred.
_LOOK = "Show it in a cell of its own to see what is wrong."
_KINDS = ("png", "jpeg", "webp", "gif", "svg+xml")


def picture_shown(value: object) -> Drawn | None:
    """Return the picture that `value` shows in a notebook; None: it shows none.

    Raises
    ------
    BadInput: its method fails, or gives what is no picture.
    """
    if isinstance(value, type):
        return None
    bundle = _bundle(value)
    for kind in _KINDS:
        found = bundle.get(f"image/{kind}") or _told(value, f"_repr_{kind.partition('+')[0]}_")
        if found is not None:
            return _drawn(found, kind, f"what {type(value).__name__} shows")
    return None


def picture_in(bundle: Mapping[str, Any], name: str) -> Drawn | None:
    """Return the picture in what was displayed; None: none is in it.

    `name` is what an error calls it.

    Raises
    ------
    BadInput: what is said to be a picture is none.
    """
    for kind in _KINDS:
        if found := bundle.get(f"image/{kind}"):
            return _drawn(found, kind, name)
    plotly = bundle.get("application/vnd.plotly.v1+json")
    return picture_of_plotly(plotly) if isinstance(plotly, Mapping | str) else None


def told(value: object, method: str) -> str | None:
    """Return the text that a `_repr_…_` method gives; None: there is none, or it fails."""
    try:
        found = _told(value, method)
    except BadInput:
        return None
    return found if isinstance(found, str) and found.strip() else None


def _bundle(value: object) -> Mapping[str, Any]:
    found = _told(value, "_repr_mimebundle_")
    return found if isinstance(found, Mapping) else {}


def _told(value: object, method: str) -> Any:
    """What the method of its class gives, without the metadata that may come with it."""
    if not callable(getattr(type(value), method, None)):
        return None
    try:
        found = getattr(value, method)()
    except (Exception, SystemExit) as error:
        raise BadInput(
            f"{type(value).__name__}.{method} failed with {type(error).__name__}: "
            f"{str(error)[:200]}; nothing was sent.",
            hint=_LOOK,
        ) from error
    return found[0] if isinstance(found, tuple) and found else found


def _drawn(found: Any, kind: str, name: str) -> Drawn:
    if kind == "svg+xml":
        svg = found if isinstance(found, bytes) else str(found).encode(errors="replace")
        if not is_svg(svg):
            raise BadInput(f"{name} is no SVG, though it says so.", hint=_LOOK)
        return svg
    if isinstance(found, str):
        try:
            return base64.b64decode(found, validate=False)
        except binascii.Error:
            found = None
    if not isinstance(found, bytes | bytearray | memoryview):
        raise BadInput(
            f"{name} is no image/{kind}, though it says so.",
            hint=_LOOK,
        )
    return bytes(found)
