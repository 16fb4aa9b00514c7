"""Claims about `%%claude`: what each option sends, and what is refused before sending."""

import json
from typing import Any

import pytest
from conftest import KEY
from loopback import Loopback, answer
from shell import Notebook

from claude_magic.asking import Asked

PLAIN = {
    "model": "claude-opus-4-6",
    "max_tokens": 128000,
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "cache_control": {"type": "ephemeral"},
}


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ("", {}),
        ("-m opus", {"model": "claude-opus-5-5"}),
        ("--model claude-haiku-4-5", {"model": "claude-haiku-4-5", "max_tokens": 64000}),
        ("-m my-local-model", {"model": "my-local-model", "max_tokens": 8192}),
        ("-s 'Be brief.'", {"system": "Be brief."}),
        ("--system '{{ 6 * 7 }}'", {"system": "42"}),
        ("-n 10", {"max_tokens": 10}),
        ("--max-tokens=10", {"max_tokens": 10}),
        ("-t 0.5", {"temperature": 0.5}),
        ("--temperature 0", {"temperature": 0.0}),
        ("--stop END", {"stop_sequences": ["END"]}),
        ("--stop END --stop '{{ chr(10) }}x'", {"stop_sequences": ["END", "\nx"]}),
        ("-o a --once", {}),
    ],
)
def test_an_option_sends_exactly_what_it_says(
    api: Loopback, notebook: Notebook, options: str, added: dict[str, Any]
) -> None:
    """The body is the plain one and what the option adds; a dry run shows the same."""
    shown = notebook.run(f"%%claude --dry-run {options}\nHi")
    assert [request.path for request in api.requests] == ["/v1/messages/count_tokens"]
    api.requests.clear()
    notebook.run(f"%%claude {options}\nHi")

    assert api.bodies == [PLAIN | added]
    assert json.loads(shown.partition("\n\n")[2].partition("\n\n#")[0]) == PLAIN | added


def test_a_dry_run_needs_no_key_and_never_shows_one(notebook: Notebook) -> None:
    """The header stands there with the variable's name."""
    shown = notebook.run("%%claude --dry-run\nHi")
    assert "x-api-key: $ANTHROPIC_API_KEY" in shown
    assert KEY not in shown

    notebook.environ.clear()
    assert "POST https://api.anthropic.com/v1/messages" in notebook.run("%%claude --dry-run\nHi")


def test_words_may_begin_on_the_first_line(api: Loopback, notebook: Notebook) -> None:
    """What's there goes first, apostrophes and all."""
    notebook.run("%%claude -n 5 What's this?\nAnd {{ 1 + 1 }} more.")

    assert api.bodies[0]["messages"][0]["content"] == "What's this?\nAnd 2 more."


def test_dollars_and_braces_are_not_expanded(api: Loopback, notebook: Notebook) -> None:
    """IPython's own expansion stays away from prompts."""
    notebook.run("x = 'X'")
    notebook.run("%%claude -s $x {x}\n$x {x} \\{{ x }}")

    assert api.bodies[0]["system"] == "$x"
    assert api.bodies[0]["messages"][0]["content"] == "{x}\n$x {x} {{ x }}"


def test_once_stays_outside_the_conversation(api: Loopback, notebook: Notebook) -> None:
    """It neither sends the history nor joins it."""
    notebook.run("%%claude\nFirst")
    notebook.run("%%claude --once\nAside")
    notebook.run("%%claude\nSecond")

    assert [len(body["messages"]) for body in api.bodies] == [1, 1, 3]
    assert "Aside" not in json.dumps(api.bodies[2])


def test_a_partial_answer_is_in_the_variable_too(api: Loopback, notebook: Notebook) -> None:
    """Nothing that came is lost, however it ended."""
    api.will(answer("Cut of", stop_reason="max_tokens"))
    notebook.run("%%claude -o a\nHi")

    assert (notebook["a"].text, notebook["a"].stop_reason) == ("Cut of", "max_tokens")
    assert notebook["a"].complete
    assert (notebook["a"].role, notebook["a"].id) == ("assistant", "msg_t1")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("max_tokens", "-n"),
        ("refusal", "declined"),
        ("model_context_window_exceeded", "%claude reset"),
        ("tool_use", "tool"),
        ("something_new", "something_new"),
    ],
)
def test_every_stop_is_told_in_one_line(
    api: Loopback, notebook: Notebook, reason: str, told: str
) -> None:
    """With what to do; the words are kept, and the next request is valid."""
    details = {"type": "refusal", "category": "cyber", "explanation": "Because."}
    api.will(answer("Some words", stop_reason=reason, stop_details=details))
    shown = notebook.run("%%claude\nHi")
    notebook.run("%%claude\nNext")

    assert "Some words" in shown
    assert told in shown
    assert ("Because." in shown) == (reason == "refusal")
    kept = [] if reason == "refusal" else ["Hi", "Some words"]
    assert [m["content"] for m in api.bodies[1]["messages"]] == [*kept, "Next"]


def test_tokens_cost_and_seconds_stand_below_and_not_inside(
    api: Loopback, notebook: Notebook
) -> None:
    """They are shown, can be switched off, and are never sent."""
    assert "9 in · 7 out · $0.0002" in notebook.run("%%claude\nHi")
    notebook.run("%config ClaudeMagics.show_usage = False")
    assert " out" not in notebook.run("%%claude\nHi")

    assert "out" not in json.dumps(api.bodies[1])


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("%%claude\n  \n\t", "nothing to ask"),
        ("%%claude\n{{ nobody }}", "nobody"),
        ("%%claude -s '{{ nobody }}'\nHi", "nobody"),
        ("%%claude -n 0\nHi", "at least 1"),
        ("%%claude -n many\nHi", "--max-tokens"),
        ("%%claude -n 999999\nHi", "128,000"),
        ("%%claude -t 2\nHi", "between 0 and 1"),
        ("%%claude -t nan\nHi", "between 0 and 1"),
        ("%%claude -m opus -t 0\nHi", "claude-opus-4-6"),
        ("%%claude -m ''\nHi", "--model"),
        ("%%claude --stop ' '\nHi", "--stop"),
        ("%%claude -o 2x\nHi", "2x"),
        ("%%claude -o class\nHi", "class"),
        ("%%claude --nope\nHi", "--nope"),
        (f"%%claude\nMy key is {KEY}", "contains your API key"),
    ],
)
def test_bad_input_is_told_before_anything_is_sent(
    api: Loopback, notebook: Notebook, cell: str, named: str
) -> None:
    """In a line or two, without a traceback."""
    shown = notebook.fail(cell)

    assert named in shown
    assert "Traceback" not in shown
    assert KEY not in shown
    assert len(shown.strip().splitlines()) <= 3
    assert api.requests == []


def test_the_newest_version_takes_no_temperature(api: Loopback, notebook: Notebook) -> None:
    """The error says how to bring it back; the version is sent as set."""
    notebook.run("%config ClaudeMagics.api_version = '2026-10-21'")
    assert "2023-06-01" in notebook.fail("%%claude -t 0\nHi")
    notebook.run("%%claude\nHi")

    assert api.requests[0].headers["anthropic-version"] == "2026-10-21"


def test_config_sets_every_default(api: Loopback, notebook: Notebook) -> None:
    """And an option of the cell overrides it."""
    for setting in (
        "model = 'claude-sonnet-4-6'",
        "system = 'S'",
        "max_tokens = 5",
        "temperature = 1",
    ):
        notebook.run(f"%config ClaudeMagics.{setting}")
    notebook.run("%%claude\nHi")
    notebook.run("%%claude --once -n 6\nHi")

    config = {"model": "claude-sonnet-4-6", "system": "S", "max_tokens": 5, "temperature": 1.0}
    assert api.bodies == [PLAIN | config, PLAIN | config | {"max_tokens": 6}]


def test_a_key_set_in_a_cell_serves_the_next(api: Loopback, notebook: Notebook) -> None:
    """The environment is read at each question."""
    notebook.run("%%claude\nHi")
    notebook.environ["ANTHROPIC_API_KEY"] = "sk-another-key"
    notebook.run("%%claude\nHi")

    assert [r.headers["x-api-key"] for r in api.requests] == [KEY, "sk-another-key"]


def test_an_interrupt_while_a_question_leaves_stops_it(api: Loopback, notebook: Notebook) -> None:
    """Nothing goes on unseen, and the next question need not wait for it."""

    def interrupt(event: object) -> None:
        if isinstance(event, Asked):
            end()
            raise KeyboardInterrupt

    end = notebook.engine.watch(interrupt)
    assert "Interrupted" in notebook.fail("%%claude\nLost")
    notebook.run("%%claude\nNext")

    assert [body["messages"][-1]["content"] for body in api.bodies] == ["Next"]
    assert len(api.bodies[0]["messages"]) == 1


def test_help_prints_all_options(notebook: Notebook) -> None:
    """`%%claude?` shows what can be typed."""
    shown = notebook.run("%%claude?")

    for option in (
        "-m",
        "--model",
        "-s",
        "-n",
        "-t",
        "--stop",
        "-o",
        "--out",
        "--once",
        "--dry-run",
    ):
        assert option in shown
