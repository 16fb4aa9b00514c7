"""Claims about odd servers, odd cells and leaks, each once a fault, in a real kernel."""

import json
from itertools import product
from typing import Any

import pytest
from conftest import KEY
from kernel import Kernel, error_text, html
from loopback import START, Loopback, Reply, answer, block, ending, sse, text_block


def test_an_answer_leaves_what_else_the_cell_shows(api: Loopback, kernel: Kernel) -> None:
    """Prints, plots and earlier answers of the same cell stay, however slowly answers come."""
    slow = [lambda handler: handler.hold(handler.server.loopback.client_left, timeout=0.3)]
    for words in ("One.", "Two."):
        events = text_block(words, " More.")
        api.will(Reply([sse(START, *events[:2]), *slow, sse(*events[2:], *ending())]))
    outputs = kernel.run(
        "print('before')\n"
        "for q in 'ab':\n"
        "    get_ipython().run_cell_magic('claude', '', q)\n"
        "    print('after', q)"
    )
    shown = str(outputs)

    assert all(
        part in shown for part in ("before", "after a", "after b", "One. More.", "Two. More.")
    )
    assert shown.count("text/markdown") == 2


def test_what_an_expression_prints_stays(api: Loopback, kernel: Kernel) -> None:
    """`{{ f() }}` may print; the answer comes below."""
    kernel.run("def f():\n    print('printed')\n    return 7")
    outputs = kernel.run("%%claude\nHi {{ f() }}")

    assert "printed" in str(outputs)
    assert "Hello there." in str(outputs)


@pytest.mark.parametrize(
    "environ",
    [
        {"ALL_PROXY": "socks5://localhost:1"},
        {"HTTP_PROXY": "foo://localhost:1"},
        {"ANTHROPIC_BASE_URL": "http://ex..com"},
        {"ANTHROPIC_CUSTOM_HEADERS": "X Team: y"},
        {"CLAUDE_MAGIC_PACE": "fast"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_no_setting_brings_a_wall_of_traceback_or_the_key(
    api: Loopback, environ: dict[str, str]
) -> None:
    """Also where IPython shows the values of variables in tracebacks."""
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY, "NO_PROXY": "", **environ}
    with Kernel(**named) as kernel:
        kernel.run("%xmode Verbose\n%load_ext claude_magic\n%config ClaudeMagics.retries = 0")
        outputs = kernel.run("%%claude\nHi")
        kernel.run("%tb")

        assert KEY not in str(kernel.notebook)
        assert outputs[-1].get("ename") is None or error_text(outputs).count("\n") <= 3


def spread(words: str) -> list[dict[str, Any]]:
    return [*text_block(words[:12], index=0), *text_block(words[12:], index=1)]


ECHOES = {
    "in one piece": Reply(
        [json.dumps({**START["message"], "content": [{"type": "text", "text": KEY}]}).encode()],
        headers={"content-type": "application/json"},
    ),
    "model": Reply(
        [sse({**START, "message": {**START["message"], "model": KEY}}, *text_block("x"), *ending())]
    ),
    "explanation": answer("x", stop_reason="refusal", stop_details={"explanation": KEY}),
    "stop reason": answer("x", stop_reason=KEY),
    "two blocks": Reply([sse(START, *spread(KEY), *ending())]),
    "tool input": Reply(
        [sse(START, *block(0, {"type": "tool_use", "id": "t", "name": KEY, "input": {"k": KEY}}))]
    ),
    "most of it": answer(f"{KEY[:-4]}… and {KEY[4:]}"),
    "unknown block": Reply([sse(START, *block(0, {"type": KEY, "k": KEY}), *ending())]),
    "citation": Reply(
        [
            sse(
                START,
                *block(
                    0,
                    {"type": "text", "text": "x"},
                    {"type": "citations_delta", "citation": {"cited_text": KEY, "title": KEY}},
                ),
                *ending(),
            )
        ]
    ),
    "not json": Reply([sse(START), f"data: {'x' * 70}{KEY}\n\n".encode()]),
}


@pytest.mark.parametrize("where", ECHOES)
def test_the_key_is_hidden_wherever_it_is_echoed(api: Loopback, kernel: Kernel, where: str) -> None:
    """In every part of an answer, and in the object that holds it."""
    api.will(ECHOES[where])
    kernel.run("%%claude -o answer\nHi")
    kernel.run("print(repr(answer.look) if 'answer' in vars() else '')")
    kernel.run("%claude request")

    assert KEY not in str(kernel.notebook)
    assert KEY[:-4] not in str(kernel.notebook)


def events(*given: dict[str, Any]) -> bytes:
    """Events with characters as numbers, so that half a one may be among them."""
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in given)


def test_no_odd_stream_breaks_a_cell_or_the_next(api: Loopback, kernel: Kernel) -> None:
    """Half a character, types that are no words, sizes that no number has room for."""
    used = {**START["message"], "usage": {"input_tokens": 10**4000, "output_tokens": -1}}
    for odd in (
        events(START, *text_block("Said."), *ending("\ud83d")),
        events(START, *block(1, {"type": ["text"], "x": 1}), *text_block("Said."), *ending()),
        events({**START, "message": used}, *text_block("Said."), *ending()),
    ):
        api.will(Reply([odd]), answer("And next."))

        assert "Said." in html(kernel.run("%%claude\nHi"))
        assert "And next." in html(kernel.run("%%claude\nAnd?"))


@pytest.mark.parametrize(
    "cell",
    [
        "%%claude\n{{ int(__import__('os').environ['ANTHROPIC_API_KEY']) }}",
        "%%claude -n {{ __import__('os').environ['ANTHROPIC_API_KEY'] }}\nHi",
        "%%claude --stop {{ __import__('os').environ['ANTHROPIC_API_KEY'] }}\nHi",
        "%claude practice on\nget_ipython().run_cell_magic('claude', '--dry-run', "
        '\'{{ __import__("os").environ["ANTHROPIC_API_KEY"] }}\')',
        f"%claude {KEY}",
    ],
)
def test_a_key_in_a_cell_is_neither_sent_nor_shown(
    api: Loopback, kernel: Kernel, cell: str
) -> None:
    """Whatever the expression does with it."""
    outputs = kernel.run(cell)

    assert KEY not in str(outputs)
    assert api.requests == []


def test_an_interrupt_before_the_request_is_short(api: Loopback, kernel: Kernel) -> None:
    """While an expression is evaluated nothing was sent, and no traceback is shown."""
    kernel.run("import time")
    outputs, _ = kernel.run_and_interrupt(
        "%%claude\n{{ print('go') or time.sleep(30) }}",
        lambda shown: "'go" in shown or "go\\n" in shown,
    )

    assert outputs[-1]["ename"] == "Interrupted"
    assert error_text(outputs).count("\n") <= 2
    assert api.requests == []


@pytest.mark.parametrize("words", ["", "  \n\n ", "\u2028"])
def test_an_answer_without_a_visible_word_says_so(
    api: Loopback, kernel: Kernel, words: str
) -> None:
    """A cell that shows nothing at all would look broken; the turn does not go along."""
    api.will(answer(words))
    outputs = kernel.run("%%claude\nHi")
    kernel.run("%%claude\nNext")

    assert "without a word" in outputs[0]["data"]["text/plain"]
    assert len(api.bodies[1]["messages"]) == 1


@pytest.mark.parametrize("words", ["", "Some words"])
def test_only_what_came_is_called_kept(api: Loopback, kernel: Kernel, words: str) -> None:
    """Whatever broke the answer off; in a conversation it can be gone on from."""
    begun = sse(START, *text_block(words)[:-1])
    failed = {"type": "error", "error": {"type": "api_error", "message": "Oh"}}
    broken = (
        Reply([begun]),
        Reply([begun], drop=True),
        Reply([begun, b"data: [1, 2]\n\n"]),
        Reply([begun, sse(failed)]),
    )
    for reply, option in product(broken, ("", "--once")):
        api.will(reply)
        outputs = kernel.run(f"%%claude {option}\nHi")
        goes_on = "`%claude continue` goes on" in error_text(outputs)

        assert ("kept" in str(outputs)) == bool(words)
        assert goes_on == bool(words and not option)
        assert error_text(outputs).count("\n") == 1


def test_words_before_a_bad_event_of_the_same_chunk_are_kept(api: Loopback, kernel: Kernel) -> None:
    """The cell says that they are kept, and they are."""
    api.will(Reply([sse(START, *text_block("Words so far")[:-1]) + b"data: <html>\n\n"]))
    outputs = kernel.run("%%claude\nHi")

    assert "Words so far" in str(outputs)
    assert "kept" in error_text(outputs)


WORDS = {"type": "text_delta", "text": "Words"}
ODD = {
    "no start of the block": Reply([sse(START, *text_block("Words")[1:], *ending())]),
    "no index": Reply(
        [sse(START, {"type": "content_block_delta", "delta": WORDS}), sse(*ending())]
    ),
    "text null": Reply(
        [sse(START, *block(0, {"type": "text", "text": None}, WORDS)), sse(*ending())]
    ),
    "odd figures": Reply(
        [
            sse(
                {
                    **START,
                    "message": {**START["message"], "usage": {"input_tokens": "5"}, "model": {}},
                },
                *text_block("Words"),
                *ending(stop_details="x"),
            )
        ]
    ),
    "extra fields": Reply(
        [sse(START, *block(0, {"type": "text", "text": "Words", "parsed_output": 1}), *ending())]
    ),
    "labelled as JSON": Reply(
        [sse(START, *text_block("Words"), *ending())], headers={"content-type": "application/json"}
    ),
    "never closed": Reply(
        [
            sse(START, *text_block("Words"), *ending()),
            lambda handler: handler.hold(handler.server.loopback.client_left, timeout=8),
        ]
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_words_of_an_odd_server_are_shown_and_go_along(
    api: Loopback, kernel: Kernel, name: str
) -> None:
    """And the next request is one that a strict server takes."""
    api.will(ODD[name])
    outputs = kernel.run("%%claude\nHi")
    kernel.run("%%claude\nNext")

    assert "Words" in outputs[0]["data"]["text/markdown"]
    assert api.bodies[1]["messages"][1] == {"role": "assistant", "content": "Words"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'data: {"choices": []}\n\ndata: [DONE]\n\n', "NotUnderstood"),
        (b"<html>Welcome</html>", "NotUnderstood"),
        (b"", "NotUnderstood"),
        (b'{"error": {"type": "overloaded_error", "message": "Busy"}}', "Busy"),
        (b'data: {"type": "error", "error": {"type": "api_error", "message": "Oh"}}\n\n', "Oh"),
    ],
)
def test_what_is_no_answer_is_told_and_nothing_is_called_kept(
    api: Loopback, kernel: Kernel, body: bytes, named: str
) -> None:
    """Under the label of a stream, too."""
    api.will(Reply([body] if body else []))
    outputs = kernel.run("%%claude\nHi")

    assert len(outputs) == 1
    assert named in error_text(outputs)
    assert "kept" not in error_text(outputs)


def test_a_malformed_block_never_blocks_a_conversation(api: Loopback, kernel: Kernel) -> None:
    """What the API would refuse is not sent back."""
    api.will(
        Reply([sse(START, *text_block("A"), *block(1, {"type": "text", "text": 5}), *ending())]),
        Reply([sse(START, *block(0, {"type": "hologram", "x": 1}), *ending())]),
    )
    first = kernel.run("%%claude\nHi")
    second = kernel.run("%%claude\nHi")
    kernel.run("%%claude\nNext")

    assert first
    assert "hologram" in second[0]["data"]["text/html"]
    assert api.bodies[2]["messages"][1] == {"role": "assistant", "content": "A"}


@pytest.mark.parametrize("option", ["-once", "-model opus", "-system hi", "-stop X", "-m -s hi"])
def test_an_option_with_a_dash_too_few_is_told(api: Loopback, kernel: Kernel, option: str) -> None:
    """It is never taken for the value of a shorter one."""
    outputs = kernel.run(f"%%claude {option}\nHi")

    assert outputs[-1]["ename"] == "BadInput"
    assert api.requests == []


def test_switching_practice_begins_a_new_conversation(api: Loopback, kernel: Kernel) -> None:
    """Neither takes the other's words for its own."""
    kernel.run("%config ClaudeMagics.pace = 0\n%claude practice on")
    kernel.run("%%claude\nHi")
    assert "new conversation" in str(kernel.run("%claude practice off"))
    kernel.run("%%claude\nHi")

    assert len(api.bodies[0]["messages"]) == 1
