"""Claims about a lesson as a student opens it: it runs from its recording, without a key."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import REPOSITORY, Jupyter
from browser.opened import notebook_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LESSON = "lessons/06_teaching.ipynb"
# What the notebook holds: the page itself is typeset a moment later.
ANSWERS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.sharedModel.getSource().startsWith('%%claude'))
  .map(cell => JSON.stringify(cell.model.outputs.toJSON()))"""


def test_a_lesson_runs_from_its_recording(browser: "Browser", jupyter: Jupyter) -> None:
    """Twice from the top, with the same answers; what its policy forbids is said in two lines."""
    folder = shutil.copytree(REPOSITORY / "notebooks", jupyter.folder / "lessons")
    at_once(folder / "06_teaching.claude")
    with notebook_in(browser, jupyter, LESSON, "lab") as opened:
        opened.page.evaluate(
            "window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
        )
        opened.run_all()
        first = opened.page.evaluate(ANSWERS)
        opened.screenshot("lesson")
        opened.run_all()
        second = opened.page.evaluate(ANSWERS)

    refused = [answer for answer in first if "NotInLesson" in answer]
    assert len(first) == 5
    assert len(refused) == 1
    assert all("practice model, replayed" in one for one in first if one not in refused)
    assert second == first


def at_once(recording: Path) -> None:
    """Take the pauses out: a test has no patience."""
    lines = [json.loads(line) for line in recording.read_text("utf-8").splitlines()]
    plain = [
        json.dumps({k: v for k, v in one.items() if k not in ("pace", "end")}) for one in lines
    ]
    recording.write_text("\n".join(plain) + "\n", "utf-8")
