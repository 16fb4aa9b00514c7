"""Claims about `claude-magic record` and `claude-magic replay`: a lesson is checked by anyone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import KEY
from kernel import ROOT
from loopback import Loopback, answer
from nbformat.v4 import new_code_cell, new_notebook

CELLS = [
    "%load_ext claude_magic\n%claude replay lesson.claude --without-key",
    "%%claude\nHi",
    "%%claude\nAgain",
]


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """A notebook with two questions."""
    return saved(tmp_path / "lesson.ipynb", *CELLS)


def saved(path: Path, *cells: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def claude_magic(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC", "CLAUDE_MAGIC"))}
    command = "from claude_magic.ui.command import main; raise SystemExit(main())"
    return subprocess.run(
        [sys.executable, "-c", command, *map(str, arguments)],
        env={**clean, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def recorded(lesson: Path) -> Path:
    """The same, recorded with the practice model."""
    done = claude_magic("record", lesson, "--practice", CLAUDE_MAGIC_PACE="0")
    assert done.returncode == 0, done.stderr
    return lesson


def test_a_lesson_is_recorded_by_one_command(api: Loopback, lesson: Path) -> None:
    """With a key, by Claude; the notebook is saved with the outputs of a replay."""
    api.will(answer("One *fine* answer."), answer("Another."))
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    done = claude_magic("record", lesson, **named)
    assert done.returncode == 0, done.stderr
    cells = nbformat.read(lesson, as_version=4).cells

    assert len(api.bodies) == 2
    assert "2 answers, all as recorded" in done.stdout
    assert "One <em>fine</em> answer." in cells[1].outputs[0].data["text/html"]
    assert "replayed" in cells[1].outputs[0].data["text/html"]


def test_without_a_key_recording_says_so(lesson: Path) -> None:
    """Nothing is run, and the ways out are named."""
    done = claude_magic("record", lesson)

    assert done.returncode == 1
    assert "no API key was found" in done.stderr


def test_a_recorded_lesson_replays(recorded: Path) -> None:
    """Exit code 0; saved again it is the same to the byte."""
    before = recorded.read_bytes()
    done = claude_magic("replay", recorded, "--save")

    assert done.returncode == 0, done.stderr
    assert recorded.read_bytes() == before


def changed(path: Path, cell: int, source: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[cell].source = source
    nbformat.write(notebook, path)


def test_a_changed_question_fails_with_what_differs(recorded: Path) -> None:
    """Exit code 1, the cell, the nearest question and the difference."""
    changed(recorded, 1, "%%claude\nHi there")
    done = claude_magic("replay", recorded)

    assert done.returncode == 1
    assert "lesson.ipynb no longer matches lesson.claude" in done.stderr
    assert "Cell 2 (%%claude) failed" in done.stderr
    assert "'Hi' is recorded, 'Hi there' was asked" in done.stderr


def test_a_question_that_was_taken_out_fails(recorded: Path) -> None:
    """The recording holds more than the notebook asks."""
    changed(recorded, 2, "1 + 1")
    done = claude_magic("replay", recorded)

    assert done.returncode == 1
    assert "Recorded but not asked: question 2 (line 4): Again" in done.stderr


def test_a_changed_answer_fails_with_a_diff(recorded: Path) -> None:
    """The saved answer is another than the recorded one."""
    tape = recorded.with_suffix(".claude")
    lines = [json.loads(line) for line in tape.read_text("utf-8").splitlines()]
    lines[4]["content"][0]["text"] = "Something else."
    tape.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    done = claude_magic("replay", recorded)

    assert done.returncode == 1
    assert "answers otherwise than saved" in done.stderr
    assert "+Something else." in done.stderr


def test_a_failed_recording_leaves_the_old_one(recorded: Path) -> None:
    """Nothing is lost by a cell that fails."""
    tape = recorded.with_suffix(".claude")
    before = tape.read_bytes()
    changed(recorded, 2, "1 / 0")
    done = claude_magic("record", recorded, "--practice")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert tape.read_bytes() == before


def test_a_missing_recording_and_a_notebook_that_asks_nothing_are_told(tmp_path: Path) -> None:
    """With what to do."""
    quiet = saved(tmp_path / "quiet.ipynb", "%load_ext claude_magic")
    missing, nothing = claude_magic("replay", quiet), claude_magic("record", quiet, "--practice")

    assert (missing.returncode, nothing.returncode) == (1, 1)
    assert "Make it with: claude-magic record" in missing.stderr
    assert "quiet.ipynb asked nothing that could be recorded." in nothing.stderr


def outputs(path: Path) -> list[Any]:
    return [cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells]


def test_the_notebook_alone_finds_its_recording(recorded: Path, tmp_path: Path) -> None:
    """Its own first cell names it: run by any tool, without key, network or our command."""
    before = outputs(recorded)
    convert = ["nbconvert", "--execute", "--to", "notebook", "--output", "done", str(recorded)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC", "CLAUDE_MAGIC"))}
    subprocess.run(
        [sys.executable, "-m", *convert],
        env={**clean, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=120,
    )

    assert outputs(tmp_path / "done.ipynb") == before
