"""The chat panel in a notebook in a browser, as a person uses it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE, Notebook, notebook_in
from conftest import KEY
from loopback import Loopback

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


@dataclass
class Panel:
    """A panel; `root` is one view of it."""

    notebook: Notebook
    root: "Locator"

    @property
    def page(self) -> "Page":
        return self.notebook.page

    @property
    def box(self) -> "Locator":
        return self.root.locator(".cp-box")

    def ask(self, text: str) -> None:
        """Type it and press Enter."""
        self.box.click()
        self.page.keyboard.insert_text(text)
        self.box.press("Enter")

    def wait_for(self, words: str) -> None:
        self.root.get_by_text(words).first.wait_for(timeout=PATIENCE)

    def wait_for_end(self, answers: int = 1) -> None:
        """Until so many answers have come to their end."""
        self.root.locator(".cp-under").nth(answers - 1).wait_for(timeout=PATIENCE)

    def button(self, label: str) -> "Locator":
        return self.root.get_by_role("button", name=label)

    def screenshot(self, name: str) -> None:
        self.root.scroll_into_view_if_needed()
        self.notebook.screenshot(f"panel-{name}")


def start(notebook: Notebook) -> None:
    """Run all cells without waiting for the end."""
    notebook.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")


@contextmanager
def panel_in(
    browser: "Browser",
    jupyter: Jupyter,
    api: Loopback,
    name: str,
    *,
    door: Door = "lab",
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    size: tuple[int, int] = (1200, 900),
    show: str = "%claude chat",
) -> Iterator[Panel]:
    """A notebook with cells `before`, the panel, and cells `after`, all run."""
    setup = f"%env ANTHROPIC_BASE_URL={api.url}\n%env ANTHROPIC_API_KEY={KEY}\n"
    jupyter.write(name, setup + "%load_ext claude_magic", *before, show, *after)
    with notebook_in(browser, jupyter, name, door, height=size[1]) as notebook:
        notebook.page.set_viewport_size({"width": size[0], "height": size[1]})
        notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        start(notebook)
        root = notebook.page.locator(".claude-panel").first
        root.wait_for(timeout=PATIENCE)
        notebook.page.wait_for_function(READY, timeout=PATIENCE)
        yield Panel(notebook, root)


# The kernel has told the panel what there is, and the panel has found its notebook.
READY = "document.querySelector('.cp-model')?.textContent && document.querySelector('.cp-foot > *')"
