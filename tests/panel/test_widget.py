"""Claims about the panel as a widget in a real kernel: what a cell shows, and what is kept."""

import pytest
from kernel import Kernel, error_text
from loopback import Loopback, answer

VIEW = "application/vnd.jupyter.widget-view+json"


def test_a_cell_shows_the_panel_and_keeps_the_conversation_as_text(
    kernel: Kernel, api: Loopback
) -> None:
    """The live view first; then HTML and Markdown of what was said so far."""
    api.will(answer("A **mean**."))
    kernel.run("%%claude\nWhat is that?")
    view, kept = kernel.run("%claude chat")

    assert set(view.data) == {VIEW, "text/plain"}
    assert kept.data["text/markdown"] == "**You**\n\n> What is that?\n\n**Claude**\n\nA **mean**."
    assert "claude-transcript" in kept.data["text/html"]
    assert "<strong>mean</strong>" in kept.data["text/html"]


def test_there_is_one_panel_whichever_way_it_is_asked_for(kernel: Kernel) -> None:
    """`chat()` gives the panel of `%claude chat`; as the last line of a cell it shows itself."""
    first, _ = kernel.run("%claude chat")
    second, _ = kernel.run("from claude_magic import chat\nchat()")

    assert first.data[VIEW]["model_id"] == second.data[VIEW]["model_id"]


def test_without_sidecar_the_panel_is_in_the_cell_and_says_how_to_dock(kernel: Kernel) -> None:
    """Nothing fails: the advice names the package and JupyterLab's own way."""
    kernel.run("import sys; sys.modules['sidecar'] = None")  # as if it were not installed
    view, _, told = kernel.run("%claude chat --dock")
    kernel.run("del sys.modules['sidecar']")

    assert VIEW in view.data
    assert "pip install sidecar" in told.text
    assert "Create New View for Output" in told.text


@pytest.mark.parametrize("words", ["--left", "now"])
def test_what_chat_does_not_know_is_refused(kernel: Kernel, words: str) -> None:
    """With what it takes."""
    assert "takes --dock or nothing" in error_text(kernel.run(f"%claude chat {words}"))


def test_unloading_ends_the_panel_without_a_word(kernel: Kernel) -> None:
    """A panel of a later loading is another one."""
    first, _ = kernel.run("%claude chat")
    kernel.run("%reload_ext claude_magic\nimport gc; gc.collect();")
    second, _ = kernel.run("%claude chat")

    assert first.data[VIEW]["model_id"] != second.data[VIEW]["model_id"]
