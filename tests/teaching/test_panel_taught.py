"""Claims about a lesson in the chat panel: tutor, policy and recording hold there as in cells."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Loopback
from panel.beside import Page
from shell import Notebook


@pytest.fixture
def page(notebook: Notebook) -> Iterator[Page]:
    opened = Page(notebook)
    yield opened
    opened.panel.close()


def test_the_tutor_teaches_in_the_panel(page: Page, notebook: Notebook, api: Loopback) -> None:
    """Its words go along, at the end of the system prompt."""
    notebook.run("%claude tutor guide --language es")
    page.ask("Hola")

    assert '<tutor level="guide" language="es">' in str(api.bodies[-1]["system"])


def test_the_policy_holds_in_the_panel(
    page: Page, notebook: Notebook, api: Loopback, tmp_path: Path
) -> None:
    """What it forbids is said kindly and names the file; nothing is sent."""
    path = tmp_path / "lesson.toml"
    path.write_text('models = ["haiku"]\ntools = false', "utf-8")
    notebook.run(f"%claude lesson policy {path}")
    page.send("choose", choices={"model": "opus"})
    page.wait("chosen")
    page.send("ask", ref="r1", text="Hi", attachments=[])
    told = page.wait("refused", lambda message: message.get("ref") == "r1")

    assert "so says lesson.toml" in str(told)
    assert api.requests == []


def test_the_panel_is_recorded_and_replayed(
    page: Page, notebook: Notebook, api: Loopback, tmp_path: Path
) -> None:
    """In the same file as the cells, without a key."""
    tape = tmp_path / "lesson.claude"
    notebook.run(f"%claude record {tape}")
    page.ask("Hi")
    notebook.environ.clear()
    notebook.run(f"%claude replay {tape} --instant")
    page.ask("Hi", ref="r2")

    assert len(api.requests) == 1
    assert "every question was asked" in notebook.run("%claude replay")
