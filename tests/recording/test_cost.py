"""Claims about `claude-magic cost`: what a lesson costs a class is known before it."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from claude_magic.ui.command import main

CELLS = [
    "%load_ext claude_magic",
    "%%claude -m sonnet\n" + "word " * 700,  # 1,000 tokens as they are estimated
    "%%claude -m haiku -n 100 --once\nHi {{ df }}",
    "x = 1",
]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with two questions, never run."""
    return saved(tmp_path / "lesson.ipynb", *CELLS)


def saved(path: Path, *cells: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def row(printed: str, name: str) -> list[str]:
    return next(line for line in printed.splitlines() if line.startswith(name)).split()[1:]


def test_by_counting_what_stands_in_the_cells(
    notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By model, for one and for all; what is only supposed is said."""
    assert main(["cost", str(notebook), "--students", "120"]) == 0
    printed = capsys.readouterr().out

    assert "2 questions, by counting; nothing was run" in printed
    assert "120 students" in printed
    assert row(printed, "claude-sonnet-5-5") == ["1", "1,000", "500", "$0.0070", "$0.8400"]
    assert row(printed, "claude-haiku-5-5") == ["1", "301", "100", "$0.00008", "$0.0096"]
    assert row(printed, "all")[:3] == ["2", "1,301", "600"]
    assert row(printed, "claude-opus-5-5")[-1] == "$2.06"
    assert "1 value filled in: 300 tokens each" in printed


def test_a_conversation_is_sent_again_with_each_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Earlier questions and answers are paid for again; after a reset they are not."""
    asks = "%%claude\n" + "word " * 700
    path = saved(tmp_path / "a.ipynb", asks, asks, "%claude reset\n%claude model haiku", asks)
    main(["cost", str(path), "--answer", "200"])
    printed = capsys.readouterr().out

    assert row(printed, "claude-opus-4-6")[1:3] == [f"{1000 + 1000 + 200 + 1000:,}", "400"]
    assert row(printed, "claude-haiku-5-5")[1] == "1,000"


RECORDED: list[dict[str, Any]] = [
    {"recording": "claude_magic", "version": 1},
    {"question": 1, "model": "claude-opus-5-5", "messages": [{"role": "user", "content": "Hi"}]},
    {
        "answer": 1,
        "content": [{"type": "text", "text": "Hello."}],
        "model": "claude-opus-5-5",
        "usage": {"input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 10_000},
    },
    {"question": 2, "path": "/v1/models"},
    {"answer": 2, "json": {"data": []}},
]


def test_a_recording_knows_what_was_used(
    notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tokens as they were billed, with what the prompt cache saved; lists and counts are free."""
    tape = notebook.with_suffix(".claude")
    tape.write_text("".join(json.dumps(line) + "\n" for line in RECORDED), "utf-8")
    main(["cost", str(notebook), "--students", "100"])
    printed = capsys.readouterr().out

    assert "1 question, from the recording lesson.claude" in printed
    assert row(printed, "claude-opus-5-5") == ["1", "11,000", "100", "$0.0080", "$0.8000"]
    assert "Supposed" not in printed


def test_practice_answers_are_not_taken_for_claudes(
    notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their length is supposed, in the answer and in later questions that carry it."""
    recorded = Path(__file__).parent / "version_1.claude"
    main(["cost", str(notebook), "--recording", str(recorded), "--answer", "1000"])
    printed = capsys.readouterr().out

    assert row(printed, "all")[2] == "4,000"
    assert int(row(printed, "all")[1].replace(",", "")) > 1000
    assert "4 answers of the practice model: counted as 1,000 tokens each" in printed


def test_an_unknown_price_is_not_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A local model's; the others are told all the same."""
    path = saved(tmp_path / "a.ipynb", "%%claude -m llama3.2\nHi")
    main(["cost", str(path)])

    assert row(capsys.readouterr().out, "llama3.2")[3:] == ["not", "known", "not", "known"]


@pytest.mark.parametrize("cell", ["%%claude --nope\nHi", "%%claude -s 'open\nHi", "%%claude"])
def test_a_cell_that_cannot_be_read_is_counted_as_words(
    tmp_path: Path, cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run will tell; an estimate need not."""
    assert main(["cost", str(saved(tmp_path / "a.ipynb", cell))]) == 0
    assert "1 question" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.ipynb"], "there is no notebook"),
        ([__file__], "is no notebook"),
        (["{notebook}", "--recording", "missing.claude"], "there is no recording"),
        (["{notebook}", "--recording", __file__], "line 1: not JSON"),
    ],
)
def test_what_cannot_be_read_is_told(
    notebook: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line or two, with an exit status."""
    given = [argument.format(notebook=notebook) for argument in arguments]

    assert main(["cost", *given]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', "{}", "null", '{"nbformat": 9}'])
def test_what_is_no_notebook_is_told(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a file holds."""
    path = tmp_path / "odd.ipynb"
    path.write_text(text, "utf-8")

    assert main(["cost", str(path)]) == 1
    assert "odd.ipynb is no notebook." in capsys.readouterr().err


def test_a_class_has_at_least_one_student(
    notebook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other numbers are refused."""
    for students in ("0", "-3", "many"):
        with pytest.raises(SystemExit):
            main(["cost", str(notebook), "--students", students])
    assert "no whole number from 1 on" in capsys.readouterr().err
