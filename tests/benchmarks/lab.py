"""A real JupyterLab before a real Chromium, as far as measuring needs them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from tests.benchmarks.kernel import environment
from tests.browser.chromium import FLAGS, MISSING, chromium
from tests.browser.jupyter_server import Jupyter, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# By hand each block is an output of its own; the front end would show 50 of them.
_SETTINGS = {"notebook-extension/tracker": {"windowingMode": "none", "maxNumberOutputs": 1000}}
PATIENCE = 120_000  # milliseconds
_READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle'
    && document.querySelector('.jp-CodeCell');
}"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and a browser."""

    jupyter: Jupyter
    browser: "Browser"

    @property
    def folder(self) -> Path:
        """What its file browser shows."""
        return self.jupyter.folder

    @contextmanager
    def notebook(self, name: str, cells: Sequence[str]) -> Iterator["Page"]:
        """Open a new notebook with these code cells in a fresh page, its kernel ready."""
        self.jupyter.write(f"{name}.ipynb", *cells)
        context = self.browser.new_context(viewport={"width": 1200, "height": 900})
        try:
            page = context.new_page()
            page.goto(self.jupyter.address(f"{name}.ipynb", "lab"))
            page.wait_for_function(_READY, timeout=PATIENCE)
            yield page
        finally:
            context.close()
            self.jupyter.stop_kernels()


def lacking() -> str:
    """Return what is missing for a browser to be measured, or ""."""
    for module in ("jupyterlab", "playwright"):
        if find_spec(module) is None:
            return f"{module} is not installed"
    return "" if chromium() else MISSING


@contextmanager
def lab(url: str, home: Path) -> Iterator[Lab]:
    """Run JupyterLab and Chromium; kernels ask the server at `url`."""
    from playwright.sync_api import sync_playwright

    home = Path(mkdtemp(dir=home))  # each has its own
    folder = home / "notebooks"
    folder.mkdir()
    served = serving(home, folder, environment(url, home), _SETTINGS)
    with served as jupyter, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield Lab(jupyter, browser)
        finally:
            browser.close()
