"""Claims about what an answer shall be: its schema, the refusals, and the answer read."""

import contextlib
import dataclasses
import json
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional, TypedDict
from uuid import UUID

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from claude_magic.encode.schema import Rows, Schema, schema_of
from claude_magic.errors import BadInput
from claude_magic.practice.model import message
from claude_magic.practice.rules import refusal

CLOSED = {"additionalProperties": False}


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "Dark Blue"


class Grade(IntEnum):
    GOOD = 1
    POOR = 2


class Place(NamedTuple):
    """Where something is."""

    city: str
    zip: str = "?"


class Person(TypedDict):
    name: str
    age: NotRequired[int]


@dataclass
class Line:
    """One line of an invoice."""

    item: Annotated[str, "What was bought"]
    price: float
    colour: Colour = Colour.RED


@dataclass
class Invoice:
    number: int
    lines: list[Line]
    paid: date | None = None
    note: str = field(default="", metadata={"description": "Anything else"})
    tags: list[str] = field(default_factory=list)


class Address(pydantic.BaseModel):
    street: str = pydantic.Field(description="With number")
    colour: Colour


class Customer(pydantic.BaseModel):
    """Who pays."""

    name: str
    addresses: list[Address] = []


@dataclass
class Order:
    customer: Customer
    place: Place
    buyer: Person


@dataclass
class Everything:
    when: datetime
    at: time
    long: timedelta
    id: UUID
    cost: Decimal
    four: IPv4Address
    six: IPv6Address
    words: set[str]
    pair: tuple[int, ...]
    grade: Grade
    size: Literal["S", "M", 3, None]
    either: int | str
    nested: list[list[bool]]


UserId = NewType("UserId", int)
COUNT = {"type": "object", "properties": {"n": {"type": "number"}}}
BARE = {
    "type": "object",
    "title": "Point",
    "properties": {"title": {"type": "string"}, "at": {"$ref": "#/$defs/at"}},
    "required": ["at"],
    "$defs": {"at": {"type": "array", "items": {"type": "object", "properties": {}}}},
}

LINE = {
    "type": "object",
    "description": "One line of an invoice.",
    "properties": {
        "item": {"type": "string", "description": "What was bought"},
        "price": {"type": "number"},
        "colour": {"type": "string", "enum": ["red", "Dark Blue"], "default": "red"},
    },
    "required": ["item", "price"],
    **CLOSED,
}
INVOICE = {
    "type": "object",
    "properties": {
        "number": {"type": "integer"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
        "paid": {
            "anyOf": [{"type": "string", "format": "date"}, {"type": "null"}],
            "default": None,
        },
        "note": {"type": "string", "description": "Anything else", "default": ""},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["number", "lines"],
    **CLOSED,
}
PLACE = {
    "type": "object",
    "description": "Where something is.",
    "properties": {"city": {"type": "string"}, "zip": {"type": "string", "default": "?"}},
    "required": ["city"],
    **CLOSED,
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name"],
    **CLOSED,
}
COLOUR = {"type": "string", "enum": ["red", "Dark Blue"]}
ADDRESS = {
    "type": "object",
    "properties": {
        "street": {"type": "string", "description": "With number"},
        "colour": {"$ref": "#/$defs/Colour"},
    },
    "required": ["street", "colour"],
    **CLOSED,
}
CUSTOMER = {
    "type": "object",
    "description": "Who pays.",
    "properties": {
        "name": {"type": "string"},
        "addresses": {"type": "array", "items": {"$ref": "#/$defs/Address"}, "default": []},
    },
    "required": ["name"],
    **CLOSED,
}


def wrapped(name: str, schema: dict[str, Any], **definitions: Any) -> dict[str, Any]:
    held = {"type": "object", "properties": {name: schema}, "required": [name], **CLOSED}
    return {**held, "$defs": definitions} if definitions else held


KINDS = {
    "dataclass": (Line, LINE),
    "nested": (Invoice, {**INVOICE, "$defs": {"Line": LINE}}),
    "typed dict": (Person, PERSON),
    "named tuple": (Place, PLACE),
    "pydantic": (Customer, {**CUSTOMER, "$defs": {"Address": ADDRESS, "Colour": COLOUR}}),
    "pydantic inside a dataclass": (
        Order,
        {
            "type": "object",
            "properties": {
                "customer": {"$ref": "#/$defs/Customer"},
                "place": {"$ref": "#/$defs/Place"},
                "buyer": {"$ref": "#/$defs/Person"},
            },
            "required": ["customer", "place", "buyer"],
            **CLOSED,
            "$defs": {
                "Address": ADDRESS,
                "Colour": COLOUR,
                "Customer": CUSTOMER,
                "Place": PLACE,
                "Person": PERSON,
            },
        },
    ),
    "enum": (Colour, wrapped("value", COLOUR)),
    "enum of numbers": (
        Grade,
        wrapped("value", {"type": "integer", "enum": [1, 2], "description": "1 = GOOD, 2 = POOR"}),
    ),
    "literal": (Literal["a", 1], wrapped("value", {"enum": ["a", 1]})),
    "str": (str, wrapped("value", {"type": "string"})),
    "int": (int, wrapped("value", {"type": "integer"})),
    "float": (float, wrapped("value", {"type": "number"})),
    "bool": (bool, wrapped("value", {"type": "boolean"})),
    "alias": (UserId, wrapped("value", {"type": "integer"})),
    "optional": (
        Optional[Person],  # noqa: UP045 - also the old spelling
        wrapped("value", {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]}, Person=PERSON),
    ),
    "list of scalars": (
        list[int],
        wrapped("items", {"type": "array", "items": {"type": "integer"}}),
    ),
    "list of objects": (
        list[Person],
        wrapped("items", {"type": "array", "items": {"$ref": "#/$defs/Person"}}, Person=PERSON),
    ),
    "list of a schema": (
        list[COUNT],
        wrapped(
            "items",
            {
                "type": "array",
                "items": {**COUNT, **CLOSED},
            },
        ),
    ),
    "schema": (
        BARE,
        {
            **BARE,
            **CLOSED,
            "$defs": {
                "at": {"type": "array", "items": {"type": "object", "properties": {}, **CLOSED}}
            },
        },
    ),
    "everything": (
        Everything,
        {
            "type": "object",
            "properties": {
                "when": {"type": "string", "format": "date-time"},
                "at": {"type": "string", "format": "time"},
                "long": {"type": "string", "format": "duration"},
                "id": {"type": "string", "format": "uuid"},
                "cost": {"type": "number"},
                "four": {"type": "string", "format": "ipv4"},
                "six": {"type": "string", "format": "ipv6"},
                "words": {"type": "array", "items": {"type": "string"}},
                "pair": {"type": "array", "items": {"type": "integer"}},
                "grade": {
                    "type": "integer",
                    "enum": [1, 2],
                    "description": "1 = GOOD, 2 = POOR",
                },
                "size": {"enum": ["S", "M", 3, None]},
                "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                "nested": {
                    "type": "array",
                    "items": {"type": "array", "items": {"type": "boolean"}},
                },
            },
            "required": [one.name for one in dataclasses.fields(Everything)],
            **CLOSED,
        },
    ),
}
EACH = pytest.mark.parametrize(("kind", "schema"), KINDS.values(), ids=KINDS)


def asking(schema: Schema) -> dict[str, Any]:
    return {
        "model": "claude-opus-4-6",
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": "Ada Lovelace, 36, owes 12.50 since 2026-01-31."}],
        "output_config": {"format": {"type": "json_schema", "schema": schema.json}},
    }


@EACH
def test_each_kind_has_this_schema(kind: object, schema: dict[str, Any]) -> None:
    """An object at the top, closed; what has no default is required; nothing is noise."""
    made = schema_of(kind).json

    assert made == schema
    assert json.loads(json.dumps(made)) == made
    Draft202012Validator.check_schema(schema)


@EACH
def test_the_practice_model_takes_it_and_its_answer_is_read(kind: object, schema: object) -> None:
    """What the API would refuse is not made, and what it answers is what was asked for."""
    asked = schema_of(kind)
    body = asking(asked)

    assert refusal(body, version="2023-06-01") is None
    text = message(body)["content"][-1]["text"]
    Draft202012Validator(asked.json).validate(json.loads(text))
    assert asked.read(text) is not None


def test_an_answer_becomes_instances_all_the_way_down() -> None:
    """Dates, enums, nested classes; what is left out has its default."""
    text = """{"number": 7, "paid": "2026-01-31", "lines": [
        {"item": "pen", "price": 2, "colour": "DARK BLUE"}, {"item": "ink", "price": 0.5}]}"""

    invoice = schema_of(Invoice).read(text)

    lines = [Line("pen", 2.0, Colour.DARK_BLUE), Line("ink", 0.5)]
    assert invoice == Invoice(7, lines, date(2026, 1, 31))
    assert isinstance(lines[0].price, float)


def test_classes_of_several_makers_are_made_together() -> None:
    """A dataclass that holds a pydantic model, a NamedTuple and a TypedDict."""
    text = """{"customer": {"name": "Ada", "addresses": [{"street": "A 1", "colour": "RED"}]},
               "place": {"city": "Bern"}, "buyer": {"name": "Bob"}}"""

    order = schema_of(Order).read(text)

    ada = Customer(name="Ada", addresses=[Address(street="A 1", colour=Colour.RED)])
    assert order == Order(ada, Place("Bern"), {"name": "Bob"})
    assert schema_of(Customer).read('{"name": "Ada"}') == Customer(name="Ada")


def test_each_plain_type_is_read_as_itself() -> None:
    """Not as the text or number that stands for it."""
    text = """{"when": "2026-01-31T12:00:00Z", "at": "12:30:00", "long": "-P1W2DT3H4M5.5S",
        "id": "00000000-0000-4000-8000-000000000001", "cost": 0.10, "four": "10.0.0.1",
        "six": "::1", "words": ["a", "a"], "pair": [1, 2.0], "grade": 2, "size": "s",
        "either": "5", "nested": [[true], []]}"""

    read = schema_of(Everything).read(text)

    assert read == Everything(
        datetime.fromisoformat("2026-01-31T12:00:00+00:00"),
        time(12, 30),
        -timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5.5),
        UUID(int=0x4000_8000_0000_0000_0001),
        Decimal("0.1"),
        IPv4Address("10.0.0.1"),
        IPv6Address("::1"),
        {"a"},
        (1, 2),
        Grade.POOR,
        "S",
        "5",
        [[True], []],
    )


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Colour, '{"value": "dark blue"}', Colour.DARK_BLUE),
        (Literal["Yes", "No"], '{"value": "YES"}', "Yes"),
        (Literal["a", "A"], '{"value": "A"}', "A"),
        (Literal[1, True], '{"value": true}', True),
        (Colour | None, '{"value": null}', None),
        (int, '{"value": 3.0}', 3),
        (int | Place, '{"value": {"city": "x"}}', Place("x")),
        (Line | Place, '{"value": {"city": "x"}}', Place("x")),
        (list[Colour], '{"items": ["RED"]}', [Colour.RED]),
        (list[Person], '{"items": []}', []),
        ({"type": "string", "enum": ["A", "B"]}, '{"value": "b"}', "B"),
        (
            {
                "type": "array",
                "items": {"$ref": "#/definitions/P"},
                "definitions": {"P": {"type": "object", "properties": {"a": {"type": "null"}}}},
            },
            '{"items": [{"a": null}]}',
            [{"a": None}],
        ),
    ],
)
def test_a_value_is_taken_out_of_its_wrapping(kind: object, text: str, value: object) -> None:
    """And an enum is recognised in any casing."""
    read = schema_of(kind).read(text)

    assert read == value
    assert type(read) is (Rows if isinstance(value, list) else type(value))


def test_enums_of_a_plain_schema_are_mended_too() -> None:
    """Behind references, in alternatives and in parts of an allOf."""
    sizes = {"enum": ["Small", "Large", None]}
    schema = {
        "type": "object",
        "properties": {
            "a": {"$ref": "#/$defs/size"},
            "b": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/size"}]},
            "c": {
                "allOf": [
                    {"type": "object", "properties": {"size": sizes}},
                    {"type": "object", "properties": {"n": {"const": "One"}}},
                ]
            },
        },
        "$defs": {"size": sizes},
    }

    read = schema_of(schema).read('{"a": "small", "b": "LARGE", "c": {"size": null, "n": "one"}}')

    assert read == {"a": "Small", "b": "Large", "c": {"size": None, "n": "One"}}


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (int, "", "The answer is empty."),
        (int, "Sure! 3", "The answer is not JSON"),
        (int, "[" * 100_000, "The answer is not JSON"),
        (int, '{"value": NaN}', "NaN is no JSON number"),
        (int, '{"value": "3"}', '`value` is "3", not a whole number.'),
        (float, f'{{"value": 1{"0" * 400}}}', "`value` is too large a number."),
        (int, '{"value": 1e999}', "`value` is Infinity, not a whole number."),
        (int, '{"value": true}', "`value` is true, not a whole number."),
        (int, "[]", "The answer is [], not an object."),
        (int, '{"value": 1, "more": 2}', "`more` was not asked for."),
        (Colour, '{"value": "green"}', '`value` is "green", not one of "red", "Dark Blue".'),
        (Invoice, '{"number": 1, "lines": [{"item": "x"}]}', "`lines[0].price` is missing."),
        (
            Invoice,
            '{"number": 1, "lines": [], "paid": "soon"}',
            "`paid` is 'soon', which is no date",
        ),
        (list[date], '{"items": ["2026-01-31", "x"]}', "`items[1]` is 'x', which is no date."),
        (int | None, '{"value": "x"}', '`value` is "x", none of what it may be.'),
        (Person | None, '{"value": {"age": 3}}', "`value.name` is missing."),
        (timedelta, '{"value": "P1Y"}', "`value` is 'P1Y', which is no duration."),
        (
            {"type": "object", "properties": {"a": {"type": "array", "minItems": 1}}},
            '{"a": []}',
            "`a` is empty.",
        ),
    ],
)
def test_an_answer_that_does_not_fit_is_told_by_field(kind: object, text: str, said: str) -> None:
    """For servers that do not hold the model to the schema."""
    with pytest.raises(ValueError, match=r"\.$") as caught:
        schema_of(kind).read(text)

    assert said in str(caught.value)


def test_a_class_that_refuses_its_values_is_told() -> None:
    """The checks of one's own classes count, those of pydantic too."""

    @dataclass
    class Even:
        n: int

        def __post_init__(self) -> None:
            if self.n % 2:
                raise TypeError("odd")

    class Short(pydantic.BaseModel):
        text: str

        @pydantic.field_validator("text")
        @classmethod
        def check(cls, text: str) -> str:
            if len(text) > 3:
                raise ValueError("too long")
            return text

    with pytest.raises(ValueError, match=r"`items\[1\]` is refused: odd\."):
        schema_of(list[Even]).read('{"items": [{"n": 2}, {"n": 3}]}')
    with pytest.raises(ValueError, match=r"`text` is refused: Value error, too long\."):
        schema_of(Short).read('{"text": "long"}')


@dataclass
class Node:
    children: "list[Node]"


@dataclass
class Man:
    wife: "Woman | None" = None


@dataclass
class Woman:
    husband: Man


class Tree(pydantic.BaseModel):
    left: "Tree | None" = None


class Deep(pydantic.BaseModel):
    trees: list[Tree]


@dataclass
class Bounded:
    lines: list[Annotated[int, pydantic.Field(ge=1)]]


@dataclass
class Unknown:
    point: complex


@dataclass
class Holder:
    invoice: list[Unknown]


@dataclass
class Loose:
    anything: Any


@dataclass
class Mapped:
    prices: dict[str, float]


@dataclass
class Paired:
    pair: tuple[int, str]


@dataclass
class Lost:
    there: "Nowhere"  # noqa: F821


class Empty(Enum):
    pass


class Objects(Enum):
    A = (1, 2)


class Priced(pydantic.BaseModel):
    price: float = pydantic.Field(gt=0)


class Listed(pydantic.BaseModel):
    prices: dict[str, Priced]


def objects(field: dict[str, Any]) -> dict[str, Any]:
    """A schema whose `invoice.lines[].price` is `field`."""
    lines = {"type": "array", "items": {"type": "object", "properties": {"price": field}}}
    invoice = {"type": "object", "properties": {"lines": lines}}
    return {"type": "object", "properties": {"invoice": invoice}}


def many(count: int, field: dict[str, Any], *, required: bool) -> dict[str, Any]:
    properties = {f"f{number}": field for number in range(count)}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required else [],
    }


UNION = {"type": ["string", "null"]}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        *((word, 1) for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
        *((word, 1) for word in ("multipleOf", "minLength", "maxLength", "maxItems")),
        ("minItems", 2),
        ("uniqueItems", True),
        ("oneOf", [{"type": "string"}]),
        ("not", {"type": "string"}),
        ("if", {"type": "string"}),
        ("patternProperties", {"a": {"type": "string"}}),
        ("propertyNames", {"type": "string"}),
        ("dependentRequired", {"a": ["b"]}),
        ("dependentSchemas", {"a": {}}),
        ("prefixItems", [{"type": "string"}]),
        ("additionalProperties", True),
        ("additionalProperties", {"type": "string"}),
        ("enum", ["a", {}]),
        ("enum", []),
        ("enum", "ab"),
        ("anyOf", []),
        ("format", "phone"),
        ("pattern", "a(?=b)"),
        ("pattern", "(?<!a)b"),
        ("pattern", r"(a)\1"),
        ("pattern", r"\bword\b"),
        ("$ref", "https://example.com/schema"),
        ("$ref", "#/$defs/missing"),
        ("$ref", "#"),
        ("type", "decimal"),
        ("properties", []),
        ("required", [{}]),
    ],
)
def test_what_the_api_does_not_take_is_refused_by_field(word: str, value: object) -> None:
    """Before anything is sent, with the way out."""
    with pytest.raises(BadInput, match=r"^`invoice\.lines\[\]\.price` .*\.$"):
        schema_of(objects({"type": "string", word: value}))


@pytest.mark.parametrize("number", [1, True])
@pytest.mark.parametrize(
    "taken",
    [
        {"type": "string", "pattern": r"^\d{4}-\\b[a-z]+$"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
        {"type": ["string", "null"], "description": "d", "examples": ["x"], "default": "y"},
        {"const": "x"},
        {"type": "number", "format": "float"},
        {"allOf": [{"type": "string"}, {"description": "more"}]},
    ],
)
def test_what_the_api_takes_is_let_through(taken: dict[str, Any], number: object) -> None:
    """Words not known here too: the server may know them."""
    wide = {**taken, "x-mine": number}

    inner = schema_of(objects(wide)).json["properties"]["invoice"]["properties"]["lines"]

    assert inner["items"]["properties"]["price"] == wide


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Node, "`children[]` leads back"),
        (list[Node], "`[].children[]` leads back"),
        (Man, "`wife.husband` leads back"),
        (Tree, "`left` leads back"),
        (Deep, "`trees[].left` leads back"),
        (objects({"$ref": "#/properties/invoice"}), "`invoice.lines[].price.lines[].price` leads"),
        (Bounded, "`lines[]` has `minimum`"),
        (Holder, "`invoice[].point` is of a type that cannot be asked for: complex."),
        (Loose, "`anything` does not say what it is"),
        (Mapped, "`prices` has keys that are not known beforehand"),
        (Paired, "`pair` is a tuple"),
        (Lost, "has an annotation nobody knows: name 'Nowhere' is not defined"),
        (Empty, "The schema has no choices"),
        (Objects, "The schema has (1, 2) among its choices"),
        (Priced, "`price` has `exclusiveMinimum`"),
        (Listed, "`prices` has keys"),
        (list, "The schema is a list of unknown things"),
        (dict[str, int], "The schema has keys"),
        (dict[int, int], "The schema has keys that are no texts"),
        (complex, "The schema is of a type that cannot be asked for: complex."),
        (Line("a", 1.0), "This Line is no schema but a value."),
        (Customer(name="Ada"), "This Customer is no schema but a value."),
        ("Line", "A text is no schema."),
        ([Line], "A list is no schema."),
        (None, "None is no schema."),
        (len, "A function is no schema."),
        ({}, 'The schema does not say what it is: there is no "type".'),
        ({"name": "str"}, "The schema does not say what it is"),
        ({"type": "json_schema", "schema": {}}, "The schema has the type 'json_schema'"),
        (
            {"type": "array", "items": {"$ref": "#/x"}, "x": {"type": "integer"}},
            "`items[]` refers to '#/x', which is not in the schema",
        ),
        ({"type": "object", "properties": {"a": True}}, "`a` is no schema: True."),
        ({"type": "object", "properties": {"a": str}}, "The schema holds what JSON cannot say"),
        ({"type": "object", "properties": {"a": {}}}, "`a` does not say what it is"),
        ({"type": "object", "required": ["b"]}, "The schema requires 'b', which is not among"),
        (
            {"type": "object", "properties": {}, "$defs": {"a": {"type": "integer", "minimum": 1}}},
            "`$defs.a` has `minimum`",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}},
                "$defs": {"b": {"type": "string"}},
            },
            "`a` has `allOf` together with `$ref`",
        ),
        (many(25, {"type": "string"}, required=False), "The schema has 25 optional fields"),
        (many(17, UNION, required=True), "The schema has 17 union-typed fields"),
        (many(17, {"anyOf": [UNION]}, required=True), "at most 16"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_is_refused(kind: object, said: str) -> None:
    """With the path of the field, or what to give instead."""
    with pytest.raises(BadInput) as caught:
        schema_of(kind)

    assert said in str(caught.value)


def test_the_limits_themselves_are_allowed() -> None:
    """Twenty-four optional fields, sixteen of several types; a class used twice counts once."""
    assert schema_of(many(24, {"type": "string"}, required=False))
    assert schema_of(many(16, UNION, required=True))
    schema = many(2, {"$ref": "#/$defs/a"}, required=True)
    assert schema_of({**schema, "$defs": {"a": many(24, {"type": "string"}, required=False)}})


def test_the_dict_of_the_caller_is_never_changed() -> None:
    """Neither then nor later, by either side."""
    given = objects({"type": "string"})
    before = json.dumps(given)

    schema = schema_of(given)
    given["properties"]["invoice"]["properties"]["lines"]["items"] = {"type": "null"}

    assert before == json.dumps(objects({"type": "string"}))
    assert schema.read('{"invoice": {"lines": [{"price": "x"}]}}')


def test_two_classes_of_one_name_are_kept_apart() -> None:
    """Each field gets its own."""

    def line(kind: type) -> type:
        return dataclasses.make_dataclass("Line", [("n", kind)])

    number, text = line(int), line(str)
    both = dataclasses.make_dataclass("Both", [("a", number), ("b", text)])

    read: Any = schema_of(both).read('{"a": {"n": 1}, "b": {"n": "x"}}')

    assert (type(read.a), type(read.b)) == (number, text)


def test_descriptions_come_from_wherever_they_are_kept() -> None:
    """`Annotated` with a text or a pydantic field, `metadata`, the docstring."""

    @dataclass
    class Told:
        """What it is."""

        a: Annotated[str, "text"]
        b: Annotated[str, pydantic.Field(description="field")]
        c: str = field(metadata={"description": "metadata"})
        d: Annotated[Person, "of a class"]
        hidden: int = field(default=1, init=False)

    schema = schema_of(Told).json

    assert schema["description"] == "What it is."
    told = [one["description"] for one in schema["properties"].values()]
    assert told == ["text", "field", "metadata", "of a class"]


ROWS: list[tuple[list[Any], list[str], list[list[Any]]]] = [
    ([{"a": 1}, {"a": 2, "b": 3}], ["a", "b"], [[1, None], [2, 3]]),
    ([Line("x", 1.0)], ["item", "price", "colour"], [["x", 1.0, Colour.RED]]),
    ([Customer(name="Ada")], ["name", "addresses"], [["Ada", []]]),
    ([Place("Bern")], ["city", "zip"], [["Bern", "?"]]),
    ([1, 2], ["value"], [[1], [2]]),
    ([], [], []),
]


@pytest.mark.parametrize(("rows", "columns", "cells"), ROWS, ids=str)
def test_rows_become_a_frame(rows: list[Any], columns: list[str], cells: list[list[Any]]) -> None:
    """A row for each object, a column for each field."""
    frame = Rows(rows).frame()

    assert list(frame.columns) == columns
    assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == cells


def test_no_rows_have_their_columns_all_the_same() -> None:
    """So that `frame()["price"]` works on an empty answer."""
    rows: Any = schema_of(list[Line]).read('{"items": []}')

    assert list(rows.frame().columns) == ["item", "price", "colour"]
    assert schema_of(list[int]).read('{"items": []}') == []


def test_rows_show_themselves_as_a_table_and_escape_their_text() -> None:
    """The answer's text is never HTML."""
    html = Rows([{"a": "<script>alert(1)</script>"}])._repr_html_()

    assert html is not None
    assert "<table" in html
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html


def test_without_pandas_rows_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown as text; a frame says what is missing."""
    monkeypatch.setitem(sys.modules, "pandas", None)

    assert Rows([1])._repr_html_() is None
    with pytest.raises(BadInput, match="needs pandas"):
        Rows([1]).frame()


names = st.text("abcdefgh", min_size=1, max_size=4)
scalars = st.sampled_from(
    [
        (str, st.text(max_size=5)),
        (int, st.integers(-(2**60), 2**60)),
        (float, st.floats(allow_nan=False, allow_infinity=False)),
        (bool, st.booleans()),
        (date, st.dates()),
        (datetime, st.datetimes()),
        (UUID, st.uuids()),
        (Colour, st.sampled_from(Colour)),
        (Grade, st.sampled_from(Grade)),
        (Literal["x", 1], st.sampled_from(["x", 1])),
        (int | str, st.integers() | st.text(max_size=5)),
    ]
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = inner.map(lambda pair: (list[pair[0]], st.lists(pair[1], max_size=3)))
    maybe = inner.map(lambda pair: (pair[0] | None, st.none() | pair[1]))
    classes = st.dictionaries(names, inner, max_size=3).map(a_class)
    models = st.dictionaries(names, inner, max_size=3).map(a_model)
    return lists | maybe | classes | models


def a_class(fields: dict[str, Any]) -> Any:
    kind = dataclasses.make_dataclass("Made", [(name, pair[0]) for name, pair in fields.items()])
    return kind, st.builds(kind, **{name: pair[1] for name, pair in fields.items()})


def a_model(fields: dict[str, Any]) -> Any:
    hints = {name: (pair[0], ...) for name, pair in fields.items()}
    kind = pydantic.create_model("Made", **hints)
    return kind, st.builds(kind, **{name: pair[1] for name, pair in fields.items()})


TYPES = st.recursive(scalars, containers, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_values_of_any_type_come_back(data: st.DataObject) -> None:
    """Written as JSON by pydantic, valid against the schema, and read into what they were."""
    kind, values = data.draw(TYPES)
    value = data.draw(values)
    schema = schema_of(kind)
    plain = json.loads(pydantic.TypeAdapter(kind).dump_json(value))
    name = next((one for one in ("items", "value") if is_wrapped(kind, one)), None)
    answer = {name: plain} if name else plain

    Draft202012Validator(schema.json).validate(answer)
    assert schema.read(json.dumps(answer)) == value


def is_wrapped(kind: Any, name: str) -> bool:
    is_list = getattr(kind, "__origin__", None) is list
    is_object = hasattr(kind, "__dataclass_fields__") or hasattr(kind, "model_fields")
    return not is_object and is_list == (name == "items")


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = inner.map(lambda pair: ({"type": "array", "items": pair[0]}, st.lists(pair[1])))
    either = st.tuples(inner, inner).map(
        lambda two: ({"anyOf": [two[0][0], two[1][0]]}, two[0][1] | two[1][1])
    )
    return lists | either | st.dictionaries(names, inner, max_size=3).map(an_object)


def an_object(fields: dict[str, Any]) -> Any:
    required = [name for name in fields if name < "d"]
    schema = {
        "type": "object",
        "properties": {name: pair[0] for name, pair in fields.items()},
        "required": required,
    }
    values = {name: pair[1] for name, pair in fields.items()}
    needed = {name: values.pop(name) for name in required}
    return schema, st.fixed_dictionaries(needed, optional=values)


leaves = st.sampled_from(
    [
        ({"type": "string"}, st.text(max_size=5)),
        ({"type": "integer"}, st.integers()),
        ({"type": ["number", "null"]}, st.none() | st.floats(-10, 10)),
        ({"type": "boolean"}, st.booleans()),
        ({"enum": ["x", "X", 1, None]}, st.sampled_from(["x", "X", 1, None])),
    ]
)
OBJECTS = st.dictionaries(names, st.recursive(leaves, schemas, max_leaves=6), max_size=4).map(
    an_object
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_values_of_any_plain_schema_come_back(data: st.DataObject) -> None:
    """Unchanged, and valid against what was sent."""
    given, values = data.draw(OBJECTS)
    value = data.draw(values)

    schema = schema_of(given)

    Draft202012Validator(schema.json).validate(value)
    assert schema.read(json.dumps(value)) == value


WORDS = ["type", "properties", "items", "anyOf", "allOf", "enum", "$ref", "$defs", "required"]
WORDS += ["pattern", "format", "minItems", "additionalProperties", "const"]


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(WORDS) | names,
                inner | st.sampled_from(["object", "array", "string", "#", "#/$defs/a", "#/items"]),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_nonsense_is_refused_and_never_crashes(given: object) -> None:
    """Whatever is given, it is a schema or told to be none."""
    with contextlib.suppress(BadInput):
        assert schema_of(given).json["type"]


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Owner(pydantic.BaseModel):
    pet: Cat | Dog = pydantic.Field(discriminator="kind")


def test_members_that_pydantic_tells_apart_are_any_of_them() -> None:
    """The API knows no `oneOf`; pydantic reads the answer as it would by itself."""
    schema = schema_of(Owner)
    pet = schema.json["properties"]["pet"]
    assert pet == {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}
    read = schema.read('{"pet": {"kind": "dog", "tricks": ["sit"]}}')
    assert read == Owner(pet=Dog(kind="dog", tricks=["sit"]))
