"""What a tool printed and displayed while it ran."""

import contextlib
import io
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Display:
    """One thing displayed: the object, if it is known, and what it showed, as IPython's bundle."""

    value: object = None
    bundle: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Shown:
    """What came to the screen, or would have."""

    printed: str = ""
    displays: list[Display] = field(default_factory=list)


Aside = Callable[[], AbstractContextManager[Shown]]
"""Notes what is printed and displayed in its block; the screen is left alone."""

Awaited = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine to its end, on the loop that the person's own clients and pools live on."""


@contextlib.contextmanager
def aside() -> Iterator[Shown]:
    """Note what is printed, where there is no notebook that displays anything."""
    shown, printed = Shown(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            yield shown
        finally:
            shown.printed = printed.getvalue()
