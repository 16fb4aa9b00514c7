"""Claims about Claude from Python: scripts and functions get the same answers as cells."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from conftest import KEY
from loopback import START, Loopback, Reply, answer, sse, stay_silent, text_block
from PIL import Image
from sdk_types import faults
from shell import Notebook

from claude_magic import Claude
from claude_magic.engine import Engine
from claude_magic.errors import BadInput, BrokenOff, ClaudeMagicError


@pytest.fixture
def claude(api: Loopback) -> Iterator[Claude]:
    """Claude with the loopback server behind it."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
    yield Claude(engine=engine, cache=False)
    engine.close()


def test_a_name_that_is_none_is_told_with_those_there_are(claude: Claude) -> None:
    with pytest.raises(BadInput) as asked:
        claude.ask("Hi", stop="x")
    assert "stop_sequences" in asked.value.hint
    assert "tools" in asked.value.hint
    with pytest.raises(BadInput) as made:
        Claude(modle="opus")
    assert "model" in made.value.hint


def test_ask_returns_the_answer_and_keeps_the_conversation(api: Loopback, claude: Claude) -> None:
    """The same object as in a cell; `once` stays outside."""
    api.will(answer("One."), answer("Two."))
    assert claude.ask("Hi").text == "One."
    assert claude.ask("Again", model="opus", max_tokens=5).stop_reason == "end_turn"
    claude.ask("Aside", once=True)

    assert [len(body["messages"]) for body in api.bodies] == [1, 3, 1]
    assert (api.bodies[1]["model"], api.bodies[1]["max_tokens"]) == ("claude-opus-5-5", 5)


def test_words_pictures_and_tables_go_in_their_order(
    api: Loopback, claude: Claude, tmp_path: Path
) -> None:
    """A PIL image, a file, a data frame, words."""
    picture = Image.new("RGB", (4000, 100), "navy")
    picture.save(tmp_path / "a.png")
    claude.ask(picture, "What is this?", tmp_path / "a.png", pd.DataFrame({"a": [1]}))
    first, words, second, table = api.bodies[0]["messages"][0]["content"]

    assert words == {"type": "text", "text": "What is this?"}
    assert "| 0 | 1 |" in table["text"]
    assert first == second
    sent = Image.open(io.BytesIO(base64.b64decode(first["source"]["data"])))
    assert sent.size == (1568, 39)
    assert faults(api.bodies[0], MessageCreateParamsStreaming) == []


def test_the_path_of_a_text_or_pdf_is_a_document(
    api: Loopback, claude: Claude, tmp_path: Path
) -> None:
    """Named after the file, and to be cited; a path in words stays words."""
    (tmp_path / "notes.txt").write_text("Seeds.")
    claude.ask(tmp_path / "notes.txt", "What is in notes.txt?")
    document, words = api.bodies[0]["messages"][0]["content"]

    assert (document["type"], document["title"]) == ("document", "notes.txt")
    assert words["text"] == "What is in notes.txt?"
    with pytest.raises(BadInput, match=r"none\.txt"):
        claude.ask(tmp_path / "none.txt", "?")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_pictures_of_any_mode_arrive_decodable(api: Loopback, claude: Claude, mode: str) -> None:
    """As PNG or JPEG that any reader opens."""
    claude.ask("?", Image.new(mode, (8, 4)), model="opus")
    source = api.bodies[0]["messages"][0]["content"][1]["source"]
    sent = Image.open(io.BytesIO(base64.b64decode(source["data"])))

    assert sent.size == (8, 4)
    assert source["media_type"] == f"image/{(sent.format or '').lower()}"


@pytest.mark.parametrize("content", [b"no picture", b"", b"\x89PNG\r\n\x1a\n cut"])
def test_what_is_no_picture_is_named(
    api: Loopback, claude: Claude, tmp_path: Path, content: bytes
) -> None:
    """Before anything is sent."""
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(BadInput, match=r"odd\.png"):
        claude.ask("?", tmp_path / "odd.png")
    with pytest.raises(BadInput, match=r"none\.png"):
        claude.ask("?", tmp_path / "none.png")

    assert api.requests == []


@dataclass
class Point:
    x: int


def test_a_schema_gives_the_object(api: Loopback, claude: Claude) -> None:
    """In `.value`; an answer that was cut has none."""
    api.will(answer('{"x": 3}'), answer('{"x":', stop_reason="max_tokens"))

    assert claude.ask("?", schema=Point).value == Point(3)
    assert claude.ask("?", schema=Point).value is None


def test_stream_yields_the_words_as_they_come(api: Loopback, claude: Claude) -> None:
    """Their sum is the answer; leaving early hangs up."""
    api.will(answer("Some ", "words ", "come."))
    assert "".join(claude.stream("Hi")) == "Some words come."

    api.will(Reply([sse(START, *text_block("First ")[:-1]), stay_silent]))
    for piece in claude.stream("Hi", once=True):
        assert piece == "First "
        break
    assert api.client_left.wait(5)


def test_a_stream_holds_the_answer_in_the_end(api: Loopback, claude: Claude) -> None:
    """With its parts, as `ask` returns it; also without looking at the pieces."""
    api.will(answer('{"x"', ": 3}"), answer("Unseen."))
    stream = claude.stream("Hi", schema=Point)
    said = "".join(stream)

    assert said == stream.answer.text == '{"x": 3}'
    assert (stream.answer.value, stream.answer.stop_reason) == (Point(3), "end_turn")
    assert claude.stream("Again").answer.text == "Unseen."


def test_what_cannot_be_asked_is_told_when_a_stream_is_wanted(claude: Claude) -> None:
    """Not only when its first piece is."""
    with pytest.raises(BadInput, match="prefill"):
        claude.stream("Hi", prefill="x")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"think": 2000}, {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ({"think": True}, {"thinking": {"type": "adaptive"}}),
        ({"think": False}, {"thinking": {"type": "disabled"}}),
        ({"think": None, "effort": None}, {}),
        ({"stop_sequences": "END"}, {"stop_sequences": ["END"]}),
        ({"stop_sequences": ["A", "B"]}, {"stop_sequences": ["A", "B"]}),
        ({"temperature": 0}, {"temperature": 0}),
    ],
)
def test_options_are_given_as_python_has_them(
    api: Loopback, claude: Claude, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    """Numbers, switches and lists; None is as if nothing was said."""
    claude.ask("Hi", **given)
    plain = ("model", "max_tokens", "messages", "stream")

    assert {n: value for n, value in api.bodies[0].items() if n not in plain} == sent


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": -1},
        {"retries": "x"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"tool_timeout": "x"},
        {"pace": -1},
        {"base_url": 5},
        {"api_version": "2020-01-01"},
        {"unrecorded": "guess"},
        {"history_tokens": -5},
        {"keep_days": 0},
        {"practice": "yes"},
        {"lesson": 7},
        {"modell": "opus"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_told_at_once(wrong: dict[str, Any]) -> None:
    """By name, before a question is asked."""
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Claude(**wrong)


def test_settings_may_be_left_open_or_be_paths(api: Loopback, tmp_path: Path) -> None:
    """None is what is usual; files may be named as Python names them."""
    environ = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    chosen = Claude(
        engine=Engine(environ), system=None, max_tokens=None, record=tmp_path / "said.claude"
    )

    assert chosen.ask("Hi").text == "Hello there."
    assert (tmp_path / "said.claude").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_tokens": "5"},
        {"max_tokens": True},
        {"max_tokens": 5.0},
        {"temperature": "hot"},
        {"temperature": float("nan")},
        {"stop_sequences": 7},
        {"stop_sequences": [7]},
        {"think": 2.5},
        {"model": 7},
        {"system": b"Be brief."},
        {"web": "yes"},
        {"schema": 7},
    ],
)
def test_a_value_of_another_type_is_named(
    api: Loopback, claude: Claude, wrong: dict[str, Any]
) -> None:
    """It is the caller's, so it is no fault of ours."""
    with pytest.raises(BadInput):
        claude.ask("Hi", **wrong)

    assert api.requests == []


def test_errors_are_those_of_cells(api: Loopback, claude: Claude) -> None:
    """What broke off is raised, and what came is in the conversation."""
    api.will(Reply([sse(START, *text_block("Half")[:-1])]))
    with pytest.raises(BrokenOff):
        claude.ask("Hi")
    claude.ask("Go on")
    assert api.bodies[1]["messages"][1]["content"] == "Half"
    for wrong in ({"modle": "opus"}, {"model": "opus", "temperature": 0.5}):
        with pytest.raises(ClaudeMagicError):
            claude.ask("Hi", **wrong)
    with pytest.raises(BadInput):
        claude.ask("  ")
    with pytest.raises(BadInput):
        Claude(modle="opus")


def test_it_can_share_the_notebooks_conversation(api: Loopback, notebook: Notebook) -> None:
    """Cells and functions take turns in one conversation."""
    notebook.run("%%claude\nFrom a cell")
    notebook.run("from claude_magic import Claude\nClaude(shared=True).ask('From a function')")
    notebook.run("%%claude\nFrom a cell again")

    asked = [m["content"] for m in api.bodies[2]["messages"] if m["role"] == "user"]
    assert asked == ["From a cell", "From a function", "From a cell again"]


def test_a_shared_one_asks_as_the_notebook_does(api: Loopback, notebook: Notebook) -> None:
    """Its settings as they are now: practice stays practice, a model is the notebook's."""
    notebook.run("from claude_magic import Claude\nclaude = Claude(shared=True, effort='low')")
    notebook.run("%config ClaudeMagics.model = 'sonnet'")
    notebook.run("a = claude.ask('Hi')")
    notebook.run("%config ClaudeMagics.pace = 0\n%claude practice on")
    notebook.run("b = claude.ask('Hi')")

    (body,) = api.bodies
    assert (body["model"], body["output_config"]) == ("claude-sonnet-5-5", {"effort": "low"})
    assert "not Claude" in notebook["b"].text


def test_a_script_is_told_by_the_environment_that_this_is_practice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As notebooks are."""
    monkeypatch.setenv("CLAUDE_MAGIC_PRACTICE", "1")
    monkeypatch.setenv("CLAUDE_MAGIC_PACE", "0")

    assert "not Claude" in Claude(engine=Engine({})).ask("Hi").text
    with pytest.raises(ClaudeMagicError, match="no API key"):
        Claude(engine=Engine({}), practice=False).ask("Hi")
