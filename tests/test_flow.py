"""One test for each road through the house, in a real kernel against a real server."""

import pytest
from conftest import KEY
from kernel import Kernel, error_text, html
from loopback import START, Loopback, Reply, answer, error, sse, stay_silent, text_block


def held_open(*pieces: str) -> Reply:
    """Return an answer that stays open after `pieces`."""
    return Reply([sse(START, *text_block(*pieces)[:-1]), stay_silent])


def test_an_answer_becomes_one_output_with_markdown_and_html(api: Loopback, kernel: Kernel) -> None:
    """The saved notebook holds one output: safe HTML, Markdown, plain text."""
    api.will(answer("# Title\n\nSome *words*", " and \\(x<y\\).\n\n- a\n- b\n"))
    (output,) = kernel.run("%%claude\nHi")

    assert output["data"]["text/markdown"].startswith("# Title\n\nSome *words* and $x<y$.")
    assert "<h1>Title</h1>" in output["data"]["text/html"]
    assert "<em>words</em>" in output["data"]["text/html"]
    assert "claude-opus-4-6 · 9 in · 7 out" in output["data"]["text/html"]


def test_the_conversation_goes_on_from_cell_to_cell(api: Loopback, kernel: Kernel) -> None:
    """Each request carries all turns before it."""
    api.will(answer("A chance."), answer("Of the data."))
    kernel.run("%%claude\nWhat is a p-value?")
    kernel.run("%%claude\nOf what?")

    assert api.bodies[1]["messages"] == [
        {"role": "user", "content": "What is a p-value?"},
        {"role": "assistant", "content": "A chance."},
        {"role": "user", "content": "Of what?"},
    ]


def test_words_are_shown_before_the_answer_is_whole(api: Loopback, kernel: Kernel) -> None:
    """The first words are published while the server still holds the rest back."""
    api.will(held_open("First words"))
    outputs, _ = kernel.run_and_interrupt("%%claude\nHi", lambda shown: "First words" in shown)

    assert "First words" in outputs[0]["data"]["text/html"]


def test_an_interrupt_closes_the_stream_and_keeps_the_words(api: Loopback, kernel: Kernel) -> None:
    """The server sees the end, the words stay, and the next request is valid."""
    kernel.run("%%claude\nWarm up")
    api.will(held_open("Half an ", "answer"))
    outputs, _ = kernel.run_and_interrupt("%%claude\nHi", lambda shown: "an answer" in shown)

    assert api.client_left.wait(5)
    assert "Half an answer" in outputs[0]["data"]["text/html"]
    assert "Interrupted here" in outputs[0]["data"]["text/markdown"]
    assert "9 in · about 4 out" in outputs[0]["data"]["text/html"]
    assert error_text(outputs).count("\n") == 1
    assert "`%claude continue`" in error_text(outputs)
    kernel.run("%%claude\nGo on")
    assert [message["role"] for message in api.bodies[-1]["messages"]][-3:] == [
        "user",
        "assistant",
        "user",
    ]
    assert api.bodies[-1]["messages"][-2]["content"] == "Half an answer"


def test_an_interrupt_while_waiting_for_the_server(api: Loopback, kernel: Kernel) -> None:
    """Before the first byte there is nothing to keep; the question does not go along later."""
    api.will(Reply(), Reply(before=[stay_silent]))
    kernel.run("%%claude\nWarm up")
    outputs, _ = kernel.run_and_interrupt("%%claude\nLost", lambda _: len(api.requests) == 2)

    assert outputs[-1]["ename"] == "Interrupted"
    assert "continue" not in error_text(outputs)
    assert api.client_left.wait(5)
    kernel.run("%%claude\nNext")
    assert api.bodies[-1]["messages"] == [{"role": "user", "content": "Next"}]


def test_waiting_to_ask_again_is_shown_and_can_be_interrupted(
    api: Loopback, kernel: Kernel
) -> None:
    """A cell that waits out a busy server says why; the stop button ends it."""
    api.will(error(529, "overloaded_error", retry_after="60"))
    outputs, _ = kernel.run_and_interrupt("%%claude\nHi", lambda shown: "asking again" in shown)

    assert outputs[-1]["ename"] == "Interrupted"
    assert len(api.requests) == 1


def test_an_interrupt_before_the_question_speaks_of_no_answer(
    kernel: Kernel, api: Loopback
) -> None:
    """While a value of `{{ }}` is worked out."""
    cell = "%%claude\n{{ [print('begun', flush=True), __import__('time').sleep(30)] }}"
    outputs, _ = kernel.run_and_interrupt(cell, lambda shown: "begun" in shown)

    assert "stopped before it was done" in error_text(outputs)
    assert "continue" not in error_text(outputs)
    assert api.requests == []


@pytest.mark.parametrize("count", [3])
def test_a_busy_server_is_outlasted(api: Loopback, kernel: Kernel, count: int) -> None:
    """Three 529s in a row, and the answer still comes."""
    api.will(*[error(529, "overloaded_error")] * count, answer("At last."))
    outputs = kernel.run("%%claude\nHi")

    assert "At last." in html(outputs)
    assert len(api.requests) == count + 1


def test_the_key_is_never_shown(api: Loopback, kernel: Kernel) -> None:
    """Not in an answer, an error or a request id that echo it, nor in a repr or a traceback."""
    middle = len(KEY) // 2
    api.will(
        answer("Your key is ", KEY[:middle], KEY[middle:], "!"),
        error(400, "invalid_request_error", f"bad {KEY}"),
        Reply([sse(START, *text_block(KEY[:-2])[:-1])]),
        Reply([f"data: {KEY}\n\n".encode()]),
        Reply([b"ok"], 302, {"location": f"http://elsewhere/{KEY}"}),
        Reply([f"<title>{KEY}</title>".encode()], 404, {"content-type": "text/html"}),
    )
    for _ in range(6):
        kernel.run("%%claude -o answer\nHi")
    kernel.run("%%claude --dry-run\nHi")
    kernel.run("answer, vars(answer)")
    kernel.run("%claude status")
    desk = "get_ipython().magics_manager.registry['ClaudeMagics'].desk"
    kernel.run(f"{desk}.engine, {desk}.engine.servers.chosen({desk}.settings)")
    kernel.run("%tb")

    assert KEY not in str(kernel.notebook)
    assert KEY[:-2] not in str(kernel.notebook)
    assert api.requests[0].headers["x-api-key"] == KEY


def test_a_missing_key_names_three_ways_on() -> None:
    """A few lines, no traceback, nothing sent; practice then works."""
    with Kernel() as kernel:
        kernel.run("%load_ext claude_magic")
        shown = error_text(kernel.run("%%claude\nHi"))
        assert "ANTHROPIC_API_KEY" in shown
        assert "%claude practice on" in shown
        assert "ANTHROPIC_BASE_URL" in shown
        assert shown.count("\n") <= 4

        kernel.run("%claude practice on")
        kernel.run("%config ClaudeMagics.pace = 0")
        assert "not Claude" in html(kernel.run("%%claude\nHi"))


def test_an_answer_goes_into_a_variable_that_shows_itself(api: Loopback, kernel: Kernel) -> None:
    """`-o` gives an object that knows the answer's parts and is safe to show."""
    api.will(answer("<b>bold</b> *words*"))
    kernel.run("%%claude -o a\nHi")

    told = kernel.value("a.text, a.stop_reason, a.model, a.id, a.request_id, a.usage.output_tokens")
    assert told.strip() == (
        "('<b>bold</b> *words*', 'end_turn', 'claude-opus-4-6', 'msg_t1', 'req_t1', 7)"
    )
    (output,) = kernel.run("a")
    assert "<em>words</em>" in output["data"]["text/html"]
    assert "<b>" not in output["data"]["text/html"]


def test_under_capture_only_the_answer_is_kept(api: Loopback, kernel: Kernel) -> None:
    """`%%capture` holds one output, not each stage of its growth."""
    kernel.run("from IPython.utils.capture import capture_output")
    kernel.run(
        "with capture_output() as kept:\n    get_ipython().run_cell_magic('claude', '', 'Hi')"
    )

    assert kernel.value("len(kept.outputs)").strip() == "1"


def test_in_vs_code_markdown_is_left_to_the_front_end(api: Loopback, kernel: Kernel) -> None:
    """A kernel that knows a VS Code notebook sends Markdown without HTML."""
    kernel.run("__vsc_ipynb_file__ = '/a/b.ipynb'")
    api.will(answer("Some *words*"))
    (output,) = kernel.run("%%claude\nHi")

    assert set(output["data"]) == {"text/markdown", "text/plain"}
    assert output["data"]["text/markdown"].startswith("Some *words*")
