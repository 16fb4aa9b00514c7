"""Claims about tools as a notebook offers them: options, marks, commands, the lesson's word."""

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from loopback import Loopback, answer
from playing import calls, results
from shell import Notebook

from claude_magic.capture.saved import SavedCells
from claude_magic.ui.next_cell import NextCell, code_in

DEFINE = '''
from claude_magic import claude_tool

@claude_tool
def load(city: str) -> str:
    """Load a city."""
    return city.upper()

def plot(city: str) -> None:
    """Plot a city."""
'''


@pytest.fixture
def defined(notebook: Notebook) -> Notebook:
    notebook.run(DEFINE)
    return notebook


def offered(api: Loopback) -> list[str]:
    """The names of the tools of the last request."""
    return [tool["name"] for tool in api.bodies[-1].get("tools", [])]


def test_marked_functions_are_offered_in_every_cell(defined: Notebook, api: Loopback) -> None:
    """Those that `--tools` names go along besides, in that cell alone; deleted ones no more."""
    defined.run("%%claude --tools plot\nHi")
    both = offered(api)
    defined.run("%%claude\nHi")
    marked = offered(api)
    defined.run("del load")
    defined.run("%%claude\nHi")

    assert both == ["plot", "load"]
    assert marked == ["load"]
    assert offered(api) == []


def test_functions_are_added_removed_and_listed(defined: Notebook, api: Loopback) -> None:
    """By name, for the cells that follow."""
    added = defined.run("%claude tools add plot")
    listed = defined.run("%claude tools")
    defined.run("%claude tools remove load")
    defined.run("%%claude\nHi")

    assert "plot" in added
    assert "load(city)" in listed
    assert "Plot a city." in listed
    assert offered(api) == ["plot"]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%%claude --tools nothing_here\nHi", "nothing_here"),
        ("%%claude --tools DEFINE\nHi", "is no tool"),
        ("%%claude --tools unhinted\nHi", "`x` has no type hint"),
        ("%%claude --tools load,twice\nHi", "two tools are called load"),
        ("%%claude --tools ''\nHi", "names no function"),
        ("%%claude --max-calls 0\nHi", "--max-calls"),
        ("%%claude --ask --no-ask\nHi", "exclude each other"),
        ("%claude tools add nothing_here", "nothing_here"),
        ("%claude tools remove plot", "not offered"),
        ("%claude tools dance", "tools add"),
        ("%%claude --fix", "no cell has failed"),
    ],
)
def test_what_cannot_be_offered_is_told_before_sending(
    defined: Notebook, api: Loopback, cell: str, told: str
) -> None:
    """Nothing leaves the notebook."""
    defined.run(
        "DEFINE = 'text'\ndef unhinted(x): ...\n"
        "twice = claude_tool(name='load')(lambda city: city)\n"
        "twice.__annotations__['city'] = str\ndel load\n" + DEFINE
    )
    if "twice" not in cell:
        defined.run("del twice")

    assert told in defined.fail(cell)
    assert api.requests == []


def test_a_marked_function_that_is_no_tool_says_how_to_go_on_without(
    defined: Notebook, api: Loopback
) -> None:
    """It stops every cell, also those that have no use for it."""
    defined.run("@claude_tool\ndef unhinted(x): ...")
    for cell in ("%%claude\nHi", "%claude tools"):
        assert "without it: `%claude tools remove unhinted`" in defined.fail(cell)
    defined.run("%claude tools remove unhinted")
    defined.run("%%claude\nHi")
    assert len(api.requests) == 1


def test_a_cell_calls_and_shows_each_call(defined: Notebook, api: Loopback) -> None:
    """With its arguments, what it came to and the time it took; the variable has the answer."""
    api.will(calls(("load", {"city": "Bern"})), answer("It is BERN."))

    shown = defined.run("%%claude -o said\nLoad Bern.")

    assert 'load(city="Bern"): BERN · ' in shown
    assert "It is BERN." in shown
    assert defined["said"].text == "It is BERN."


def test_a_lesson_without_tools_leaves_them_out(
    defined: Notebook, api: Loopback, tmp_path: Path
) -> None:
    """What is marked stays at home; what a cell names is refused, and so is adding."""
    policy = tmp_path / "lesson.toml"
    policy.write_text("tools = false")
    defined.run(f"%claude lesson policy {policy}")
    defined.run("%%claude\nHi")

    assert offered(api) == []
    assert "lesson.toml" in defined.fail("%%claude --tools plot\nHi")
    assert "lesson.toml" in defined.fail("%%claude --python\nHi")
    assert "lesson.toml" in defined.fail("%claude tools add plot")


def test_fix_sends_the_last_error_with_its_cell(notebook: Notebook, api: Loopback) -> None:
    """Also when other cells ran since, and with words of one's own."""
    notebook.fail("numbers = [1, 2]\nnumbers[7]", cell_id="a")
    notebook.run("x = 1", cell_id="b")
    notebook.run("%%claude --fix")
    alone = str(api.bodies[-1]["messages"])
    notebook.run("%%claude --fix\nKeep the index.")

    assert "numbers[7]" in alone
    assert "IndexError" in alone
    assert "x = 1" not in alone
    assert "Keep the index." in str(api.bodies[-1]["messages"][-1])


def test_code_that_a_cell_has_already_is_not_put_into_another() -> None:
    """A front end adds a cell each time: a cell that runs again would leave a row of them."""
    put: list[str] = []
    saved = SavedCells(time.time() - 1, {"a": "x = 1"}, told=True)
    next_cell = NextCell(SimpleNamespace(set_next_input=put.append), lambda: saved)
    for code in ("x = 1", "y = 2", "y = 2", "z = 3"):
        next_cell.put(code)
    assert put == ["y = 2", "z = 3"]

    saved = SavedCells(time.time() + 1, {}, told=True)  # saved again, without them
    next_cell.put("y = 2")
    assert put[2:] == ["y = 2"]


def test_code_puts_the_answers_code_into_the_next_cell(notebook: Notebook, api: Loopback) -> None:
    """Whole and as one, without the words around it; nothing of an answer that was cut."""
    put: list[str] = []
    notebook.shell.set_next_input = put.append
    words = "First:\n\n```python\nx = 1\n```\n\nand then\n\n```python\nprint(x)\n```\nDone."
    try:
        api.will(answer(words), answer(words, stop_reason="max_tokens"), answer("No code."))
        told = [notebook.run("%%claude --code\nWrite it.") for _ in range(3)]
    finally:
        del notebook.shell.set_next_input

    assert put == ["x = 1\n\nprint(x)"]
    assert "in the next cell" in told[0]
    assert "not whole" in told[1]
    assert "holds no code" in told[2]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1. Do\n\n   ```py\n   for i in x:\n       print(i)\n   ```", "for i in x:\n    print(i)"),
        ("```\nx = 1\n```", "x = 1"),
        ("```bash\nls\n```\n```python\ny = 2\n```", "y = 2"),
        ("```bash\nls\n```", "%%bash\nls"),
        ("~~~python\ns = '''\n```\n'''\n~~~", "s = '''\n```\n'''"),
        ("import os\nprint(os.name)", "import os\nprint(os.name)"),
        ("Sorry", ""),
        ("", ""),
    ],
)
def test_code_is_found_wherever_it_stands(text: str, code: str) -> None:
    """In lists, without a language, beside other languages, around fences."""
    assert code_in(text) == code


def test_python_asks_first_unless_told_otherwise(notebook: Notebook, api: Loopback) -> None:
    """Without anybody to ask, the call is refused; with --no-ask it runs."""
    made: list[Any] = [calls(("python", {"code": "flag = 1"})), answer("Done.")]
    api.will(*made, *made)
    notebook.run("%%claude --python --once\nGo.")
    refused = results(api.bodies[1])[0]
    notebook.run("%%claude --python --no-ask --once\nGo.")

    assert refused["is_error"]
    assert not results(api.bodies[3])[0].get("is_error")
    assert notebook["flag"] == 1


def test_calls_are_in_history_and_in_all_that_is_written(
    defined: Notebook, api: Loopback, tmp_path: Path
) -> None:
    """With their results; what was written as a body comes back as it was, and is asked on."""
    api.will(calls(("load", {"city": "Paris"})), answer("Loaded."), answer("Fine."))
    defined.run("%%claude\nLoad Paris.")
    for suffix in ("md", "json", "ipynb"):
        defined.run(f"%claude export {tmp_path}/lesson.{suffix}")
    history = defined.run("%claude history")
    body = json.loads((tmp_path / "lesson.json").read_text("utf-8"))
    defined.run("%claude reset")
    defined.run(f"%claude import {tmp_path}/lesson.json")
    defined.run("%%claude\nThanks.")

    for told in (history, (tmp_path / "lesson.md").read_text("utf-8")):
        assert 'load(city="Paris")' in told
        assert "PARIS" in told
    assert "Loaded." in (tmp_path / "lesson.ipynb").read_text("utf-8")
    assert api.bodies[-1]["messages"][:-1] == body["messages"]
    assert [one["type"] for one in body["messages"][1]["content"]] == ["tool_use"]
    assert [one["type"] for one in body["messages"][2]["content"]] == ["tool_result"]


def test_a_cell_that_is_run_again_makes_its_calls_anew(defined: Notebook, api: Loopback) -> None:
    """All of the old exchange gives way to the new one, in its place."""
    api.will(*(one for _ in range(2) for one in (calls(("load", {"city": "Rome"})), answer("So."))))
    defined.run("%%claude\nLoad Rome.", "a")
    defined.run("%%claude\nLoad Rome.", "a")
    defined.run("%%claude\nThanks.", "b")

    (turn, _) = defined.engine.conversation.turns
    assert [message.role for message in turn.messages] == ["user", "assistant"] * 2
    assert len(api.bodies[-1]["messages"]) == 5


def test_fix_can_try_its_repair_with_python(notebook: Notebook, api: Loopback) -> None:
    """What it changed is there in the notebook, and the error it met is told to Claude."""
    notebook.attempt("total = sum(values)")
    api.will(calls(("python", {"code": "values = [1, 2]\ntotal = sum(values)"})), answer("Mended."))
    notebook.run("%%claude --fix --python --no-ask")

    assert "NameError" in str(api.bodies[0]["messages"][-1]["content"])
    assert notebook["total"] == 3
    assert "is_error" not in results(api.bodies[-1])[0]
