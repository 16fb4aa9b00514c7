"""Claims about the chat panel as a person uses it, in both front ends: one page, many questions."""

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser.beside import Panel, panel_in
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE
from loopback import (
    START,
    Handler,
    Loopback,
    Reply,
    answer,
    block,
    ending,
    error,
    sse,
    text_block,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

FIRST = "## A p-value\n\nFirst words, with \\(x < y\\).\n\n- one\n- two\n\n"
REST = "```python\nprint(6 * 7)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end."
# The place at which scrolling, which the browser may animate, comes to its end.
COME_TO_REST = """element => new Promise((done) => {
  const look = (before) => setTimeout(() => {
    const { scrollTop } = element;
    if (scrollTop === before) done(scrollTop);
    else look(scrollTop);
  }, 100);
  look(-1);
})"""
LONG = "\n\n".join(f"Paragraph {number}." for number in range(60))


@pytest.fixture(scope="module")
def panel(door: Door, browser: "Browser", jupyter: Jupyter, api: Loopback) -> Iterator[Panel]:
    """A panel below one cell's question; what is asked adds to one conversation."""
    api.will(answer("From the cell."))
    cells = ["data = [1, 2, 3]\ndate = 'today'", "%%claude\nA cell asks."]
    with panel_in(browser, jupyter, api, f"panel-{door}.ipynb", door=door, before=cells) as opened:
        opened.name = door
        yield opened


def steps(*pieces: str, gate: threading.Event, more: str) -> Reply:
    """An answer whose second half comes when `gate` is set."""

    def hold(handler: Handler) -> None:
        handler.hold(gate, timeout=60)

    events = text_block(*pieces, more)
    return Reply([sse(START, *events[:-2]), hold, sse(*events[-2:], *ending())])


def test_an_answer_streams_into_the_panel(panel: Panel, api: Loopback) -> None:
    """Enter sends; words are there before the end; formulas, tables and code are as in cells."""
    gate = threading.Event()
    pieces = [FIRST[i : i + 9] for i in range(0, len(FIRST), 9)]
    api.will(steps(*pieces, gate=gate, more=REST))
    panel.ask("What is a p-value?")
    panel.last.get_by_text("First words").wait_for(timeout=PATIENCE)
    panel.screenshot("growing")
    gate.set()
    panel.last.locator(".cp-under").wait_for()
    panel.last.locator("mjx-container").wait_for()
    panel.screenshot("answered")

    assert panel.last.locator(".cp-body table td").count() == 2
    assert panel.last.locator(".cp-body .highlight .k, .cp-body .highlight .m").count() > 0
    assert panel.box.input_value() == ""


def test_code_and_answers_go_into_the_notebook_on_a_click_alone(
    panel: Panel, api: Loopback
) -> None:
    """Insert puts a cell below, Run runs it, the answer becomes Markdown; unasked nothing does."""
    api.will(answer(REST))
    cells = panel.page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    panel.ask_to_the_end("Show me code.")
    assert cells.count() == before

    panel.button("Insert the code as a cell below").last.click()
    panel.button("Run the code in a new cell below").last.click()
    panel.button("Insert the answer as a Markdown cell below").last.click()
    outputs = panel.page.locator(".jp-CodeCell .jp-OutputArea-output")
    outputs.get_by_text("42", exact=True).wait_for()
    panel.page.locator(".jp-MarkdownCell table").wait_for()
    panel.screenshot("inserted")

    assert cells.count() == before + 3
    assert "print(6 * 7)" in cells.nth(before).inner_text()


def test_questions_code_and_answers_are_copied(panel: Panel, api: Loopback) -> None:
    """As they were typed, as code, as Markdown."""
    api.will(answer(FIRST + REST))
    panel.ask_to_the_end("Is it {{ len(data) }}?")
    read = "navigator.clipboard.readText()"
    copied = []
    for name in ("Copy the question", "Copy", "Copy the answer"):
        button = panel.last.get_by_role("button", name=name, exact=True)
        button.click()
        panel.last.locator(".cp-done").wait_for()
        copied.append(panel.page.evaluate(read))
        panel.last.locator(".cp-done").wait_for(state="detached")

    assert copied == ["Is it {{ len(data) }}?", "print(6 * 7)", FIRST + REST]
    assert api.requests[-1].body["messages"][-1]["content"] == "Is it 3?"


def test_stop_keeps_what_came_and_asking_again_replaces_it(panel: Panel, api: Loopback) -> None:
    """Half an answer stays, marked; asked again, the question keeps its place."""
    api.will(steps("Half an answer", gate=threading.Event(), more=""), answer("A whole answer."))
    panel.ask("Will you stop?")
    panel.last.get_by_text("Half an answer").wait_for(timeout=PATIENCE)
    panel.button("Stop the answer").click()
    panel.last.get_by_text("Interrupted").wait_for()
    turns = panel.turns.count()
    panel.screenshot("stopped")
    panel.last.get_by_role("button", name="Ask again").click()
    panel.last.get_by_text("A whole answer.").wait_for()

    assert panel.turns.count() == turns
    assert panel.root.get_by_text("Half an answer").count() == 0


def test_a_question_is_edited_in_its_place_and_what_stood_in_the_box_comes_back(
    panel: Panel, api: Loopback
) -> None:
    """The later turn stays, and says that it answered an older text."""
    api.will(answer("First."), answer("Second."), answer("First, better."))
    panel.ask_to_the_end("Edit me.")
    panel.ask_to_the_end("And then?")
    panel.box.fill("A draft")
    edited = panel.turns.nth(panel.turns.count() - 2)
    edited.hover()
    edited.get_by_role("button", name="Edit and send again").click()
    panel.root.get_by_text("asked again in its place").wait_for()
    panel.screenshot("editing")
    panel.box.fill("Edited.")
    panel.box.press("Enter")
    edited.get_by_text("First, better.").wait_for(timeout=PATIENCE)
    panel.last.get_by_text("before an earlier question was changed").wait_for()
    panel.screenshot("edited")

    assert edited.locator(".cp-words").inner_text() == "Edited."
    assert panel.box.input_value() == "A draft"
    panel.box.fill("")


def test_the_arrow_up_recalls_what_was_asked(panel: Panel, api: Loopback) -> None:
    """Up and down go through the questions; Shift and Enter break the line and send nothing."""
    panel.ask_to_the_end("One.")
    panel.ask_to_the_end("Two.")
    count = len(api.requests)
    panel.box.press("ArrowUp")
    panel.box.press("ArrowUp")
    recalled = panel.box.input_value()
    panel.box.press("ArrowDown")
    assert (recalled, panel.box.input_value()) == ("One.", "Two.")

    panel.box.press("Shift+Enter")
    panel.page.keyboard.insert_text("Three.")
    assert panel.box.input_value() == "Two.\nThree."
    assert len(api.requests) == count
    panel.box.fill("")


def test_one_who_reads_further_up_stays_there(panel: Panel, api: Loopback) -> None:
    """While an answer grows the place is kept, and a button leads to the end."""
    gate = threading.Event()
    api.will(steps(LONG, gate=gate, more="\n\nThe very end."))
    panel.ask("A long one.")
    panel.last.get_by_text("Paragraph 59.").wait_for(timeout=PATIENCE)
    scroll = panel.root.locator(".cp-scroll")
    scroll.hover()
    panel.page.mouse.wheel(0, -500)
    panel.root.locator(".cp-latest").wait_for()
    place = scroll.evaluate(COME_TO_REST)
    gate.set()
    panel.last.locator(".cp-under").wait_for()
    panel.screenshot("reading")
    assert scroll.evaluate("element => element.scrollTop") == place

    panel.root.locator(".cp-latest").click()
    ahead = "e => e.scrollHeight - e.scrollTop - e.clientHeight"
    assert scroll.evaluate(ahead) < 2


def test_files_are_pasted_dropped_and_taken_off(panel: Panel, api: Loopback) -> None:
    """Each is shown with its size and tokens; only what stays goes along."""
    panel.drop_in("paste", "pasted <b>.txt", "some words")
    panel.drop_in("drop", "dropped.csv", "a,b\n1,2\n", "text/csv")
    chips = panel.root.locator(".cp-chip")
    chips.filter(has_text="tokens").nth(1).wait_for(timeout=PATIENCE)
    panel.screenshot("attached")
    assert "10 B · about" in chips.first.inner_text()

    panel.button("Take off dropped.csv").click()
    panel.ask_to_the_end("Read it.")
    document, words = api.requests[-1].body["messages"][-1]["content"]
    assert (document["title"], words["text"]) == ("pasted <b>.txt", "Read it.")
    assert chips.count() == 0
    assert panel.last.locator(".cp-attached").inner_text().strip() == "pasted <b>.txt"


def test_variables_are_offered_with_their_kinds(panel: Panel, api: Loopback) -> None:
    """`@` lists them; arrows and Tab choose; the value goes along."""
    panel.box.click()
    panel.page.keyboard.type("Sum @da")
    names = panel.root.get_by_role("option")
    names.nth(1).wait_for(timeout=PATIENCE)
    panel.screenshot("variables")
    listed = [name.split("\n") for name in names.all_inner_texts()]
    panel.box.press("Tab")
    assert panel.box.input_value() == "Sum {{ data }}"
    panel.box.press("Enter")
    panel.last.locator(".cp-under").wait_for(timeout=PATIENCE)

    assert listed == [["data", "list, 3"], ["date", "str, 5"]]
    assert "[1, 2, 3]" in str(api.requests[-1].body["messages"][-1])


def test_settings_hold_for_the_next_question(panel: Panel, api: Loopback) -> None:
    """Model, system prompt, effort and web go into its request, and the foot counts on."""
    panel.button("Settings, model").click()
    sheet = panel.root.get_by_role("dialog", name="Settings")
    sheet.get_by_label("Model", exact=True).select_option("claude-opus-4-5")
    sheet.get_by_label("System prompt").fill("Be brief.")
    sheet.get_by_label("Effort", exact=True).select_option("low")
    sheet.get_by_label("Search the web").check()
    panel.screenshot("settings")
    panel.page.keyboard.press("Escape")
    panel.ask_to_the_end("Now?")
    body = api.requests[-1].body

    assert body["model"] == "claude-opus-4-5"
    assert "Be brief." in str(body["system"])
    assert body["output_config"] == {"effort": "low"}
    assert any("web_search" in tool["type"] for tool in body["tools"])
    assert "in ·" in panel.root.locator(".cp-foot").inner_text()
    assert "% of the context" in panel.root.locator(".cp-foot").inner_text()
    panel.button("Settings, model").click()
    sheet.get_by_label("Search the web").uncheck()
    sheet.get_by_label("Model", exact=True).select_option("")
    panel.page.keyboard.press("Escape")


def test_waiting_thinking_and_retrying_are_told(panel: Panel, api: Loopback) -> None:
    """With seconds, the reason, and a countdown; an error says what to do."""
    gate = threading.Event()
    thinking = block(0, {"type": "thinking", "thinking": "", "signature": ""})[:1]
    delta = {"type": "thinking_delta", "thinking": "Hm."}
    thought = {"type": "content_block_delta", "index": 0, "delta": delta}
    rest = [{"type": "content_block_stop", "index": 0}, *text_block("Done.", index=1)]
    api.will(
        error(529, "overloaded_error", "Overloaded", retry_after="2"),
        Reply([sse(START, *thinking, thought), lambda h: h.hold(gate), sse(*rest, *ending())]),
        error(401, "authentication_error", "invalid x-api-key"),
    )
    panel.ask("Think.")
    status = panel.last.locator(".cp-phase")
    status.filter(has_text="overloaded").filter(has_text="asking again in").wait_for()
    panel.screenshot("retrying")
    status.filter(has_text="Thinking … 1 s").wait_for(timeout=PATIENCE)
    panel.screenshot("thinking")
    gate.set()
    panel.last.get_by_text("Done.").wait_for()
    panel.ask_to_the_end("And now?")
    panel.screenshot("failed")

    assert panel.last.locator(".cp-error").inner_text().count("\n") >= 1


def test_a_screen_reader_hears_an_answer_once(panel: Panel, api: Loopback) -> None:
    """What grows is in no live region; the end is said, whole, once."""
    panel.page.evaluate(
        """() => {
          const voice = document.querySelector('.claude-panel [role=status][aria-live]');
          window.heard = [];
          new MutationObserver(() => window.heard.push(voice.textContent))
            .observe(voice, {childList: true, characterData: true, subtree: true});
        }"""
    )
    api.will(answer("Some ", "words ", "come."))
    panel.ask_to_the_end("Speak.")
    heard = [words for words in panel.page.evaluate("window.heard") if "words" in words]

    assert heard == ["Claude: Some words come."]
    assert panel.root.locator(".cp-scroll[aria-live], .cp-scroll [aria-live]").count() == 0


def test_another_conversation_is_chosen_from_the_menu(panel: Panel, api: Loopback) -> None:
    """A new one is empty; the list names the old one with its date, and leads back."""
    turns = panel.turns.count()
    title = panel.root.locator(".cp-title")
    title.click()
    panel.button("New conversation").click()
    panel.root.get_by_text("Ask about this notebook.").wait_for()
    panel.ask_to_the_end("Alone?")
    assert len(api.requests[-1].body["messages"]) == 1

    title.click()
    rows = panel.root.locator(".cp-row")
    rows.nth(1).wait_for()
    panel.screenshot("conversations")
    assert all("turn" in row for row in rows.all_inner_texts())
    rows.nth(1).click()
    panel.root.get_by_text("asked in a cell").wait_for()

    assert panel.turns.count() == min(turns, 20)
    panel.ask_to_the_end("Back?")
    assert len(api.requests[-1].body["messages"]) > 2


def test_no_request_leaves_the_page(panel: Panel, jupyter: Jupyter) -> None:
    """Whatever was done before: all that was fetched came from the notebook's server."""
    outside = [
        url
        for url in panel.notebook.requests
        if not url.startswith((jupyter.url, "data:", "blob:"))
    ]

    assert outside == []
