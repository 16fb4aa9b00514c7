"""Claims about the panel in front ends other than JupyterLab's, and beside the notebook."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from browser.beside import BUSY, SUBSHELLS, panel_in
from browser.jupyter_server import Jupyter
from browser.opened import PATIENCE, SCREENSHOTS
from loopback import Loopback, answer

from claude_magic.panel.page import script, style

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

STATE: dict[str, Any] = {
    "kind": "state",
    "turns": [
        {
            "id": "t1",
            "asked": 1_700_000_000,
            "cell": False,
            "question": {"text": "Show me.", "pictures": [], "documents": []},
            "answer": {
                "html": '<p>It is <span class="mathjax_process">\\(x\\)</span>.</p>'
                '<div class="highlight"><pre>print(1)</pre></div>',
                "notes": [],
                "meta": "a model",
            },
        }
    ],
    "more": 0,
    "failed": [],
    "live": [],
    "choices": {},
    "defaults": {"models": ["a-model"], "model": "a-model"},
    "foot": {"turns": 1, "input": 9, "output": 7, "cost": "", "used": 16, "context": 1000},
    "name": "main",
}
# What anywidget does where there is no notebook to be reached: VS Code, Colab, marimo.
RENDER = """async ([source, style, state]) => {
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const widget = (await import(url)).default();
  const listeners = [];
  window.sent = [];
  const model = {
    get: () => 'panel-1',
    on: (event, listener) => listeners.push(listener),
    send: (message) => {
      if (window.gone) throw new Error('no kernel');
      window.sent.push(message);
    },
  };
  const sheet = document.createElement('style');
  sheet.textContent = style;
  document.head.append(sheet);
  await widget.initialize({model});
  const el = document.body.appendChild(document.createElement('main'));
  await widget.render({model, el});
  const [{ref}] = window.sent; // the page said hello
  window.tell = (message) => listeners.forEach((listener) => listener(message, []));
  window.tell({...state, ref});
}"""
AT_THE_END = """() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.cp-scroll');
  return scrollHeight - scrollTop - clientHeight < 2;
}"""
# The first frame of a scroll upwards, and what comes before the browser tells of it.
BEGIN_TO_GO_UP = """() => {
  const scroll = document.querySelector('.cp-scroll');
  scroll.dispatchEvent(new WheelEvent('wheel', {deltaY: -30}));
  scroll.scrollTop -= 10;
  const place = scroll.scrollTop;
  const frame = () => new Promise(requestAnimationFrame);
  window.tell({kind: 'grow', turn: 't2', keep: 0, add: '<p>More.</p>', final: 0});
  return frame().then(frame).then(() => [place, scroll.scrollTop]);
}"""


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """The panel in a page of its own, in the colours of VS Code's dark theme."""
    context = browser.new_context(viewport={"width": 700, "height": 640})
    opened = context.new_page()
    opened.set_content(
        '<!doctype html><html lang="en"><title>x</title>'
        "<body class=vscode-dark style='--vscode-editor-background:#1f1f1f;"
        "--vscode-editor-foreground:#cccccc;--vscode-editorWidget-background:#202020'>"
    )
    opened.evaluate(RENDER, [script(), style(), STATE])
    yield opened
    context.close()


def test_without_a_notebook_the_buttons_say_that_a_cell_is_offered(page: "Page") -> None:
    """There is no Run; what is inserted goes to the kernel, and how it comes is said."""
    page.locator(".cp-part").wait_for()
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "panel-elsewhere.png")
    offer = page.get_by_role("button", name="Offer the code as the next cell")
    offer.click()
    page.get_by_role("status").get_by_text("below the next cell you run").wait_for()

    assert page.evaluate("window.sent.at(-1).kind") == "insert"
    assert page.evaluate("window.sent.at(-1).source") == "print(1)"
    assert page.get_by_role("button", name="Run the code").count() == 0
    assert "\\(x\\)" in page.locator(".cp-part").first.inner_text()


def test_the_colours_are_those_of_the_page(page: "Page") -> None:
    """VS Code's variables are taken where JupyterLab's are missing."""
    colour = "getComputedStyle(document.querySelector('.claude-panel')).backgroundColor"

    assert page.evaluate(colour) == "rgb(31, 31, 31)"


def test_a_kernel_that_is_gone_is_told_when_one_asks(page: "Page") -> None:
    """Nothing fails in silence, and the words stay in the box."""
    page.evaluate("window.gone = true")
    page.locator(".cp-box").fill("Are you there?")
    page.locator(".cp-box").press("Enter")
    page.get_by_role("alert").get_by_text("%claude chat").wait_for()

    assert page.locator(".cp-box").input_value() == "Are you there?"


def test_one_who_begins_to_go_up_is_not_taken_back_by_what_grows(page: "Page") -> None:
    """However little the first step is; at the end again, what grows is followed."""
    question = {"text": "Go on.", "pictures": [], "documents": []}
    turn = {"id": "t2", "question": question, "asked": 1_700_000_000, "again": ""}
    grown = {"html": "<p>Some words.</p>" * 50, "open": "", "phase": {"name": "writing", "for": 0}}
    page.evaluate("m => window.tell(m)", {"kind": "asked", "ref": "", "turn": turn | grown})
    page.locator(".cp-writing").wait_for()
    before, after = page.evaluate(BEGIN_TO_GO_UP)
    assert before == after > 0

    page.get_by_role("button", name="Latest").click()
    page.evaluate("window.tell({kind: 'grow', turn: 't2', keep: 0, add: '<p>End.</p>', final: 0})")
    page.wait_for_function(AT_THE_END)


def test_questions_answers_and_the_box_are_read_as_their_first_letter_is(page: "Page") -> None:
    """All of an answer in one direction; code from the left."""
    answer = "<p>مرحبا</p><ul><li>pip</li></ul><div class='highlight'><pre>x = 1</pre></div>"
    question = {"text": "שלום?", "pictures": [], "documents": []}
    turn = STATE["turns"][0] | {"id": "t2", "question": question}
    turn["answer"] = turn["answer"] | {"html": answer}
    page.evaluate("m => window.tell(m)", {"kind": "put", "after": "t1", "turn": turn})
    page.locator(".cp-box").fill("שלום")
    direction = "element => getComputedStyle(element).direction"
    last = page.locator(".cp-turn").last
    read = [last.locator(part) for part in (".cp-words", ".cp-said", ".cp-said li", ".highlight")]

    assert [part.evaluate(direction) for part in read] == ["rtl", "rtl", "rtl", "ltr"]
    assert page.locator(".cp-box").evaluate(direction) == "rtl"
    assert page.locator(".cp-turn").first.locator(".cp-said").evaluate(direction) == "ltr"


def test_a_file_that_comes_while_a_question_is_edited_is_there_afterwards(page: "Page") -> None:
    """What was being typed comes back whole, and can be sent."""
    sent = "window.sent.find((message) => message.kind === '{}')".format
    page.locator(".cp-box").fill("With a file")
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"}
    page.locator("input[type=file]").set_input_files([file])
    page.wait_for_function(sent("piece"))
    page.get_by_role("button", name="Edit and send again").click()
    page.wait_for_function(sent("reuse"))
    reused = f"{{kind: 'reused', ref: {sent('reuse')}.ref, text: 'Show me.', all: []}}"
    page.evaluate(f"window.tell({reused})")
    page.locator(".cp-editing").wait_for()
    came = f"{{kind: 'attached', ref: {sent('attach')}.ref, name: 'a.txt', size: 5, tokens: 3}}"
    page.evaluate(f"window.tell({came})")
    page.keyboard.press("Escape")
    page.locator(".cp-chip").filter(has_text="about 3 tokens").wait_for()

    assert page.locator(".cp-box").input_value() == "With a file"
    assert page.get_by_role("button", name="Send (Enter)").is_enabled()


@pytest.mark.skipif(not SUBSHELLS, reason="this kernel takes no messages beside a running cell")
def test_a_panel_above_a_long_cell_begins_at_once(
    browser: "Browser", jupyter: Jupyter, api: Loopback
) -> None:
    """Run all: while what stands below the panel runs, the panel is there and answers."""
    done = jupyter.folder / "done-below"
    api.will(answer("Asked at once."))
    below = [BUSY.format(str(done))]
    with panel_in(browser, jupyter, api, "panel-below.ipynb", after=below) as panel:
        panel.ask_to_the_end("At once?")
        panel.screenshot("below")
        assert not done.exists()
        done.touch()

        assert "Asked at once." in panel.last.inner_text()


def test_the_panel_docks_where_sidecar_is_there(
    browser: "Browser", jupyter: Jupyter, api: Loopback
) -> None:
    """At the right of the notebook, as high as its place, and it can insert cells from there."""
    pytest.importorskip("sidecar", reason="sidecar is not installed: pip install sidecar")
    api.will(answer("```python\nprint(6 * 7)\n```"))
    show = "%claude chat --dock"
    with panel_in(browser, jupyter, api, "panel-docked.ipynb", show=show) as panel:
        panel.ask_to_the_end("Beside?")
        panel.button("Run the code in a new cell below").click()
        outputs = panel.page.locator(".jp-CodeCell .jp-OutputArea-output")
        outputs.get_by_text("42", exact=True).wait_for(timeout=PATIENCE)
        panel.screenshot("docked")
        notebook = panel.page.locator(".jp-NotebookPanel").bounding_box()
        docked = panel.root.bounding_box()

        assert notebook
        assert docked
        assert docked["x"] > notebook["x"] + notebook["width"] - 5
        assert docked["height"] > 600
