"""The JSON of the Messages API -> our values, and back.

A value is a frozen dataclass whose fields bear the API's names. What the API sends beyond them is
kept in `rest`, so that nothing is lost on the way back.
"""

from dataclasses import Field, fields
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

Json = dict[str, Any]  # an object of the API; one that was handed over is not changed


class Value(Protocol):
    """A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


T = TypeVar("T", bound=Value)


def read(kind: type[T], json: Json) -> T:
    """Return a `kind` from its JSON object; nulls count as absent, unknown fields go to `rest`."""
    names = {field.name for field in fields(kind)} - {"rest"}
    known = {key: value for key, value in json.items() if key in names and value is not None}
    rest = {k: v for k, v in json.items() if k not in names and v is not None and k != "type"}
    return kind(**known, **({"rest": rest} if rest else {}))


def write(value: Value) -> dict[str, Any]:
    """Return the fields of `value` as JSON, without those that are empty and optional."""
    json: dict[str, Any] = {}
    for name, is_optional in _fields(type(value)):
        item = getattr(value, name)
        if item or not is_optional:
            json[name] = list(item) if isinstance(item, tuple) else item
    return json | dict(getattr(value, "rest", {}))


@cache
def _fields(kind: type[Value]) -> tuple[tuple[str, bool], ...]:
    """The names of a value's own fields, and whether each may be left out."""
    return tuple(
        (field.name, field.kw_only is True) for field in fields(kind) if field.name != "rest"
    )
