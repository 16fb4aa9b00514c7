"""What is asked of each turn for each question -> is found out once: a value never changes."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

V = TypeVar("V")
T = TypeVar("T")


def remembered(find: Callable[[V], T]) -> Callable[[V], T]:
    """Let a frozen dataclass remember what `find` returned for it, for as long as it lives."""
    name = f"_{find.__name__.strip('_')}"

    @wraps(find)
    def known(value: V) -> T:
        if name not in value.__dict__:
            value.__dict__[name] = find(value)
        found: T = value.__dict__[name]
        return found

    return known
