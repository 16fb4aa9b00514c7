"""A real browser before a real Jupyter server, for what only a browser can tell."""

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import Jupyter, serving
from browser.listener import Listener, listening

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """Where hostile answers try to send what they found."""
    with listening() as noted:
        yield noted


@pytest.fixture(scope="session")
def jupyter(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """One server for both front ends; asks for the browser first, so as not to start in vain."""
    for package in ("jupyterlab", "notebook"):
        try:
            version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed: pip install {package}")
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    with serving(home, folder) as server:
        yield server
