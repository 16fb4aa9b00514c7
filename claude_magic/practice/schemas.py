"""JSON schema -> a plain one: references followed, allOf joined, one alternative chosen."""

from collections.abc import Callable, Iterator
from typing import Any

from claude_magic.content.wire import Json

HELD = {"properties", "$defs", "definitions"}
LISTED = {"anyOf", "allOf", "oneOf", "prefixItems"}
DEEP = 6
"""How many schemas deep a value may grow before it is kept as small as it can be."""


def inner_schemas(schema: Json) -> Iterator[tuple[str, Any]]:
    """The schemas directly inside `schema`, each with its path."""
    for key, value in schema.items():
        if key in HELD and isinstance(value, dict):
            yield from ((f"{key}.{name}", inner) for name, inner in value.items())
        elif key in LISTED and isinstance(value, list):
            yield from ((f"{key}.{number}", inner) for number, inner in enumerate(value))
        elif key == "items":
            yield key, value


def resolve(root: Any, ref: str) -> Any:
    """What `#/…` points at inside `root`; None if it points nowhere or outside."""
    if not ref.startswith("#"):
        return None
    found = root
    for step in ref[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            return None
    return found


def settled(schema: Any, root: Any, depth: int = 0) -> Json:
    """`schema` without $ref, allOf, anyOf, oneOf and const: one plain schema that implies it.

    Of several alternatives the first that fits the rest is taken, null only if nothing else does;
    from `DEEP` on null is preferred, which ends a recursion.

    >>> settled({"$ref": "#/$defs/n", "minimum": 2}, {"$defs": {"n": {"type": "integer"}}})
    {'minimum': 2, 'type': ['integer']}
    """
    if not isinstance(schema, dict) or depth > 4 * DEEP:
        return {}
    joined = ("$ref", "allOf", "anyOf", "oneOf", "const")
    plain = {key: value for key, value in schema.items() if key not in joined}
    if isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"]]
    if "const" in schema:
        plain = merged(plain, {"enum": [schema["const"]]})
    parts = [resolve(root, schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    for part in [*parts, *_listed(schema, "allOf")]:
        plain = merged(plain, settled(part, root, depth + 1))
    for key in ("anyOf", "oneOf"):
        plain = _chosen(plain, _listed(schema, key), root, depth)
    return plain


def _listed(schema: Json, key: str) -> list[Any]:
    found = schema.get(key)
    return found if isinstance(found, list) else []


def _chosen(plain: Json, alternatives: list[Any], root: Any, depth: int) -> Json:
    nulls_first = depth >= DEEP
    alternatives = sorted(alternatives, key=lambda one: _may_be_null(one) is not nulls_first)
    joined = (merged(plain, settled(one, root, depth + 1)) for one in alternatives)
    possible = (one for one in joined if one.get("type") != [] and one.get("enum") != [])
    return next(possible, plain)


def _may_be_null(schema: Any) -> bool:
    return isinstance(schema, dict) and "null" in (schema.get("type"), schema.get("const", ""))


def merged(one: Json, other: Json) -> Json:
    """A schema that implies both."""
    shared = {key: _joined(key, one[key], other[key]) for key in one.keys() & other.keys()}
    return {**one, **other, **shared}


def _joined(key: str, one: Any, other: Any) -> Any:
    bounds: dict[str, Callable[..., Any]] = {
        **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
        **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
    }
    match key:
        case "properties":
            both = {name: {"allOf": [one[name], other[name]]} for name in one.keys() & other.keys()}
            return {**one, **other, **both}
        case "required":
            return list(dict.fromkeys([*one, *other]))
        case "type":
            return _common_types(one, other)
        case "enum":
            return [value for value in one if value in other]
        case "items":
            return {"allOf": [one, other]}
        case _ if key in bounds:
            return bounds[key](one, other)
        case _:
            return other


def _common_types(one: list[str], other: list[str]) -> list[str]:
    common = [kind for kind in one if kind in other]
    narrowed = "integer" in {*one, *other} and "number" in {*one, *other}
    return common if "integer" in common or not narrowed else [*common, "integer"]
