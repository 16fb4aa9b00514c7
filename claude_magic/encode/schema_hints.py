"""Annotations -> the bare type, and what they say of it in the words of JSON schema."""

import dataclasses
import types
import typing
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.encode.schema_rules import refusal

_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
    "min_length": "minLength",
    "max_length": "maxLength",
}
"""What pydantic, msgspec and annotated-types call the bounds they put into `Annotated`."""


def bare(hint: Any) -> tuple[Any, list[Any]]:
    """The type itself and what `Annotated` says of it; aliases and qualifiers taken off."""
    said: list[Any] = []
    qualifiers = (typing.Required, typing.NotRequired, typing.Final)
    while True:
        kind = typing.get_origin(hint)
        if kind is typing.Annotated:
            said = [*said, *hint.__metadata__]
            hint = hint.__origin__
        elif kind in qualifiers or getattr(kind, "__name__", "") == "ReadOnly":
            (hint,) = typing.get_args(hint)
        elif isinstance(hint, typing.NewType):
            hint = hint.__supertype__
        elif isinstance(hint, dataclasses.InitVar):
            hint = hint.type
        elif type(hint).__name__ == "TypeAliasType":  # `type X = …`, from Python 3.12 on
            hint = hint.__value__
        elif hint is None:
            return types.NoneType, said
        else:
            return hint, said


def words(said: list[Any], schema: Json) -> Json:
    """What `Annotated` says, in the words of JSON schema: a description, bounds."""
    found: Json = {}
    for one in said:
        text = one if isinstance(one, str) else getattr(one, "description", None)
        if text and isinstance(text, str):
            found.setdefault("description", text)
        for part in (one, *(getattr(one, "metadata", None) or ())):
            found |= _bounds(part, schema)
    return found


def _bounds(part: Any, schema: Json) -> Json:
    found = {word: getattr(part, name, None) for name, word in _BOUNDS.items()}
    bounds = {word: one for word, one in found.items() if one is not None}
    if bounds.get("minLength") == 0:
        del bounds["minLength"]
    if schema.get("type") == "array":
        return {word.replace("Length", "Items"): bound for word, bound in bounds.items()}
    return bounds


def hints_of(kind: type, path: str) -> dict[str, Any]:
    """The annotations of a class by name; BadInput if they name what is not there."""
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError, SyntaxError) as error:
        hint = "Names in annotations are looked up where the class's module or notebook begins."
        raise refusal(path, f"has an annotation nobody knows: {error}", hint) from error


def told_by(kind: type) -> dict[str, str]:
    """The descriptions a dataclass keeps in the `metadata` of its fields."""
    fields: dict[str, dataclasses.Field[Any]] = getattr(kind, "__dataclass_fields__", {})
    told = {name: field.metadata.get("description") for name, field in fields.items()}
    return {name: text for name, text in told.items() if text}


def is_required(name: str, hint: Any, kind: Any) -> bool:
    """Whether a field of a TypedDict must be there, by its own mark or that of its class."""
    marks = {typing.Required: True, typing.NotRequired: False}
    while typing.get_origin(hint) is typing.Annotated:
        hint = hint.__origin__
    return marks.get(typing.get_origin(hint), name in kind.__required_keys__)
