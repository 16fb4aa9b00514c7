"""A Python value -> a few words that say what it is, without looking inside for long."""

import sys
from types import ModuleType
from typing import Any

from claude_magic.encode.table import is_frame

_SIZED = (list, tuple, set, frozenset, dict, str, bytes)


def kind_of(value: object) -> str:
    """Return a value's kind and size, none of its content.

    >>> kind_of([1, 2, 3]), kind_of(len)
    ('list, 3', 'function')
    """
    name = type(value).__name__
    if isinstance(value, ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    if isinstance(value, _SIZED):
        return f"{name}, {len(value):,}"
    if callable(value) and name in ("function", "method", "builtin_function_or_method"):
        return "function"
    return _shaped(value, name) or name


def _shaped(value: Any, name: str) -> str:
    """Arrays and tables tell their shape; asking anything else might run code of its own."""
    if not (is_frame(value, sys.modules) or type(value).__module__.startswith("numpy")):
        return ""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return ""
    return f"{name}, {' × '.join(f'{side:,}' for side in shape)}"
