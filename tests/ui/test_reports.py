"""Claims about what `%claude` tells: history, request, cost, budget, models, and the live wire."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from conftest import KEY
from kernel import Kernel
from loopback import START, Loopback, Reply, answer, ending, sse, text_block
from shell import Notebook

from claude_magic.api.models import cost, model_named
from claude_magic.api.snippets import curl, with_httpx, with_sdk
from claude_magic.content.message import Usage
from claude_magic.server import server_from
from claude_magic.settings import Settings

BODY: dict[str, Any] = {
    "model": "claude-opus-4-6",
    "max_tokens": 99,
    "temperature": 0.5,
    "messages": [{"role": "user", "content": "It's `$HOME` \"quoted\" \\ ''' {x}\nJSON\n漢"}],
    "stream": True,
}


@pytest.mark.parametrize("form", [curl, with_httpx, with_sdk])
def test_each_form_of_a_request_sends_the_same_body(api: Loopback, form: Any) -> None:
    """Pasted and run, it works, and the key is taken from the environment."""
    api.will(answer("Hello."))
    server = server_from(Settings(), {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
    code = form(server, BODY)
    command = ["bash", "-c", code] if form is curl else [sys.executable, "-c", code]
    environ = {**os.environ, "ANTHROPIC_API_KEY": KEY}
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=True
    )

    assert KEY not in code
    assert api.bodies == [BODY]
    assert "Hello." in done.stdout
    sent = {name.lower(): value for name, value in api.requests[0].headers.items()}
    assert KEY in (sent.get("x-api-key", "") + sent.get("authorization", ""))


def test_request_shows_what_left_and_what_came_back(api: Loopback, notebook: Notebook) -> None:
    """All of the response is there, and the key is not."""
    assert "no request" in notebook.fail("%claude request")
    notebook.run("%%claude\nHi")
    shown = notebook.run("%claude request")

    for part in ('"msg_t1"', '"end_turn"', '"input_tokens": 9', "curl", "httpx", "anthropic"):
        assert part in shown
    assert "$ANTHROPIC_API_KEY" in shown
    assert KEY not in shown


def test_history_shows_the_turns_as_they_will_be_sent(api: Loopback, notebook: Notebook) -> None:
    """With a mark on what is the person's own, was cut, or is left out."""
    notebook.run("%%claude --as user\nMine.")
    api.will(answer("No.", stop_reason="refusal"), Reply([sse(START, *text_block("Half")[:-1])]))
    notebook.run("%%claude\nFirst")
    notebook.fail("%%claude\nSecond")
    shown = re.sub(r"\s+", " ", notebook.run("%claude history"))

    assert "put there by you" in shown
    assert "refused" in shown
    assert "left out of what is sent" in shown
    assert "cut; sent as far as it came" in shown
    assert shown.index("First") < shown.index("Second") < shown.index("Half")


def usage_reply(words: str, **usage: int) -> Reply:
    start = {**START, "message": {**START["message"], "usage": {"output_tokens": 1, **usage}}}
    return Reply([sse(start, *text_block(words), *ending())])


def test_cost_of_answer_conversation_and_notebook(api: Loopback, notebook: Notebook) -> None:
    """What was asked outside the conversation counts for the notebook; caching is visible."""
    api.will(
        usage_reply("One.", input_tokens=1000, cache_creation_input_tokens=4000),
        usage_reply("Two.", input_tokens=1000, cache_read_input_tokens=4000),
        usage_reply("Aside.", input_tokens=1_000_000),
    )
    for cell in ("%%claude\nHi", "%%claude\nAgain", "%%claude --once\nAside"):
        notebook.run(cell)
    rows = dict(
        re.split(r"\s{2,}", line, maxsplit=1) for line in notebook.run("%claude cost").splitlines()
    )

    opus = model_named("claude-opus-4-6")
    first = cost(opus, Usage(1000, 7, cache_creation_input_tokens=4000)) or 0
    second = cost(opus, Usage(1000, 7, cache_read_input_tokens=4000)) or 0
    assert rows["last answer"] == f"${second:.4f}"
    assert rows["conversation"] == f"${first + second:.4f}"
    assert rows["notebook"] == "$5.04"
    assert rows["cache"] == "4,000 tokens written, 4,000 read; $0.0130 saved"


def test_a_budget_is_never_passed(api: Loopback, notebook: Notebook) -> None:
    """Answers are held to what is left; a question that would pass it is not sent."""
    notebook.run("%claude budget 0.01")
    notebook.run("%%claude\nHi")
    limit = api.bodies[-1]["max_tokens"]
    assert 100 < limit <= 0.01 / 25 * 1_000_000

    api.will(usage_reply("Dear.", input_tokens=1900))
    notebook.run("%%claude\nHi")
    asked = len([r for r in api.requests if r.path == "/v1/messages"])
    shown = notebook.fail("%%claude\nHi")
    assert "would pass the budget" in shown
    assert "%claude budget" in shown
    assert len([r for r in api.requests if r.path == "/v1/messages"]) == asked
    notebook.run("%claude budget off")
    notebook.run("%%claude\nHi")


@pytest.mark.parametrize("amount", ["much", "-1", "nan", "inf"])
def test_a_budget_is_an_amount(notebook: Notebook, amount: str) -> None:
    """Anything else is told."""
    assert "no amount" in notebook.fail(f"%claude budget {amount}")


def test_a_dry_run_counts_by_the_server_or_says_that_it_guesses(
    api: Loopback, notebook: Notebook
) -> None:
    """The counting endpoint is free; without it an estimate says so."""
    api.will_serve("/v1/messages/count_tokens", b'{"input_tokens": 1234}')
    assert "1,234 input tokens, counted by the server" in notebook.run("%%claude --dry-run\nHi")
    assert api.requests[-1].path == "/v1/messages/count_tokens"
    assert set(api.bodies[-1]) == {"model", "messages", "cache_control"}
    api.will_serve("/v1/messages/count_tokens", None)
    assert "(an estimate)" in notebook.run("%%claude --dry-run\nHi")


def test_models_are_those_the_key_can_use(api: Loopback, notebook: Notebook) -> None:
    """Or, where the server lists none, those that are known."""
    listed = {"data": [{"id": "claude-opus-5-5"}, {"id": "my-tuned-model"}], "has_more": False}
    api.will_serve("/v1/models", json.dumps(listed).encode())
    shown = notebook.run("%claude models")
    assert "claude-opus-5-5" in shown
    assert "my-tuned-model" in shown
    assert "claude-haiku-4-5" not in shown
    notebook.run("%claude model my-tuned-model")
    assert "my-tuned-model" in notebook.run("%claude model")
    assert "Nearest: my-tuned-model" in notebook.fail("%claude model my-tuned-modle")
    notebook.run("%%claude\nHi")
    assert api.bodies[-1]["model"] == "my-tuned-model"

    api.will_serve("/v1/models", None)
    assert "claude-haiku-4-5" in notebook.run("%claude models")


def test_the_wire_is_shown_live_with_the_key_hidden(api: Loopback) -> None:
    """`CLAUDE_MAGIC_SHOW_WIRE=1` prints each request and event as it passes."""
    api.will(answer(f"Your key is {KEY}."))
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    with Kernel(**named, CLAUDE_MAGIC_SHOW_WIRE="1") as kernel:
        kernel.run("%load_ext claude_magic")
        shown = str(kernel.run("%%claude\nHi"))

    assert "--> POST" in shown
    assert "message_stop" in shown
    assert KEY not in shown


def test_private_keeps_nothing_on_disk(notebook: Notebook) -> None:
    """It is said, and takes on or off."""
    assert "on disk" in notebook.run("%claude private on")
    assert "on or off" in notebook.fail("%claude private maybe")
