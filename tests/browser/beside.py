"""The chat panel in a notebook in a browser, as a person uses it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
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
    name: str = ""  # what its screenshots begin with

    @property
    def page(self) -> "Page":
        return self.notebook.page

    @property
    def box(self) -> "Locator":
        return self.root.locator(".cp-box")

    @property
    def turns(self) -> "Locator":
        return self.root.locator(".cp-turn")

    @property
    def last(self) -> "Locator":
        """The last turn."""
        return self.turns.last

    def ask(self, text: str) -> None:
        """Type it and press Enter."""
        self.box.click()
        self.page.keyboard.insert_text(text)
        self.box.press("Enter")

    def ask_to_the_end(self, text: str) -> None:
        """Ask, and wait until its answer has ended."""
        ended = self.root.locator(".cp-under")
        before = ended.count()
        self.ask(text)
        ended.nth(before).wait_for(timeout=PATIENCE)

    def drop_in(self, event: str, name: str, text: str, kind: str = "text/plain") -> None:
        """Let a file be dropped on the panel, or pasted into its box."""
        self.page.evaluate(_DROP, [event, name, text, kind])

    def violations(self) -> list[str]:
        """What axe finds in the panel as it stands."""
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate((AXE / "axe.min.js").read_text("utf-8"))
        found: list[str] = self.page.evaluate(_CHECK)
        return found

    def wait_for(self, words: str) -> None:
        self.root.get_by_text(words).first.wait_for(timeout=PATIENCE)

    def wait_for_end(self, answers: int = 1) -> None:
        """Until so many answers have come to their end."""
        self.root.locator(".cp-under").nth(answers - 1).wait_for(timeout=PATIENCE)

    def button(self, label: str) -> "Locator":
        return self.root.get_by_role("button", name=label)

    def screenshot(self, name: str) -> None:
        self.root.scroll_into_view_if_needed()
        self.notebook.screenshot("-".join(filter(None, ("panel", self.name, name))))


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


AXE = Path(__file__).parent / "axe"
_CHECK = """axe.run('.claude-panel').then(({violations}) => violations.flatMap(
  ({id, nodes}) => nodes.map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`)))"""
_DROP = """([event, name, text, kind]) => {
  const box = document.querySelector('.cp-box');
  const files = new DataTransfer();
  files.items.add(new File([text], name, {type: kind}));
  const how = {bubbles: true, cancelable: true};
  box.dispatchEvent(event === 'paste'
    ? new ClipboardEvent('paste', {...how, clipboardData: files})
    : new DragEvent(event, {...how, dataTransfer: files}));
}"""

SUBSHELLS = int(version("ipykernel").partition(".")[0]) >= 7  # messages beside a running cell
# A cell that runs until a file is there.
BUSY = """import pathlib, time
print('begun')
while not pathlib.Path({!r}).exists(): time.sleep(0.05)"""

# The kernel has told the panel what there is, and the panel has found its notebook.
READY = "document.querySelector('.cp-model')?.textContent && document.querySelector('.cp-foot > *')"
