"""How far something large is, on the screen, until it is there."""

import html
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_OFTEN = 0.1  # seconds between two looks


@contextmanager
def bar(shell: Any, name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show a bar for `size` bytes, and take it away at the end; call what is given with those done.

    In a notebook the bar's output stays, empty, so that nothing else in the cell moves.
    """
    if hasattr(shell, "kernel"):
        yield from _in_cell(shell, name, size)
    else:
        yield from _in_terminal(name, size)


def _in_cell(shell: Any, name: str, size: int) -> Iterator[Callable[[int], None]]:
    output, drawn = {"display_id": uuid.uuid4().hex}, 0.0

    def told(done: int) -> None:
        nonlocal drawn
        if (now := time.monotonic()) - drawn >= _OFTEN:
            first, drawn = not drawn, now
            shell.display_pub.publish(_drawn(name, done, size), transient=output, update=not first)

    try:
        told(0)
        yield told
    finally:
        shell.display_pub.publish(
            {"text/html": "", "text/plain": ""}, transient=output, update=True
        )


def _drawn(name: str, done: int, size: int) -> dict[str, str]:
    words = f"{name}: {done / 1e6:.0f} of {size / 1e6:.0f} MB"
    shown = f'<progress value="{done}" max="{size}"></progress> <small>{html.escape(words)}</small>'
    return {"text/html": shown, "text/plain": words}


def _in_terminal(name: str, size: int) -> Iterator[Callable[[int], None]]:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn()) as shown:
        task = shown.add_task(name, total=size)
        yield lambda done: shown.update(task, completed=done)
