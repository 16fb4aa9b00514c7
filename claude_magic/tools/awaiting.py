"""A coroutine -> its result, awaited where the caller's own clients and pools live."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

_TO_CANCEL = 0.05  # seconds a coroutine has to tidy up after an interrupt


class Loop:
    """Awaits coroutines while the thread waits.

    Within a notebook's cell that is the kernel's own loop, which runs already: nest-asyncio2 lets
    it go on within. Elsewhere it is the loop that `idle` gives, or one of our own.
    """

    def __init__(self, idle: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        self._idle = idle
        self._own: asyncio.AbstractEventLoop | None = None

    def __call__(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return what `coroutine` returns, or raise what it raises."""
        loop = self._loop()
        task = loop.create_task(coroutine)
        try:
            return loop.run_until_complete(task)
        except BaseException:
            if not task.done():  # an interrupt came from outside
                task.cancel()
                with contextlib.suppress(BaseException):
                    loop.run_until_complete(asyncio.wait({task}, timeout=_TO_CANCEL))
            raise

    def close(self) -> None:
        """Let a loop of our own go."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def _loop(self) -> asyncio.AbstractEventLoop:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return self._idle() if self._idle else self._our_own()
        import nest_asyncio2

        nest_asyncio2.apply(running)
        return running

    def _our_own(self) -> asyncio.AbstractEventLoop:
        if self._own is None or self._own.is_closed():
            self._own = asyncio.new_event_loop()
        return self._own
