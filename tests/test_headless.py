"""Claims about notebooks that run without anybody looking."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import KEY
from kernel import ROOT
from loopback import START, Loopback, Reply, answer, sse, text_block
from nbformat.v4 import new_code_cell, new_notebook

CELLS = ["%load_ext claude_magic", "%%claude\nHi", "%%claude\nAgain"]


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """A notebook with two questions."""
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in CELLS]), path)
    return path


def run(api: Loopback, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": KEY,
    }
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def outputs(path: Path) -> list[list[nbformat.NotebookNode]]:
    return [cell.outputs for cell in nbformat.read(path, as_version=4).cells]


def test_nbconvert_runs_and_shows_the_answers(api: Loopback, lesson: Path) -> None:
    """One output an answer in the notebook, and the words in the page."""
    api.will(answer("One *fine* answer."), answer("Another."))
    convert = ("nbconvert", "--execute", str(lesson))
    done = run(api, lesson.parent, *convert, "--to", "notebook", "--output", "done.ipynb")
    assert done.returncode == 0, done.stderr
    page = run(api, lesson.parent, "nbconvert", "done.ipynb", "--to", "html")
    assert page.returncode == 0, page.stderr

    first, second = outputs(lesson.parent / "done.ipynb")[1:]
    assert (len(first), len(second)) == (1, 1)
    assert "One <em>fine</em> answer." in (lesson.parent / "done.html").read_text("utf-8")
    assert len(api.bodies[1]["messages"]) == 3


def test_papermill_runs_and_shows_the_answers(api: Loopback, lesson: Path) -> None:
    """As a job would run it."""
    pytest.importorskip("papermill", reason="papermill is not installed here")
    done = run(api, lesson.parent, "papermill", "lesson.ipynb", "done.ipynb", "-k", "python3")

    assert done.returncode == 0, done.stderr
    assert [len(shown) for shown in outputs(lesson.parent / "done.ipynb")] == [0, 1, 1]


def test_a_run_that_fails_stops_there(api: Loopback, lesson: Path) -> None:
    """An answer that broke off fails its cell, so the cells below are not asked."""
    api.will(Reply([sse(START, *text_block("Half"))]))
    done = run(api, lesson.parent, "nbconvert", "--execute", str(lesson), "--to", "notebook")

    assert done.returncode != 0
    assert "BrokenOff" in done.stderr
    assert len(api.requests) == 1
