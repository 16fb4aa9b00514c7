"""What an answer shall be (a class, a type, a JSON schema) -> its schema, and the answer read."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.encode.rows import Rows
from claude_magic.encode.schema_fit import fitted, parsed
from claude_magic.encode.schema_hints import bare
from claude_magic.encode.schema_plain import Build, same
from claude_magic.encode.schema_rules import closed, kinds, mapped, refuse, resolve
from claude_magic.encode.schema_types import KNOWN, Shapes, copied
from claude_magic.errors import BadInput

__all__ = ["Rows", "Schema", "schema_of"]

_DEFINITIONS = ("$defs", "definitions")


@dataclass(frozen=True)
class Schema:
    """What is asked for: `json` goes into `output_config.format.schema`, an object at the top."""

    json: Json
    _build: Build = field(repr=False, compare=False)

    def read(self, text: str) -> object:
        """Return what an answer's text holds; ValueError says why it cannot be read.

        >>> schema_of(list[int]).read('{"items": [1, 2]}')
        [1, 2]
        """
        return self.take(parsed(text))

    def take(self, value: object) -> object:
        """Return what was asked for, made from JSON that is parsed already."""
        schema = dict(self.json)
        return self._build(fitted(value, schema, schema), "")


def schema_of(given: object) -> Schema:
    """Return the schema of a class, a type, `list[…]` of one, or a JSON schema as a dict.

    What the Messages API does not take raises BadInput with the path of the field. What is not an
    object is wrapped in one (`items` of a list, else `value`) and taken out again when read.

    >>> schema_of(int).json["properties"]
    {'value': {'type': 'integer'}}
    """
    if isinstance(given, Mapping):
        return _of_dict(given)
    _refuse_values(given)
    shapes = Shapes()
    shape = shapes.of(given, "")
    schema = {**shape.schema, "$defs": shapes.definitions}
    refuse(schema)
    top = _top(schema)
    if "object" in kinds(top):
        return Schema(top, shape.build)
    if typing.get_origin(bare(given)[0]) is list:
        columns = _columns(schema)
        return _wrapped("items", top, lambda value, path: Rows(shape.build(value, path), columns))
    return _wrapped("value", top, shape.build)


def _of_dict(given: Mapping[str, Any]) -> Schema:
    schema: Json = mapped(copied(given), closed)
    refuse(schema)
    if kinds(schema) == ["object"]:
        return Schema(schema, same)
    many = kinds(schema) == ["array"]
    columns = _columns(schema) if many else ()

    def build(value: Any, path: str) -> Any:
        return Rows(value, columns) if many else value

    wrapped = _wrapped("items" if many else "value", schema, build)
    refuse(dict(wrapped.json))  # a reference may have pointed elsewhere than to a definition
    return wrapped


def _refuse_values(given: object) -> None:
    """Say what to give instead of a text, a list or an object."""
    alias = isinstance(given, typing.NewType) or type(given).__name__ == "TypeAliasType"
    if isinstance(given, type) or typing.get_origin(given) or alias:
        return
    name = type(given).__name__
    says = {
        "str": ("A text is no schema.", "Give the class or the dict itself, without quotes."),
        "list": ("A list is no schema.", "Write `list[Name]` for a list of a class's objects."),
        "NoneType": ("None is no schema.", KNOWN),
        "function": ("A function is no schema.", KNOWN),
    }
    value = (f"This {name} is no schema but a value.", f"Give the class itself: `{name}`.")
    message, hint = says.get("function" if callable(given) else name, value)
    raise BadInput(message, hint=hint)


def _top(schema: Json) -> Json:
    """The schema with what it refers to at the top written out, and only definitions in use."""
    definitions = dict(schema["$defs"])
    top = {word: held for word, held in schema.items() if word != "$defs"}
    if "$ref" in top:
        top = {**definitions.pop(top["$ref"].rpartition("/")[2]), **top}
        del top["$ref"]
    return {**top, "$defs": definitions} if definitions else top


def _columns(schema: Json) -> tuple[str, ...]:
    """The names of the fields, if the items of the list are objects."""
    items = schema.get("items", {})
    items = resolve(schema, items["$ref"]) if "$ref" in items else items
    return tuple(items.get("properties", ()))


def _wrapped(name: str, schema: Json, build: Build) -> Schema:
    """An object whose only field is what was asked for; definitions stay at the top."""
    inner = {word: held for word, held in schema.items() if word not in _DEFINITIONS}
    top = {
        "type": "object",
        "properties": {name: inner},
        "required": [name],
        "additionalProperties": False,
    }
    definitions = {word: schema[word] for word in _DEFINITIONS if word in schema}
    return Schema({**top, **definitions}, lambda value, path: build(value[name], name))
