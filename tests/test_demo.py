"""Claims about the command line: a new user's first minute."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from conftest import KEY
from kernel import ROOT
from loopback import Loopback

COMMAND = [
    sys.executable,
    "-c",
    "from claude_magic.ui.command import main; raise SystemExit(main())",
]


def environ(home: Path, **more: str) -> dict[str, str]:
    """An environment without keys and with an empty home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC", "JUPYTER"))}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "CLAUDE_MAGIC_PACE": "0", **more}


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=home,
        env=environ(home, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_demo_runs_headless_without_a_key(tmp_path: Path) -> None:
    """It says who answers, and the page holds the answers."""
    done = run(tmp_path, "demo", "--execute", "pages/out.html")

    assert done.returncode == 0, done.stderr
    assert "practice model answers" in done.stdout
    page = (tmp_path / "pages/out.html").read_text("utf-8")
    assert page.count("Practice answer, not Claude") >= 4
    assert "Traceback" not in page


def test_with_a_key_the_demo_talks_to_the_server(tmp_path: Path, api: Loopback) -> None:
    """Every question of the notebook arrives, each with the turns before it."""
    named = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": api.url}
    done = run(tmp_path, "demo", "--execute", "out.html", **named)

    assert done.returncode == 0, done.stderr
    assert "Claude answers: ANTHROPIC_API_KEY is set" in done.stdout
    asked = [request for request in api.requests if request.path == "/v1/messages"]
    assert len(asked) == 5
    assert KEY not in (tmp_path / "out.html").read_text("utf-8")
    assert KEY not in done.stdout + done.stderr


def test_a_demo_that_fails_says_so_and_still_writes_the_page(tmp_path: Path, api: Loopback) -> None:
    """A wrong base URL is told, with exit status 1."""
    named = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "nonsense"}
    done = run(tmp_path, "demo", "--execute", "out.html", **named)

    assert done.returncode == 1
    assert "ANTHROPIC_BASE_URL" in done.stderr
    assert (tmp_path / "out.html").is_file()


@pytest.mark.parametrize("page", ["file/out.html", ".", "out.txt"])
def test_a_page_that_cannot_be_written_is_told_before_the_run(tmp_path: Path, page: str) -> None:
    """In one line; nobody waits for a notebook in vain."""
    (tmp_path / "file").touch()
    done = run(tmp_path, "demo", "--execute", page)

    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["file"]


def reached(address: str) -> int:
    """The status of a page, once its server listens: Jupyter prints its address before."""
    give_up = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address) as page:
                return int(page.status)
        except urllib.error.URLError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The demo as people start it, without a browser."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed here")
    process = subprocess.Popen(
        [*COMMAND, "demo", "--no-browser"],
        cwd=tmp_path,
        env=environ(tmp_path, JUPYTER_PREFER_ENV_PATH="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def test_the_demo_serves_jupyterlab_on_a_copy_of_the_notebook(
    lab: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    """The printed address answers, and the copy is the person's own to edit."""
    assert lab.stdout is not None
    address = next(
        found for line in lab.stdout if (found := re.search(r"http://\S+token=\w+", line))
    )

    assert reached(address[0].replace("localhost", "127.0.0.1")) == 200
    assert "01_quick_start.ipynb" in address[0]
    copy = tmp_path / "claude-magic-demo/01_quick_start.ipynb"
    nbformat.validate(nbformat.read(copy, as_version=4))


def test_the_practice_model_is_served_for_any_client(tmp_path: Path) -> None:
    """`claude-magic practice` prints where it listens, and answers there."""
    process = subprocess.Popen(
        [*COMMAND, "practice", "--port", "0", "--pace", "0"],
        env=environ(tmp_path, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = next(line for line in process.stdout if "ANTHROPIC_BASE_URL" in line)
    url = line.strip().partition("ANTHROPIC_BASE_URL=")[2]
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 99,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    request = urllib.request.Request(
        f"{url}/v1/messages",
        json.dumps(body).encode(),
        {"anthropic-version": "2023-06-01", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    process.send_signal(signal.SIGINT)

    assert answer["type"] == "message"
    assert process.wait(10) in (0, 130)


def test_it_tells_its_version(tmp_path: Path) -> None:
    """As other commands do."""
    assert re.match(r"claude-magic [\d.]+", run(tmp_path, "--version").stdout)


@pytest.mark.parametrize("arguments", [["practice", "--port", "99999"], ["nonsense"], []])
def test_a_wrong_command_is_told_without_a_traceback(tmp_path: Path, arguments: list[str]) -> None:
    """In a line or two, with an exit status."""
    done = run(tmp_path, *arguments)

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert ".." not in done.stderr.replace("...", "")
