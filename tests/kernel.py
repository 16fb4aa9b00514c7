"""A real kernel, and the outputs of its cells as a front end would keep them."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

_PATIENCE = 45  # seconds: an interrupt comes in the end, so that a test fails and does not hang
ROOT = Path(__file__).resolve().parent.parent


RENEW = """
def renew():
    import os
    from traitlets.config import Config
    shell = get_ipython()
    os.environ.update({environ})
    if "claude_magic" in shell.extension_manager.loaded:
        shell.run_line_magic("unload_ext", "claude_magic")
    shell.config = Config()
    shell.reset(new_session=True)
    shell.run_line_magic("load_ext", "claude_magic")

renew()
"""


class Kernel:
    """A running kernel; `environ` is added to the environment it starts in."""

    def __init__(self, **environ: str) -> None:
        unset = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in unset}
        self._environ = {**inherited, "PYTHONPATH": str(ROOT), **environ}
        self.notebook = new_notebook()
        self._client = NotebookClient(self.notebook, allow_errors=True, timeout=60)

    def __enter__(self) -> "Kernel":
        self._setup = self._client.setup_kernel(env=self._environ)
        self._setup.__enter__()
        return self

    def __exit__(self, *reason: object) -> None:
        self._setup.__exit__(*reason)

    def renew(self, **environ: str) -> None:
        """Forget all that was run, and load the extension anew in this environment."""
        self.run(RENEW.format(environ=environ))
        self.notebook.cells.clear()

    def run(self, code: str) -> list[NotebookNode]:
        """Run a cell to its end; return the outputs that a saved notebook would hold."""
        cell = self._add(code)
        self._client.execute_cell(cell, len(self.notebook.cells) - 1)
        return list(cell.outputs)

    def run_and_interrupt(
        self, code: str, once: Callable[[str], bool]
    ) -> tuple[list[NotebookNode], float]:
        """Run a cell and interrupt it when `once` holds for its outputs so far (as a string).

        Return its outputs and the seconds from the interrupt to the end.
        """
        sent: list[float] = []

        def interrupt() -> None:
            give_up = time.monotonic() + _PATIENCE
            while not once(str(self.notebook.cells[-1].outputs)) and time.monotonic() < give_up:
                time.sleep(0.002)
            sent.append(time.perf_counter())
            os.kill(self._client.km.provisioner.pid, 2)  # what a front end's stop button sends

        cell = self._add(code)
        thread = threading.Thread(target=interrupt)
        thread.start()
        self._client.execute_cell(cell, len(self.notebook.cells) - 1)
        ended = time.perf_counter()
        thread.join()
        return list(cell.outputs), ended - sent[0]

    def _add(self, code: str) -> NotebookNode:
        cell = new_code_cell(code)
        self.notebook.cells.append(cell)
        return cell

    def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        return "".join(output["text"] for output in self.run(f"print(repr(({expression})))"))


def html(outputs: list[NotebookNode]) -> str:
    """Return the HTML of the only output."""
    (output,) = outputs
    return str(output["data"]["text/html"])


def error_text(outputs: list[NotebookNode]) -> str:
    """Return the error's lines as the cell shows them."""
    return "\n".join(outputs[-1]["traceback"])
