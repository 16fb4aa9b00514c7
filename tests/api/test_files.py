"""Claims about files at the server: each content goes once, is named, listed and deleted."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest
from conftest import KEY
from encode.given_pictures import PNG, drawing, noise, saved
from kernel import Kernel
from loopback import Loopback
from PIL import Image
from shell import Notebook

from claude_magic.practice.server import PracticeServer


@pytest.fixture(scope="module")
def files_server() -> Iterator[PracticeServer]:
    """A server that has the Files API: the practice model's, over HTTP."""
    with PracticeServer(pace=0) as server:
        yield server


@pytest.fixture
def filing(notebook: Notebook, files_server: PracticeServer) -> Notebook:
    """A shell whose questions go to that server."""
    notebook.environ["ANTHROPIC_BASE_URL"] = files_server.url
    return notebook


@pytest.fixture
def sdk(files_server: PracticeServer) -> Iterator[anthropic.Anthropic]:
    """An independent client of the same server, with no file there yet."""
    with anthropic.Anthropic(base_url=files_server.url, api_key=KEY) as client:
        yield client
        for file in client.get("/v1/files?limit=1000", cast_to=object)["data"]:  # type: ignore[index]
            client.delete(f"/v1/files/{file['id']}", cast_to=object)


def listed(sdk: anthropic.Anthropic) -> list[dict[str, Any]]:
    return list(sdk.get("/v1/files?limit=1000", cast_to=object)["data"])  # type: ignore[index]


def test_a_file_is_kept_and_asked_about(
    filing: Notebook, sdk: anthropic.Anthropic, tmp_path: Path
) -> None:
    """By its id; the variable that was named holds it."""
    path = tmp_path / "a plot.png"
    path.write_bytes(PNG)
    said = filing.run(f"%claude upload {path} -o kept")
    (file,) = listed(sdk)
    assert (file["filename"], file["mime_type"], file["size_bytes"]) == (
        *("a plot.png", "image/png"),
        len(PNG),
    )
    assert filing["kept"] == file["id"]
    assert f"-i {file['id']}" in said
    assert "PNG of 300 × 200 pixels" in filing.run(f"%%claude -i {file['id']}\nWhat is this?")
    assert "a plot.png" in filing.run("%claude files")


@pytest.mark.parametrize(
    ("expression", "name", "kind"),
    [
        ("picture", "picture.png", "image/png"),
        ("frame", "frame.csv", "text/csv"),
        ("'some words'", "some-words.txt", "text/plain"),
        ("data", "data", "application/octet-stream"),
    ],
)
def test_values_are_kept_too(
    expression: str, name: str, kind: str, filing: Notebook, sdk: anthropic.Anthropic
) -> None:
    filing.run(
        "import pandas as pd\nframe = pd.DataFrame({'a': [1]}); data = b'\\0\\1--x\\r\\n\\r\\n'"
    )
    filing.shell.user_ns["picture"] = drawing()
    filing.run(f"%claude upload {expression}")
    assert [(file["filename"], file["mime_type"]) for file in listed(sdk)] == [(name, kind)]


def test_files_are_deleted(filing: Notebook, sdk: anthropic.Anthropic) -> None:
    """And what names them is refused from then on."""
    filing.shell.user_ns["picture"] = drawing()
    filing.run("%claude upload picture -o kept")
    kept = filing["kept"]
    assert "Deleted" in filing.run("%claude files delete kept")
    assert listed(sdk) == []
    assert "No file" in filing.run("%claude files")
    assert "%claude files" in filing.fail(f"%claude files delete {kept}")
    assert "not_found" in filing.fail(f"%%claude -i {kept}\nWhat?")


def test_pictures_of_questions_are_uploaded_once(
    filing: Notebook, sdk: anthropic.Anthropic
) -> None:
    """Each content: asked about again, in the next question and after it, its id goes."""
    filing.shell.user_ns.update(one=drawing(), same=drawing(), other=drawing((50, 60)))
    told = filing.run("%%claude --upload -i one -i same\nWhat are these?")
    assert len(listed(sdk)) == 1
    assert "300 × 200, 88 tokens, as a file" in told
    filing.run("%%claude --upload\nAnd {{ other }}?")
    assert len(listed(sdk)) == 2
    filing.run("%%claude\nAnd {{ one }}?")
    body = filing.engine.last[0].body  # type: ignore[index]
    sources = [
        block["source"]
        for message in body["messages"]
        for block in (message["content"] if isinstance(message["content"], list) else ())
        if block["type"] == "image"
    ]
    assert [source["type"] for source in sources] == ["file"] * 4
    filing.run(f"%claude files delete {sources[0]['file_id']}")
    filing.run("%%claude\nAnd now?")
    kinds = str(filing.engine.last[0].body)  # type: ignore[index]
    assert (kinds.count("'base64'"), kinds.count("'file_id'")) == (3, 1)


def test_a_file_that_is_gone_is_no_dead_end(filing: Notebook, sdk: anthropic.Anthropic) -> None:
    """Deleted elsewhere: it is told, and the same cell works when it is run again."""
    filing.shell.user_ns["it"] = drawing()
    filing.run("%%claude --upload -i it\nWhat?")
    sdk.delete(f"/v1/files/{listed(sdk)[0]['id']}", cast_to=object)
    assert "no longer at the server" in filing.fail("%%claude\nAnd?")
    assert "base64" in str(filing.run("%%claude\nAnd?") and filing.engine.last[0].body)  # type: ignore[index]


def test_each_tier_has_a_file_of_its_own(filing: Notebook, sdk: anthropic.Anthropic) -> None:
    filing.shell.user_ns["it"] = drawing((2000, 1500))
    filing.run("%%claude --upload -m claude-opus-4-6 -i it\nWhat?")
    filing.run("%%claude --upload -m claude-opus-5-5\nAnd?")
    assert len(listed(sdk)) == 2


def test_a_dry_run_uploads_nothing(filing: Notebook, sdk: anthropic.Anthropic) -> None:
    filing.shell.user_ns["it"] = drawing()
    filing.run("%%claude --upload --dry-run -i it\nWhat?")
    assert listed(sdk) == []


def test_a_server_without_files_is_told(notebook: Notebook, api: Loopback) -> None:
    """Whatever it says; the question is not sent."""
    notebook.shell.user_ns["it"] = drawing()
    for cell in ("%claude files", "%claude upload it", "%%claude --upload -i it\nWhat?"):
        assert "no Files API" in notebook.fail(cell)
    assert not [one for one in api.requests if one.path == "/v1/messages"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("upload", "takes a path or an expression"),
        ("upload not/there.png", "not/there.png"),
        ("upload ''", "nothing in it"),
        ("upload .", ". is a folder"),
        ("upload https://a.org/b.png", "to -i or --doc"),
        ("upload 'words' -o class", "no name for a variable"),
        ("files remove x", "delete ID"),
        ("files delete", "delete ID"),
        ("files delete 7", "neither the id"),
        ("files delete nobody", "nobody is neither the id"),
        ("files delete file_x", "no such file"),
    ],
)
def test_what_cannot_be_done_is_told(line: str, told: str, filing: Notebook) -> None:
    assert told in filing.fail(f"%claude {line}")


def test_a_large_file_shows_how_far_it_is(filing: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(3_000_000))
    assert "3.0" in filing.run(f"%claude upload {path}")


def test_the_practice_model_keeps_files_without_a_server(notebook: Notebook) -> None:
    """For the whole session."""
    notebook.run("%claude practice on\n%config ClaudeMagics.pace = 0.0")
    notebook.shell.user_ns["it"] = drawing()
    assert "as a file" in notebook.run("%%claude --upload -i it\nWhat?")
    notebook.run("%config ClaudeMagics.timeout = 50.0")  # another connection
    assert "picture-" in notebook.run("%claude files")
    notebook.run("%claude upload it -o kept")
    assert "PNG of 300 × 200" in notebook.run(f"%%claude -i {notebook['kept']}\nWhat?")


def test_fetched_pictures_go_as_bytes(notebook: Notebook, api: Loopback) -> None:
    """The server need not reach the address, and no key goes there."""
    big = saved(noise((2000, 1500)), "JPEG")
    for name, page in {"a.png": PNG, "b.jpg": big, "c.html": b"<html>", "d.png": None}.items():
        api.will_serve(f"/{name}", page)
    notebook.run(f"%%claude --fetch -i {api.url}/a.png -i {api.url}/b.jpg\nWhat?")
    content = api.bodies[-1]["messages"][-1]["content"]
    data = [block["source"]["data"] for block in content if block["type"] == "image"]
    sizes = [Image.open(io.BytesIO(base64.b64decode(one))).size for one in data]
    assert sizes == [(300, 200), (1269, 952)]

    sent = len(api.requests)
    for address, told in {
        f"{api.url}/c.html": "no picture",
        f"{api.url}/d.png": "404 Not Found.\n  Check it in a browser",
        "http://127.0.0.1:1/a.png": "cannot be fetched",
        "https://": "cannot be fetched",
    }.items():
        error = notebook.fail(f"%%claude --fetch -i {address}\nWhat?").strip()
        assert told in error
        assert address in error
        assert len(error.splitlines()) <= 2
    assert len(api.requests) == sent


def test_a_bar_shows_how_far_it_is_in_a_cell(kernel: Kernel) -> None:
    """And is gone in the end."""
    outputs = kernel.run(
        "from claude_magic.ui.progress import bar\nseen = []\nshell = get_ipython()\n"
        "own = shell.display_pub.publish\n"
        "shell.display_pub.publish = lambda data, **more: (seen.append(data), own(data, **more))\n"
        "with bar(shell, 'a<b.bin', 10_000_000) as told:\n    pass\n"
        "shell.display_pub.publish = own"
    )
    assert [output["data"]["text/plain"] for output in outputs] == [""]
    assert "0 of 10 MB" in kernel.value("seen[0]['text/plain']")
    assert "a&lt;b.bin" in kernel.value("seen[0]['text/html']")
