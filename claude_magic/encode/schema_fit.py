"""An answer's JSON value + its schema -> the value as the schema spells it."""

import json
import math
from typing import Any, NoReturn

from claude_magic.content.wire import Json
from claude_magic.encode.schema_rules import inside, kinds, resolve

_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def parsed(text: str) -> object:
    """The value of a JSON text; ValueError says what is wrong with it."""
    if not text.strip():
        raise ValueError("The answer is empty.")
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The answer is not JSON: {error}.") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def fitted(value: Any, schema: Json, root: Json, path: str = "") -> Any:
    """`value` as `schema` spells it; ValueError names the field that does not fit.

    The casing of enum values may drift (Messages API, structured outputs).

    >>> fitted({"size": "LARGE", "n": 2.0}, {"type": "object", "properties": {
    ...     "size": {"enum": ["Small", "Large"]}, "n": {"type": "integer"}}}, {})
    {'size': 'Large', 'n': 2}
    """
    schema = _plain(schema, root)
    if "anyOf" in schema:
        return _alternative(value, schema, root, path)
    if "const" in schema or "enum" in schema:
        return _spelled(value, schema.get("enum", [schema.get("const")]), path)
    kind = _kind(value, kinds(schema), path)
    if kind == "object":
        return _object(value, schema, root, path)
    if kind == "array":
        return _array(value, schema, root, path)
    return int(value) if kind == "integer" else value


def _plain(schema: Json, root: Json) -> Json:
    """`schema` with its references followed and the parts of an allOf joined."""
    parts = list(schema.get("allOf", ()))
    if "$ref" in schema:
        parts.append(resolve(root, schema["$ref"]))
    plain = {word: held for word, held in schema.items() if word not in ("allOf", "$ref")}
    for part in parts:
        plain = _joined(plain, _plain(part, root))
    return plain


def _joined(one: Json, other: Json) -> Json:
    properties = {**one.get("properties", {}), **other.get("properties", {})}
    required = [*one.get("required", ()), *other.get("required", ())]
    return {**one, **other, "properties": properties, "required": required}


def _alternative(value: Any, schema: Json, root: Json, path: str) -> Any:
    """As the first alternative that fits; if none does, the fault of the one that came close."""
    rest = {word: held for word, held in schema.items() if word != "anyOf"}
    faults = []
    for one in schema["anyOf"]:
        try:
            return fitted(value, _joined(rest, _plain(one, root)), root, path)
        except ValueError as error:
            faults.append(error)
    # A fault of the field itself says the type is another; one further in, that it came close.
    if deeper := [fault for fault in faults if not str(fault).startswith(f"{shown(path)} is ")]:
        raise deeper[0]
    raise ValueError(f"{shown(path)} is {_short(value)}, none of what it may be.")


def _spelled(value: Any, allowed: list[Any], path: str) -> Any:
    same = [one for one in allowed if one == value and isinstance(one, bool) is _is_bool(value)]
    if not same and isinstance(value, str):
        folded = value.casefold()
        same = [one for one in allowed if isinstance(one, str) and one.casefold() == folded]
    if not same:
        choice = ", ".join(_short(one) for one in allowed)
        raise ValueError(f"{shown(path)} is {_short(value)}, not one of {choice}.")
    return same[0]


def _kind(value: Any, allowed: list[str], path: str) -> str:
    fitting = next((kind for kind in allowed or _NAMES if _is(value, kind)), None)
    if fitting is None:
        wanted = " or ".join(_NAMES[kind] for kind in allowed)
        raise ValueError(f"{shown(path)} is {_short(value)}, not {wanted}.")
    return fitting


def _is(value: Any, kind: str) -> bool:
    whole = isinstance(value, int) and not _is_bool(value)
    number = whole or (isinstance(value, float) and math.isfinite(value))
    fits = {
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "string": isinstance(value, str),
        "integer": whole or (number and value.is_integer()),
        "number": number,
        "boolean": _is_bool(value),
        "null": value is None,
    }
    return fits[kind]


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _object(value: Json, schema: Json, root: Json, path: str) -> Json:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    if missing := [name for name in schema.get("required", ()) if name not in value]:
        raise ValueError(f"`{inside(path, missing[0])}` is missing.")
    if others is False and (strange := [name for name in value if name not in known]):
        raise ValueError(f"`{inside(path, strange[0])}` was not asked for.")
    return {
        name: fitted(one, known.get(name, others or {}), root, inside(path, name))
        if name in known or isinstance(others, dict)
        else one
        for name, one in value.items()
    }


def _array(value: list[Any], schema: Json, root: Json, path: str) -> list[Any]:
    if len(value) < schema.get("minItems", 0):
        raise ValueError(f"{shown(path)} is empty.")
    if "items" not in schema:
        return value
    return [
        fitted(one, schema["items"], root, f"{path}[{number}]") for number, one in enumerate(value)
    ]


def shown(path: str) -> str:
    """How a message calls the field at `path`."""
    return f"`{path}`" if path else "The answer"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"
