"""Claims about what the server's own tools did, as an answer shows it."""

import io
from typing import Any

import pytest
from browser.hostile import corpus
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import START, block, ending, text_block
from render.test_cell import Cell, grow
from render.test_citations import wrong_in

from claude_magic.content.blocks import Block, Opaque, Text, read_block
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Ending
from claude_magic.render.answer import bundle
from claude_magic.render.cell import CellScreen
from claude_magic.render.markdown import to_html
from claude_magic.render.terminal import TerminalScreen

ATTACKS = [attack.answer for attack in corpus("http://127.0.0.1:9")]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "<b>"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["type", "title", "url", "content", "stdout", "return_code", "error_code", "lines"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def call(name: str, id: str = "srvtoolu_1", **given: Any) -> dict[str, Any]:
    return {"type": "server_tool_use", "id": id, "name": name, "input": given}


def result(name: str, content: Any, id: str = "srvtoolu_1") -> dict[str, Any]:
    return {"type": f"{name}_tool_result", "tool_use_id": id, "content": content}


def found(title: str, url: str) -> dict[str, Any]:
    """One result of a search."""
    kind = "web_search_result"
    return {"type": kind, "title": title, "url": url, "encrypted_content": "SECRET"}


def ran(**more: Any) -> dict[str, Any]:
    printed = {"stdout": "", "stderr": "", "return_code": 0, "content": []}
    return {"type": "code_execution_result", **printed, **more}


def error(name: str, code: str) -> dict[str, Any]:
    return {"type": f"{name}_tool_result_error", "error_code": code}


def shown(*blocks: dict[str, Any] | Block, end: Ending = Ending.COMPLETE) -> dict[str, str]:
    read = tuple(read_block(one) if isinstance(one, dict) else one for one in blocks)
    return bundle(Look(1, Message("assistant", read, stop_reason="end_turn"), 1.0, ending=end))


SEARCH = call("web_search", query="tides today")
FOUND = result("web_search", [found("Tides", "https://x.org/t"), found("Sea", "https://y.org/")])


def test_a_search_is_one_line_with_its_sources_folded_below() -> None:
    """In Markdown and plain text a list of links."""
    data = shown(Text("I look."), SEARCH, FOUND, Text("High at noon."))

    assert (
        "<small><em>Searched the web for “tides today”: 2 results</em></small>"
        in (data["text/html"].partition("<summary>")[2].partition("</summary>")[0])
    )
    assert (
        '<li><a href="https://x.org/t" target="_blank" rel="noopener noreferrer">Tides</a>'
        in (data["text/html"])
    )
    assert data["text/markdown"] == (
        "I look.\n\n> Searched the web for “tides today”: 2 results\n>\n"
        "> - [Tides](<https://x.org/t>)\n> - [Sea](<https://y.org/>)\n\nHigh at noon."
    )
    assert data["text/plain"] == (
        "I look.\n\nSearched the web for “tides today”: 2 results\n"
        "- Tides <https://x.org/t>\n- Sea <https://y.org/>\n\nHigh at noon."
    )


def test_what_is_encrypted_is_never_shown() -> None:
    """Neither what a page holds nor what a program printed."""
    hidden = {**ran(), "type": "encrypted_code_execution_result", "encrypted_stdout": "SECRET"}
    told = shown(SEARCH, FOUND, call("code_execution", "2"), result("code_execution", hidden, "2"))

    assert "SECRET" not in "".join(told.values())
    assert "came encrypted" in told["text/html"]


@pytest.mark.parametrize(
    ("blocks", "line"),
    [
        ([SEARCH, result("web_search", [found("T", "https://x")])], "“tides today”: 1 result"),
        ([SEARCH, result("web_search", [])], "Searched the web for “tides today”: 0 results"),
        (
            [SEARCH, result("web_search", error("web_search", "max_uses_exceeded"))],
            "Searched the web for “tides today”: failed, it was used as often as allowed",
        ),
        (
            [SEARCH, result("web_search", error("web_search", "moon_too_full"))],
            "Searched the web for “tides today”: failed, moon too full",
        ),
        (
            [
                call("web_fetch", url="https://x.org/a"),
                result(
                    "web_fetch",
                    {
                        "type": "web_fetch_result",
                        "url": "https://x.org/a",
                        "content": {"type": "document", "title": "A page"},
                    },
                ),
            ],
            "Read https://x.org/a: A page",
        ),
        (
            [
                call("web_fetch", url="https://x.org/a"),
                result("web_fetch", error("web_fetch", "url_not_accessible")),
            ],
            "Read https://x.org/a: failed, the page could not be reached",
        ),
        (
            [call("code_execution", code="1/0"), result("code_execution", ran(return_code=1))],
            "Ran Python code: return code 1",
        ),
        (
            [
                call("bash_code_execution", command="ls"),
                result("bash_code_execution", error("x", "execution_time_exceeded")),
            ],
            "Ran a shell command: failed, it ran for too long",
        ),
        (
            [
                call("text_editor_code_execution", command="create", path="a.py", file_text="x"),
                result("text_editor_code_execution", {"type": "…", "is_file_update": False}),
            ],
            "Worked on a file, a.py: wrote it",
        ),
        (
            [
                call("tool_search_tool_regex", pattern="get_.*"),
                result("tool_search", {"tool_references": [{"tool_name": "get_tide"}]}),
            ],
            "Looked for tools for “get_.*”: 1 tool",
        ),
        ([call("dream", x=1), result("dream", {})], "Used the server’s tool dream: done"),
        ([SEARCH], "Searched the web for “tides today”: no result came"),
        ([result("web_search", [])], "Searched the web: 0 results"),
    ],
)
def test_each_tool_is_told_in_words(blocks: list[dict[str, Any]], line: str) -> None:
    """What was asked, and how it went; a result whose call came in an earlier message as well."""
    data = shown(*blocks)

    assert line in data["text/html"]
    assert line in data["text/plain"].splitlines()[0]
    assert data["text/markdown"].startswith("> ")


def test_code_and_what_it_printed_are_folded() -> None:
    """The code in colours, then output, errors and files; Markdown keeps the one line."""
    code = "for tide in tides:\n    print(tide)"
    made = [{"type": "code_execution_output", "file_id": "file_01"}]
    outcome = ran(stdout="ebb\n", stderr="careful", content=made)
    data = shown(call("code_execution", code=code), result("code_execution", outcome))
    html = data["text/html"]

    assert html.index("<summary>") < html.index('<span class="k">for</span>')
    assert html.index("Output") < html.index("ebb") < html.index("Errors") < html.index("careful")
    assert html.index("careful") < html.index("File file_01") < html.index("</details>")
    assert data["text/markdown"] == "> Ran Python code: return code 0\n>\n> - File file\\_01"


def test_long_output_is_shortened() -> None:
    """A saved notebook should not hold megabytes twice."""
    outcome = ran(stdout="line\n" * 100_000)
    html = shown(call("code_execution"), result("code_execution", outcome))["text/html"]

    assert "490,000 characters more" in html
    assert len(html) < 12_000


def test_other_blocks_are_a_small_line_as_before() -> None:
    """Kinds that a later server sends."""
    data = shown({"type": "hologram"}, {"type": "mcp_tool_result", "tool_use_id": "x"}, Text("A"))

    assert "<p><small><em>a block of type hologram</em></small></p>" in data["text/html"]
    assert "a block of type mcp_tool_result" in data["text/html"]
    assert data["text/markdown"] == "A"


def test_a_call_that_runs_says_so() -> None:
    """Until its result is there; then the line is final."""
    query = {"type": "input_json_delta", "partial_json": '{"query": "tides"}'}
    events = [START, *text_block("I look."), *block(1, call("web_search"), query)]
    growing, cell = Growing(), Cell()
    screen = CellScreen(cell)
    growing.feed(events)
    screen.draw(growing.look())
    assert "Searching the web for “tides” …" in cell.shown
    growing.feed([*block(2, FOUND), *text_block("High.", index=3)])
    screen.draw(growing.look())

    assert "Searching" not in cell.shown
    assert "Searched the web for “tides”: 2 results" in cell.shown


def test_calls_within_a_call_are_shown_with_their_own_results() -> None:
    """Code may search: results come in another order than calls."""
    outer, inner = call("code_execution", "1", code="x"), call("web_search", "2", query="q")
    blocks = [outer, inner, result("web_search", [], "2"), result("code_execution", ran(), "1")]
    stream = [START, *(event for i, one in enumerate(blocks) for event in block(i, one))]
    grown, whole = Cell(), Cell()
    grow(grown, *stream, *text_block("So.", index=4), *ending())
    grow(whole, *stream, *text_block("So.", index=4), *ending(), live=False)

    assert [data for _, data in grown.outputs] == [data for _, data in whole.outputs]
    assert grown.outputs[0][1]["text/plain"] == (
        "Ran Python code: return code 0\n\nSearched the web for “q”: 0 results\n\nSo."
    )


def test_markdown_shown_live_keeps_lines_apart() -> None:
    """In front ends that take Markdown alone."""
    cell = Cell()
    stream = [START, *text_block("I look."), *block(1, SEARCH), *block(2, FOUND)]
    grow(cell, *stream, *text_block("High. " * 99, index=3), end=None, html_shown=False)
    markdown = "".join(data["text/markdown"] for _, data in cell.outputs)

    assert "I look.\n\n> Searched the web" in markdown
    assert "\n\nHigh." in markdown


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ATTACKS))
def test_hostile_results_are_harmless(attack: str) -> None:
    """In the query, titles, addresses, code and output; in HTML and rendered from Markdown."""
    blocks = [
        call("web_search", "1", query=attack),
        result("web_search", [found(attack, attack), found("x", "https://x/" + attack)], "1"),
        call("code_execution", "2", code=attack),
        result("code_execution", ran(stdout=attack, stderr=attack, return_code=attack), "2"),
        call(attack, "3", path=attack),
        result("x", error(attack, attack), "3"),
    ]
    data = shown(*blocks)

    assert wrong_in(data["text/html"]) == []
    assert to_html(data["text/markdown"]).count("<blockquote>") == 3
    assert "<p>" not in to_html(data["text/markdown"]).replace("<blockquote><p>", "")


@settings(max_examples=200, deadline=None)
@given(ANY, ANY, st.sampled_from(["web_search", "web_fetch", "code_execution", "tool_search", "x"]))
def test_results_of_no_known_shape_are_shown_somehow(given: Any, content: Any, name: str) -> None:
    """A server may send anything."""
    asked = Opaque({"type": "server_tool_use", "id": "1", "name": name, "input": given})
    data = shown(asked, Opaque(result(name, content, "1")))

    assert data["text/plain"]
    assert wrong_in(data["text/html"]) == []


def test_a_terminal_shows_the_line_and_its_sources() -> None:
    """As plain lines."""
    file = io.StringIO()
    growing = Growing()
    growing.feed([START, *block(0, SEARCH), *block(1, FOUND), *text_block("High.", index=2)])
    growing.end(Ending.COMPLETE)
    TerminalScreen(file).finish(growing.look())

    assert file.getvalue().startswith(
        "Searched the web for “tides today”: 2 results\n- Tides <https://x.org/t>\n"
    )
