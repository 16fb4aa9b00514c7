"""Bounds of numbers, lengths and texts, which the schema of a tool may tell -> checked."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.encode.schema_fit import shown
from claude_magic.encode.schema_rules import inside, resolve

_RULES: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (lambda value, bound: value >= bound, "at least {}"),
    "maximum": (lambda value, bound: value <= bound, "at most {}"),
    "exclusiveMinimum": (lambda value, bound: value > bound, "more than {}"),
    "exclusiveMaximum": (lambda value, bound: value < bound, "less than {}"),
    "multipleOf": (lambda value, bound: value % bound == 0, "a multiple of {}"),
    "minLength": (lambda value, bound: len(value) >= bound, "at least {} signs long"),
    "maxLength": (lambda value, bound: len(value) <= bound, "at most {} signs long"),
    "minItems": (lambda value, bound: len(value) >= bound, "a list of at least {}"),
    "maxItems": (lambda value, bound: len(value) <= bound, "a list of at most {}"),
    "pattern": (lambda value, bound: bool(re.search(bound, value)), "of the form {}"),
}


def check_bounds(value: Any, schema: Json, root: Json, path: str = "") -> None:
    """Check a value that fits its schema against the bounds told there.

    Raises
    ------
    ValueError: it is beyond one; the message names it.

    >>> check_bounds({"n": 0}, {"properties": {"n": {"minimum": 1}}}, {})
    Traceback (most recent call last):
    ValueError: `n` is 0; it must be at least 1.
    """
    if "$ref" in schema:
        schema = resolve(root, schema["$ref"]) | schema
    for word, (fits, told) in _RULES.items():
        if word in schema and _is_for(word, value) and not fits(value, schema[word]):
            bound = told.format(schema[word])
            raise ValueError(f"{shown(path)} is {value!r}; it must be {bound}.")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for name, one in value.items():
            check_bounds(one, properties.get(name, {}), root, inside(path, name))
    if isinstance(value, list):
        for number, one in enumerate(value):
            check_bounds(one, schema.get("items", {}), root, f"{path}[{number}]")


def _is_for(word: str, value: Any) -> bool:
    kind: Any = (int, float)
    if word in ("minLength", "maxLength", "pattern"):
        kind = str
    elif word in ("minItems", "maxItems"):
        kind = list
    return isinstance(value, kind) and not isinstance(value, bool)
