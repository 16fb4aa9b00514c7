"""A real browser before a real Jupyter server, for what only a browser can tell."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).parents[2]
SCREENSHOTS = REPOSITORY / "tests" / "screenshots"
TOKEN = "a-token-for-tests"
PATIENCE = 60_000  # milliseconds; a cold kernel on two busy cores needs a quarter of it
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these Chromium asks the network for things of its own; as root it needs the first.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells out of sight must be in the page too.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

Door = Literal["lab", "notebook"]


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium without a window; skips, saying why, where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as driver:
        path = _chromium(driver.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium found: install one or set CLAUDE_MAGIC_CHROMIUM to its path")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _chromium(bundled: str) -> str | None:
    chosen = os.environ.get("CLAUDE_MAGIC_CHROMIUM")
    found = [chosen] if chosen else [*map(shutil.which, NAMES), bundled]
    return next((path for path in found if path and Path(path).exists()), None)


@dataclass
class Listener:
    """A server on loopback that notes what is asked of it."""

    url: str
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """Where hostile answers try to send what they found."""
    noted = Listener("")

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            noted.asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    noted.url = f"http://127.0.0.1:{server.server_port}"
    yield noted
    server.shutdown()
    server.server_close()


@dataclass
class Jupyter:
    """A running server; `folder` is what its file browser shows."""

    url: str
    folder: Path

    def write(self, name: str, *cells: str) -> None:
        """Put a notebook with these code cells into the folder."""
        import nbformat.v4 as v4

        notebook = v4.new_notebook(
            cells=[v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        (self.folder / name).write_text(json.dumps(notebook), encoding="utf-8")

    def address(self, name: str, door: Door) -> str:
        """The page of a notebook in JupyterLab or in Notebook 7."""
        path = f"lab/workspaces/{Path(name).stem}/tree" if door == "lab" else "notebooks"
        return f"{self.url}/{path}/{name}?token={TOKEN}"

    def use_theme(self, name: str) -> None:
        """Theme of pages opened from now on: "JupyterLab Light" or "JupyterLab Dark"."""
        plugin = "@jupyterlab/apputils-extension:themes"
        raw = json.dumps({"raw": json.dumps({"theme": name})}).encode()
        urllib.request.urlopen(self._request(f"lab/api/settings/{plugin}", raw)).close()

    def stop_kernels(self) -> None:
        """End all kernels, so that they do not pile up on a small machine."""
        with urllib.request.urlopen(self._request("api/sessions")) as response:
            sessions = json.load(response)
        for session in sessions:
            request = self._request(f"api/sessions/{session['id']}")
            request.method = "DELETE"
            urllib.request.urlopen(request).close()

    def is_up(self) -> bool:
        """Does it answer yet?"""
        try:
            urllib.request.urlopen(self._request("api/status"), timeout=1).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _request(self, path: str, data: bytes | None = None) -> urllib.request.Request:
        headers = {"Authorization": f"token {TOKEN}"}
        method = "PUT" if data else "GET"
        return urllib.request.Request(f"{self.url}/{path}", data, headers, method=method)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """One server for both front ends, with settings, kernels and home of its own."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("notebooks")
    _write_settings(home / "settings")
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            _command(folder), env=_environment(home), cwd=folder, stdout=log, stderr=log
        )
    try:
        yield Jupyter(_address(process, home), folder)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def _command(folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={TOKEN}",
        "--LabApp.news_url=",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }


def _write_settings(folder: Path) -> None:
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def _address(process: "subprocess.Popen[bytes]", home: Path) -> str:
    """The server writes its address down once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            with suppress(ValueError):
                server = Jupyter(json.loads(path.read_text())["url"].rstrip("/"), home)
                if server.is_up():
                    return server.url
        time.sleep(0.1)
    raise RuntimeError((home / "server.log").read_text()[-3000:])


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
