"""Where the tools of a shell run: what they show is noted, its loop awaits them."""

import asyncio
from functools import partial
from typing import Any

from claude_magic.capture.aside import noted_aside
from claude_magic.tools.awaiting import Loop
from claude_magic.tools.toolbox import Bench
from claude_magic.ui.consulting import Consulting


class Workplace:
    """Where the tools of one shell run."""

    def __init__(self, shell: Any) -> None:
        self._aside = partial(noted_aside, shell)
        self._loop = Loop(None if hasattr(shell, "kernel") else _terminal_loop)
        self._consulting = Consulting(shell)

    def bench(self, timeout: float | None = None) -> Bench:
        """Return the bench of a question; `timeout` in seconds, for tools that name none."""
        return Bench(self._aside, self._loop, self._consulting, timeout)

    def close(self) -> None:
        """Let a loop of our own go."""
        self._loop.close()


def _terminal_loop() -> asyncio.AbstractEventLoop:
    """The loop on which a terminal awaits what is typed."""
    from IPython.core import async_helpers

    get: Any = getattr(async_helpers, "get_asyncio_loop", asyncio.get_event_loop)
    loop: asyncio.AbstractEventLoop = get()
    return loop
