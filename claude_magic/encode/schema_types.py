"""A Python type -> its JSON schema, and how its values are made from JSON.

Both sides of a type stand next to each other: `Shape`. Neither pydantic nor a schema library is
imported; a class of pydantic's brings pydantic along.
"""

import dataclasses
import inspect
import json
import re
import sys
import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.encode.schema_fit import fitted, shown
from claude_magic.encode.schema_hints import bare, hints_of, is_required, told_by, words
from claude_magic.encode.schema_plain import PLAIN, Shape, choice, json_of, same
from claude_magic.encode.schema_rules import closed, inside, mapped, recursion, refusal

KNOWN = (
    "Known are str, int, float, bool, dates and times, UUID, Path, Decimal, Enum, Literal, "
    "Optional, list, dataclasses, TypedDict, NamedTuple and pydantic models."
)

_MANY: Mapping[Any, Callable[[list[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    tuple: tuple,
    abc.Sequence: list,
    abc.Collection: list,
    abc.Iterable: list,
    abc.Set: set,
}


class Shapes:
    """The shapes of the types in one schema; `definitions` holds the classes they refer to."""

    def __init__(self) -> None:
        self.definitions: Json = {}
        self._classes: dict[type, Shape] = {}
        self._opened: list[type] = []

    def of(self, hint: Any, path: str, told: str = "") -> Shape:
        """The shape of `hint`, the type of the field at `path`; BadInput for an unknown one.

        `told` describes the field if its annotation does not.
        """
        plain, said = bare(hint)
        shape = self._bare(plain, path)
        return Shape({**shape.schema, **words([*said, told], shape.schema)}, shape.build)

    def _bare(self, hint: Any, path: str) -> Shape:
        if isinstance(hint, Mapping):
            return self._given(hint, path)
        if hint is Any or hint is object:
            return Shape({}, same)
        kind, arguments = typing.get_origin(hint) or hint, typing.get_args(hint)
        if kind is typing.Literal:
            return choice([(json_of(one), one) for one in arguments], path)
        if kind in (typing.Union, types.UnionType):
            return self._union(arguments, path)
        if isinstance(kind, type) and kind in _MANY:
            return self._list(kind, arguments, path)
        if kind in (dict, abc.Mapping, abc.MutableMapping):
            return self._mapping(arguments, path)
        if isinstance(hint, type):
            return self._class(hint, path)
        raise _unknown(hint, path)

    def _given(self, schema: Mapping[str, Any], path: str) -> Shape:
        """A JSON schema inside `list[…]`; what it defines moves to the top."""
        plain = mapped(copied(schema), closed)
        definitions = plain.pop("$defs", {})
        if self._clash(definitions):
            raise refusal(path, "defines names anew", "Give the names in its `$defs` others.")
        self.definitions.update(definitions)
        return Shape(plain, same)

    def _clash(self, definitions: Json) -> bool:
        return any(self.definitions.get(name, one) != one for name, one in definitions.items())

    def _union(self, hints: tuple[Any, ...], path: str) -> Shape:
        shapes = [self.of(hint, path) for hint in hints]

        def build(value: Any, path: str) -> Any:
            return self._first(shapes, value, path)

        return Shape({"anyOf": [shape.schema for shape in shapes]}, build)

    def _first(self, shapes: list[Shape], value: Any, path: str) -> Any:
        """The value as the first type that takes it."""
        root, faults = {"$defs": self.definitions}, []
        for shape in shapes:
            try:
                return shape.build(fitted(value, shape.schema, root, path), path)
            except ValueError as error:
                faults.append(error)
        raise faults[0]

    def _list(self, kind: Any, arguments: tuple[Any, ...], path: str) -> Shape:
        if kind is tuple and (len(arguments) != 2 or arguments[1] is not ...):
            hint = "Use a NamedTuple or a dataclass, or `tuple[X, ...]` for a list."
            raise refusal(path, "is a tuple, whose places have no names", hint)
        if not arguments:
            raise refusal(path, "is a list of unknown things", "Say of what, as `list[str]`.")
        item = self.of(arguments[0], f"{path}[]")

        def build(value: Any, path: str) -> Any:
            items = [item.build(one, f"{path}[{number}]") for number, one in enumerate(value)]
            return _made(_MANY[kind], path, items)

        return Shape({"type": "array", "items": item.schema}, build)

    def _mapping(self, arguments: tuple[Any, ...], path: str) -> Shape:
        key, one = arguments or (str, Any)
        if key is not str:
            raise refusal(path, "has keys that are no texts", "JSON has texts as keys.")
        item = self.of(one, path)

        def build(value: Any, path: str) -> Any:
            return {name: item.build(one, inside(path, name)) for name, one in value.items()}

        return Shape({"type": "object", "additionalProperties": item.schema}, build)

    def _class(self, kind: type, path: str) -> Shape:
        if kind in PLAIN:
            return PLAIN[kind]
        if issubclass(kind, Enum):
            return choice([(json_of(one), one) for one in kind], path)
        if kind in self._opened:
            raise recursion(path)
        if kind not in self._classes:
            self._opened.append(kind)
            shape = self._described(kind, path)
            self._opened.remove(kind)
            self._classes[kind] = self._referred(kind, shape)
        return self._classes[kind]

    def _described(self, kind: type, path: str) -> Shape:
        if hasattr(kind, "__pydantic_core_schema__"):
            return self._pydantic(kind, path)
        if issubclass(kind, dict) and hasattr(kind, "__required_keys__"):
            return self._typed_dict(kind, path)
        if dataclasses.is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
            return self._record(kind, path)
        raise _unknown(kind, path)

    def _referred(self, kind: type, shape: Shape) -> Shape:
        """The shape as a reference to its class, defined once."""
        name = plain = re.sub(r"\W", "_", kind.__name__)
        while self.definitions.get(name, shape.schema) != shape.schema:
            name = f"{plain}_{len(self.definitions)}"
        self.definitions[name] = shape.schema
        return Shape({"$ref": f"#/$defs/{name}"}, shape.build)

    def _record(self, kind: type, path: str) -> Shape:
        """A dataclass or NamedTuple: an object with what it takes to make one."""
        told, hints = told_by(kind), hints_of(kind, path)
        shapes, properties, required = {}, {}, []
        for name, one in inspect.signature(kind).parameters.items():
            hint = hints.get(name, one.annotation)
            shapes[name] = shape = self.of(hint, inside(path, name), told.get(name, ""))
            properties[name] = {**shape.schema, **self.default(one.default, shape.schema)}
            if one.default is one.empty:
                required.append(name)
        schema = _object(kind, properties, required)
        return Shape(schema, lambda value, path: _made(kind, path, **_built(value, shapes, path)))

    def default(self, value: Any, schema: Json) -> Json:
        """A default that can be told: a plain value that fits."""
        plain = json_of(value)
        if not isinstance(plain, str | int | float | None):
            return {}
        try:
            return {"default": fitted(plain, schema, {"$defs": self.definitions})}
        except ValueError:
            return {}

    def _typed_dict(self, kind: type, path: str) -> Shape:
        shapes, required = {}, []
        for name, hint in hints_of(kind, path).items():
            shapes[name] = self.of(hint, inside(path, name))
            if is_required(name, hint, kind):
                required.append(name)
        properties = {name: shape.schema for name, shape in shapes.items()}
        schema = _object(kind, properties, required)
        return Shape(schema, lambda value, path: _built(value, shapes, path))

    def _pydantic(self, kind: type, path: str) -> Shape:
        """A class of pydantic's, described and made by pydantic."""
        try:
            adapter = sys.modules["pydantic"].TypeAdapter(kind)
            schema, definitions = _pydantic_schema(adapter, "")
            if self._clash(definitions):
                prefix = f"{kind.__name__}_{len(self.definitions)}_"
                schema, definitions = _pydantic_schema(adapter, prefix)
        except Exception as error:  # its errors for fields without a schema share no base
            raise _unknown(kind, path, str(error)) from error
        self.definitions.update(definitions)
        return Shape(schema, lambda value, path: _validated(adapter, value, path))


def copied(schema: Mapping[str, Any]) -> Json:
    """A copy of a JSON schema; BadInput if it holds what JSON cannot say."""
    try:
        plain: Json = json.loads(json.dumps(dict(schema), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal("", f"holds what JSON cannot say: {error}") from error
    return plain


def _object(kind: type, properties: Json, required: list[str]) -> Json:
    text = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    written = text and not text.startswith(f"{kind.__name__}(")  # else dataclass wrote it
    return {
        "type": "object",
        **({"description": text} if written else {}),
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _built(value: Json, shapes: Mapping[str, Shape], path: str) -> Json:
    return {name: shapes[name].build(one, inside(path, name)) for name, one in value.items()}


def _made(maker: Callable[..., Any], path: str, /, *values: Any, **named: Any) -> Any:
    """What `maker` makes; its own checks (`__post_init__`) may refuse."""
    try:
        return maker(*values, **named)
    except Exception as error:
        raise ValueError(f"{shown(path)} is refused: {error}.") from error


def _pydantic_schema(adapter: Any, prefix: str) -> tuple[Json, Json]:
    told = adapter.json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    inner = {prefix + name: mapped(one, _tidied) for name, one in told.pop("$defs", {}).items()}
    return mapped(told, _tidied), inner


def _tidied(schema: Json) -> Json:
    """Without titles, which repeat the names, and without what a set sees to itself.

    What tells a union's members apart is pydantic's business: the API knows only `anyOf`.
    """
    without = ("title", "uniqueItems", "discriminator")
    apart = "anyOf" if "discriminator" in schema else "oneOf"
    words = {apart if word == "oneOf" else word: held for word, held in schema.items()}
    return closed({word: held for word, held in words.items() if word not in without})


def _validated(adapter: Any, value: Any, path: str) -> Any:
    try:
        return adapter.validate_json(json.dumps(value))
    except ValueError as error:
        first: Any = next(iter(getattr(error, "errors", list)()), {})
        where = ".".join(map(str, (path, *first.get("loc", ())))).strip(".")
        raise ValueError(f"{shown(where)} is refused: {first.get('msg', error)}.") from error


def _unknown(hint: Any, path: str, why: str = "") -> Exception:
    name = hint.__name__ if isinstance(hint, type) else str(hint)
    fault = f"is of a type that cannot be asked for: {name}"
    return refusal(path, f"{fault} ({why})" if why else fault, KNOWN)
