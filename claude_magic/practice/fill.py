"""JSON schema + the question's words -> a value that satisfies the schema.

Keywords it knows: type, properties, required, additionalProperties, items, prefixItems, enum,
const, anyOf, oneOf, allOf, $ref, format, simple patterns, and bounds of numbers, lengths and
counts.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, count, cycle, islice
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.practice.patterns import example
from claude_magic.practice.schemas import DEEP, settled
from claude_magic.practice.wording import names, numbers, quoted, subjects

FORMATS = {
    "date-time": ("2026-01-31T12:00:00Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "time": ("12:00:00Z", r"(?!)"),
    "date": ("2026-01-31", r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])\b"),
    "duration": ("P1D", r"(?!)"),
    "email": ("practice@example.com", r"\w+@[a-z]+(?:\.[a-z]+)+"),
    "hostname": ("practice.example.com", r"(?!)"),
    "uri": ("https://example.com/practice", r"https?://[\w./-]+\w"),
    "ipv4": ("127.0.0.1", r"(?!)"),
    "ipv6": ("::1", r"(?!)"),
    "uuid": ("00000000-0000-4000-8000-000000000000", r"(?!)"),
}
"""A value of each format, and what it may look like in a question."""


@dataclass(frozen=True)
class Filling:
    """What values are made from: the whole schema (for references) and the question's material.

    The two iterators are used up as the value grows, so that its strings and numbers differ.
    """

    root: Json
    question: str
    texts: Iterator[str]
    numbers: Iterator[float]
    whole: bool
    """Whether optional properties are filled even if the question does not speak of them."""


def structured(schema: Json, question: str) -> Any:
    """A value for `output_config.format`; its first free string says that this is practice."""
    filling = _filling(schema, question, whole=True)
    first = next(filling.texts)
    return _value(schema, "", replace(filling, texts=chain([f"{first} (practice)"], filling.texts)))


def tool_input(schema: Json, question: str) -> Json:
    """An input for a tool: required properties, and those of which the question speaks."""
    value = _value(schema, "", _filling(schema, question, whole=False))
    return value if isinstance(value, dict) else {}


def _filling(schema: Json, question: str, *, whole: bool) -> Filling:
    said = [*quoted(question), *names(question)] or subjects(question)
    texts = chain(said, cycle(subjects(question) or ["practice"]))
    return Filling(schema, question, texts, chain(numbers(question), count(1)), whole)


def _value(schema: Any, name: str, filling: Filling, depth: int = 0) -> Any:
    if depth > 3 * DEEP:
        return None  # only a schema that nothing finite satisfies leads here
    plain = settled(schema, filling.root, depth)
    if "enum" in plain:
        return _choice(plain, filling.question)
    match _type(plain):
        case "object":
            return _object(plain, filling, depth)
        case "array":
            return _array(plain, name, filling, depth)
        case "integer":
            return int(_number(plain, name, filling, step=1))
        case "number":
            return _number(plain, name, filling, step=0)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _string(plain, name, filling)


def _type(plain: Json) -> str:
    """The first type a plain schema allows, null last; guessed when it names none."""
    kinds = sorted(plain.get("type") or [], key=lambda kind: kind == "null")
    hints = {"properties": "object", "items": "array", "minimum": "number", "maximum": "number"}
    guess = next((kind for key, kind in hints.items() if key in plain), "string")
    return str(kinds[0]) if kinds else guess


def _choice(plain: Json, question: str) -> Any:
    """The value of an enum that the question mentions, else the first of the right type."""
    fitting = [value for value in plain["enum"] if _is_of(value, plain.get("type"))]
    told = [value for value in fitting if _mentions(question, str(value))]
    return next(iter([*told, *fitting]), None)


def _is_of(value: Any, kinds: list[str] | None) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    is_a = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "null": value is None,
        "number": number,
        "integer": number and value == int(value),
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
    }
    return kinds is None or any(is_a.get(kind, False) for kind in kinds)


def _mentions(question: str, word: str) -> bool:
    return bool(word) and bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", question, re.I))


def _object(plain: Json, filling: Filling, depth: int) -> Json:
    """Required properties first, then optional ones (structured outputs, property order)."""
    properties, required = plain.get("properties") or {}, plain.get("required") or []
    free = plain.get("additionalProperties")
    wanted = [name for name in properties if name in required]
    wanted += [name for name in required if name not in properties]
    if depth < DEEP:
        optional = [name for name in properties if name not in required]
        wanted += [name for name in optional if filling.whole or _spoken(name, plain, filling)]
    return {name: _value(properties.get(name, free), name, filling, depth + 1) for name in wanted}


def _spoken(name: str, plain: Json, filling: Filling) -> bool:
    """Whether the question gives a value for the property."""
    schema = settled(plain["properties"][name], filling.root)
    if "enum" in schema:
        return any(_mentions(filling.question, str(value)) for value in schema["enum"])
    if _type(schema) in ("integer", "number"):
        return _named_number(name, filling.question) is not None
    return _type(schema) == "string" and _named_text(name, filling.question) is not None


def _array(plain: Json, name: str, filling: Filling, depth: int) -> list[Any]:
    first = plain.get("prefixItems") or []
    liked = 0 if depth >= DEEP else 2 if filling.whole else 1
    size = max(plain.get("minItems", 0), min(liked, plain.get("maxItems", liked)), len(first))
    size = len(first) if plain.get("items") is False else size
    rest: Iterator[Any] = (_value(plain.get("items"), name, filling, depth + 1) for _ in count())
    if plain.get("uniqueItems"):
        rest = _different(settled(plain.get("items"), filling.root, depth), rest, size)
    start = (_value(schema, name, filling, depth + 1) for schema in first)
    return list(islice(chain(start, rest), size))


def _different(items: Json, values: Iterator[Any], size: int) -> Iterator[Any]:
    """Values no two of which are equal, as far as they can be found."""
    several = iter(items["enum"]) if "enum" in items else islice(values, 20 * size)
    seen: list[Any] = []
    for value in several:
        if value not in seen:
            seen.append(value)
            yield value


def _number(plain: Json, name: str, filling: Filling, *, step: float) -> float:
    named = _named_number(name, filling.question)
    drawn = named if named is not None else next(filling.numbers)
    step = plain.get("multipleOf") or step
    low = max(plain.get("minimum", -math.inf), plain.get("exclusiveMinimum", -math.inf))
    high = min(plain.get("maximum", math.inf), plain.get("exclusiveMaximum", math.inf))
    near = [drawn, low, low + (step or 1), high, high - (step or 1), (low + high) / 2, 0]
    finite = [value for value in near if math.isfinite(value / (step or 1))]
    stepped = [math.floor(value / step) * step for value in finite] if step else finite
    up = [value + step for value in stepped] if step else []
    return next((value for value in [*stepped, *up] if _within(plain, value)), drawn)


def _within(plain: Json, value: float) -> bool:
    return bool(
        plain.get("minimum", value) <= value <= plain.get("maximum", value)
        and value > plain.get("exclusiveMinimum", -math.inf)
        and value < plain.get("exclusiveMaximum", math.inf)
    )


def _string(plain: Json, name: str, filling: Filling) -> str:
    if plain.get("format") in FORMATS:
        fallback, looks = FORMATS[plain["format"]]
        found = re.search(looks, filling.question)
        return found.group() if found else fallback
    if "pattern" in plain:
        words = re.findall(r"\S+", filling.question)
        matching = (word for word in words if re.search(plain["pattern"], word))
        return next(matching, None) or example(plain["pattern"])
    text = _named_text(name, filling.question) or next(filling.texts)
    padded = text.ljust(plain.get("minLength", 0), "-")
    return padded[: plain.get("maxLength", len(padded))]


def _named_number(name: str, question: str) -> float | None:
    """The number the question gives by name, as "sides = 6", "sides: 6", or "6 sides"."""
    label = re.escape(name).replace("_", "[ _-]")
    number = r"(-?\d+(?:\.\d+)?)"
    forms = (rf"\b{label}\b\s*(?:=|:|is|of)?\s*{number}", rf"{number}\s+{label}\b")
    found = next((hit for form in forms if name and (hit := re.search(form, question, re.I))), None)
    return next(iter(numbers(found.group(1))), None) if found else None


def _named_text(name: str, question: str) -> str | None:
    """The text the question gives by name, as "city = Paris" or "city: 'New York'"."""
    label = re.escape(name).replace("_", "[ _-]")
    form = rf"\b{label}\b\s*(?:=|:|is|named|called)\s*(?:\"([^\"]+)\"|'([^']+)'|`([^`]+)`|(\w+))"
    found = re.search(form, question, re.I) if name else None
    return next(filter(None, found.groups())) if found else None
