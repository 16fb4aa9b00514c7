"""Tools for questions that no cell asks: they run on the main thread while no cell does."""

import threading
from contextlib import suppress
from typing import Any

from claude_magic.content.growing import Growing

_LOOK_EVERY = 0.5  # seconds
_WAITS = "Waiting for the running cell"


def run_between_cells(shell: Any, growing: Growing) -> None:
    """Have the tools of an answer run by the kernel itself, as soon as no cell runs.

    An interrupt of the kernel stops the one that runs, and the answer with it.
    """
    loop = shell.kernel.io_loop

    def wait() -> None:
        asked = False
        while not growing.wait_for_end(_LOOK_EVERY):
            if not growing.is_wanted:
                asked = False
                continue
            if not asked:
                growing.do(_WAITS)
                loop.add_callback(_work, growing)
                asked = True
            growing.wait(growing.look().number, _LOOK_EVERY)

    threading.Thread(target=wait, daemon=True).start()


def _work(growing: Growing) -> None:
    with suppress(KeyboardInterrupt):  # it has ended the answer; the kernel goes on
        growing.work()
