"""Shape + value -> what is wrong with it: the grammar in which request fields are written down."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A string."""


@dataclass(frozen=True)
class Whole:
    """A whole number of at least `least`."""

    least: int = 0


@dataclass(frozen=True)
class Number:
    """A number within bounds, both allowed."""

    least: float
    most: float


@dataclass(frozen=True)
class Flag:
    """true or false."""


@dataclass(frozen=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True)
class Mapped:
    """An object with keys of its own choosing."""


@dataclass(frozen=True)
class OneOf:
    """One of these strings."""

    choices: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """An array of one shape."""

    of: "Shape"


@dataclass(frozen=True)
class TextOr:
    """A string, or the other shape."""

    other: "Shape"


@dataclass(frozen=True)
class Fields:
    """An object: these keys must be there, those may be (or be null), others only if `open`."""

    required: Mapping[str, "Shape"] = field(default_factory=dict)
    optional: Mapping[str, "Shape"] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True)
class Tagged:
    """An object whose `type` says which fields it has; `other` is for unlisted types."""

    kinds: Mapping[str, Fields]
    other: Fields | None = None
    untyped: str = ""


Shape = Text | Whole | Number | Flag | Anything | Mapped | OneOf | Items | TextOr | Fields | Tagged


def faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What is wrong with `value`, as `path: sentence` in the API's words; nothing if it fits.

    >>> list(faults(Fields({"n": Whole(1)}), {"n": 0, "m": 1}, "it"))
    ['it.m: Extra inputs are not permitted', 'it.n: Input should be greater than or equal to 1']
    """
    match shape:
        case Items(of) if isinstance(value, list):
            for number, item in enumerate(value):
                yield from faults(of, item, f"{path}.{number}")
        case TextOr(other) if not isinstance(value, str):
            yield from faults(other, value, path)
        case Fields() if isinstance(value, dict):
            yield from _field_faults(shape, value, path)
        case Tagged() if isinstance(value, dict):
            yield from _tagged_faults(shape, value, path)
        case _:
            yield from _plain_faults(shape, value, path)


def _field_faults(shape: Fields, value: dict[str, Any], path: str) -> Iterator[str]:
    inside = f"{path}." if path else ""
    known = {**shape.required, **shape.optional}
    if not shape.open:
        extra = (key for key in value if key not in known)
        yield from (f"{inside}{key}: Extra inputs are not permitted" for key in extra)
    missing = (key for key in shape.required if key not in value)
    yield from (f"{inside}{key}: Field required" for key in missing)
    for key, inner in known.items():
        if key in value and not (key in shape.optional and value[key] is None):
            yield from faults(inner, value[key], inside + key)


def _tagged_faults(shape: Tagged, value: dict[str, Any], path: str) -> Iterator[str]:
    kind = value.get("type", shape.untyped)
    if "type" not in value and not shape.untyped:
        yield f"{path}.type: Field required"
    elif isinstance(kind, str) and (fields := shape.kinds.get(kind, shape.other)) is not None:
        fields = Fields({**fields.required}, {**fields.optional, "type": Text()}, fields.open)
        yield from _field_faults(fields, value, f"{path}.{kind}")
    else:
        tags = ", ".join(f"'{tag}'" for tag in shape.kinds)
        yield (
            f"{path}: Input tag '{kind}' found using 'type' does not match any of the "
            f"expected tags: {tags}"
        )


def _plain_faults(shape: Shape, value: Any, path: str) -> Iterator[str]:
    whole = isinstance(value, int) and not isinstance(value, bool)
    match shape:
        case Anything():
            return
        case Text() | TextOr() if not isinstance(value, str):
            yield f"{path}: Input should be a valid string"
        case Flag() if not isinstance(value, bool):
            yield f"{path}: Input should be a valid boolean"
        case Items():
            yield f"{path}: Input should be a valid list"
        case Fields() | Tagged():
            yield f"{path}: Input should be an object"
        case Mapped() if not isinstance(value, dict):
            yield f"{path}: Input should be an object"
        case OneOf(choices) if value not in choices:
            yield f"{path}: Input should be {' or '.join(repr(choice) for choice in choices)}"
        case Whole() if not whole:
            yield f"{path}: Input should be a valid integer"
        case Whole(least) if value < least:
            yield f"{path}: Input should be greater than or equal to {least}"
        case Number() if not whole and not isinstance(value, float):
            yield f"{path}: Input should be a valid number"
        case Number(least, most) if not least <= value <= most:
            yield f"{path}: range: {least}..{most}"
