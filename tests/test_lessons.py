"""Claims about the lessons: each runs from its recording, for anyone, the same each time."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from frontends import Start
from kernel import ROOT

from claude_magic.recording.file import read
from claude_magic.ui.rehearsal import lesson_at, replay

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# What is another number in each run; names of pictures are numbered too, so some are asked again.
_COUNTED = re.compile(r"In \[\d+\]|\d+ ms|asked again, turn \d+ of \d+ · ")
RECORDED = sorted((ROOT / "notebooks").glob("*.claude"))


def test_every_lesson_is_recorded() -> None:
    """So that it runs for those who have no key."""
    assert [path.stem for path in LESSONS] == [path.stem for path in RECORDED]


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_lesson_replays(recording: Path, tmp_path: Path) -> None:
    """Without key or network: every question is recorded, every answer is the saved one.

    Two replays save the same, to the byte.
    """
    folder = shutil.copytree(recording.parent, tmp_path / "notebooks")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}
    notebook = folder / f"{recording.stem}.ipynb"
    saved = []
    for _ in range(2):
        assert "all as recorded" in replay(lesson_at(str(notebook)), save=True, environ=environ)
        saved.append(notebook.read_bytes())

    assert saved[0] == saved[1]


def test_run_all_twice_shows_the_same(start: Start, tmp_path: Path) -> None:
    """As a student does it in one kernel, whose cells have ids: every lesson, after another."""
    folder = shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    environ = {"ANTHROPIC_API_KEY": "", "ANTHROPIC_BASE_URL": "", "CLAUDE_MAGIC_PACE": "0"}
    front_end = start(str(folder / LESSONS[0].name), **environ).front_end()
    front_end.lab(f"import os; os.chdir({str(folder)!r})", "x")
    for lesson in LESSONS:
        cells = nbformat.read(lesson, as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        first, second = (
            [_COUNTED.sub("", front_end.lab(cell.source, cell.id)) for cell in code] for _ in "12"
        )
        asked = [n for n, cell in enumerate(code) if cell.source.startswith("%%claude")]
        assert [second[n] for n in asked] == [first[n] for n in asked], lesson.stem
        assert "NotRecorded" not in "".join(first), lesson.stem
        front_end.lab("%claude purge --all", "x")
        front_end.lab("%unload_ext claude_magic", "y")
        front_end.lab("%reset -f", "z")


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_lesson_finds_its_recording_itself(recording: Path) -> None:
    """Whoever has a key asks Claude; others get the recording, which says whose answers it has."""
    cells = nbformat.read(recording.with_suffix(".ipynb"), as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]

    assert f"%claude replay {recording.name} --without-key" in sources[0]
    assert all(one.answer["by"] == "practice" for one in read(recording) if "content" in one.answer)


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_lesson_has_a_goal_and_answers_folded_away(recording: Path) -> None:
    """What one learns stands first, the exercises last."""
    cells = nbformat.read(recording.with_suffix(".ipynb"), as_version=4).cells
    words = [cell.source for cell in cells if cell.cell_type == "markdown"]

    assert "**You will learn**" in words[0]
    assert any("<details>" in text and "<summary>" in text for text in words)


def test_the_lessons_build_as_a_book(tmp_path: Path) -> None:
    """With Jupyter Book, prompts as prose, nothing run."""
    pytest.importorskip("jupyter_book", reason="Jupyter Book is not installed here")
    folder = shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    main = "from jupyter_book.cli.main import main; main()"
    built = subprocess.run(
        [sys.executable, "-c", main, "build", str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-2000:]
    page = (folder / "_build/html/06_teaching.html").read_text("utf-8")

    assert 'class="claude-prompt"' in page
    assert "Practice answer, not Claude" in page
    assert "write a function that returns the median" in page
    assert '<span class="o">%%</span>' not in page  # no cell that begins with a magic is shown
