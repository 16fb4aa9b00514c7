"""The claim that the conversation follows the notebook, in a real JupyterLab."""

from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import Jupyter
from browser.opened import PATIENCE, Notebook, notebook_in
from conftest import KEY
from loopback import Loopback, answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

RUN_ALL = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
RUN = """async index => {
  jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  await jupyterapp.commands.execute('notebook:run-cell');
}"""
EDIT = """([index, source]) => {
  jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source);
}"""
DELETE = """async index => {
  jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  await jupyterapp.commands.execute('notebook:delete-cell');
}"""
UNDO = "() => jupyterapp.commands.execute('notebook:undo-cell-action')"
RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
RENAME = """async name => {
  const context = jupyterapp.shell.currentWidget.context;
  await context.save();
  await context.rename(name);
}"""
SAVE = "() => jupyterapp.shell.currentWidget.context.save()"


class Reader:
    """Does to the notebook what a person does, and reads what was sent."""

    def __init__(self, notebook: Notebook, api: Loopback) -> None:
        self._notebook = notebook
        self._api = api

    def sent_by(self, script: str, given: object = None) -> list[list[str]]:
        """The words of each request that running cells made."""
        before = len(self._api.requests)
        self._notebook.page.evaluate(script, given)
        return [
            [message["content"] for message in body["messages"]]
            for body in self._api.bodies[before:]
        ]

    def does(self, script: str, given: object = None) -> None:
        self._notebook.page.evaluate(script, given)


def test_the_requests_are_what_a_reader_sees(
    browser: "Browser", jupyter: Jupyter, api: Loopback
) -> None:
    """Edited, deleted, undone, restarted, renamed, reopened: never more and never less."""
    api.will(*(answer(f"a{number}") for number in range(1, 30)))
    setup = f"%env ANTHROPIC_BASE_URL={api.url}\n%env ANTHROPIC_API_KEY={KEY}\n"
    questions = [f"%%claude\n{words}?" for words in ("One", "Two", "Three")]
    jupyter.write("follows.ipynb", setup + "%load_ext claude_magic", *questions)
    with notebook_in(browser, jupyter, "follows.ipynb", "lab") as notebook:
        reader = Reader(notebook, api)
        assert reader.sent_by(RUN_ALL) == [
            ["One?"],
            ["One?", "a1", "Two?"],
            ["One?", "a1", "Two?", "a2", "Three?"],
        ]

        reader.does(EDIT, [1, "%%claude\nFirst?"])
        assert reader.sent_by(RUN, 1) == [["First?"]]
        notebook.page.get_by_text("asked again, turn 1 of 3").wait_for(timeout=PATIENCE)
        assert reader.sent_by(RUN, 3) == [["First?", "a4", "Two?", "a2", "Three?"]]

        reader.does(DELETE, 2)
        assert reader.sent_by(RUN, 2) == [["First?", "a4", "Three?"]]
        reader.does(UNDO)
        assert reader.sent_by(RUN, 2) == [["First?", "a4", "Two?"]]
        assert reader.sent_by(RUN, 3) == [["First?", "a4", "Two?", "a7", "Three?"]]
        reader.does(DELETE, 2)
        assert reader.sent_by(RUN, 2) == [["First?", "a4", "Three?"]]

        reader.does(RESTART)
        notebook.wait_until_open()
        assert reader.sent_by(RUN_ALL) == [["First?"], ["First?", "a10", "Three?"]]
        notebook.page.get_by_text("The conversation goes on: 2 turns").wait_for(timeout=PATIENCE)
        notebook.screenshot("conversation-goes-on")

        reader.does(RENAME, "renamed.ipynb")
        assert reader.sent_by(RUN, 2) == [["First?", "a10", "Three?"]]
        reader.does(SAVE)
    with notebook_in(browser, jupyter, "renamed.ipynb", "lab") as notebook:
        reader = Reader(notebook, api)
        assert reader.sent_by(RUN, 0) == []
        assert reader.sent_by(RUN, 2) == [["First?", "a10", "Three?"]]
        assert reader.sent_by(RUN_ALL) == [["First?"], ["First?", "a14", "Three?"]]
