"""A real kernel, and front ends that send it cells with the metadata of the real ones."""

import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from kernel import ROOT
from loopback import Loopback

PATIENCE = 60  # seconds


class ServedKernel:
    """A kernel as a Jupyter server starts it: with an id of its own, and a notebook's path."""

    def __init__(self, runtime: Path, path: str = "", **environ: str) -> None:
        unset = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in unset}
        self.id = str(uuid.uuid4())
        self._environ = {**inherited, "PYTHONPATH": str(ROOT), **environ}
        if path:
            self._environ["JPY_SESSION_NAME"] = path
        file = runtime / f"kernel-{self.id}.json"
        self.manager = KernelManager(connection_file=str(file))
        self._clients: list[BlockingKernelClient] = []

    def __enter__(self) -> "ServedKernel":
        self.manager.start_kernel(env=self._environ)
        return self

    def __exit__(self, *reason: object) -> None:
        for client in self._clients:
            client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)

    def front_end(self) -> "FrontEnd":
        """A front end's connection of its own."""
        client = BlockingKernelClient(connection_file=self.manager.connection_file)
        client.load_connection_file()
        client.start_channels(hb=False)  # on a busy machine a heart may pause and go on
        self._clients.append(client)
        client.wait_for_ready(timeout=PATIENCE)
        return FrontEnd(client)

    def kill(self) -> None:
        """As the operating system does it: nothing can be tidied up."""
        self.manager.provisioner.process.kill()
        self.manager.provisioner.process.wait()


@dataclass
class FrontEnd:
    """Sends cells. `deleted` is what JupyterLab tells once: cells that were deleted lately."""

    client: BlockingKernelClient
    deleted: list[str] = field(default_factory=list)

    def lab(self, code: str, cell: str) -> str:
        """Run a cell as JupyterLab and Notebook 7 do."""
        told, self.deleted = self.deleted, []
        return self.run(code, {"cellId": cell, "deletedCells": told, "recordTiming": False})

    def leave(self, code: str, cell: str) -> None:
        """Send a cell as JupyterLab does, and wait for nothing."""
        self._send(code, {"cellId": cell, "deletedCells": [], "recordTiming": False})

    def watch(self, seconds: float) -> list[tuple[float, str]]:
        """What is shown in the next seconds, and when (`time.monotonic()`)."""
        seen, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with suppress(Empty):
                message = self.client.get_iopub_msg(timeout=left)
                data = message["content"].get("data", {})
                seen.append((time.monotonic(), str(data.get("text/html", ""))))
        return seen

    def vscode(self, code: str, path: str, number: int) -> str:
        """Run a cell as VS Code does."""
        fragment = f"W{number}sZmlsZQ%3D%3D"
        return self.run(code, {"cellId": f"vscode-notebook-cell:{path}#{fragment}"})

    def colab(self, code: str, cell: str) -> str:
        """Run a cell as Colab does."""
        return self.run(code, {"colab": {"cell_id": cell, "execution_count": 1}})

    def headless(self, code: str) -> str:
        """Run a cell as nbclient, nbconvert and papermill do."""
        return self.run(code, {})

    def run(self, code: str, metadata: Mapping[str, Any]) -> str:
        """Run a cell; return all that it showed as text.

        A kernel that still drops what was queued behind an error is asked again, as by a person.
        """
        while True:
            request = self._send(code, metadata)
            shown = self._shown(request)
            if self._reply(request)["status"] != "aborted":
                return shown

    def run_at_once(self, cells: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
        """Send all cells before the first is answered."""
        sent = [self._send(code, metadata) for code, metadata in cells]
        return [self._shown(request) for request in sent]

    def _send(self, code: str, metadata: Mapping[str, Any]) -> str:
        content = {
            **{"code": code, "silent": False, "store_history": True, "user_expressions": {}},
            **{"allow_stdin": False, "stop_on_error": True},
        }
        message = self.client.session.msg("execute_request", content, metadata=dict(metadata))
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            message = self.client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request:
                return dict(message["content"])

    def _shown(self, request: str) -> str:
        shown: dict[str, str] = {}  # by display id, or else by number
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "clear_output":
                shown.clear()
            elif message["msg_type"] == "stream":
                shown[str(len(shown))] = content["text"]
            elif message["msg_type"] in ("display_data", "execute_result", "update_display_data"):
                data = content["data"]
                name = (content.get("transient") or {}).get("display_id") or str(len(shown))
                shown[name] = data.get("text/html") or data.get("text/plain", "")
            elif message["msg_type"] == "error":
                shown[str(len(shown))] = "\n".join(content["traceback"])
            elif content.get("execution_state") == "idle":
                return "".join(shown.values())

    def close(self) -> None:
        self.client.stop_channels()


LOAD = "%load_ext claude_magic"
Start = Callable[..., ServedKernel]


def sent(api: Loopback) -> list[str]:
    """The questions of the last request."""
    messages = api.bodies[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "user"]


def loaded(kernel: ServedKernel) -> FrontEnd:
    """A front end whose notebook has loaded the extension."""
    front_end = kernel.front_end()
    front_end.lab(LOAD, "load")
    return front_end
