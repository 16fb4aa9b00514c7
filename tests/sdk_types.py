"""A value against a type of the official SDK, strictly: an independent description of the API."""

import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, Required

from typing_extensions import get_type_hints, is_typeddict


def faults(value: Any, hint: Any, path: str = "body") -> list[str]:
    """Return what is wrong with `value`: unknown and missing keys, wrong types, at any depth."""
    hint = _bare(hint)
    if is_typeddict(hint):
        return _object_faults(value, hint, path)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        tried = [faults(value, one, path) for one in arguments]
        return min(tried, key=lambda found: (len(found), -_depth(found)))
    if origin is typing.Literal:
        return [] if value in arguments else [f"{path}: {value!r} is none of {arguments}"]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return [] if isinstance(value, dict) else [f"{path}: {value!r} is no object"]
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _list_faults(value, arguments[0], path)
    return _plain_faults(value, hint, path)


def _object_faults(value: Any, hint: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    hints = get_type_hints(hint, include_extras=True)
    unknown = [f"{path}.{key}: unknown" for key in value if key not in hints]
    missing = [f"{path}.{key}: missing" for key in hint.__required_keys__ if key not in value]
    known = [(key, item) for key, item in value.items() if key in hints]
    inner = [found for key, item in known for found in faults(item, hints[key], f"{path}.{key}")]
    return unknown + missing + inner


def _list_faults(value: Any, item: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: {value!r} is no list"]
    return [found for i, one in enumerate(value) for found in faults(one, item, f"{path}[{i}]")]


def _plain_faults(value: Any, hint: Any, path: str) -> list[str]:
    if hint in (Any, object):
        return []
    if hint is None or hint is type(None):
        return [] if value is None else [f"{path}: {value!r} is not null"]
    accepted = (int, float) if hint is float else hint
    right = isinstance(accepted, tuple | type) and isinstance(value, accepted)
    return [] if right else [f"{path}: {value!r} is no {hint}"]


def _bare(hint: Any) -> Any:
    while typing.get_origin(hint) in (typing.Annotated, Required, NotRequired):
        hint = typing.get_args(hint)[0]
    return hint


def _depth(found: list[str]) -> int:
    return max((fault.count(".") + fault.count("[") for fault in found), default=0)
