"""Claims about the tutor: how much is given away holds for every question, and can be read."""

import re
from pathlib import Path

import pytest
from loopback import Loopback
from shell import Notebook

from claude_magic.teaching import tutor
from claude_magic.ui.door import Claude


@pytest.mark.parametrize("language", tutor.languages())
@pytest.mark.parametrize("level", tutor.LEVELS)
def test_each_level_has_words_in_each_language(level: str, language: str) -> None:
    """Long enough to teach by, in the language they claim, and other than in the other ones."""
    words = tutor.text(level, language)
    signs = {"en": r"\bstudent\b", "es": r"\bestudiante\b", "zh-Hant": "學生"}

    assert len(words) > 400
    assert re.search(signs[language], words)
    assert not re.search(r"[</>]tutor", words)
    assert {"en", "es", "zh-Hant"} <= set(tutor.languages())


def test_the_tutor_has_the_last_word(api: Loopback, notebook: Notebook) -> None:
    """Behind one's own system prompt, whether that is a setting's or an option's."""
    notebook.run("%claude tutor hints")
    notebook.run("%%claude\nHi")
    notebook.run("%%claude -s 'You are a pirate.'\nHi")
    plain, own = (body["system"] for body in api.bodies)

    assert plain == f'<tutor level="hints" language="en">\n{tutor.text("hints")}\n</tutor>'
    assert own == f"You are a pirate.\n\n{plain}"


def test_the_tutor_holds_from_python_too(api: Loopback, notebook: Notebook) -> None:
    """And for the panel, which asks through the same engine."""
    Claude(engine=notebook.engine, tutor="explain", language="es").ask("Hola")

    assert 'level="explain" language="es"' in api.bodies[0]["system"]


def test_the_words_are_shown_and_can_be_edited(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """A copy of one's own takes the level's place."""
    shown = notebook.run("%claude tutor guide --language zh-TW")
    mine = tmp_path / "mine.txt"
    notebook.run(f"%claude tutor --copy {mine}")
    assert mine.read_text("utf-8").strip() == tutor.text("guide", "zh-Hant")

    mine.write_text("Answer in riddles.", "utf-8")
    notebook.run(f"%claude tutor {mine}")
    notebook.run("%%claude\nHi")
    assert "你們一起走" in shown
    assert api.bodies[0]["system"] == '<tutor level="own">\nAnswer in riddles.\n</tutor>'


def test_off_is_off(api: Loopback, notebook: Notebook) -> None:
    """No system prompt is sent that nobody wrote."""
    notebook.run("%claude tutor hints")
    notebook.run("%claude tutor off")
    notebook.run("%%claude\nHi")

    assert "system" not in api.bodies[0]
    assert "No tutor" in notebook.run("%claude tutor")


@pytest.mark.parametrize("word", ["strict", "hints --language kl", "--copy /nowhere/at/all.txt"])
def test_what_there_is_no_tutor_for_is_told(notebook: Notebook, word: str) -> None:
    """In two lines; the tutor stays as it was."""
    assert notebook.fail(f"%claude tutor {word}").startswith("BadInput")
    assert "No tutor" in notebook.run("%claude tutor")


def test_a_recording_outlives_better_words(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """The level is what was asked; its words may change from version to version."""
    tape = tmp_path / "lesson.claude"
    notebook.run("%claude tutor hints")
    notebook.run(f"%claude record {tape}")
    notebook.run("%%claude --once\nHi")
    assert tutor.text("hints")[:40] not in tape.read_text("utf-8")

    notebook.run(f"%claude replay {tape} --instant")
    assert "replayed" in notebook.run("%%claude --once\nHi")
    notebook.run("%claude tutor guide")
    assert "system" in notebook.fail("%%claude --once\nHi")
