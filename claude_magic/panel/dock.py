"""The panel beside the notebook, where the optional package `sidecar` puts things there."""

from collections.abc import Callable

_ADVICE = (
    "The panel is in this cell: putting it beside the notebook takes the package sidecar "
    "(%pip install sidecar, then reload the page). JupyterLab does so too by itself: right-click "
    "the panel and choose “Create New View for Output”."
)


def docked(show: Callable[[], None]) -> str:
    """Call `show` so that what it displays stands at the right; "" or why it stands in the cell."""
    try:
        from sidecar import Sidecar
    except ImportError:
        show()
        return _ADVICE
    with Sidecar(title="Claude", anchor="split-right"):
        show()
    return ""
