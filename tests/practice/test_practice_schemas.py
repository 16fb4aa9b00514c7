"""Whatever the schema, the value satisfies it."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_magic.practice.fill import FORMATS, structured, tool_input
from claude_magic.practice.patterns import example

Schema = dict[str, Any]

CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER
NAMES = st.sampled_from(["name", "city", "count", "unit", "tags", "a_b"])
SCALARS = st.one_of(
    st.just({"type": "string"}),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"type": ["integer", "null"]}),
    st.sampled_from([{"type": "string", "format": name} for name in FORMATS]),
    st.lists(st.text(max_size=3) | st.integers(), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
    st.none().map(lambda value: {"const": value}),
    st.text(max_size=4).map(lambda value: {"const": value}),
    st.tuples(st.integers(-50, 50), st.integers(1, 9)).map(
        lambda bound: {"type": "integer", "minimum": bound[0], "maximum": sum(bound)}
    ),
    st.tuples(st.integers(-5, 5), st.integers(1, 3)).map(
        lambda bound: {
            "type": "number", "exclusiveMinimum": bound[0], "exclusiveMaximum": sum(bound)
        }
    ),
    st.integers(2, 9).map(lambda step: {"type": "integer", "multipleOf": step}),
    st.tuples(st.integers(0, 5), st.integers(0, 30)).map(
        lambda size: {"type": "string", "minLength": size[0], "maxLength": sum(size)}
    ),
    st.sampled_from(["shared", "pair"]).map(lambda name: {"$ref": f"#/$defs/{name}"}),
)  # fmt: skip
DEFINITIONS = {
    "shared": {"enum": ["red", "blue"]},
    "pair": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
}


def objects(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Objects with some of their properties required."""
    properties = st.dictionaries(NAMES, inner, max_size=4)
    return properties.flatmap(
        lambda held: st.lists(st.sampled_from(sorted(held) or ["name"]), unique=True).map(
            lambda required: {
                "type": "object",
                "properties": held,
                "required": [name for name in required if name in held],
                "additionalProperties": False,
            }
        )
    )


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    arrays = st.tuples(inner, st.integers(0, 3)).map(
        lambda one: {"type": "array", "items": one[0], "minItems": one[1]}
    )
    choices = st.lists(inner, min_size=1, max_size=3).map(lambda several: {"anyOf": several})
    joined = inner.map(lambda one: {"allOf": [one, {"description": "the same"}]})
    return objects(inner) | arrays | choices | joined


SCHEMAS = st.recursive(SCALARS, nested, max_leaves=8)
QUESTIONS = st.sampled_from(
    ["", "Roll 3 dice with 6 sides", "In Paris, unit = celsius", "a@b.de was red on 2026-02-03"]
)


@settings(deadline=None)
@given(SCHEMAS, QUESTIONS)
def test_structured_values_satisfy_their_schema(schema: Schema, question: str) -> None:
    """Any schema of the documented keywords gets a value that validates."""
    whole = schema | {"$defs": DEFINITIONS}

    value = structured(whole, question)

    jsonschema.validate(value, whole, format_checker=CHECKER)


@settings(deadline=None)
@given(objects(SCHEMAS), QUESTIONS)
def test_tool_inputs_satisfy_their_schema(schema: Schema, question: str) -> None:
    """Tool inputs validate too, with optional properties left out."""
    whole = schema | {"$defs": DEFINITIONS}

    value = tool_input(whole, question)

    jsonschema.validate(value, whole, format_checker=CHECKER)


def test_recursive_schemas_end() -> None:
    """A tree that may hold trees is filled a few levels deep and validates."""
    tree = {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "left": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            "rest": {"type": "array", "items": {"$ref": "#"}},
        },
        "required": ["label", "left", "rest"],
    }

    jsonschema.validate(structured(tree, "Plant trees"), tree)


def test_unique_items_differ() -> None:
    """`uniqueItems` is kept for enums, numbers and strings."""
    for items in ({"enum": ["a", "b", "c"]}, {"type": "integer"}, {"type": "string"}):
        schema = {"type": "array", "items": items, "minItems": 3, "uniqueItems": True}

        jsonschema.validate(structured(schema, "one good thing, 1 and 1"), schema)


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{4}-\d{2}$", r"^[A-Z]{3}-(a|b)+x*$", r"^(?:ab|cd)\.[^a-z]$", r"#[0-9a-f]{6}", "ü{2,3}"],
)
def test_simple_patterns_are_matched(pattern: str) -> None:
    """Strings with a pattern match it."""
    schema = {"type": "string", "pattern": pattern}

    jsonschema.validate(example(pattern), schema)
    jsonschema.validate(structured(schema, "no such thing"), schema)
