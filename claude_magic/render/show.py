"""A growing message -> a screen, until it ends or the person stops it."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.turn import Ending
from claude_magic.errors import Interrupted

_BETWEEN_DRAWINGS = 0.1  # seconds
# Nobody reads so many characters between two drawings: half as many drawings are as good.
_FAST = 200
_TICK = 0.5  # seconds, for lines that count seconds
# So many characters at once may be the whole answer: a moment later nothing is drawn twice.
_BURST, _MOMENT = 4_000, 0.1  # seconds


class Screen(Protocol):
    """Where an answer is shown."""

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""

    def pause(self) -> None:
        """Leave the screen to a tool that runs, until the next drawing."""

    def finish(self, look: Look) -> None:
        """Show the whole answer."""


def show(growing: Growing, screen: Screen) -> Look:
    """Draw `growing` on `screen` as it grows, and return how it ended; its tools run here.

    The first words are drawn at once, later ones at most ten times a second; five times where they
    come faster than anybody reads.

    Raises
    ------
    Interrupted: the person stopped it; what came is shown and kept.
    ClaudeMagicError: the answer could not begin, or broke off; what came is shown and kept.
    """
    try:
        look = _until_end(growing, screen)
    except KeyboardInterrupt:
        growing.stop()
        look = growing.look()
    with _interrupts_held():
        screen.finish(look)
    if look.error is not None:
        raise look.error
    if look.ending is Ending.INTERRUPTED:
        raise Interrupted
    return look


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let an interrupt come after the block: half of the last output on screen helps nobody."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual or signal.default_int_handler)
    if held:
        raise Interrupted


def _until_end(growing: Growing, screen: Screen) -> Look:
    drawn = 0
    while (look := growing.look()).ending is None:
        if len(look.message.text) - drawn > _BURST:
            if growing.wait_for_end(_MOMENT):
                continue
            look = growing.look()
        is_fast = len(look.message.text) - drawn > _FAST
        drawn_at, drawn = time.monotonic(), len(look.message.text)
        screen.draw(look)
        if growing.is_wanted:
            screen.pause()
            growing.work()
            continue
        changed = growing.wait(look.number, _TICK)
        if changed and look.message.text:  # the first words are never held back
            until = drawn_at + _BETWEEN_DRAWINGS * (2 if is_fast else 1)
            growing.wait_for_end(until - time.monotonic())
    return look
