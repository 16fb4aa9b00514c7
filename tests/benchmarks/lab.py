"""A real JupyterLab before a real Chromium, as far as measuring needs them."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.kernel import environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_TOKEN = "a-token-for-benchmarks"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # By hand each block is an output of its own; the front end would show 50 of them.
    "notebook-extension/tracker": {"windowingMode": "none", "maxNumberOutputs": 1000},
}
PATIENCE = 120_000  # milliseconds
_READY = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle'
    && document.querySelector('.jp-CodeCell');
}"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and a browser."""

    url: str
    folder: Path
    browser: "Browser"

    @contextmanager
    def notebook(self, name: str, cells: Sequence[str]) -> Iterator["Page"]:
        """Open a new notebook with these code cells in a fresh page, its kernel ready."""
        (self.folder / f"{name}.ipynb").write_text(_notebook(cells), encoding="utf-8")
        context = self.browser.new_context(viewport={"width": 1200, "height": 900})
        try:
            page = context.new_page()
            page.goto(f"{self.url}/lab/workspaces/{name}/tree/{name}.ipynb?token={_TOKEN}")
            page.wait_for_function(_READY, timeout=PATIENCE)
            yield page
        finally:
            context.close()
            self._stop_kernels()

    def _stop_kernels(self) -> None:
        with urllib.request.urlopen(self._request("api/sessions", "GET")) as response:
            sessions = json.load(response)
        for session in sessions:
            urllib.request.urlopen(self._request(f"api/sessions/{session['id']}", "DELETE")).close()

    def _request(self, path: str, method: str) -> urllib.request.Request:
        headers = {"Authorization": f"token {_TOKEN}"}
        return urllib.request.Request(f"{self.url}/{path}", headers=headers, method=method)


def _notebook(cells: Sequence[str]) -> str:
    """A notebook file with these code cells."""
    empty: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps(
        {
            "cells": [{**empty, "id": f"cell-{i}", "source": s} for i, s in enumerate(cells)],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def lacking() -> str:
    """Return what is missing for a browser to be measured, or ""."""
    for module in ("jupyterlab", "playwright"):
        if find_spec(module) is None:
            return f"{module} is not installed"
    return "" if _chromium() else "no Chromium found: CLAUDE_MAGIC_CHROMIUM may name one"


@contextmanager
def lab(url: str, home: Path) -> Iterator[Lab]:
    """Run JupyterLab and Chromium; kernels ask the server at `url`."""
    from playwright.sync_api import sync_playwright

    folder = home / "notebooks"
    folder.mkdir()
    with _jupyter(url, home, folder) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=_FLAGS)
        try:
            yield Lab(address, folder, browser)
        finally:
            browser.close()


def _chromium() -> str | None:
    chosen = os.environ.get("CLAUDE_MAGIC_CHROMIUM")
    found = [chosen] if chosen else map(shutil.which, _NAMES)
    return next((path for path in found if path and Path(path).exists()), None)


@contextmanager
def _jupyter(url: str, home: Path, folder: Path) -> Iterator[str]:
    """Run the server with settings, kernels and home of its own; give its address."""
    _write_settings(home / "settings")
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(
            _command(folder), env=_environment(url, home), cwd=folder, stdout=log, stderr=log
        )
    try:
        yield _address(process, home)
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
        f"--IdentityProvider.token={_TOKEN}",
        "--LabApp.news_url=",
        "--LabApp.expose_app_in_browser=True",
    ]


def _environment(url: str, home: Path) -> dict[str, str]:
    return environment(url, home) | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }


def _write_settings(folder: Path) -> None:
    for name, values in _SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))


def _address(process: "subprocess.Popen[bytes]", home: Path) -> str:
    """The server writes its address down once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            with suppress(OSError, ValueError):
                url: str = json.loads(path.read_text())["url"].rstrip("/")
                urllib.request.urlopen(f"{url}/api", timeout=1).close()
                return url
        time.sleep(0.1)
    raise RuntimeError((home / "lab.log").read_text()[-3000:])
