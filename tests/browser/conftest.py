"""A real browser before a real Jupyter server, for what only a browser can tell."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, cast

import pytest
from browser.chromium import FLAGS, MISSING, chromium
from browser.jupyter_server import Door, Jupyter, serving
from browser.listener import Listener, listening
from loopback import Loopback, loopback

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium without a window; skips, saying why, where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with playwright.sync_playwright() as driver:
        path = chromium(driver.chromium.executable_path)
        if path is None:
            pytest.skip(MISSING)
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


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


@pytest.fixture(scope="module", params=["lab", "notebook"])
def door(request: pytest.FixtureRequest) -> Door:
    """Each front end: JupyterLab, then Notebook 7."""
    return cast(Door, request.param)


@pytest.fixture(scope="module")
def api() -> Iterator[Loopback]:
    """One server for all tests of a file, which may share a page."""
    with loopback() as served:
        yield served
