"""Claims about real kernels and the metadata that each front end sends them."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import pytest
from frontends import LOAD, ServedKernel, Start, loaded, sent
from loopback import Loopback
from nbformat.v4 import new_code_cell, new_notebook


def test_jupyterlab_names_cells_and_tells_once_what_was_deleted(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Whichever cell the telling comes with; pasted and run, the cell is back in its place."""
    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    for cell in ("one", "two", "three"):
        front_end.lab(f"%%claude\n{cell}?", cell)
    front_end.deleted = ["two"]
    front_end.lab("x = 1", "plain")
    front_end.lab("%%claude\nthree?", "three")
    assert sent(numbered) == ["one?", "three?"]

    shown = front_end.lab("%%claude\ntwo?", "two")
    assert sent(numbered) == ["one?", "two?"]
    assert "asked again, turn 2 of 3" in shown
    front_end.lab("%%claude\nfour?", "four")
    assert sent(numbered) == ["one?", "two?", "three?", "four?"]


def test_what_run_all_sends_at_once_is_told_once(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Every message of the burst names the deleted cell that was pasted and runs among them."""
    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    cells = ("one", "two", "three")
    for cell in cells:
        front_end.lab(f"%%claude\n{cell}?", cell)
    told = {"deletedCells": ["two"], "recordTiming": False}
    burst = [(f"%%claude\n{cell}?", {"cellId": cell, **told}) for cell in cells]
    front_end.run_at_once(burst)
    assert sent(numbered) == ["one?", "two?", "three?"]

    front_end.lab("%%claude\nfour?", "four")
    assert sent(numbered) == ["one?", "two?", "three?", "four?"]


def test_pictures_of_a_deleted_cell_are_no_longer_offered(
    api: Loopback, start: Start, tmp_path: Path
) -> None:
    """Until the cell is seen again, as after cut and paste."""
    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    front_end.lab("from PIL import Image\nImage.new('RGB', (31, 9))", "one")
    front_end.lab("Image.new('RGB', (32, 9))", "two")
    front_end.deleted = ["two"]
    listed = front_end.lab("%claude images", "three")
    assert "31 × 9" in listed
    assert "32 × 9" not in listed
    front_end.lab("Image.new('RGB', (32, 9))", "two")
    assert "32 × 9" in front_end.lab("%claude images", "three")


def test_colab_names_cells_in_its_own_place(numbered: Loopback, start: Start) -> None:
    """Run again, each asks again in its place."""
    front_end = start().front_end()
    front_end.colab(LOAD, "a0")
    for cell in ("a1", "a2", "a1"):
        front_end.colab(f"%%claude\n{cell}?", cell)

    assert sent(numbered) == ["a1?"]


def test_headless_runs_name_nothing(numbered: Loopback, start: Start) -> None:
    """Each run is a new turn."""
    front_end = start().front_end()
    front_end.headless(LOAD)
    for _ in range(2):
        front_end.headless("%%claude\nHi?")

    assert sent(numbered) == ["Hi?", "Hi?"]


def test_vscode_names_the_notebook_with_the_cell(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Two notebooks on one kernel keep apart."""
    front_end = start().front_end()
    first, second = f"{tmp_path}/first.ipynb", f"{tmp_path}/my second.ipynb"
    front_end.vscode(LOAD, first, 0)
    front_end.vscode("%%claude\nFirst?", first, 1)
    front_end.vscode("%%claude\nSecond?", second.replace(" ", "%20"), 1)
    assert sent(numbered) == ["Second?"]
    front_end.vscode("%%claude\nMore?", first, 2)
    assert sent(numbered) == ["First?", "More?"]


class Sessions(BaseHTTPRequestHandler):
    """Answers as a Jupyter server does; `open` is what is open."""

    open: list[Any]

    def do_GET(self) -> None:
        page = json.dumps(self.open).encode()
        good = self.path == "/base/api/sessions" and "token t" in self.headers["Authorization"]
        self.send_response(200 if good else 403)
        self.end_headers()
        self.wfile.write(page if good else b"")

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[type[Sessions]]:
    """A Jupyter server, as far as a kernel asks it."""
    handler = type("Handler", (Sessions,), {"open": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/base/"
    told = {"url": url, "token": "t", "root_dir": str(tmp_path), "pid": 1}
    (tmp_path / "jpserver-1.json").write_text(json.dumps(told))
    yield handler
    server.shutdown()
    server.server_close()


def session(name: str, path: str, kernel: ServedKernel) -> dict[str, Any]:
    return {"id": name, "path": path, "type": "notebook", "kernel": {"id": kernel.id}}


def save(path: Path, *cells: tuple[str, str]) -> None:
    notebook = new_notebook(cells=[new_code_cell(code, id=cell) for cell, code in cells])
    nbformat.write(notebook, path)


def test_two_notebooks_of_jupyterlab_on_one_kernel_keep_apart(
    numbered: Loopback, start: Start, tmp_path: Path, sessions: type[Sessions]
) -> None:
    """The server says what is open, and the files which cell is whose."""
    kernel = start(str(tmp_path / "first.ipynb"))
    sessions.open = [session("s1", "first.ipynb", kernel)]
    first = loaded(kernel)
    first.lab("%%claude\nFirst?", "a")
    sessions.open.append(session("s2", "second.ipynb", kernel))
    save(tmp_path / "first.ipynb", ("a", ""))
    save(tmp_path / "second.ipynb", ("b", ""))
    second = kernel.front_end()
    second.lab("%%claude\nSecond?", "b")
    assert sent(numbered) == ["Second?"]

    first.lab("%%claude\nMore?", "a2")
    assert sent(numbered) == ["First?", "More?"]
    second.lab("%%claude\nMore?", "b2")
    assert sent(numbered) == ["Second?", "More?"]


def test_a_deleted_cell_nobody_told_of_is_missed_in_the_saved_notebook(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """JupyterLab forgets to tell when the page is loaded again, or a kernel did not listen."""
    path = tmp_path / "a.ipynb"
    front_end = loaded(start(str(path)))
    cells = [(cell, f"%%claude\n{cell}?") for cell in ("one", "two", "three")]
    for cell, code in cells:
        front_end.lab(code, cell)
    save(path, cells[0], cells[2])
    front_end.lab("%%claude\nthree?", "three")

    assert sent(numbered) == ["one?", "three?"]


def test_another_notebook_at_the_path_hides_nothing(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Its cells are not ours."""
    path = tmp_path / "a.ipynb"
    front_end = loaded(start(str(path)))
    front_end.lab("%%claude\none?", "one")
    save(path, ("other", "x = 1"))
    front_end.lab("%%claude\ntwo?", "two")

    assert sent(numbered) == ["one?", "two?"]
