"""The person's word about a call of a tool, by buttons in the cell that runs."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from claude_magic.panel.subshells import listen_beside_cells

_HERE = Path(__file__).parent
_VIEW = "application/vnd.jupyter.widget-view+json"
_LOOK_EVERY = 0.05  # seconds; waiting for longer would hold an interrupt up


class Consent(anywidget.AnyWidget):
    """Shows one call with its buttons.

    Messages of the page come while the cell runs only where the front end sends them to a subshell
    (JupyterLab and Notebook with ipykernel 7): the page says that it is there, and is believed.
    """

    _esm = (_HERE / "consent.js").read_text("utf-8")
    _css = (_HERE / "consent.css").read_text("utf-8")
    call = traitlets.Dict().tag(sync=True)

    def __init__(self, call: Mapping[str, Any], publish: Callable[..., None]) -> None:
        super().__init__(call=dict(call))
        listen_beside_cells(self.comm)
        self._publish = publish
        self._is_there = threading.Event()
        self._answered = threading.Event()
        self._answer: dict[str, Any] = {}
        self._output = uuid4().hex
        self.on_msg(lambda widget, message, buffers: self._receive(message))

    def ask(self, patience: float) -> dict[str, Any] | None:
        """Return the answer, for which this waits; None: no page showed up within `patience`.

        Its output is empty again afterwards, also when the person interrupts it.
        """
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        shown = {_VIEW: view, "text/plain": str(self.call["title"])}
        self._publish(shown, transient={"display_id": self._output})
        try:
            return self._waited(patience)
        finally:
            empty = {"text/plain": ""}
            self._publish(empty, transient={"display_id": self._output}, update=True)
            self.layout.close()  # a widget of its own, which would stay
            self.close()

    def _waited(self, patience: float) -> dict[str, Any] | None:
        give_up = time.monotonic() + patience
        while not self._is_there.wait(_LOOK_EVERY):
            if time.monotonic() > give_up:
                return None
        while not self._answered.wait(_LOOK_EVERY):
            pass
        return self._answer

    def _receive(self, message: Any) -> None:
        """On whichever thread the kernel takes messages of widgets."""
        if not isinstance(message, dict):
            return
        self.send({"seen": message.get("kind")})
        self._is_there.set()
        if message.get("kind") == "answer" and not self._answered.is_set():
            self._answer = message
            self._answered.set()
