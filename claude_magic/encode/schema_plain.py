"""The types of single values -> their JSON schema, and how the values are made from JSON."""

import json
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any
from uuid import UUID

from claude_magic.content.wire import Json
from claude_magic.encode.schema_fit import shown
from claude_magic.encode.schema_rules import refusal

Build = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Shape:
    """A type: its schema, and `build`, which makes its value from JSON that fits the schema.

    `build` takes the JSON and its path in the answer, and raises ValueError if it cannot be made.
    """

    schema: Json
    build: Build


def same(value: Any, path: str) -> Any:
    """JSON that needs no making."""
    return value


def _text(form: str, make: Callable[[str], Any]) -> Shape:
    def build(value: str, path: str) -> Any:
        try:
            return make(value)
        except ValueError as error:
            raise ValueError(f"{shown(path)} is {value!r}, which is no {form}.") from error

    return Shape({"type": "string", "format": form}, build)


def _duration(text: str) -> timedelta:
    """ISO 8601, without years and months, which have no fixed length.

    >>> _duration("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    """
    number = r"(?:(?P<{}>\d+(?:\.\d+)?){})?"
    day, clock = (
        "".join(number.format(name, name[0].upper()) for name in names)
        for names in (("weeks", "days"), ("hours", "minutes", "seconds"))
    )
    found = re.fullmatch(f"(?P<sign>-?)P{day}(?:T{clock})?", text)
    if not found:
        raise ValueError(f"{text!r} is no duration in weeks, days, hours, minutes and seconds")
    sign, parts = found.groupdict()["sign"], found.groupdict("0")
    span = timedelta(**{name: float(part) for name, part in parts.items() if name != "sign"})
    return -span if sign else span


def _float(value: float, path: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{shown(path)} is too large a number.") from error


def _decimal(value: float, path: str) -> Decimal:
    return Decimal(str(value))  # by its shortest text: 0.1 stays 0.1


PLAIN: Mapping[Any, Shape] = {
    str: Shape({"type": "string"}, same),
    int: Shape({"type": "integer"}, same),
    float: Shape({"type": "number"}, _float),
    bool: Shape({"type": "boolean"}, same),
    Decimal: Shape({"type": "number"}, _decimal),
    types.NoneType: Shape({"type": "null"}, same),
    datetime: _text("date-time", datetime.fromisoformat),
    date: _text("date", date.fromisoformat),
    time: _text("time", time.fromisoformat),
    timedelta: _text("duration", _duration),
    UUID: _text("uuid", UUID),
    Path: Shape({"type": "string"}, lambda value, path: Path(value)),
    IPv4Address: _text("ipv4", IPv4Address),
    IPv6Address: _text("ipv6", IPv6Address),
}


def choice(pairs: list[tuple[Any, Any]], path: str) -> Shape:
    """One of several values, given as (JSON, Python)."""
    values = [value for value, _ in pairs]
    if odd := [one for one in values if not isinstance(one, str | int | float | None)]:
        hint = "Choices are texts, numbers, True, False and None."
        raise refusal(path, f"has {odd[0]!r} among its choices", hint)
    if not values:
        raise refusal(path, "has no choices", "Give the Enum members.")
    names = {type(one): PLAIN[type(one)].schema["type"] for one in values}
    schema: Json = {"type": next(iter(names.values()))} if len(names) == 1 else {}
    meaning = [f"{value} = {one.name}" for value, one in pairs if isinstance(one, Enum)]
    if meaning and str not in names:  # else the model sees numbers only
        schema["description"] = ", ".join(meaning)
    by_value = {json.dumps(value): one for value, one in pairs}  # 1 and True are not the same
    return Shape({**schema, "enum": values}, lambda value, path: by_value[json.dumps(value)])


def json_of(one: Any) -> Any:
    """What stands for a choice in JSON; the str of a `class Size(str, Enum)` is a plain one."""
    value = one.value if isinstance(one, Enum) else one
    plain = next((kind for kind in (bool, int, float, str) if isinstance(value, kind)), None)
    return plain(value) if plain else value
