"""A real Jupyter server with settings, kernels and a home of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

REPOSITORY = Path(__file__).parents[2]
TOKEN = "a-token-for-tests"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells out of sight must be in the page too.
    "notebook-extension/tracker": {"windowingMode": "none"},
}

Door = Literal["lab", "notebook"]


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


Settings = Mapping[str, Mapping[str, object]]


@contextmanager
def serving(
    home: Path,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    settings: Settings = MappingProxyType({}),
) -> Iterator[Jupyter]:
    """A server until the end of the block; it serves JupyterLab and Notebook 7.

    `environ` is that of its kernels, if it is not the one here; `settings` are of plugins of
    JupyterLab, in place of our own.
    """
    _write_settings(home / "settings", {**SETTINGS, **settings})
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            _command(folder),
            env={**(environ or _environment()), **_homes(home)},
            cwd=folder,
            stdout=log,
            stderr=log,
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


def _environment() -> dict[str, str]:
    mine = ("JUPYTER", "ANTHROPIC")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    path = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    return kept | {"PYTHONPATH": path}


def _homes(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }


def _write_settings(folder: Path, settings: Settings) -> None:
    for name, values in settings.items():
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
