"""A notebook open in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from browser.jupyter_server import REPOSITORY, Door, Jupyter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENSHOTS = REPOSITORY / "tests" / "screenshots"
PATIENCE = 60_000  # milliseconds; a cold kernel on two busy cores needs a quarter of it


@dataclass
class Notebook:
    """A notebook open in a page; `requests` are the addresses the page asked for."""

    page: "Page"
    requests: list[str]
    alarms: list[str]

    def run_all(self) -> None:
        """Run every cell and wait until the last has ended."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(IDLE, timeout=PATIENCE)

    def save_and_reload(self) -> None:
        """As a reader sees it who opens the saved file."""
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        self.page.reload()
        self.wait_until_open()

    def wait_until_open(self) -> None:
        """Until cells are shown and the kernel is there."""
        self.page.wait_for_function(READY, timeout=PATIENCE)

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the page, for eyes."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.evaluate("document.fonts.ready.then(() => true)")
        self.page.screenshot(path=path, full_page=True)
        return path


READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle'
    && panel.content.widgets.length > 0 && document.querySelector('.jp-CodeCell');
}"""
IDLE = """() => {
  const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
  return prompts.length && prompts.every(prompt => /\\d/.test(prompt.textContent));
}"""


@contextmanager
def page_in(browser: "Browser", *, height: int = 900) -> Iterator[Notebook]:
    """A page of its own profile that notes its requests, dialogs and new windows."""
    context = browser.new_context(viewport={"width": 1200, "height": height})
    page = context.new_page()
    opened = Notebook(page, [], [])
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("dialog", lambda dialog: (opened.alarms.append(dialog.message), dialog.accept()))
    context.on("page", lambda other: opened.alarms.append(f"new window {other.url}"))
    try:
        yield opened
    finally:
        context.close()


@contextmanager
def notebook_in(
    browser: "Browser", jupyter: Jupyter, name: str, door: Door, *, height: int = 900
) -> Iterator[Notebook]:
    """A notebook of the server's folder, open in one of the front ends."""
    with page_in(browser, height=height) as opened:
        opened.page.goto(jupyter.address(name, door), timeout=PATIENCE)
        opened.wait_until_open()
        yield opened
    jupyter.stop_kernels()
