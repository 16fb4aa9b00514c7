"""A function on the main thread can be interrupted, and stopped when it takes too long."""

import _thread
import contextlib
import signal
import threading
from collections.abc import Iterator

from claude_magic.tools.failures import TimedOut


@contextlib.contextmanager
def stoppable(seconds: float | None) -> Iterator[None]:
    """Let the person's interrupt, and the end of its time, reach what runs in the block at once.

    Also where the kernel ignores interrupts between cells, and where the function catches the
    interrupt: it is raised again behind the block. On another thread nothing can be done.

    Raises
    ------
    KeyboardInterrupt: the person interrupted it.
    TimedOut: it took longer than `seconds`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    watch = _Watch()
    usual = signal.signal(signal.SIGINT, watch.interrupted)
    timer = threading.Timer(seconds or 0.0, watch.late)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        watch.over = True
        with watch.lock:
            timer.cancel()
        signal.signal(signal.SIGINT, usual or signal.default_int_handler)
        if watch.by_person:
            raise KeyboardInterrupt


class _Watch:
    """Tells the person's interrupt from the end of the time: both come as the same signal."""

    def __init__(self) -> None:
        self.over = False  # from then on nothing is raised: the block was left
        self.by_person = False
        self.lock = threading.Lock()
        self._late = False

    def late(self) -> None:
        with self.lock:
            if self.over:
                return
            self._late = True
            if hasattr(signal, "pthread_kill"):  # it wakes a function that sleeps
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            else:
                _thread.interrupt_main()

    def interrupted(self, number: int, frame: object) -> None:
        late, self._late = self._late, False
        self.by_person = self.by_person or not late
        if not self.over:
            raise TimedOut if late else KeyboardInterrupt
