"""Where the tools of a shell run: what they show is noted, its loop awaits them."""

import asyncio
from functools import partial
from typing import Any

from claude_magic.capture.aside import noted_aside
from claude_magic.tools.awaiting import Loop
from claude_magic.tools.toolbox import Bench
from claude_magic.ui.consulting import Consulting


def bench_of(consulting: Consulting, loop: Loop, timeout: float | None = None) -> Bench:
    """Return the bench of a shell; `timeout` in seconds, for tools that name none."""
    return Bench(partial(noted_aside, consulting.shell), loop, consulting, timeout)


def terminal_loop() -> asyncio.AbstractEventLoop:
    """Return the loop on which a terminal awaits what is typed."""
    from IPython.core import async_helpers

    get: Any = getattr(async_helpers, "get_asyncio_loop", asyncio.get_event_loop)
    loop: asyncio.AbstractEventLoop = get()
    return loop
