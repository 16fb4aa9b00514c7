"""Claims about types at the edge: they are asked for and read back, or refused by field."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, NotRequired, Optional, Required, TypedDict

import pytest

from claude_magic.encode.schema import schema_of
from claude_magic.errors import BadInput


class Mixed(Enum):
    ONE = 1
    TWO = "two"
    NONE = None
    HALF = 0.5


class Sparse(TypedDict, total=False):
    name: Required[str]
    tags: list[list[str]]
    size: Optional[int]  # noqa: UP045 - as people write it


class Wide(Sparse):
    more: NotRequired[Mixed]


@dataclass
class Nothing:
    """Nothing to fill in."""


@dataclass
class Later:
    grid: list[list[float]]
    of: Inner  # named before it is there
    kinds: set[Literal["a", 1]] = field(default_factory=set)
    none: Nothing | None = None


@dataclass
class Inner:
    choice: Mixed = Mixed.ONE


@dataclass
class Ring:
    others: dict[str, Ring]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Nothing, "{}", Nothing()),
        (Sparse, '{"name": "x"}', {"name": "x"}),
        (
            Wide,
            '{"name": "x", "tags": [["a"], []], "size": null, "more": "TWO"}',
            {"name": "x", "tags": [["a"], []], "size": None, "more": Mixed.TWO},
        ),
        (list[list[int]], '{"items": [[1, 2], []]}', [[1, 2], []]),
        (
            list[Mixed],
            '{"items": [1, "two", null, 0.5]}',
            list(Mixed),
        ),
        (int | str | None, '{"value": "7"}', "7"),
        (list[int] | Nothing, '{"value": {}}', Nothing()),
        (
            Later,
            '{"grid": [[1, 2.5]], "of": {}, "kinds": ["a", 1, "a"], "none": {}}',
            Later([[1.0, 2.5]], Inner(), {"a", 1}, Nothing()),
        ),
    ],
    # A set is written in another order each time, and a test's name must not change.
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_an_odd_type_is_asked_for_and_read_back(kind: Any, text: str, value: object) -> None:
    """Empty classes, fields that may be missing, enums of anything, lists in lists, later names."""
    assert schema_of(kind).read(text) == value


def test_what_may_be_missing_is_not_required() -> None:
    """By the mark of the field, or that of its class, inherited ones too."""
    schema = schema_of(Wide).json

    assert schema["required"] == ["name"]
    assert set(schema["properties"]) == {"name", "tags", "size", "more"}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Ring, "`others` leads back"),
        (dict[str, int], "not known beforehand"),
        (tuple[int, str], "places have no names"),
        (list, "list of unknown things"),
        (complex, "complex"),
        (bytes, "bytes"),
        (type, "type"),
        (list[Any], "`[]` does not say what it is"),
        ({"$ref": "https://example.org/s.json"}, "outside the schema"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}}, "`a` leads back"),
        ({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}}, "`a` has"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "additionalProperties"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_names_its_place(kind: Any, said: str) -> None:
    """Before anything is sent."""
    with pytest.raises(BadInput) as caught:
        schema_of(kind)

    assert said in str(caught.value)
