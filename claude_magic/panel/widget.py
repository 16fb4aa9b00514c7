"""The panel as a widget: what stands in a cell's output, and what the notebook keeps of it.

Below the live panel stands a quiet second output: the conversation as safe HTML and Markdown. The
panel hides it; a reader without a kernel sees it instead. The panel's own output is never changed:
a front end would build it anew, and what is being typed would be lost.
"""

import json
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from claude_magic.panel.dock import docked
from claude_magic.panel.host import Panel
from claude_magic.panel.notebook import Notebook
from claude_magic.panel.page import script, style
from claude_magic.panel.subshells import listen_beside_cells

Publish = Callable[..., None]

_WORTH_PACKING = 500  # characters
_VIEW = "application/vnd.jupyter.widget-view+json"
_ALONE = "The chat panel lives with its kernel; the conversation is kept below."


class ChatPanel(anywidget.AnyWidget):
    """The chat panel. It shows itself in a notebook; all its views show the same.

    `publish` shows outputs in a cell; without it (marimo) the front end takes the widget as it is.
    """

    _esm = script()
    _css = style()
    panel_id = traitlets.Unicode().tag(sync=True)

    def __init__(self, notebook: Notebook, publish: Publish | None = None) -> None:
        super().__init__()
        listen_beside_cells(self.comm)
        self.panel_id = self.model_id or ""
        self._publish = publish
        self._kept_as = ""  # the display id of what is kept in the notebook
        self._sending = threading.Lock()
        self._packs = False  # until the page says that it unpacks
        self._panel = Panel(notebook, self._tell, self._keep)
        self.on_msg(lambda widget, message, buffers: self._take(message, buffers))

    def close(self) -> None:
        """End the panel."""
        self._panel.close()
        self.layout.close()  # a widget of its own, which would stay
        super().close()

    def settle(self) -> None:
        """Wait a while until the notebook keeps all that is shown."""
        self._panel.settle()

    def show(self) -> None:
        """Show a view of the panel, and what the notebook keeps of it."""
        if self._publish is not None:
            self._show_view()
            self._show_kept()

    def dock(self) -> str:
        """Show the panel beside the notebook; return "" or why it stands in the cell."""
        told = docked(self._show_view)
        self._show_kept()
        return told

    def _show_view(self) -> None:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        if self._publish is not None:
            self._publish({_VIEW: view, "text/plain": _ALONE})

    def _show_kept(self) -> None:
        self._kept_as = self._kept_as or uuid4().hex
        self._keep(*self._panel.transcript(), update=False)

    def _ipython_display_(self, **kwargs: Any) -> None:
        self.show()

    def _take(self, message: dict[str, Any], buffers: Sequence[Any]) -> None:
        if message.get("kind") == "hello":
            self._packs = message.get("unpacks") is True
        self._panel.receive(message, buffers)

    def _tell(self, message: dict[str, Any]) -> None:
        content = json.dumps(message)
        with self._sending:
            if self._packs and len(content) > _WORTH_PACKING:
                self.send({"kind": "packed"}, [zlib.compress(content.encode())])
            else:
                self.send(message)

    def _keep(self, data: dict[str, str], changes: int, *, update: bool = True) -> None:
        """Show what is kept, or bring it up to date; by `changes` the page sees whether it came."""
        if self._publish is not None and self._kept_as:
            mark = {"claude_magic": {"panel": self.panel_id, "changes": changes}}
            how = {"transient": {"display_id": self._kept_as}, "update": update}
            self._publish(data, metadata=mark, **how)
