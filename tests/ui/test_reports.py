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
from loopback import START, Loopback, Reply, answer, ending, error, sse, text_block
from shell import Notebook

from claude_magic.api.models import cost, model_named
from claude_magic.api.snippets import curl, with_httpx, with_sdk
from claude_magic.content.message import Usage, read_message
from claude_magic.server import server_from
from claude_magic.settings import Settings

BODY: dict[str, Any] = {
    "model": "claude-opus-4-6",
    "max_tokens": 99,
    "temperature": 0.5,
    "messages": [{"role": "user", "content": "It's `$HOME` \"quoted\" \\ ''' {x}\nJSON\n漢"}],
    "stream": True,
}


FORMS: list[Any] = [curl, with_httpx, with_sdk]


def pasted(form: Any, code: str, **environ: str) -> str:
    """Run a form of a request as a person would; return what it printed."""
    command = ["bash", "-c", code] if form is curl else [sys.executable, "-c", code]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ANTHROPIC")}
    done = subprocess.run(
        command, env={**kept, **environ}, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_each_form_of_a_request_sends_the_same_body(
    api: Loopback, form: Any, variable: str
) -> None:
    """Pasted and run, it works; the key is taken from the environment, the version is right."""
    api.will(answer("Hello."))
    code = form(server_from(Settings(), {"ANTHROPIC_BASE_URL": api.url, variable: KEY}), BODY)
    printed = pasted(form, code, **{variable: KEY})

    assert KEY not in code
    assert api.bodies == [BODY]
    assert "Hello." in printed
    sent = {name.lower(): value for name, value in api.requests[0].headers.items()}
    assert KEY in (sent.get("x-api-key", "") + sent.get("authorization", ""))
    assert sent["anthropic-version"] == "2023-06-01"  # the other one takes no temperature


@pytest.mark.parametrize("form", FORMS)
def test_headers_of_ones_own_are_pasted_too_and_no_secret(api: Loopback, form: Any) -> None:
    """As a gateway wants them; the SDK reads them from the environment by itself."""
    own = {"ANTHROPIC_CUSTOM_HEADERS": "X-Team: it's ours\nX-Token: geheim-geheim"}
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY, **own}
    code = form(server_from(Settings(), named), BODY)
    pasted(form, code, ANTHROPIC_API_KEY=KEY, **(own if form is with_sdk else {}))

    sent = {name.lower(): value for name, value in api.requests[0].headers.items()}
    assert sent["x-team"] == "it's ours"
    assert "geheim" not in code


@pytest.mark.parametrize("form", FORMS)
def test_a_pasted_request_sends_no_key_where_none_went(api: Loopback, form: Any) -> None:
    """To a server that was connected without one."""
    server = server_from(Settings(base_url=api.url), {"ANTHROPIC_API_KEY": KEY})
    pasted(form, form(server, BODY), ANTHROPIC_API_KEY=KEY)

    assert api.bodies == [BODY]
    assert KEY not in str(api.requests[0].headers)


def test_pictures_are_cut_unless_all_is_wanted(api: Loopback, notebook: Notebook) -> None:
    """What is cut says how to have it ready to paste."""
    notebook.run("from PIL import Image\nnoise = Image.effect_noise((60, 60), 90)")
    notebook.run("%%claude\n{{ noise }} What is this?")
    data = api.bodies[0]["messages"][0]["content"][0]["source"]["data"]
    cut = notebook.run("%claude request")

    assert data not in cut
    assert "--whole" in cut
    assert data[-80:] in "".join(notebook.run("%claude request --whole").split())
    assert "--whole" in notebook.fail("%claude request all")


def test_request_shows_what_left_and_what_came_back(api: Loopback, notebook: Notebook) -> None:
    """All of the response is there, and the key is not."""
    assert "no request" in notebook.fail("%claude request")
    notebook.run("%%claude\nHi")
    shown = notebook.run("%claude request")

    for part in ('"msg_t1"', '"end_turn"', '"input_tokens": 9', "curl", "httpx", "anthropic"):
        assert part in shown
    assert "$ANTHROPIC_API_KEY" in shown
    assert KEY not in shown


def test_request_shows_what_was_refused_and_why(api: Loopback, notebook: Notebook) -> None:
    """The error stands where the response would."""
    api.will(error(400, "invalid_request_error", "messages: too odd"))
    notebook.fail("%%claude\nHi")
    shown = notebook.run("%claude request")

    assert "messages: too odd" in shown
    assert '"type": "error"' in shown
    assert '"content": "Hi"' in shown


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


def test_a_budget_holds_while_an_answer_pauses(api: Loopback, notebook: Notebook) -> None:
    """Going on is a request of its own, so it is not sent where the budget is spent."""
    start = {**START, "message": {**START["message"], "usage": {"input_tokens": 4000}}}
    api.will(Reply([sse(start, *text_block("Half."), *ending("pause_turn"))]))
    notebook.run("%claude budget 0.01")
    shown = notebook.fail("%%claude\nHi")

    assert "would pass the budget" in shown
    assert "Half." in shown
    assert len([r for r in api.requests if r.path == "/v1/messages"]) == 1


def test_thinking_is_part_of_what_a_budget_must_pay(api: Loopback, notebook: Notebook) -> None:
    """The answer's length stays above the tokens of --think, or nothing is sent."""
    notebook.run("%claude budget 0.10")
    assert "thinking up to $0.2" in notebook.fail("%%claude --think 8000\nHi")
    notebook.run("%%claude --think 2000\nHi")

    (body,) = [r.body for r in api.requests if r.path == "/v1/messages"]
    assert 2000 < body["max_tokens"] <= 4000


def test_a_budget_knows_the_price_of_long_prompts(api: Loopback, notebook: Notebook) -> None:
    """Where a model costs more from 100,000 tokens on, for the whole request."""
    api.will_serve("/v1/messages/count_tokens", b'{"input_tokens": 200000}')
    notebook.run("%claude budget 0.10")

    assert "cost $0.1250" in notebook.fail("%%claude -m haiku\nHi")


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        ({"input_tokens": 100_000}, 0.01),
        ({"input_tokens": 50_000, "cache_read_input_tokens": 50_001}, 0.02750005),
        ({"output_tokens": 1_000_000, "inference_geo": "us"}, 0.55),
        ({"server_tool_use": {"web_search_requests": 3}}, 0.03),
        ({"server_tool_use": {"web_search_requests": None}}, 0.0),
        ({"server_tool_use": []}, 0.0),
    ],
)
def test_all_that_is_billed_is_in_the_cost(usage: dict[str, Any], dollars: float) -> None:
    """Long prompts, a place that costs more, searches (Messages API, prices)."""
    used = read_message({"usage": usage}).usage

    assert cost(model_named("claude-haiku-5-5"), used) == pytest.approx(dollars)


def test_a_refusal_before_the_first_word_costs_nothing(api: Loopback, notebook: Notebook) -> None:
    """It is not billed."""
    api.will(Reply([sse(START, *ending("refusal"))]))
    notebook.run("%%claude\nHi")

    assert "notebook      $0.0000" in notebook.run("%claude cost")


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


def test_a_model_nobody_lists_is_doubted(notebook: Notebook) -> None:
    """Where there is no list: Claude's own server has no such names; a new one may be right."""
    notebook.environ.clear()

    assert "Nearest: opus" in notebook.fail("%claude model opuss")
    assert "`%claude models`" in notebook.fail("%claude model qqqq")
    assert "nearest: claude-opus-4-6" in notebook.run("%claude model claude-opus-4.6")
    assert "no model name" in notebook.fail("%claude model ''")
    assert "no model name" in notebook.fail("%claude model opus please")
    assert notebook.run("%claude model 'haiku'") == "Questions go to claude-haiku-5-5.\n"


def test_the_wire_is_shown_live_with_the_key_hidden(api: Loopback) -> None:
    """`CLAUDE_MAGIC_SHOW_WIRE=1` prints each request and event as it passes."""
    api.will(answer(f"Your key is {KEY}."))
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    with Kernel(**named, CLAUDE_MAGIC_SHOW_WIRE="1") as kernel:
        kernel.run("%load_ext claude_magic")
        shown = str(kernel.run("%%claude\nHi"))
        later = [str(kernel.run("%%claude\nHi")) for _ in range(3)]
        kernel.run("%env CLAUDE_MAGIC_SHOW_WIRE=0")
        silent = str(kernel.run("%%claude\nHi"))

    assert "--> POST" in shown
    assert "x-api-key: [key hidden]" in shown
    assert "anthropic-version: 2023-06-01" in shown
    assert "<-- 200 req_t1" in shown
    assert "message_stop" in shown
    assert KEY not in shown
    assert ["--> POST" in one for one in later] == [True] * 3  # and stays beside the answer
    assert "--> POST" not in silent


def test_private_keeps_nothing_on_disk(notebook: Notebook) -> None:
    """It is said, and takes on or off."""
    assert "on disk" in notebook.run("%claude private on")
    assert "on or off" in notebook.fail("%claude private maybe")
