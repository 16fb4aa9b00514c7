"""Claims about describing functions: what Claude is told of them, and what is refused."""

import enum
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, cast

import jsonschema
import pytest

from claude_magic import claude_tool
from claude_magic.errors import BadInput
from claude_magic.tools.tool import checked, definitions, tool_of


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


@dataclass
class Point:
    """A place on the map."""

    x: float
    y: float = 0.0


class Box(TypedDict, total=False):
    width: int


def schema(function: Any) -> Any:
    """The input schema of a function; it is a valid JSON schema."""
    found = tool_of(function).arguments.schema
    jsonschema.Draft202012Validator.check_schema(dict(found))
    return found


def arguments(function: Any, **given: Any) -> Any:
    return tool_of(function).arguments.bound(given)


def test_hints_and_defaults_become_a_schema() -> None:
    """Types, choices, what may be left out, and nothing beyond."""

    def load(
        city: Literal["Bern", "Oslo"], size: Size, days: int | None = None, mean: bool = True
    ) -> None:
        """Load."""

    assert schema(load) == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "enum": ["Bern", "Oslo"]},
            "size": {"type": "string", "enum": ["s", "l"]},
            "days": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "mean": {"type": "boolean", "default": True},
        },
        "required": ["city", "size"],
        "additionalProperties": False,
    }


def test_classes_become_objects_that_allow_nothing_else() -> None:
    """Dataclasses, TypedDicts and NamedTuples, also inside lists."""

    class Pair(NamedTuple):
        a: int
        b: int

    def draw(points: list[Point], box: Box, pair: Pair) -> None: ...

    found = schema(draw)

    assert set(found["$defs"]) == {"Point", "Box", "Pair"}
    assert all(one["additionalProperties"] is False for one in found["$defs"].values())
    assert found["$defs"]["Point"]["description"] == "A place on the map."
    assert found["$defs"]["Box"]["required"] == []


def test_pydantic_models_become_objects() -> None:
    """A class of pydantic's is described and made by pydantic."""
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Order", count=(int, ...), note=(str, ""))

    def place(order: model) -> None: ...  # type: ignore[valid-type]

    assert schema(place)["$defs"]["Order"]["required"] == ["count"]
    _, made = arguments(place, order={"count": 2})
    assert made["order"].count == 2


GOOGLE = """Plot prices.

    Args:
        city (str): The city,
            by name.
        days: How many.

    Returns:
        Nothing.
    """
NUMPY = """Plot prices.

    Parameters
    ----------
    city : str
        The city,
        by name.
    days : int, optional
        How many.

    Returns
    -------
    None
    """
SPHINX = """Plot prices.

    :param str city: The city,
        by name.
    :param days: How many.
    :type days: int
    :returns: Nothing.
    """


@pytest.mark.parametrize("words", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_the_docstring_describes_function_and_arguments(words: str) -> None:
    """The section of arguments goes to the arguments; the rest is the description."""

    def plot(city: str, days: int = 7) -> None: ...

    plot.__doc__ = words
    tool = tool_of(plot)
    properties = tool.arguments.schema["properties"]

    assert tool.description.startswith("Plot prices.")
    assert "by name" not in tool.description
    assert properties["city"]["description"] == "The city, by name."
    assert properties["days"]["description"] == "How many."


def test_annotated_words_and_bounds_win_over_the_docstring() -> None:
    """What stands at the argument itself is nearest to it."""
    pydantic = pytest.importorskip("pydantic")

    def roll(
        sides: Annotated[int, "How many sides.", pydantic.Field(ge=2)], name: Annotated[str, "Who."]
    ) -> None:
        """Roll.

        Args:
            sides: Something else.
        """

    found = schema(roll)["properties"]

    assert found["sides"] == {"type": "integer", "description": "How many sides.", "minimum": 2}
    assert found["name"]["description"] == "Who."
    with pytest.raises(ValueError, match="at least 2"):
        arguments(roll, sides=1, name="a")


def unhinted(x) -> None: ...  # type: ignore[no-untyped-def]


def several(*numbers: int) -> None: ...


def named(a: int, **options: int) -> None: ...


def strange(frame: object, at: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def odd(made: complex) -> None: ...


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (unhinted, "`x`"),
        (several, "`*numbers`"),
        (named, "`**options`"),
        (strange, "`at`"),
        (odd, "`made`"),
    ],
)
def test_what_cannot_be_described_is_refused_by_name(function: Any, argument: str) -> None:
    """The message names the function and the argument, and the hint says what to write."""
    with pytest.raises(BadInput) as refused:
        tool_of(function)

    assert function.__name__ in str(refused.value)
    assert argument in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(
    "given",
    [42, "load", Point, lambda x: x, print],
    ids=["number", "text", "class", "lambda", "print"],
)
def test_what_is_no_function_with_a_name_is_refused(given: Any) -> None:
    """Values, classes, functions without a name or without a signature of their own."""
    with pytest.raises(BadInput):
        tool_of(given)


def test_methods_partials_and_wrapped_functions_are_tools() -> None:
    """Whatever can be called and says what it takes."""

    class Shop:
        def price(self, item: str) -> float:
            """The price of an item."""
            return 1.0

    def cached(function: Any) -> Any:
        return functools.wraps(function)(lambda *places, **named: function(*places, **named))

    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    assert list(schema(Shop().price)["properties"]) == ["item"]
    assert list(schema(functools.partial(add, b=1))["properties"]) == ["a"]
    assert tool_of(cached(add)).name == "add"
    assert tool_of(functools.partial(add, b=1)).description == "Add."


def test_a_name_of_ones_own_is_checked() -> None:
    """The API takes letters, digits, _ and -, 64 at most; two tools may not share one."""

    @claude_tool(name="grösse")
    def size() -> int: ...

    @claude_tool(name="web_search")
    def search() -> None: ...

    with pytest.raises(BadInput, match="grösse"):
        tool_of(size)
    with pytest.raises(BadInput, match="web_search"):
        checked([tool_of(search)])


@pytest.mark.parametrize("seconds", ["soon", 0, -1.0, float("nan")])
def test_what_is_said_of_a_tool_is_checked_at_once(seconds: Any) -> None:
    """Where it stands, and not when Claude calls it."""
    with pytest.raises(BadInput, match="number of seconds"):
        claude_tool(timeout=seconds)
    with pytest.raises(BadInput, match="no function"):
        claude_tool(cast("Any", 5))


def test_strict_where_it_helps_and_fits() -> None:
    """Not without arguments, not with open keys, not beyond 20 tools of a request."""

    def plain(x: int) -> None: ...
    def nothing() -> None: ...
    def open_keys(prices: dict[str, float]) -> None: ...

    many = [claude_tool(name=f"t{n}")(lambda x: x) for n in range(25)]
    for one in many:
        one.__annotations__["x"] = int

    told = definitions([tool_of(one) for one in (plain, nothing, open_keys, *many)])

    assert [one.get("strict", False) for one in told[:3]] == [True, False, False]
    assert sum("strict" in one for one in told) == 20
    assert told[2]["input_schema"]["properties"]["prices"]["additionalProperties"]


def test_strict_tools_share_the_limits_of_one_request() -> None:
    """24 optional and 16 union-typed properties over all of them."""

    def one(a: int = 1, b: int = 1, c: int = 1, d: int = 1, e: int = 1, f: int = 1) -> None: ...
    def unions(a: int | str, b: int | str, c: int | str, d: int | str, e: int | str) -> None: ...

    assert sum("strict" in t for t in definitions([tool_of(one)] * 6)) == 4
    assert sum("strict" in t for t in definitions([tool_of(unions)] * 6)) == 3


def test_arguments_are_converted() -> None:
    """Enums, dataclasses, paths and whole numbers arrive as what the function was written for."""

    def draw(size: Size, at: Point, /, points: list[Point], to: Path, n: int = 1) -> None: ...

    given = {"size": "L", "at": {"x": 1}, "points": [{"x": 1, "y": 2}], "to": "a/b.png", "n": 2.0}
    places, by_name = arguments(draw, **given)

    assert places == [Size.LARGE, Point(1.0)]
    assert by_name == {"points": [Point(1.0, 2.0)], "to": Path("a/b.png"), "n": 2}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "`size` is missing"),
        ({"size": "XL"}, "`size` is"),
        ({"size": "s", "colour": "red"}, "`colour` was not asked for"),
        ({"size": "s", "n": "two"}, "`n` is"),
        ({"size": "s", "at": {"y": 1}}, "`at.x` is missing"),
    ],
)
def test_wrong_arguments_are_told_by_name(given: dict[str, Any], fault: str) -> None:
    """Missing, extra and of the wrong type: the message says which."""

    def draw(size: Size, n: int = 1, at: Point | None = None) -> None: ...

    with pytest.raises(ValueError, match=fault.replace("[", r"\[").replace(".", r"\.")):
        arguments(draw, **given)


def test_null_for_an_argument_that_is_none_by_default_is_left_out() -> None:
    """Models often write what they leave out as null."""

    def find(name: str = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013

    assert arguments(find, name=None) == ([], {})
