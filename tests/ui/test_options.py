"""Claims about options for the whole Messages API: what each sends, and what is refused."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from loopback import START, Loopback, Reply, answer, block, ending, error, sse, text_block
from sdk_types import faults
from shell import Notebook

PLAIN: dict[str, Any] = {
    "model": "claude-opus-4-6",
    "max_tokens": 128000,
    "messages": [{"role": "user", "content": "Hi"}],
    "stream": True,
    "cache_control": {"type": "ephemeral"},
}
POINT = {
    "type": "object",
    "properties": {"x": {"type": "integer"}},
    "required": ["x"],
    "additionalProperties": False,
}
OF_OLDER_VERSION = ("temperature",)  # the SDK speaks the newer one
CITED = {"citations": {"enabled": True}}
A_PDF = {
    "type": "document",
    "source": {"type": "url", "url": "https://example.org/a.pdf"},
    "title": "A",
    **CITED,
}
A_FILE = {"type": "document", "source": {"type": "file", "file_id": "file_01T"}, **CITED}
SEEDS = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Seeds."},
    **CITED,
}
A_PNG = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
ADAPTIVE = {"type": "adaptive"}
SUMMARY = {"type": "adaptive", "display": "summarized"}


def thinking(model: str, shape: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": model, "thinking": shape, **more}


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ("-n 5", {"max_tokens": 5}),
        ("-t 0.3", {"temperature": 0.3}),
        ("-m opus -t 1", {"model": "claude-opus-5-5", "temperature": 1.0}),
        ("-s 'Be brief.'", {"system": "Be brief."}),
        ("--stop END --stop {{ 'A' + 'B' }}", {"stop_sequences": ["END", "AB"]}),
        (
            "--doc https://example.org/a.pdf --title A",
            {"messages": [{"role": "user", "content": [A_PDF, {"type": "text", "text": "Hi"}]}]},
        ),
        (
            "--doc file_01T --doc b'Seeds.'",
            {
                "messages": [
                    {"role": "user", "content": [A_FILE, SEEDS, {"type": "text", "text": "Hi"}]}
                ]
            },
        ),
        (
            "-i https://example.org/a.png",
            {"messages": [{"role": "user", "content": [A_PNG, {"type": "text", "text": "Hi"}]}]},
        ),
        (
            """--extra "{'service_tier': 'standard_only', 'metadata': {'user_id': 'u1'}}\"""",
            {"service_tier": "standard_only", "metadata": {"user_id": "u1"}},
        ),
        ("--think", {"thinking": ADAPTIVE}),
        ("--think adaptive", {"thinking": ADAPTIVE}),
        ("--think off", {"thinking": {"type": "disabled"}}),
        ("--think 2000", {"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        ("-m claude-opus-5-5 --think", thinking("claude-opus-5-5", SUMMARY)),
        ("-m sonnet --think off", thinking("claude-sonnet-5-5", {"type": "between_tools"})),
        (
            "-m claude-haiku-4-5 --think",
            thinking(
                "claude-haiku-4-5", {"type": "enabled", "budget_tokens": 16000}, max_tokens=64000
            ),
        ),
        ("--effort low", {"output_config": {"effort": "low"}}),
        (
            "-m opus --effort xhigh",
            {"model": "claude-opus-5-5", "output_config": {"effort": "xhigh"}},
        ),
        ("--schema POINT", {"output_config": {"format": {"type": "json_schema", "schema": POINT}}}),
        (
            "--schema {{ POINT }} --effort high",
            {
                "output_config": {
                    "effort": "high",
                    "format": {"type": "json_schema", "schema": POINT},
                }
            },
        ),
        (
            "--web",
            {
                "tools": [
                    {"type": "web_search_20260318", "name": "web_search"},
                    {"type": "web_fetch_20260318", "name": "web_fetch"},
                ]
            },
        ),
        ("--run-code", {"tools": [{"type": "code_execution_20260521", "name": "code_execution"}]}),
        (
            "-m claude-haiku-4-5 --run-code",
            {
                "model": "claude-haiku-4-5",
                "max_tokens": 64000,
                "tools": [{"type": "code_execution_20250825", "name": "code_execution"}],
            },
        ),
        (
            "-m claude-haiku-4-5 --prefill 'The answer is ('",
            {
                "model": "claude-haiku-4-5",
                "max_tokens": 64000,
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "The answer is ("},
                ],
            },
        ),
    ],
)
def test_an_option_sends_exactly_what_it_says(
    api: Loopback, notebook: Notebook, options: str, added: dict[str, Any]
) -> None:
    """The body is the plain one and what was asked for; the official SDK's types take it."""
    notebook.shell.user_ns["POINT"] = POINT
    shown = notebook.run(f"%%claude --dry-run {options}\nHi")
    api.requests.clear()
    api.will(answer('{"x": 1}'))
    notebook.run(f"%%claude {options}\nHi")

    assert api.bodies == [PLAIN | added]
    assert json.loads(shown.partition("\n\n")[2].partition("\n\n#")[0]) == PLAIN | added
    sent = {name: value for name, value in api.bodies[0].items() if name not in OF_OLDER_VERSION}
    assert faults(sent, MessageCreateParamsStreaming) == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--prefill x", "--schema"),
        ("-m opus --prefill x", "-s "),
        ("-m claude-mythos-preview --prefill x", "claude-haiku-4-5"),
        ("-m claude-haiku-4-5 --prefill 'x '", "space"),
        ("-m claude-haiku-4-5 --prefill x --schema POINT", "exclude"),
        ("-m claude-haiku-4-5 --prefill x --think 2000", "exclude"),
        ("--extra 7", "dict"),
        ("--extra {1:2}", "dict"),
        ("--extra \"{'model': 'x'}\"", "-m"),
        ("--extra \"{'tools': []}\"", "--web"),
        ("--extra \"{'metadata': {1, 2}}\"", "JSON"),
        ("--extra \"{'top_p': float('nan')}\"", "JSON"),
        ("--think lots", "adaptive"),
        (f"--think {'9' * 5000}", "adaptive"),
        ("--think 2000 -t 0.5", "exclude"),
        ("-t nan", "between 0 and 1"),
        ("-t inf", "between 0 and 1"),
        ("--schema ''", "empty"),
        ("--schema Missing", "Missing"),
        ("--doc b''", "empty"),
        ("--doc b'%PDF'+b'x'*25_000_000", "too large"),
        ("--think 10", "1024"),
        ("-n 2000 --think 3000", "2,000"),
        ("-m opus --think 2000", "--effort"),
        ("-m opus --think off", "--effort low"),
        ("-m claude-haiku-4-5 --think adaptive", "--think 8000"),
        ("-m claude-opus-5 --think off --effort max", "high"),
        ("--effort huge", "low, medium, high, xhigh, max"),
        ("--effort xhigh", "low, medium, high, max"),
        ("-m claude-haiku-4-5 --effort low", "none"),
        ("--schema 7", "schema"),
        ("--schema nobody", "--schema nobody: there is no `nobody`"),
        ("--tools nobody", "--tools nobody: there is no `nobody`"),
        ("-i ''", "-i is empty"),
        ("--extra ' '", "--extra is empty"),
        ("-i 1/0", "-i 1/0 failed with ZeroDivisionError"),
        ("-i __import__('sys').exit(3)", "SystemExit"),
        ("-i file:///etc/hostname", "path of a file"),
        ("-n many", "--max-tokens is 'many'; it takes a whole number"),
        ("--last 2.5", "--last is '2.5'; it takes a whole number"),
        ("-t warm", "--temperature is 'warm'; it takes a number"),
        ("--schema 'a b'", "a b"),
        ("--doc nobody_knows.pdf", "nobody_knows"),
        ("--title T", "--doc"),
        ("--as assistant", "begins with a user"),
        ("--as robot", "--as is 'robot'; it takes user or assistant"),
        ("--as user -m opus", "--model"),
        ("--as user --think --web", "--think, --web"),
    ],
)
def test_what_would_be_refused_is_told_before_anything_is_sent(
    api: Loopback, notebook: Notebook, options: str, named: str
) -> None:
    """With the way out, and without a traceback."""
    notebook.shell.user_ns["POINT"] = POINT
    shown = notebook.fail(f"%%claude {options}\nHi")

    assert named in shown
    assert "Traceback" not in shown
    assert api.requests == []


def test_words_that_fit_no_model_are_refused_before_they_travel(
    api: Loopback, notebook: Notebook
) -> None:
    notebook.shell.user_ns["whole_file"] = "word " * 400_000
    shown = notebook.fail("%%claude -m claude-haiku-4-5\n{{ whole_file }}")
    assert "1,999,999 characters" in " ".join(shown.split())
    assert api.requests == []
    notebook.run("%%claude -m opus\n{{ whole_file }}")
    assert len(api.requests[-1].raw) > 1_999_000


def test_a_value_that_leaves_instead_of_showing_itself_is_told(
    api: Loopback, notebook: Notebook
) -> None:
    """As some wrappers of command lines do."""
    notebook.run("class Leaves:\n    def __repr__(self): raise SystemExit(3)")
    notebook.run("class Shows:\n    def _repr_png_(self): raise SystemExit(3)")
    assert "SystemExit" in notebook.fail("%%claude\n{{ Leaves() }}")
    assert "SystemExit" in notebook.fail("%%claude -i Shows()\nWhat?")
    assert api.requests == []


def test_the_way_out_of_a_prefill_can_be_typed_as_it_stands(
    api: Loopback, notebook: Notebook
) -> None:
    """Each option that the refusal names works."""
    shown = " ".join(notebook.fail("%%claude -m opus --prefill 'So it is ('\nHi").split())
    options = [o for o in re.findall(r"`([^`]+)`", shown) if o.startswith("-")]
    api.will(answer('{"value": "B"}'))
    for option in options:
        notebook.run(f"%%claude --once -m opus {option} -o a\nHi")

    assert [option.split()[0] for option in options] == ["--schema", "-s", "-m"]
    assert api.bodies[0]["output_config"]["format"]["type"] == "json_schema"
    assert api.bodies[1]["system"] == "Begin your answer with: So it is ("
    assert api.bodies[2]["model"] == "claude-haiku-4-5"


def test_an_unknown_model_is_left_to_its_server(api: Loopback, notebook: Notebook) -> None:
    """The server knows better than a table."""
    notebook.run("%%claude -m local-model --prefill x -t 0.3\nHi")
    notebook.run("%%claude -m local-model --once --think 2000 --effort max\nHi")

    assert api.bodies[0]["messages"][-1] == {"role": "assistant", "content": "x"}
    assert api.bodies[1]["thinking"] == {"type": "enabled", "budget_tokens": 2000}


@pytest.mark.parametrize("pieces", [("C",), ("The answer is (C",), ("The ", "answer is (", "C")])
def test_a_shown_answer_begins_with_its_prefill(
    api: Loopback, notebook: Notebook, pieces: tuple[str, ...]
) -> None:
    """The guide's multiple choice; also on servers that repeat the prefill themselves."""
    api.will(answer(*pieces, stop_reason="max_tokens"))
    shown = notebook.run("%%claude -m claude-haiku-4-5 -n 1 --prefill 'The answer is (' -o a\nHi")
    notebook.run("%%claude\nNext")

    assert "The answer is (C" in shown
    assert (notebook["a"].text, notebook["a"].stop_reason) == ("The answer is (C", "max_tokens")
    assert api.bodies[1]["messages"][1] == {"role": "assistant", "content": "The answer is (C"}


@dataclass
class Point:
    x: int


def test_the_variable_holds_the_object_asked_for(api: Loopback, notebook: Notebook) -> None:
    """A dataclass, or a list of them that offers itself as a data frame."""
    notebook.shell.user_ns["Point"] = Point
    api.will(answer('{"x": 3}'), answer('{"items": [{"x": 1}, {"x": 2}]}'))
    notebook.run("%%claude --schema Point -o p\nHi")
    notebook.run("%%claude --schema list[Point] -o ps\nHi")

    assert notebook["p"] == Point(3)
    assert notebook["ps"] == [Point(1), Point(2)]
    assert list(notebook["ps"].frame()["x"]) == [1, 2]


def test_the_object_is_in_the_last_words(api: Loopback, notebook: Notebook) -> None:
    """Claude may tell what it searches for before; a server may also split the object itself."""
    notebook.shell.user_ns["Point"] = Point
    told = [START, *text_block("Let me look."), *text_block('{"x": 3}', index=1), *ending()]
    split = [START, *text_block('{"x":'), *text_block(" 4}", index=1), *ending()]
    api.will(Reply([sse(*told)]), Reply([sse(*split)]))
    notebook.run("%%claude --web --schema Point -o p\nHi")
    notebook.run("%%claude --schema Point -o q\nHi")

    assert (notebook["p"], notebook["q"]) == (Point(3), Point(4))


@pytest.mark.parametrize("reason", ["max_tokens", "refusal"])
def test_an_answer_that_is_not_whole_is_no_object_and_no_error(
    api: Loopback, notebook: Notebook, reason: str
) -> None:
    """It is told as what it is, and the words are kept."""
    notebook.shell.user_ns["Point"] = Point
    api.will(answer('{"x": ', stop_reason=reason))
    notebook.run("%%claude --schema Point -o p\nHi")

    assert notebook["p"].text == '{"x": '
    assert notebook["p"].stop_reason == reason


def test_an_answer_of_another_form_is_told_and_kept(api: Loopback, notebook: Notebook) -> None:
    """Some servers ignore the form."""
    notebook.shell.user_ns["Point"] = Point
    api.will(answer("No JSON."))
    shown = notebook.fail("%%claude --schema Point -o p\nHi")

    assert "No JSON." in shown
    assert "not of the form" in shown
    assert notebook["p"].text == "No JSON."


def test_words_of_ones_own_join_the_conversation(api: Loopback, notebook: Notebook) -> None:
    """Synthetic turns are sent as what they are; adding them sends nothing."""
    notebook.run("%%claude --as user\nTwo and {{ 1 + 1 }}?")
    notebook.run("%%claude --as assistant\nFour.")
    assert api.requests == []
    notebook.run("%%claude\nAnd three?")

    assert api.bodies[0]["messages"] == [
        {"role": "user", "content": "Two and 2?"},
        {"role": "assistant", "content": "Four."},
        {"role": "user", "content": "And three?"},
    ]


def test_words_in_claudes_mouth_stand_after_a_users_or_stay_at_home(
    api: Loopback, notebook: Notebook
) -> None:
    """The API takes no request that begins with an answer, whatever was left out before it."""
    api.will(answer(" "), answer("1"))
    notebook.run("%%claude\nIs not answered.")
    assert "begins with a user" in notebook.fail("%%claude --as assistant\nHello.")
    notebook.run("%%claude\nOne?", "one")
    notebook.run("%%claude --as assistant\nAnd more.")
    notebook.run("%%claude --once\nTwo?")
    notebook.run("%%claude --last 1\nThree?", "three")
    notebook.run("pass", "one")
    notebook.run("pass", "three")
    notebook.run("%%claude\nFour?")

    said = [[message["content"] for message in body["messages"]] for body in api.bodies]
    assert said[3:] == [["Three?"], ["Four?"]]


def test_a_paused_answer_goes_on_by_itself(api: Loopback, notebook: Notebook) -> None:
    """The content so far is sent back with the same tools; what comes is one answer."""
    call = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}}
    result = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}
    api.will(
        Reply([sse(START, *text_block("Let me see. "), *block(1, call), *ending("pause_turn"))]),
        Reply([sse(START, *block(0, result), *text_block("Found.", index=1), *ending())]),
    )
    notebook.run("%%claude --web -o a\nHi")

    assert (notebook["a"].text, notebook["a"].stop_reason) == ("Let me see. Found.", "end_turn")
    assert notebook["a"].usage.input_tokens == 18
    assert api.bodies[1]["tools"] == api.bodies[0]["tools"]
    assert api.bodies[1]["messages"][1:] == [
        {"role": "assistant", "content": [{"type": "text", "text": "Let me see. "}, call]}
    ]
    notebook.run("%%claude\nNext")
    assert [b["type"] for b in api.bodies[2]["messages"][1]["content"]] == [
        "text",
        "server_tool_use",
        "web_search_tool_result",
        "text",
    ]


def test_a_pause_sends_nothing_back_that_is_empty(api: Loopback, notebook: Notebook) -> None:
    """The API takes no blank words; of a pause without any, nothing is left to go on with."""
    call = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
    api.will(
        Reply([sse(START, *text_block(""), *block(1, call), *ending("pause_turn"))]),
        Reply([sse(START, *text_block("Found."), *ending())]),
        Reply([sse(START, *text_block(" "), *ending("pause_turn"))]),
    )
    notebook.run("%%claude --web -o a\nHi")
    shown = notebook.run("%%claude --web --once\nHi")

    assert api.bodies[1]["messages"][1]["content"] == [call]
    assert notebook["a"].text == "Found."
    assert "paused" in shown
    assert len(api.bodies) == 3


def test_code_goes_on_in_the_container_where_it_ran(api: Loopback, notebook: Notebook) -> None:
    """Also when the answer pauses; not once it is gone, nor where no code may run."""
    lives = {"id": "container_1", "expires_at": "2999-01-01T00:00:00Z"}
    gone = {"id": "container_2", "expires_at": "2020-01-01T00:00:00Z"}
    api.will(
        answer("Wait.", stop_reason="pause_turn", container=lives),
        answer("Ran.", container=lives),
        answer("No code."),
        answer("Ran again.", container=gone),
    )
    for options in ("--run-code", "", "--run-code", "--run-code --last 1"):
        notebook.run(f"%%claude {options}\nHi")

    named = [body.get("container") for body in api.bodies]
    assert named == [None, "container_1", None, "container_1", None]
    assert faults(api.bodies[1], MessageCreateParamsStreaming) == []


def test_a_document_stands_before_the_question(
    api: Loopback, notebook: Notebook, tmp_path: Any
) -> None:
    """A file by its path, or a value of the notebook, with a title and citations."""
    path = tmp_path / "notes.txt"
    path.write_text("Some notes.")
    notebook.shell.user_ns["words"] = "More words."
    notebook.run(f"%%claude --doc {path} --doc words --title Mine --title Yours\nHi")

    first, second, text = api.bodies[0]["messages"][0]["content"]
    assert first == {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "Some notes."},
        "title": "Mine",
        "citations": {"enabled": True},
    }
    assert (second["title"], second["source"]["data"]) == ("Yours", "More words.")
    assert text == {"type": "text", "text": "Hi"}
    assert faults(api.bodies[0], MessageCreateParamsStreaming) == []


def test_a_form_and_citations_exclude_each_other_quietly(api: Loopback, notebook: Notebook) -> None:
    """The API refuses both at once, also for documents of earlier turns."""
    notebook.shell.user_ns.update(POINT=POINT, words="Words.")
    notebook.run("%%claude --doc words\nHi")
    api.will(answer('{"x": 1}'))
    notebook.run("%%claude --schema POINT\nHi")

    assert "citations" in json.dumps(api.bodies[0])
    assert "citations" not in json.dumps(api.bodies[1])


def test_the_cache_is_on_and_can_be_switched_off(api: Loopback, notebook: Notebook) -> None:
    """For a cell and for the notebook."""
    notebook.run("%%claude --no-cache\nHi")
    notebook.run("%config ClaudeMagics.cache = False")
    notebook.run("%%claude\nHi")

    assert ["cache_control" in body for body in api.bodies] == [False, False]


def test_a_long_system_prompt_has_a_breakpoint_of_its_own(
    api: Loopback, notebook: Notebook
) -> None:
    """It stays cached when the conversation changes."""
    notebook.shell.user_ns["rules"] = "Be brief. " * 2000
    notebook.run("%%claude -s '{{ rules }}'\nHi")

    (system,) = api.bodies[0]["system"]
    assert system["cache_control"] == {"type": "ephemeral"}
    assert faults(api.bodies[0], MessageCreateParamsStreaming) == []


def test_a_server_without_a_cache_is_asked_once(api: Loopback, notebook: Notebook) -> None:
    """It is found out, remembered, and the question is answered all the same."""
    api.will(error(400, "invalid_request_error", "cache_control: Extra inputs are not permitted"))
    notebook.run("%%claude\nHi")
    notebook.run("%%claude\nAgain")

    assert ["cache_control" in body for body in api.bodies] == [True, False, False]


def test_thinking_goes_back_as_it_came(api: Loopback, notebook: Notebook) -> None:
    """With its signature, to the model that wrote it, while nothing before it changed."""
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    start = {"type": "thinking", "thinking": "", "signature": ""}
    deltas = (
        {"type": "thinking_delta", "thinking": "Hm."},
        {"type": "signature_delta", "signature": "c2ln"},
    )
    events = [START, *block(0, start, *deltas), *text_block("A", index=1), *ending()]
    api.will(Reply([sse(*events)]))
    notebook.run("%%claude -m opus --think\nHi")
    notebook.run("%%claude -m opus\nAgain")
    notebook.run("%%claude -m sonnet\nAgain")
    notebook.run("%%claude -m opus -s 'Be brief.'\nAgain")

    answers = [body["messages"][1]["content"] for body in api.bodies[1:]]
    assert answers == [[thought, {"type": "text", "text": "A"}], "A", "A"]
    assert faults(api.bodies[1], MessageCreateParamsStreaming) == []


def test_many_pictures_never_block_a_conversation_that_thinks(notebook: Notebook) -> None:
    """From the twenty-first on all are sent smaller, so earlier thinking is of another request.

    The practice model binds thinking to the conversation as the API does.
    """
    notebook.run("%config ClaudeMagics.pace = 0\n%claude practice on")
    notebook.run("from PIL import Image\nwide = Image.new('RGB', (2400, 300), 'navy')")
    for number in range(22):
        notebook.run(
            f"%%claude -m opus --think\n{{{{ wide }}}} In one sentence, question {number}?"
        )

    assert len(notebook.engine.conversation.turns) == 22


@pytest.mark.parametrize("name", ["nope.pdf", "notes/nope.txt", "figure 1.csv"])
def test_a_document_that_is_not_there_is_told_as_a_file(
    api: Loopback, notebook: Notebook, name: str
) -> None:
    """And not as an expression that fails; one that is none is told as an expression."""
    assert f"there is no file {name}" in notebook.fail(f"%%claude --doc '{name}'\nHi")
    assert f"there is no file {name}" in notebook.fail(f"%claude upload {name}")
    assert "there is no `nope`" in notebook.fail("%%claude --doc nope.text\nHi")
    assert api.requests == []


def test_the_practice_model_goes_on_after_a_kept_file(notebook: Notebook, tmp_path: Path) -> None:
    """The newest models bind their thinking to what was said, a file by its id."""
    (tmp_path / "notes.txt").write_text("Seven words on ants.")
    notebook.environ["CLAUDE_MAGIC_PACE"] = "0"
    notebook.run("%claude practice on\n%config ClaudeMagics.model = 'opus'")
    notebook.run(f"%claude upload {tmp_path}/notes.txt -o kept")

    assert "beginning “Seven words" in notebook.run("%%claude --doc kept\nWhat is in it?")
    assert "turn 2" in notebook.run("%%claude\nAnd?")
