"""A running cell -> the notebook it belongs to.

The kernel's id is known first and survives renaming and restarting; the path survives the kernel.
Headless runs (nbclient, nbconvert, papermill) give neither: they are nobody's notebook.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from claude_magic.capture.running import Run
from claude_magic.content.notebook import Notebook

_PATIENCE = 0.5  # seconds for a server to answer; it takes a few hundredths
_STILL_FRESH = 30.0  # seconds before the servers are asked again
_VS_CODE = "vscode-notebook-cell"


class Whereabouts:
    """Tells the notebook of each run in one kernel, and finds out when it was renamed.

    `has_cell` says whether the file at a path holds a cell.
    """

    def __init__(
        self,
        shell: Any,
        has_cell: Callable[[str, str], bool] = lambda path, cell: False,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._shell = shell
        self._has_cell = has_cell
        self._environ = environ
        self._file = connection_file(shell)
        self.kernel = kernel_id(self._file)
        self._open: dict[str, str] = {}  # session: path of what is open with this kernel
        self._keys: dict[str, str] = {}  # path: the path it had first
        self._clients: dict[str, str] = {}  # the path that each front end has open
        self._thread: threading.Thread | None = None
        self._looked_at = float("-inf")

    def of(self, run: Run) -> Notebook:
        """Return the notebook that the cell of `run` belongs to."""
        if not hasattr(self._shell, "kernel"):
            return Notebook(folder=os.getcwd())
        path = vscode_path(run.cell) or self._path(run)
        return Notebook(self.kernel, path, self._keys.get(path, path))

    def guess(self) -> Notebook:
        """Return the notebook as it is known without asking anybody, before a cell has asked."""
        if not hasattr(self._shell, "kernel"):
            return Notebook(folder=os.getcwd())
        told = str(self._shell.user_ns.get("__vsc_ipynb_file__", ""))
        path = told or (self._named if self.kernel else "")
        return Notebook(self.kernel, path, path)

    def look(self, *, wait: float = 0.0) -> None:
        """Ask the server in the background what is open now; wait at most `wait` seconds for it."""
        if not self._served:
            return
        if self._thread is None and time.monotonic() - self._looked_at > _STILL_FRESH:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()
        if (thread := self._thread) is not None and wait:
            thread.join(wait)

    @property
    def _served(self) -> bool:
        """Whether a server started this kernel; one started from its notebook inherits the name."""
        return bool(self.kernel and self._named)

    def _path(self, run: Run) -> str:
        if told := self._shell.user_ns.get("__vsc_ipynb_file__"):
            return str(told)
        if not self._served:
            return ""
        if run.client not in self._clients:
            self._looked_at = float("-inf")
            self.look(wait=_PATIENCE)
        paths = list(dict.fromkeys(self._open.values()))
        if len(paths) > 1:
            return self._of_several(run, paths)
        self._clients[run.client] = ""
        return paths[0] if paths else self._named

    def _of_several(self, run: Run, paths: list[str]) -> str:
        """Several notebooks share this kernel: the one whose file holds the cell is meant."""
        known = self._clients.get(run.client, "")
        if known not in paths:
            known = next((path for path in paths if self._has_cell(path, run.cell)), "")
            self._clients[run.client] = known
        return known or (self._named if self._named in paths else paths[0])

    @property
    def _named(self) -> str:
        """What was open when the kernel was started."""
        return self._environ.get("JPY_SESSION_NAME", "")

    def _look(self) -> None:
        try:
            found = open_paths(Path(self._file).parent, self.kernel)
            before = self._open or dict.fromkeys(list(found)[:1], self._named)
            for session, path in found.items():
                old = before.get(session, path)
                self._keys[path] = self._keys.get(old, old)
            self._open = found or self._open
        finally:
            self._looked_at = time.monotonic()
            self._thread = None


def connection_file(shell: Any) -> str:
    """Return the path of the file that tells how to reach this kernel, or ""."""
    app = getattr(getattr(shell, "kernel", None), "parent", None)
    return str(getattr(app, "abs_connection_file", "") or getattr(app, "connection_file", ""))


def kernel_id(connection_file: str) -> str:
    """Return the id that a Jupyter server gave the kernel; "" where none did.

    >>> kernel_id("/run/kernel-6b1c0d9c-7d5e-4c0b-9a0e-3f5ad3c1e2b4.json")
    '6b1c0d9c-7d5e-4c0b-9a0e-3f5ad3c1e2b4'
    >>> kernel_id("/tmp/tmp80h95cyv.json")
    ''
    """
    path = Path(connection_file)
    kind, _, name = path.stem.partition("-")
    with suppress(ValueError):
        return str(UUID(name)) if kind == "kernel" and path.suffix == ".json" else ""
    return ""


def vscode_path(cell: str) -> str:
    """Return the path in a cell id of VS Code; "" for other cells, and notebooks never saved.

    >>> vscode_path("vscode-notebook-cell:/home/ada/My%20plots.ipynb#W2sZmlsZQ%3D%3D")
    '/home/ada/My plots.ipynb'
    """
    parts = urlsplit(cell)
    if parts.scheme != _VS_CODE:
        return ""
    path = unquote(parts.path)
    drive = re.match(r"/([A-Za-z]:.*)", path)
    return drive[1] if drive else path if path.startswith("/") else ""


def open_paths(runtime: Path, kernel: str) -> dict[str, str]:
    """Return what is open with a kernel, as the servers of this user say: session to path."""
    from http.client import HTTPException  # not before a question: loading must stay light

    for file in sorted(runtime.glob("jpserver-*.json"), key=_age):
        with suppress(OSError, ValueError, HTTPException, KeyError, TypeError):
            server = json.loads(file.read_text())
            found = {
                session["id"]: os.path.join(server["root_dir"], session["path"])
                for session in _sessions(server)
                if session["kernel"]["id"] == kernel and session["type"] == "notebook"
            }
            if found:
                return found
    return {}


def _age(file: Path) -> float:
    with suppress(OSError):
        return -file.stat().st_mtime
    return 0.0


def _sessions(server: Mapping[str, Any]) -> list[Any]:
    """What a server says is open (Jupyter Server, GET /api/sessions)."""
    from http.client import HTTPConnection, HTTPSConnection

    address = urlsplit(server["url"])
    secure = address.scheme == "https"
    connection = (HTTPSConnection if secure else HTTPConnection)(
        address.hostname or "", address.port, timeout=_PATIENCE
    )
    try:
        headers = {"Authorization": f"token {server.get('token', '')}"}
        connection.request("GET", f"{address.path.rstrip('/')}/api/sessions", headers=headers)
        answered = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answered if isinstance(answered, list) else []
