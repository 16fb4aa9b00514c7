"""Claims about the lessons: they run, show one output each, and send what the guide sends."""

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import KEY
from kernel import ROOT
from loopback import Loopback, Received, Reply
from nbclient import NotebookClient
from nbformat import NotebookNode

from claude_magic.errors import ClaudeMagicError
from claude_magic.practice.app import Request, respond
from claude_magic.ui.parser import PARSER

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MESSAGES_API = ROOT / "notebooks/02_messages_api.ipynb"
ANT = "What is latin for Ant? (A) Apoidea, (B) Rhopalocera, (C) Formicidae"
ANT_PICTURE = (
    "https://upload.wikimedia.org/wikipedia/commons/a/a7/Camponotus_flavomarginatus_ant.jpg"
)

# The request bodies of the guide "Using the Messages API".
GUIDE: dict[str, dict[str, Any]] = {
    "basic request and response": {
        "model": "claude-opus-4-6",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": "Hello, Claude"}],
    },
    "multiple conversational turns": {
        "model": "claude-opus-4-6",
        "max_tokens": 1024,
        "messages": [
            {"role": "user", "content": "Hello, Claude"},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "Can you describe LLMs to me?"},
        ],
    },
    "putting words in Claude's mouth": {
        "model": "claude-haiku-4-5",
        "max_tokens": 1,
        "messages": [
            {"role": "user", "content": ANT},
            {"role": "assistant", "content": "The answer is ("},
        ],
    },
    "vision": {
        "model": "claude-opus-4-6",
        "max_tokens": 1024,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "url", "url": ANT_PICTURE}},
                    {"type": "text", "text": "What is in the above image?"},
                ],
            }
        ],
    },
}


def run(path: Path, home: Path, **environ: str) -> NotebookNode:
    """Run a notebook from top to bottom, in a copy of its folder.

    A cell that fails unannounced ends it.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.outputs = []
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANTHROPIC", "CLAUDE_MAGIC"))}
    given = {**kept, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(home), **environ}
    folder = shutil.copytree(path.parent, home / "notebooks", dirs_exist_ok=True)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=60, resources=where).execute(env=given)
    return notebook


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def fails_on_purpose(cell: NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])


def asks(cell: NotebookNode) -> bool:
    """Whether an answer is expected in a cell."""
    line = cell.source.partition("\n")[0]
    prints = re.search(r"--(dry-run|as)\b", line)
    return line.startswith("%%claude") and not prints and not fails_on_purpose(cell)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def practised(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> NotebookNode:
    """A notebook after its run on the practice model: no key, no network."""
    home = tmp_path_factory.mktemp("home")
    return run(request.param, home, CLAUDE_MAGIC_PRACTICE="1", CLAUDE_MAGIC_PACE="0")


def test_each_question_has_one_output(practised: NotebookNode) -> None:
    """What is saved is one ordinary output with HTML and Markdown, by the practice model."""
    answers = [cell.outputs for cell in code_cells(practised) if asks(cell)]

    assert answers
    for outputs in answers:
        (output,) = outputs
        assert output.output_type == "display_data"
        assert {"text/html", "text/markdown"} <= set(output.data)
        assert "practice model" in output.data["text/html"]


def test_dry_runs_and_synthetic_turns_only_print(practised: NotebookNode) -> None:
    """Nothing is asked, so there is no answer to show."""
    quiet = [
        cell
        for cell in code_cells(practised)
        if cell.source.startswith("%%claude") and not asks(cell) and not fails_on_purpose(cell)
    ]

    for cell in quiet:
        kinds = {output.output_type for output in cell.outputs}  # printed words come in pieces
        assert kinds == {"stream"}, cell.source


def test_cells_fail_only_on_purpose_and_in_two_lines(practised: NotebookNode) -> None:
    """A tagged cell shows what happened and what to do; no other cell shows an error."""
    for cell in code_cells(practised):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert len(errors) == fails_on_purpose(cell), cell.source
        for error in errors:
            assert error.ename in kinds(ClaudeMagicError)
            assert "\n".join(error.traceback).count("\n") == 1


def kinds(error: type[Exception]) -> set[str]:
    """The names of an error and all that are derived from it."""
    return {error.__name__}.union(*map(kinds, error.__subclasses__()))


def test_every_option_is_shown_somewhere() -> None:
    """Whatever `%%claude` takes stands in a notebook or in the README."""
    cells = [cell.source for path in NOTEBOOKS for cell in nbformat.read(path, 4).cells]
    told = "\n".join([*cells, (ROOT / "README.md").read_text("utf-8")])
    options = [action.option_strings for action in PARSER._actions]
    untold = [
        names
        for names in filter(None, options)
        if not any(re.search(rf"(?<![\w-]){name}(?![\w-])", told) for name in names)
    ]

    assert ["-m", "--model"] in options
    assert untold == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_saved_is_nothing_or_a_whole_run(path: Path) -> None:
    """Outputs in a file are those of one run from top to bottom."""
    cells = code_cells(nbformat.read(path, as_version=4))
    counts = [cell.execution_count for cell in cells]

    assert counts in ([None] * len(cells), list(range(1, len(cells) + 1)))
    assert all(cell.outputs for cell in cells if asks(cell)) or counts[0] is None


class Practising(Loopback):
    """A server at an address that answers as the practice model does."""

    def take(self, received: Received, page: bytes | None) -> Reply:
        super().take(received, page)
        headers = {name.lower(): value for name, value in received.headers.items()}
        response = respond(Request("POST", received.path, headers, received.raw))
        kind = {"content-type": response.headers["content-type"]}
        return Reply([chunk for _, chunk in response.chunks], response.status, kind)


@contextlib.contextmanager
def practising() -> Iterator[Practising]:
    served = Practising()
    threading.Thread(target=served._server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield served
    finally:
        served._server.shutdown()
        served._server.server_close()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The bodies that leave the lesson about the Messages API, with a key, to a server."""
    with practising() as api:
        named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
        run(MESSAGES_API, tmp_path_factory.mktemp("home"), **named)
        asked = [request for request in api.requests if request.path == "/v1/messages"]
        return [as_in_the_guide(request.body) for request in asked]


def as_in_the_guide(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what the package adds by itself: streaming and the prompt cache."""
    added = ("stream", "cache_control")
    return {name: value for name, value in body.items() if name not in added}


def test_the_guides_requests_leave_as_they_stand_there(sent: list[dict[str, Any]]) -> None:
    """Body by body, and in the guide's order."""
    assert [body for body in sent if body in GUIDE.values()] == list(GUIDE.values())


def test_a_picture_of_ones_own_leaves_as_the_guides_does(sent: list[dict[str, Any]]) -> None:
    """Its data in base64, before the words."""
    pictures = [body["messages"][0]["content"][0] for body in sent if is_about_a_picture(body)]

    assert [picture["source"]["type"] for picture in pictures] == ["base64", "url"]
    assert pictures[0]["source"]["media_type"] == "image/png"
    assert set(pictures[0]) == {"type", "source"}


def is_about_a_picture(body: dict[str, Any]) -> bool:
    content = body["messages"][0]["content"]
    return isinstance(content, list) and content[0]["type"] == "image"


def test_a_conversation_is_sent_whole_each_time(sent: list[dict[str, Any]]) -> None:
    """The API remembers nothing: the second request holds the first and its answer."""
    first, second = sent[:2]

    assert second["messages"][:1] == first["messages"]
    assert [message["role"] for message in second["messages"]] == ["user", "assistant", "user"]


def test_what_is_refused_before_sending_never_leaves(sent: list[dict[str, Any]]) -> None:
    """The lesson's prefill of a newer model stays at home; its slip in a model's name does not."""
    prefilled = [body["model"] for body in sent if body["messages"][-1]["role"] == "assistant"]

    assert prefilled == ["claude-haiku-4-5"]
    assert "haiku-5-5" in [body["model"] for body in sent]
