"""Claims about conversations that travel as files."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from anthropic import Anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from conftest import KEY
from loopback import Loopback, answer
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from playing import calls
from sdk_types import faults
from shell import Notebook

PICTURE = """
import io
from PIL import Image
from claude_magic import Claude
red = Image.new("RGB", (40, 20), "red")
_ = Claude(shared=True).ask(red, "What colour?")
"""


@pytest.fixture
def asked(api: Loopback, notebook: Notebook) -> Notebook:
    """A notebook with three turns, one of them about a picture."""
    api.will(answer("A **p-value** is $p$."), answer("Red."), answer("Fine."))
    notebook.run("%%claude\nWhat is a p-value? \\{{x}}", "a")
    notebook.run(PICTURE, "b")
    notebook.run("%%claude\nThanks.", "c")
    return notebook


def words(notebook: Notebook) -> list[str]:
    return [m.text for turn in notebook.engine.conversation.turns for m in turn.messages]


def test_json_is_a_body_that_the_official_sdk_takes(
    api: Loopback, asked: Notebook, tmp_path: Path
) -> None:
    """As it stands, with the next question added."""
    asked.run(f"%claude export {tmp_path}/lesson.json")
    body = json.loads((tmp_path / "lesson.json").read_text("utf-8"))
    assert faults(body, MessageCreateParamsNonStreaming) == []

    body["messages"].append({"role": "user", "content": "And now?"})
    client = Anthropic(base_url=api.url, api_key=KEY, max_retries=0)
    with client.messages.stream(**body) as stream:
        assert stream.get_final_text() == "Hello there."
    assert len(api.bodies[-1]["messages"]) == 7


@pytest.mark.parametrize("suffix", ["json", "ipynb"])
def test_what_was_written_can_be_taken_back(
    api: Loopback, asked: Notebook, tmp_path: Path, suffix: str
) -> None:
    """Words and pictures; taken in again, it goes on and is not doubled."""
    before = words(asked)
    asked.run(f"%claude export {tmp_path}/lesson.{suffix}")
    shown = asked.run(f"%claude import {tmp_path}/lesson.{suffix}")
    assert "'lesson'" in shown
    assert words(asked) == before

    asked.run("%%claude\nMore?", "d")
    assert [m["role"] for m in api.bodies[-1]["messages"]] == ["user", "assistant"] * 3 + ["user"]
    picture = api.bodies[-1]["messages"][2]["content"][0]["source"]
    with Image.open(io.BytesIO(base64.b64decode(picture["data"]))) as sent:
        assert (sent.size, sent.getpixel((0, 0))) == ((40, 20), (255, 0, 0))
    assert "goes on" in asked.run(f"%claude import {tmp_path}/lesson.{suffix}")
    assert words(asked)[-2] == "More?"


def test_a_written_notebook_is_one_that_can_be_run(
    api: Loopback, asked: Notebook, tmp_path: Path
) -> None:
    """Valid, and its cells ask the same again."""
    asked.run(f"%claude export {tmp_path}/lesson.ipynb")
    written = nbformat.read(tmp_path / "lesson.ipynb", as_version=4)
    nbformat.validate(written)
    asked.run("%claude use rerun")
    for cell in written.cells[1:]:
        if cell.cell_type == "code":
            asked.run(cell.source)

    assert words(asked)[0::2] == ["What is a p-value? {{x}}", "What colour?", "Thanks."]


THINGS = """
from PIL import Image
red, blue = (Image.new("RGB", (9, 9), colour) for colour in ("red", "blue"))
paper = "Of cities."

def load(city: str) -> str:
    "Load a city."
    return city.upper()
"""


@pytest.mark.parametrize("suffix", ["json", "ipynb"])
def test_documents_calls_and_the_order_of_pictures_travel_too(
    api: Loopback, notebook: Notebook, tmp_path: Path, suffix: str
) -> None:
    """A cell that was edited since is taken as it reads now."""
    api.will(calls(("load", {"city": "Bern"})), answer("BERN."), answer("Red, blue."))
    notebook.run(THINGS)
    notebook.run("%%claude --tools load --doc paper\nLoad Bern.")
    notebook.run("%%claude\nThis {{ red }} and this {{ blue }}?")
    notebook.run("%%claude\nMore?")
    before = api.bodies[-1]["messages"]
    file = tmp_path / f"lesson.{suffix}"
    notebook.run(f"%claude export {file}")
    notebook.run(f"%claude import {file}")
    notebook.run("%%claude\nMore?")
    assert without_cache(api.bodies[-1]["messages"][:7]) == without_cache(before)

    if suffix == "ipynb":
        file.write_text(file.read_text("utf-8").replace("\nLoad Bern.", "\nLoad Oslo."), "utf-8")
        (tmp_path / "edited.ipynb").write_bytes(
            file.read_bytes().replace(b"nLoad Bern.", b"nLoad Oslo.")
        )
        notebook.run(f"%claude import {tmp_path}/edited.ipynb")
        notebook.run("%%claude\nMore?")
        assert [m["content"] for m in api.bodies[-1]["messages"][:2]] == ["Load Oslo.", "BERN."]


def without_cache(messages: Any) -> Any:
    """The messages without the marks of the prompt cache, which move on."""
    return json.loads(re.sub(r',? *"cache_control": *{[^}]*}', "", json.dumps(messages)))


def test_markdown_reads_as_a_transcript_with_its_pictures(asked: Notebook, tmp_path: Path) -> None:
    """Beside it in a folder, or within it."""
    asked.run(f"%claude export {tmp_path}/my lesson.md")
    text = (tmp_path / "my lesson.md").read_text("utf-8")
    assert "A **p-value** is $p$." in text
    (found,) = re.findall(r"!\[picture\]\((.*?)\)", text)
    with Image.open(tmp_path / found.replace("%20", " ")) as picture:
        assert picture.size == (40, 20)

    asked.run(f"%claude export --inline {tmp_path}/one.md")
    assert "![picture](data:image/png;base64," in (tmp_path / "one.md").read_text("utf-8")
    assert not (tmp_path / "one_files").exists()


def test_a_lesson_that_was_run_can_be_taken_in(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """Its cells are those of the turns, so that running one asks again in its place."""
    shown = {"text/html": "<p>Four.</p>", "text/markdown": "Four.", "text/plain": "Four."}
    cells = [
        new_code_cell("%load_ext claude_magic", id="load"),
        new_code_cell("%%claude -m opus\nTwo and two?", id="q1"),
        new_code_cell("%%claude --as user\nBy the way.", id="q2"),
        new_code_cell("%%claude\nNever run?", id="q3"),
        new_code_cell("print(1)", id="q4"),
    ]
    cells[1].outputs = [new_output("display_data", data=shown)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    notebook.run(f"%claude import {tmp_path}/lesson.ipynb")
    assert words(notebook) == ["Two and two?", "Four.", "By the way."]

    assert "asked again, turn 1 of 2" in notebook.run("%%claude\nTwo and three?", "q1")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.json", '{"messages": []}'),
        ("a.json", '{"messages": [{"role": "system", "content": "x"}]}'),
        ("a.json", '{"messages": [{"role": "user", "content": [1]}]}'),
        ("a.ipynb", '{"cells": [{"cell_type": "code", "source": "1"}]}'),
        ("a.ipynb", '{"cells": [3, {}]}'),
        ("a.ipynb", "{}"),
        ("a.ipynb", '{"cells": [{"cell_type": "code", "source": [1, 2], "outputs": 3}]}'),
        ("a.ipynb", '{"cells": [{"cell_type": "markdown", "metadata": 1, "attachments": 2}]}'),
        ("a.json", "[" * 100_000),
        ("a.md", "# Hi"),
        ("b.json", None),
    ],
)
def test_what_is_no_conversation_is_refused(
    notebook: Notebook, tmp_path: Path, name: str, content: Any
) -> None:
    """In a line, and the conversation stays."""
    if content is not None:
        (tmp_path / name).write_text(content)
    shown = notebook.fail(f"%claude import {tmp_path / name}")

    assert "BadInput" in shown
    assert "fault of claude_magic" not in shown
    assert notebook.engine.conversation.name == "main"


@pytest.mark.parametrize(
    "line", ["", "a.txt", "missing/a.md", "--inline", ".", "--flat a.md", "missing/a.json"]
)
def test_what_cannot_be_written_is_said(asked: Notebook, tmp_path: Path, line: str) -> None:
    """Nothing is left half-way."""
    target = line.replace("a.", f"{tmp_path}/a.").replace("missing/", f"{tmp_path}/missing/")
    assert "BadInput" in asked.fail(f"%claude export {target.replace('//', '/')}")
    assert list(tmp_path.iterdir()) == []


def test_history_marks_what_is_older_and_what_is_left_out(api: Loopback, asked: Notebook) -> None:
    """And shows so many of the last turns."""
    asked.run("%%claude\nEdited?", "a")
    asked.run("x = 1", "c")
    shown = asked.run("%claude history")
    assert "older text" in shown
    assert "its cell is gone" in shown
    assert "Thanks." not in shown
    assert "Edited?" not in asked.run("%claude history 2")
    assert "BadInput" in asked.fail("%claude history all")


def test_a_notebook_of_somebodys_own_is_not_replaced(asked: Notebook, tmp_path: Path) -> None:
    """One that an export wrote is written again, until a person changes it."""
    own = tmp_path / "own.ipynb"
    own.write_text(json.dumps(new_notebook(cells=[new_code_cell("1")])))
    before = own.read_bytes()
    assert "there already" in asked.fail(f"%claude export {own}")
    assert own.read_bytes() == before

    written = tmp_path / "written.ipynb"
    for _ in range(2):
        asked.run(f"%claude export {written}")
        opened = nbformat.read(written, as_version=4)
        opened.cells[1].outputs = []
        nbformat.write(opened, written)
    opened.cells.append(new_code_cell("mine = 1"))
    nbformat.write(opened, written)
    assert "there already" in asked.fail(f"%claude export {written}")


def test_a_suffix_may_be_in_capitals(asked: Notebook, tmp_path: Path) -> None:
    """And the option may stand behind the file."""
    asked.run(f"%claude export {tmp_path}/A.JSON")
    assert "'A' now: 3 turns" in asked.run(f"%claude import {tmp_path}/A.JSON")
    asked.run(f"%claude export {tmp_path}/A.MD --inline")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["A.JSON", "A.MD"]


def test_a_file_may_be_quoted(asked: Notebook, tmp_path: Path) -> None:
    """As its name needs elsewhere when it has a space."""
    asked.run(f'%claude export "{tmp_path}/my talk.json"')
    assert "'my talk' now" in asked.run(f"%claude import '{tmp_path}/my talk.json'")
