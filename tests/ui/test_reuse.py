"""Claims about cells that are run again unchanged: the kept answer serves, where that is wished."""

from pathlib import Path

import pytest
from loopback import START, Loopback, Reply, answer, sse, text_block
from shell import Notebook

from claude_magic.content.window import stale

ONE, TWO = "%%claude\nOne?", "%%claude -o two\nTwo?"
KEPT = "unchanged, so its kept answer is shown"


@pytest.fixture
def asked(api: Loopback, notebook: Notebook) -> Notebook:
    """A notebook that asked two questions, and reuses what it kept."""
    api.will(answer("*First.*"), answer("Second."))
    notebook.run(ONE, "a")
    notebook.run(TWO, "b")
    api.requests.clear()
    notebook.run("%config ClaudeMagics.reuse = True")
    return notebook


def test_by_default_a_cell_that_runs_again_asks(api: Loopback, notebook: Notebook) -> None:
    """Off, unless it is set."""
    notebook.run(ONE, "a")
    notebook.run(ONE, "a")

    assert len(api.requests) == 2


def test_run_all_shows_what_was_kept_and_asks_nothing(api: Loopback, asked: Notebook) -> None:
    """Words, variable and conversation are as they were, nothing is paid, and it says so."""
    before, spent = asked.engine.conversation.turns, asked.engine.spent
    asked.shell.user_ns.pop("two")
    shown = [asked.run(ONE, "a"), asked.run(TWO, "b")]
    turns = asked.engine.conversation.turns

    assert api.requests == []
    assert "*First.*" in shown[0]
    assert all(KEPT in one for one in shown)
    assert "$" not in shown[0]
    assert asked["two"].text == "Second."
    assert [(t.id, t.messages, t.hidden) for t in turns] == [
        (t.id, t.messages, False) for t in before
    ]
    assert not stale(asked.engine.conversation)
    assert asked.engine.spent == spent


def test_it_needs_no_key(api: Loopback, asked: Notebook) -> None:
    """Nothing is sent, so nothing has to be proved."""
    asked.environ.clear()

    assert KEPT in asked.run(ONE, "a")


@pytest.mark.parametrize(
    "cell",
    [
        "%%claude\nOne, edited?",
        "%%claude -m sonnet\nOne?",
        "%%claude -s 'Be brief.'\nOne?",
        "%%claude -n 99\nOne?",
        "%%claude --effort low\nOne?",
        "%%claude --fresh\nOne?",
        "%%claude --append\nOne?",
        "%%claude --once\nOne?",
    ],
)
def test_whatever_is_asked_otherwise_is_asked(api: Loopback, asked: Notebook, cell: str) -> None:
    """Words, model and each option count; `--fresh` asks in any case."""
    assert KEPT not in asked.run(cell, "a")
    assert len(api.requests) == 1


def test_a_question_after_a_changed_one_is_asked(api: Loopback, asked: Notebook) -> None:
    """Its words are the same, but not what it goes on with."""
    api.will(answer("Another first."))
    asked.run("%%claude\nOne, edited?", "a")
    asked.run(TWO, "b")

    assert len(api.requests) == 2


def test_a_changed_tutor_is_another_question(api: Loopback, asked: Notebook) -> None:
    """The system prompt is another."""
    asked.run("%claude tutor hints")
    asked.run(ONE, "a")

    assert len(api.requests) == 1


def test_an_answer_that_broke_off_is_asked_again(api: Loopback, notebook: Notebook) -> None:
    """Half an answer is not kept for good."""
    notebook.run("%config ClaudeMagics.reuse = True")
    api.will(Reply([sse(START, *text_block("Hal"))]))
    notebook.fail(ONE, "a")
    notebook.run(ONE, "a")

    assert len(api.requests) == 2


def test_an_answer_that_a_budget_cut_is_asked_again(api: Loopback, notebook: Notebook) -> None:
    """It is shorter than what was asked for; one that its own limit cut serves again."""
    notebook.run("%config ClaudeMagics.reuse = True")
    api.will(answer("Shor", stop_reason="max_tokens"), answer("Short."))
    notebook.run("%%claude -n 100\nOne?", "a")
    notebook.run("%%claude -n 100\nOne?", "a")

    assert len(api.requests) == 2


def test_retry_asks(api: Loopback, asked: Notebook) -> None:
    """Whoever says so means it."""
    asked.run("%claude retry")

    assert len(api.requests) == 1


def test_recording_asks(api: Loopback, asked: Notebook, tmp_path: Path) -> None:
    """What is not asked would be missing in the recording."""
    asked.run(f"%claude record {tmp_path / 'lesson.claude'}")
    asked.run(ONE, "a")

    assert len(api.requests) == 1


def test_a_replay_keeps_without_being_asked_to(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """Run again, a cell shows the same to the byte, though the question has two answers."""
    tape = tmp_path / "lesson.claude"
    notebook.run(f"%claude record {tape}")
    api.will(answer("heads"), answer("tails"))
    notebook.run(ONE, "a")
    notebook.run(ONE, "a")
    notebook.run(f"%claude replay {tape} --instant")
    first = notebook.run(ONE, "a")

    assert "heads" in first
    assert notebook.run(ONE, "a") == first
    assert "tails" in notebook.run("%%claude --fresh\nOne?", "a")


def test_a_replay_that_begins_again_goes_on_in_its_place(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """Run All a second time: the same outputs, one conversation, every question played."""
    tape = tmp_path / "lesson.claude"
    notebook.run(f"%claude record {tape}")
    notebook.run(ONE, "a")
    notebook.run(TWO, "b")
    runs = []
    for _ in range(2):
        notebook.run(f"%claude replay {tape} --instant", "line")
        runs.append([notebook.run(ONE, "a"), notebook.run(TWO, "b")])

    assert runs[0] == runs[1]
    assert len(notebook.engine.conversation.turns) == 2
    assert "every question was asked" in notebook.run("%claude replay")


def test_an_edited_recording_is_replayed_anew(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """What is kept serves only while the recording holds it."""
    tape = tmp_path / "lesson.claude"
    notebook.run(f"%claude record {tape}")
    notebook.run(ONE, "a")
    notebook.run(f"%claude replay {tape} --instant")
    notebook.run(ONE, "a")
    tape.write_text(tape.read_text("utf-8").replace("Hello", "Good morning"), "utf-8")

    assert "Good morning" in notebook.run(ONE, "a")
