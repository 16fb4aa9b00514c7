"""Claims about `%claude`, completion, and leaving no trace."""

import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from IPython.core import completer
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from kernel import Kernel, error_text
from loopback import Loopback
from shell import Notebook

from claude_magic.ui import completion
from claude_magic.ui.commands import help_text
from claude_magic.ui.parser import PARSER


def test_status_tells_model_server_key_conversation_tokens_and_cost(
    api: Loopback, notebook: Notebook
) -> None:
    """All of it, and of the key only where it comes from."""
    notebook.run("%%claude\nHi")
    rows = dict(line.split(maxsplit=1) for line in notebook.run("%claude status").splitlines())

    assert rows == {
        "model": "claude-opus-4-6",
        "server": api.url,
        "key": "ANTHROPIC_API_KEY",
        "conversation": "1 turn",
        "tokens": "9 in, 7 out",
        "cost": "$0.0002",
        "kept": f"in {notebook.environ['CLAUDE_MAGIC_HOME']}/conversations.sqlite",
        "retention": "what is sent there is kept as that server does",
    }


@pytest.mark.parametrize(
    ("model", "said"),
    [("opus", "--run-code and uploaded files step outside"), ("fable", "kept for 30 days")],
)
def test_status_tells_what_is_kept_elsewhere(notebook: Notebook, model: str, said: str) -> None:
    """Of Claude's own server, of the model, and of the practice model, which keeps all here."""
    del notebook.environ["ANTHROPIC_BASE_URL"]
    notebook.run(f"%config ClaudeMagics.model = {model!r}")

    assert said in notebook.run("%claude status")
    assert "nothing leaves" in notebook.run("%claude practice on\n%claude status")


def test_status_does_not_say_kept_where_nothing_can_be_written(
    notebook: Notebook, tmp_path: Path
) -> None:
    """The folder for conversations is a file."""
    (tmp_path / "file").touch()
    refused = Notebook(
        notebook.shell, {**notebook.environ, "CLAUDE_MAGIC_HOME": f"{tmp_path}/file"}
    )
    refused.run("%claude practice on\n%claude use other")
    refused.run("%%claude\nHi")
    assert "in this kernel's memory: " in refused.run("%claude status")


def test_reset_begins_anew(api: Loopback, notebook: Notebook) -> None:
    """The next request holds one message."""
    notebook.run("%%claude\nHi")
    notebook.run("%claude reset")
    notebook.run("%%claude\nHi")

    assert len(api.bodies[1]["messages"]) == 1


def test_practice_answers_without_key_or_network(api: Loopback, notebook: Notebook) -> None:
    """It says what it is, goes on with the conversation, and can be left again."""
    notebook.environ.clear()
    notebook.run("%config ClaudeMagics.pace = 0")
    notebook.run("%claude practice on")
    assert "not Claude" in notebook.run("%%claude\nHi")
    assert "practice model" in notebook.run("%claude status")
    notebook.run("%claude practice off")

    assert "ANTHROPIC_API_KEY" in notebook.fail("%%claude\nHi")
    assert api.requests == []


@pytest.mark.parametrize(
    "line",
    ["sttus", "what is a p-value", "What is this?", "practice", "practice maybe", "reset all"],
)
def test_a_wrong_word_names_the_right_ones(notebook: Notebook, line: str) -> None:
    """And tells newcomers where a prompt goes."""
    shown = notebook.fail(f"%claude {line}")

    assert "Traceback" not in shown
    if line.split()[0] not in ("practice", "reset"):
        assert {"status,", "reset,", "history,"} <= set(shown.split())
        assert "%%claude" in shown
        assert ("Did you mean" in shown) == (line == "sttus")  # not where it is a question


def test_help_is_what_an_empty_line_gets(notebook: Notebook) -> None:
    """`%claude` alone is a question too."""
    assert notebook.run("%claude") == notebook.run("%claude help")


def test_help_is_what_shift_tab_shows(notebook: Notebook) -> None:
    """On `%%claude` IPython looks at `%claude`: its help says where the options are."""
    shown = notebook.shell.object_inspect("claude")["docstring"]

    assert shown == help_text()
    assert "%%claude? lists the options" in shown


OPTIONS = [name for name in PARSER._option_string_actions if name.startswith("--")]


@pytest.mark.parametrize("words", ["What is a ", "-s ", "-s 'In "])
def test_no_option_is_offered_where_none_can_stand(words: str) -> None:
    """Behind the first words of the prompt, and where a value is yet to come."""
    assert completion.matches(f"%%claude {words}") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%%claude --mo", ["--model"]),
        ("%%claude --dry", ["--dry-run"]),
        ("%%claude -m claude-fable-5-", ["claude-fable-5-2", "claude-fable-5-1"]),
        ("%%claude --model so", ["sonnet"]),
        ("%%claude ", OPTIONS),
        ("%%claude --once -s 'In short.' ", OPTIONS),
        ("%claude st", ["status"]),
        ("%claude practice o", ["on", "off"]),
        ("%claude model so", ["sonnet"]),
        ("%claude connect ", ["off"]),
        ("%claude request --", ["--whole"]),
        ("%claude tools ", ["add", "remove", "list"]),
        ("%claude lesson ", ["policy"]),
    ],
)
def test_tab_completes(notebook: Notebook, text: str, expected: list[str]) -> None:
    """Options, model names and commands, and where IPython can do so nothing else among them."""
    with provisionalcompleter():
        found = list(notebook.shell.Completer.completions(text, len(text)))

    shown = {text[: it.start] + it.text for it in found}
    right = {text[: text.rindex(" ") + 1] + word for word in expected}
    assert right <= shown
    assert right == shown or not hasattr(completer, "context_matcher")


def traces(shell: Any) -> dict[str, Any]:
    manager = shell.magics_manager
    parts = (shell.display_pub, shell.displayhook, shell.display_formatter)
    return {
        "line": dict(manager.magics["line"]),
        "cell": dict(manager.magics["cell"]),
        "registry": dict(manager.registry),
        "configurables": list(shell.configurables),
        "hooks": {k: list(v) for k, v in shell.strdispatchers["complete_command"].strs.items()},
        "matchers": list(vars(shell.Completer).get("custom_matchers", ())),
        "names": set(shell.user_ns),
        "transformers": list(shell.input_transformers_cleanup),
        "events": {k: list(v) for k, v in shell.events.callbacks.items()},
        "publisher": shell.display_pub,
        "methods": [sorted(vars(part)) for part in parts],
        "interrupt": signal.getsignal(signal.SIGINT),
        "printing": (sys.stdout, sys.displayhook, sys.excepthook),
    }


def load_lazy_magics(shell: InteractiveShell) -> None:
    """Load IPython's own magics, some of which wait until a first cell runs."""
    for name in list(shell.magics_manager.magics["line"]):
        shell.find_line_magic(name)
    for name in list(shell.magics_manager.magics["cell"]):
        shell.find_cell_magic(name)


def test_a_setting_that_cannot_be_used_is_told_in_a_few_lines(kernel: Kernel) -> None:
    """IPython keeps it for the next loading; the error says how to forget it, and that helps."""
    kernel.run("%config ClaudeMagics.retries = -1")
    told = error_text(kernel.run("%reload_ext claude_magic"))
    forget = told.splitlines()[-1].strip()
    kernel.run(forget)

    assert "'retries'" in told
    assert told.count("\n") == 2
    assert kernel.run("%load_ext claude_magic") == []


def test_unloading_leaves_no_trace(bare_shell: InteractiveShell, api: Loopback) -> None:
    """The shell is as it was before loading, also after questions and a second loading."""
    bare_shell.run_cell("1", store_history=False)
    load_lazy_magics(bare_shell)
    before = traces(bare_shell)
    for _ in range(2):
        bare_shell.run_line_magic("load_ext", "claude_magic")
        bare_shell.run_cell("%config ClaudeMagics.pace = 0\n%claude practice on")
        bare_shell.run_cell("%%claude\nHi", store_history=False)
        bare_shell.run_line_magic("reload_ext", "claude_magic")
        bare_shell.run_line_magic("unload_ext", "claude_magic")

    assert traces(bare_shell) == before
