"""A panel in this process, between a shell with the extension and a page that takes notes."""

import threading
from collections.abc import Callable
from typing import Any

from shell import Notebook

from claude_magic.panel.host import Panel
from claude_magic.ui.beside import Beside

Json = dict[str, Any]
_PATIENCE = 20.0  # seconds; a test that waits so long has failed


class Page:
    """What a browser would hold: the messages, in order."""

    def __init__(self, notebook: Notebook) -> None:
        self.got: list[Json] = []
        self._kept: dict[str, str] = {}
        self._changed = threading.Condition()
        self.panel = Panel(Beside(notebook.magics.desk), self._take, self._keep)

    def _take(self, message: Json) -> None:
        with self._changed:
            self.got.append(message)
            self._changed.notify_all()

    def _keep(self, data: dict[str, str], changes: int) -> None:
        with self._changed:
            self._kept = data
            self._changed.notify_all()

    def wait_for_kept(self, words: str) -> dict[str, str]:
        """Return what the notebook keeps, once it holds `words`."""
        with self._changed:
            kept = lambda: words in self._kept.get("text/markdown", "")  # noqa: E731
            assert self._changed.wait_for(kept, _PATIENCE)
            return self._kept

    def send(self, kind: str, buffers: tuple[bytes, ...] = (), **message: Any) -> None:
        self.panel.receive({"kind": kind, "from": "page", **message}, buffers)

    def wait(self, kind: str, once: Callable[[Json], bool] = lambda message: True) -> Json:
        """Return the first message of this kind for which `once` holds; wait for it."""

        def found() -> Json | None:
            return next((m for m in self.got if m["kind"] == kind and once(m)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, _PATIENCE)
            message = found()
        assert message is not None, [m["kind"] for m in self.got]
        return message

    def ask(self, text: str, ref: str = "r1", **more: Any) -> Json:
        """Ask, wait for the end, and return the message that tells of it."""
        self.send("ask", **{"ref": ref, "text": text, "attachments": [], **more})
        return self.wait_for_end(ref)

    def ask_again(self, turn: str, ref: str) -> Json:
        """Ask a turn's question once more, and wait as `ask` does."""
        self.send("again", ref=ref, turn=turn)
        return self.wait_for_end(ref)

    def wait_for_end(self, ref: str) -> Json:
        turn = self.wait("asked", lambda m: m["ref"] == ref)["turn"]["id"]
        return self.wait("end", lambda m: m["turn"] == turn)

    def answer(self, turn: str) -> str:
        """Return the HTML that the steps of an answer add up to."""
        open_end, final = "", ""
        for step in self.of("grow", turn):
            whole = open_end[: step["keep"]] + step["add"]
            final, open_end = final + whole[: step["final"]], whole[step["final"] :]
        return final + open_end

    def of(self, kind: str, turn: str) -> list[Json]:
        return [m for m in self.got if m["kind"] == kind and m.get("turn") == turn]
