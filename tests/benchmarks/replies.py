"""Answers -> replies of the loopback server: at once, paced, or with the first words noted."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from tests.benchmarks.answers import Answer
from tests.loopback import START, Handler, Reply, Step, ending, sse, text_block


def at_once(answer: Answer) -> Reply:
    """The whole stream in one write."""
    return Reply([sse(*_events(answer.deltas))])


def paced(answer: Answer, seconds: float) -> Reply:
    """A delta at a time, evenly over `seconds`."""
    events = _events(answer.deltas)
    return Reply([Paced([sse(event) for event in events], seconds)])


def noted(first: "FirstWords", answer: Answer) -> Reply:
    """The first delta after a moment, then nothing for a moment, then the rest."""
    opening, delta, *rest = text_block(*answer.deltas)
    steps: list[Step] = [sse(START, opening), first.after(0.15, sse(delta)), Pause(0.3)]
    return Reply([*steps, sse(*rest, *ending())])


class Paced:
    """A step that sends chunks by the clock."""

    def __init__(self, chunks: Sequence[bytes], seconds: float) -> None:
        self._chunks = chunks
        self._seconds = seconds

    def __call__(self, handler: Handler) -> None:
        began = time.perf_counter()
        for index, chunk in enumerate(self._chunks):
            due = began + self._seconds * index / len(self._chunks)
            time.sleep(max(0.0, due - time.perf_counter()))
            handler.chunk(chunk)


class Pause:
    """A step that sends nothing for a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, handler: Handler) -> None:
        time.sleep(self._seconds)


class FirstWords:
    """Knows when the first words were sent (`time.perf_counter()`)."""

    def __init__(self) -> None:
        self.sent_at = 0.0

    def after(self, seconds: float, chunk: bytes) -> "_SendNoted":
        """Return a step that waits, notes the time and sends `chunk`."""
        return _SendNoted(self, seconds, chunk)


class _SendNoted:
    def __init__(self, first: FirstWords, seconds: float, chunk: bytes) -> None:
        self._first = first
        self._seconds = seconds
        self._chunk = chunk

    def __call__(self, handler: Handler) -> None:
        time.sleep(self._seconds)
        self._first.sent_at = time.perf_counter()
        handler.chunk(self._chunk)


def _events(deltas: Sequence[str]) -> list[Mapping[str, Any]]:
    return [START, *text_block(*deltas), *ending()]
