"""Real kernels that run cells, and the clock beside them.

`time.perf_counter()` is one clock for all processes of a machine (CLOCK_MONOTONIC on Linux), and
server and driver are one process anyway: all times told here are on it.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.benchmarks.cells import KEY
from tests.loopback import Loopback, loopback

REPOSITORY = Path(__file__).parents[2]
_PATIENCE = 120.0  # seconds


@dataclass(frozen=True)
class Output:
    """A message of the kernel about a cell's output, and when it arrived."""

    kind: str
    content: Mapping[str, Any]
    at: float


@dataclass(frozen=True)
class Ran:
    """A cell that ran: when it was sent, when the kernel was done, and what it put out."""

    sent: float
    done: float
    outputs: tuple[Output, ...]

    @property
    def seconds(self) -> float:
        """From sending the cell to its end."""
        return self.done - self.sent

    @property
    def printed(self) -> str:
        """What the cell printed."""
        return "".join(o.content["text"] for o in self.outputs if o.kind == "stream")


class Kernel:
    """A kernel that is ready for cells."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, cell: str) -> Ran:
        """Run `cell` to its end.

        Raises
        ------
        RuntimeError: the cell failed; a failed cell measures nothing.
        """
        sent = time.perf_counter()
        request: str = self._client.execute(cell)
        outputs = tuple(self._outputs(request))
        return Ran(sent, time.perf_counter(), outputs)

    def _outputs(self, request: str) -> Iterator[Output]:
        while True:
            message = self._client.get_iopub_msg(timeout=_PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if kind == "status" and content["execution_state"] == "idle":
                return
            yield Output(kind, content, time.perf_counter())


@dataclass(frozen=True)
class Bench:
    """Where it is measured: a server on loopback, and kernels that know its address."""

    server: Loopback
    home: Path

    @contextmanager
    def kernel(self, *cells: str) -> Iterator[Kernel]:
        """Start a kernel and run `cells` in it."""
        manager = KernelManager()
        given = environment(self.server.url, self.home)
        manager.start_kernel(env=given, cwd=str(self.home), stderr=subprocess.DEVNULL)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=_PATIENCE)
            kernel = Kernel(client)
            for cell in ("pass", *cells):
                kernel.run(cell)
            yield kernel
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def until_asked(self, kernel: Kernel, cell: str) -> float:
        """Return the seconds from sending `cell` to its request's arrival at the server."""
        ran = kernel.run(cell)
        return self.server.requests[-1].at - ran.sent


@contextmanager
def bench(home: Path) -> Iterator[Bench]:
    """Serve for as long as it is measured."""
    with loopback() as server:
        yield Bench(server, home)


def environment(url: str, home: Path) -> dict[str, str]:
    """Return the environment of a process that finds the package and asks the server at `url`.

    The package's modules are compiled once, as those of installed packages are. Nothing is kept
    from earlier kernels.
    """
    others = ("ANTHROPIC", "JUPYTER", "CLAUDE_MAGIC", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return kept | {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": KEY,
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY), os.environ.get("PYTHONPATH", ""))),
        "IPYTHONDIR": str(home / "ipython"),
        "CLAUDE_MAGIC_HOME": tempfile.mkdtemp(dir=home),
    }
