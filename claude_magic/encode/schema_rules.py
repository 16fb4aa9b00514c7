"""A JSON schema -> a refusal, by field, of what structured outputs do not take.

Messages API, structured outputs, JSON schema limitations. Words not known here pass: the server
may take them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.errors import BadInput

MOST_OPTIONAL, MOST_UNIONS = 24, 16

_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_HELD, _LISTED = ("properties", "$defs", "definitions"), ("anyOf", "allOf")
_SAYS_WHAT = ("type", "enum", "const", "anyOf", "allOf", "$ref")
_FORMATS = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
]
_SCALARS = str | int | float | None

_IN_WORDS = "Say it in the field's description and check the answer yourself."
_AS_LIST = "Ask for a list of objects that have a name and a value."
_REFUSED = {
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], _IN_WORDS),
    **dict.fromkeys(["multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems"], _IN_WORDS),
    **dict.fromkeys(["contains", "minContains", "maxContains"], _IN_WORDS),
    **dict.fromkeys(["minProperties", "maxProperties", "not", "if", "then", "else"], _IN_WORDS),
    **dict.fromkeys(["dependentRequired", "dependentSchemas", "dependencies"], _IN_WORDS),
    **dict.fromkeys(["patternProperties", "propertyNames", "unevaluatedProperties"], _AS_LIST),
    **dict.fromkeys(
        ["prefixItems", "additionalItems", "unevaluatedItems"],
        "Ask for an object with a field for each place.",
    ),
    **dict.fromkeys(["$dynamicRef", "$recursiveRef"], "Use `$ref`."),
    "oneOf": "Use `anyOf`.",
}
"""Words that are not taken, each with the way out."""

_HARD_PATTERN = re.compile(r"\(\?(?:<?[=!]|P=)|\\[1-9bBk]")

Fault = tuple[str, str] | None
"""What is wrong with a schema, as the rest of a sentence, and what to do."""


@dataclass(frozen=True)
class Place:
    """A schema with the path of the field it describes; a `part` of an allOf may say little."""

    schema: Json
    path: str
    part: bool


def refuse(root: Json) -> None:
    """Raise BadInput, naming the field, unless the API takes the schema."""
    optional, unions = weight(root)
    _limit("optional", optional, MOST_OPTIONAL)
    _limit("union-typed", unions, MOST_UNIONS)


def weight(root: Json) -> tuple[int, int]:
    """Return how many optional and union-typed properties a schema has.

    Raises
    ------
    BadInput: the API does not take it; the message names the field.
    """
    places = list(_Walk(root).all())
    for place in places:
        for rule in _RULES:
            if fault := rule(place):
                raise refusal(place.path, *fault)
    return sum(map(_optional, places)), sum(map(_unions, places))


def refusal(path: str, fault: str, hint: str = "") -> BadInput:
    """The error that says what is wrong with the field at `path`."""
    return BadInput(f"{f'`{path}`' if path else 'The schema'} {fault}.", hint=hint)


def inside(path: str, name: str) -> str:
    """The path of the field `name` of what is at `path`."""
    return f"{path}.{name}" if path else name


def resolve(root: Json, ref: str) -> Any:
    """What `#/…` points at inside `root`; None if it points nowhere.

    >>> resolve({"$defs": {"a/b": {"type": "null"}}}, "#/$defs/a~1b")
    {'type': 'null'}
    """
    found: Any = root
    for step in ref.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdigit():
            found = dict(enumerate(found)).get(int(name))
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found


def mapped(schema: Any, change: Callable[[Json], Json]) -> Any:
    """`schema` with `change` done to it and to every schema inside; the given one stays as it is.

    >>> mapped({"items": {"enum": [{}]}}, lambda schema: {**schema, "seen": True})
    {'items': {'enum': [{}], 'seen': True}, 'seen': True}
    """
    if not isinstance(schema, dict):
        return schema
    return change({word: _mapped_word(word, held, change) for word, held in schema.items()})


def _mapped_word(word: str, held: Any, change: Callable[[Json], Json]) -> Any:
    if word in _HELD and isinstance(held, dict):
        return {name: mapped(inner, change) for name, inner in held.items()}
    if word in _LISTED and isinstance(held, list):
        return [mapped(inner, change) for inner in held]
    return mapped(held, change) if word == "items" else held


def closed(schema: Json) -> Json:
    """An object that does not speak of other properties has none."""
    if "object" in kinds(schema) and "additionalProperties" not in schema:
        return {**schema, "additionalProperties": False}
    return schema


def kinds(schema: Json) -> list[Any]:
    """The types a schema names."""
    named = schema.get("type", [])
    return named if isinstance(named, list) else [named]


class _Walk:
    """The way through a schema: each place once, references followed."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._done: set[str] = set()

    def all(self) -> Iterator[Place]:
        yield from self._places(self._root, "", ("#",))
        for word in ("$defs", "definitions"):
            for name in self._root.get(word, ()):  # those nothing refers to
                step = name.replace("~", "~0").replace("/", "~1")
                yield from self._target(f"#/{word}/{step}", f"{word}.{name}", ())

    def _places(
        self, schema: Any, path: str, opened: tuple[str, ...], part: bool = False
    ) -> Iterator[Place]:
        if not isinstance(schema, dict):
            raise refusal(path, f"is no schema: {schema!r}", 'A schema is a dict with a "type".')
        _well_formed(schema, path)
        yield Place(schema, path, part)
        if "$ref" in schema:
            yield from self._target(schema["$ref"], path, opened)
        for name, inner in schema.get("properties", {}).items():
            yield from self._places(inner, inside(path, name), opened)
        if "items" in schema:
            yield from self._places(schema["items"], f"{path}[]", opened)
        for word in _LISTED:
            for inner in schema.get(word, ()):
                yield from self._places(inner, path, opened, part or word == "allOf")

    def _target(self, ref: str, path: str, opened: tuple[str, ...]) -> Iterator[Place]:
        if not ref.startswith("#"):
            raise refusal(path, f"refers to {ref!r}, outside the schema", "Use `$defs`.")
        if ref in opened:
            raise recursion(path)
        if ref in self._done:
            return
        self._done.add(ref)
        target = resolve(self._root, ref)
        if target is None:
            raise refusal(path, f"refers to {ref!r}, which is not in the schema")
        yield from self._places(target, path, (*opened, ref))


def recursion(path: str) -> BadInput:
    """The error for a type that contains itself."""
    return refusal(
        path,
        "leads back to a type it is part of, and recursion is not taken",
        "Ask for a flat list whose items name their parent, or for a fixed depth.",
    )


def _well_formed(schema: Json, path: str) -> None:
    """Refuse words that do not hold what they must."""
    expected = {
        **dict.fromkeys(_HELD, dict),
        **dict.fromkeys((*_LISTED, "required", "enum"), list),
        **dict.fromkeys(("$ref", "pattern", "format"), str),
        "minItems": int,
    }
    for word, kind in expected.items():
        if word in schema and not isinstance(schema[word], kind):
            raise refusal(path, f"is no JSON schema: its `{word}` is {schema[word]!r}")
    if not all(isinstance(name, str) for name in schema.get("required", ())):
        raise refusal(path, f"is no JSON schema: its `required` is {schema['required']!r}")
    for word in (*_LISTED, "enum"):
        if schema.get(word) == []:
            raise refusal(path, f"allows nothing: its `{word}` is empty")


def _words(place: Place) -> Fault:
    for word in place.schema:
        if word in _REFUSED:
            return f"has `{word}`, which structured outputs do not take", _REFUSED[word]
    return None


def _says_nothing(place: Place) -> Fault:
    if place.part or any(word in place.schema for word in _SAYS_WHAT):
        return None
    return 'does not say what it is: there is no "type"', 'Give a "type", an "enum" or an "anyOf".'


def _unknown_type(place: Place) -> Fault:
    strange = [kind for kind in kinds(place.schema) if kind not in _TYPES]
    if not strange:
        return None
    wrapped = strange == ["json_schema"]
    hint = 'Give what stands under "schema".' if wrapped else f"Use one of {', '.join(_TYPES)}."
    return f"has the type {strange[0]!r}, which JSON does not know", hint


def _open_object(place: Place) -> Fault:
    if place.schema.get("additionalProperties", False) is False:
        return None
    return "has keys that are not known beforehand (`additionalProperties`)", _AS_LIST


def _missing_property(place: Place) -> Fault:
    known, required = place.schema.get("properties", {}), place.schema.get("required", ())
    missing = next((name for name in required if name not in known), None)
    if missing is None or place.part or "object" not in kinds(place.schema):
        return None
    return f"requires {missing!r}, which is not among its properties", ""


def _enum(place: Place) -> Fault:
    odd = [one for one in place.schema.get("enum", ()) if not isinstance(one, _SCALARS)]
    if not odd:
        return None
    return f"has {odd[0]!r} in its `enum`", "Texts, numbers, true, false and null can be there."


def _format(place: Place) -> Fault:
    told = place.schema.get("format")
    if told is None or told in _FORMATS or "string" not in (kinds(place.schema) or ["string"]):
        return None
    return f"has the format {told!r}", f"The API knows {', '.join(_FORMATS)}."


def _pattern(place: Place) -> Fault:
    plain = place.schema.get("pattern", "").replace(r"\\", "")  # an escaped backslash is no escape
    if not (found := _HARD_PATTERN.search(plain)):
        return None
    return (
        f"has `{found.group()}` in its pattern",
        r"Look-around, references to groups and \b are not taken.",
    )


def _least_items(place: Place) -> Fault:
    if place.schema.get("minItems", 0) in (0, 1):
        return None
    return f"has `minItems` {place.schema['minItems']}; only 0 and 1 are taken", _IN_WORDS


def _all_of_ref(place: Place) -> Fault:
    parts = place.schema.get("allOf", [])
    if not parts or not any("$ref" in one for one in chain([place.schema], parts)):
        return None
    return "has `allOf` together with `$ref`", "Write the referred schema out."


_RULES = (
    _words,
    _unknown_type,
    _says_nothing,
    _open_object,
    _missing_property,
    _enum,
    _format,
    _pattern,
    _least_items,
    _all_of_ref,
)


def _optional(place: Place) -> int:
    return len(set(place.schema.get("properties", ())) - set(place.schema.get("required", ())))


def _unions(place: Place) -> int:
    properties = place.schema.get("properties", {}).values()
    return sum("anyOf" in one or isinstance(one.get("type"), list) for one in properties)


def _limit(kind: str, count: int, most: int) -> None:
    if count > most:
        raise refusal(
            "",
            f"has {count} {kind} fields; the API takes at most {most}",
            "Make more of them required (no default)." if kind == "optional" else "Ask in parts.",
        )
