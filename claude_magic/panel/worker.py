"""Jobs from any thread -> done one after another on a thread of their own."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

Job = Callable[[], None]


class Worker:
    """Does what it is given, in order.

    `between` is called after each job and whenever it asked to be called again: it returns the
    seconds until then, or None to wait for the next job.
    """

    def __init__(self, between: Callable[[], float | None] = lambda: None) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._between = between
        threading.Thread(target=self._work, daemon=True).start()

    def put(self, job: Job) -> None:
        """Have `job` done soon; returns at once."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Do what is left, then no more."""
        self._jobs.put(None)

    def _work(self) -> None:
        pause: float | None = None
        while True:
            try:
                job = self._jobs.get(timeout=pause)
            except Empty:
                job = _nothing
            if job is None:
                return
            job()
            pause = self._between()


def _nothing() -> None:
    pass
