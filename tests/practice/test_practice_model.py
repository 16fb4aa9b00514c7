"""What the practice model says is true, deterministic, and within the request's limits."""

import contextlib
import io
import re
from typing import Any

import pytest
from practice.asking import (
    DICE,
    WEATHER,
    Json,
    asking,
    assistant,
    image,
    picture,
    refused,
    result,
    text,
    told,
    use,
    user,
)

from claude_magic.practice.app import Request, respond
from claude_magic.practice.model import input_tokens, message

OBJECT = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
PREFILLED = (user("Where is Paris?"), assistant("Paris is in"))


@pytest.mark.parametrize(
    "body",
    [
        asking(),
        asking(user("Be brief: why?")),
        asking(user("!?")),
        asking(*PREFILLED),
        asking(user("Weather?"), assistant([use()]), user([result()])),
        asking(output_config={"format": {"type": "json_schema", "schema": OBJECT}}),
    ],
)
def test_every_answer_says_it_is_practice(body: Json) -> None:
    """Whatever is asked, the answer's text says that it is practice."""
    assert "practice" in text(body).lower()


def test_the_same_request_gets_the_same_message() -> None:
    """The whole message, ids included, depends on nothing but the request."""
    assert message(asking()) == message(asking())
    assert message(asking())["id"] != message(asking(system="Be kind."))["id"]


def test_it_tells_what_arrived() -> None:
    """Counts of words, turns and messages, the system prompt and the tools are told as sent."""
    body = asking(
        user("First things first"), assistant("Yes."), user("And what comes next?"),
        system="You teach statistics.", tools=[WEATHER], tool_choice={"type": "none"},
    )  # fmt: skip

    said = text(body)

    assert "has 4 words: “And what comes next”" in said
    assert "turn 2 of our conversation (3 messages arrived)" in said
    assert "It began with “First things first”" in said
    assert "system prompt of 3 words" in said
    assert "1 tool may be called: `get_weather`" in said


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_it_sees_the_size_and_colour_of_a_picture(form: str, media_type: str) -> None:
    """Each kind of picture is described by its pixels and its commonest colour."""
    seen = image(picture((320, 200), (220, 30, 30), form), media_type)

    said = text(asking(user([seen, {"type": "text", "text": "What is this?"}])))

    assert "320 \u00d7 200 pixels, mostly red" in said


def test_it_does_not_pretend_to_see_what_is_elsewhere() -> None:
    """A picture behind a URL is named, not described."""
    away = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}

    assert "cannot look at it" in text(asking(user([away])))


def test_pictures_inside_tool_results_are_seen() -> None:
    """What a tool drew is looked at like any other picture."""
    drawn = result(content=[image(picture((30, 20), "black"))])

    assert "30 \u00d7 20 pixels, mostly black" in text(
        asking(user("Draw!"), assistant([use()]), user([drawn]))
    )


def test_the_code_it_shows_prints_what_its_comment_says() -> None:
    """The Python block of an answer runs, and its comment holds its output."""
    code = re.search(r"```python\n(.*?)```", text(asking()), re.S)
    assert code is not None
    printed = io.StringIO()

    with contextlib.redirect_stdout(printed):
        exec(code.group(1), {})

    assert code.group(1).rstrip().endswith(f"# {printed.getvalue().strip()}")


def test_brevity_is_honoured() -> None:
    """A question that asks for a short answer gets one without table and code."""
    short = text(asking(user("What is a p-value, in one sentence?")))

    assert "|" not in short
    assert "```" not in short


def test_max_tokens_cuts_the_answer() -> None:
    """The answer stops at four characters a token, and says why."""
    whole, cut = told(asking(max_tokens=199)), told(asking(max_tokens=10))

    assert cut["stop_reason"] == "max_tokens"
    assert cut["usage"]["output_tokens"] == 10
    assert cut["content"][0]["text"] == whole["content"][0]["text"][:40]


def test_a_stop_sequence_ends_the_answer_before_it() -> None:
    """The text ends before the sequence, which is named."""
    stopped = told(asking(stop_sequences=["never", "not Claude", "answer, not"]))

    assert stopped["content"] == [{"type": "text", "text": "*Practice "}]
    assert (stopped["stop_reason"], stopped["stop_sequence"]) == ("stop_sequence", "answer, not")


def test_it_calls_the_tool_that_fits_the_question() -> None:
    """The tool is chosen by the question's words, its input filled from them."""
    asked = user("What is the weather in Paris, in fahrenheit?")

    called = told(asking(asked, tools=[DICE, WEATHER]))

    (block,) = called["content"]
    assert called["stop_reason"] == "tool_use"
    assert (block["name"], block["input"]) == (
        "get_weather",
        {"city": "Paris", "unit": "fahrenheit"},
    )


def test_numbers_and_names_reach_the_right_properties() -> None:
    """Numbers go where the question names them, optional properties only if it does."""
    asked = [user("Roll 3 dice"), user("Roll 3 dice with 6 sides"), user("Roll dice, count = 2")]

    inputs = [told(asking(one, tools=[DICE]))["content"][0]["input"] for one in asked]

    assert inputs == [{"count": 3}, {"count": 3, "sides": 6}, {"count": 2}]


def test_without_a_fitting_tool_it_answers_itself() -> None:
    """A question that speaks of no tool is answered with text."""
    assert told(asking(tools=[WEATHER, DICE]))["stop_reason"] == "end_turn"


BOTH = user("What is the weather in Rome? Then roll 2 dice.")


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "auto"}, {"get_weather", "roll_dice"}),
        ({"type": "none"}, set()),
        ({"type": "tool", "name": "roll_dice"}, {"roll_dice"}),
    ],
)
def test_tool_choice_is_respected(choice: Json, called: set[str]) -> None:
    """auto may call several tools, none calls nothing, a named tool is called alone."""
    content = told(asking(BOTH, tools=[DICE, WEATHER], tool_choice=choice))["content"]

    assert {block["name"] for block in content if block["type"] == "tool_use"} == called


@pytest.mark.parametrize("kind", ["auto", "any"])
def test_parallel_calls_can_be_switched_off(kind: str) -> None:
    """With `disable_parallel_tool_use` one tool is called at most."""
    choice = {"type": kind, "disable_parallel_tool_use": True}

    assert len(told(asking(BOTH, tools=[DICE, WEATHER], tool_choice=choice))["content"]) == 1


def test_any_forces_a_call_even_when_nothing_fits() -> None:
    """`any` calls a tool for a question that speaks of none."""
    forced = told(asking(tools=[WEATHER], tool_choice={"type": "any"}))

    assert forced["content"][0]["name"] == "get_weather"


def test_results_are_quoted() -> None:
    """After tools ran, the answer names them, quotes each result and calls none again."""
    asked = user("What is the weather?")
    uses = assistant([use("a"), use("b", "roll_dice")])
    brought = user([result("a"), result("b", "no dice", is_error=True)])

    said = text(asking(asked, uses, brought, tools=[WEATHER, DICE]))

    assert "`get_weather` answered:\n\n> 18 degrees" in said
    assert "`roll_dice` failed with:\n\n> no dice" in said


def test_a_tool_call_cut_by_max_tokens_keeps_only_whole_properties() -> None:
    """A half-written call says `max_tokens` and lacks what there was no room for."""
    asked = user("What is the weather in Paris?")

    cut = told(asking(asked, tools=[WEATHER], max_tokens=8))

    assert cut["stop_reason"] == "max_tokens"
    assert cut["content"][0]["input"] == {"city": "Paris"}


@pytest.mark.parametrize(
    ("model", "thinking", "blocks", "shown"),
    [
        ("practice", None, ["text"], False),
        ("claude-opus-4-6", {"type": "adaptive"}, ["thinking", "text"], True),
        ("claude-haiku-4-5", {"type": "enabled", "budget_tokens": 1024}, ["thinking", "text"],
         True),
        ("claude-opus-4-8", {"type": "adaptive"}, ["thinking", "text"], False),
        ("claude-opus-4-8", {"type": "adaptive", "display": "summarized"}, ["thinking", "text"],
         True),
        ("claude-opus-4-6", {"type": "adaptive", "display": "omitted"}, ["thinking", "text"],
         False),
        ("claude-opus-5-5", None, ["thinking", "text"], False),
        ("claude-opus-4-8", {"type": "disabled"}, ["text"], False),
        ("claude-sonnet-5-5", {"type": "between_tools"}, ["text"], False),
    ],
)  # fmt: skip
def test_thinking_comes_first_and_is_shown_as_asked(
    model: str, thinking: Json | None, blocks: list[str], shown: bool
) -> None:
    """Thinking blocks follow the request, the model's habits and the display; all are signed."""
    content = told(asking(model=model, thinking=thinking))["content"]

    assert [block["type"] for block in content] == blocks
    assert bool(content[0].get("thinking")) is shown
    assert all(block["signature"] for block in content if block["type"] == "thinking")


def test_a_prefill_is_continued() -> None:
    """The answer holds only what comes after the prefill."""
    said = text(asking(*PREFILLED, model="claude-haiku-4-5"))

    assert not said.startswith("Paris")
    assert "your 3 words" in said


def test_tokens_count_words_and_pictures() -> None:
    """A picture costs what the vision documentation says, words a quarter of their letters."""
    plain = input_tokens(asking(user("12345678")))
    seen = input_tokens(asking(user([image(picture((1000, 1000)))])))

    assert plain == 3
    assert seen - input_tokens(asking(user([image(picture((28, 28)))]))) == 1296 - 1


def test_schemas_are_filled_from_the_question() -> None:
    """Names and numbers of the question become the values."""
    config = {"format": {"type": "json_schema", "schema": OBJECT}}

    said = text(asking(user("She is Ada Lovelace, 36 years old."), output_config=config))

    assert said == '{"name": "Ada Lovelace (practice)", "age": 36}'


HOSTILE: list[Any] = [
    None, [], 0, "x", {}, {"model": 1}, asking(messages=[None]), asking({"role": "user"}),
    asking(user([{"type": "text"}])), asking(user([{"type": ["a"]}])), asking(user([[]])),
    asking(tools=[{}]), asking(tools=[{"type": "bash_20250124"}]), asking(tools=[None]),
    asking(tools=[{"type": "odd", "input_schema": {}}]), asking(thinking={"type": None}),
    asking(user([{"type": "image", "source": None}])), asking(output_config={"format": {}}),
    asking(user([{"type": "web_search_tool_result", "content": [{"x": 1}]}])),
    asking(tools=[{"name": "a", "input_schema": {"type": "object", "properties": {"b": 5}}}]),
    asking(tools=[{"name": "a", "input_schema": {"type": "object", "required": [1]}}]),
    asking(output_config={"format": {"type": "json_schema", "schema": {"type": {}}}}),
    asking(output_config={"format": {"type": "json_schema", "schema": {"$ref": "#/no"}}}),
    asking(output_config={"format": {"type": "json_schema", "schema": {"pattern": "("}}}),
    asking(user([image("")])), asking(user([image("iVBORw0KGgo=")])),
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_no_request_breaks_it(body: Any) -> None:
    """Anything that is JSON is answered or refused; nothing raises."""
    assert refused(body) or message(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'"\\ud800"', b"[" * 100_000])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    """Bytes that are no JSON, half characters included, are a 400."""
    headers = {"anthropic-version": "2023-06-01"}

    assert respond(Request("POST", "/v1/messages", headers, body)).status == 400
