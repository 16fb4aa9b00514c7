"""Claims about answers as a person sees them grow, in both front ends."""

import threading
from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE, Notebook, notebook_in
from conftest import KEY
from loopback import START, Handler, Loopback, Reply, ending, sse, stay_silent, text_block

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DOORS: tuple[Door, ...] = ("lab", "notebook")
FIRST = "## A p-value\n\nFirst words, with \\(x < y\\).\n\n- one\n- two\n\n"
REST = (
    "```python\nfor i in range(3):\n    print(i)  # three\n```\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd."
)
WATCH = """() => {
  const area = document.querySelectorAll('.jp-CodeCell')[1].querySelector('.jp-OutputArea');
  window.heights = [];
  const note = () => { heights.push(area.getBoundingClientRect().height);
                       requestAnimationFrame(note); };
  note();
}"""
DROP = """() => Math.max(0, ...heights.slice(1).map((height, i) =>
  Math.max(...heights.slice(0, i + 1)) - height))"""


def write(jupyter: Jupyter, api: Loopback, name: str) -> None:
    setup = f"%env ANTHROPIC_BASE_URL={api.url}\n%env ANTHROPIC_API_KEY={KEY}\n"
    jupyter.write(name, setup + "%load_ext claude_magic", "%%claude\nWhat is a p-value?")


def outputs(notebook: Notebook) -> list[str]:
    """The text of the second cell's outputs."""
    texts = """() => [...document.querySelectorAll('.jp-CodeCell')[1]
      .querySelectorAll('.jp-OutputArea-output')].map(output => output.innerText.trim())"""
    return list(notebook.page.evaluate(texts))


def wait_for_words(notebook: Notebook, words: str) -> None:
    notebook.page.get_by_text(words).first.wait_for(timeout=PATIENCE)


def start(notebook: Notebook) -> None:
    """Run all cells without waiting for the end."""
    notebook.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_grows_and_reads_the_same_reopened(
    browser: "Browser", jupyter: Jupyter, api: Loopback, door: Door
) -> None:
    """Words are there before the end, nothing jumps, and the saved notebook holds one output."""
    gate = threading.Event()
    events = text_block(*[FIRST[i : i + 9] for i in range(0, len(FIRST), 9)])
    more = text_block(*[REST[i : i + 9] for i in range(0, len(REST), 9)])

    def hold(handler: Handler) -> None:
        handler.hold(gate, timeout=60)

    api.will(Reply([sse(START, *events[:-1]), hold, sse(*more[1:], *ending())]))
    write(jupyter, api, f"grows-{door}.ipynb")
    with notebook_in(browser, jupyter, f"grows-{door}.ipynb", door) as notebook:
        notebook.page.evaluate(WATCH)
        start(notebook)
        wait_for_words(notebook, "First words")
        notebook.screenshot(f"growing-{door}")
        gate.set()
        wait_for_words(notebook, "claude-opus-4-6 ·")
        drop = notebook.page.evaluate(DROP)
        (shown,) = outputs(notebook)
        notebook.screenshot(f"answered-{door}")
        notebook.save_and_reload()
        wait_for_words(notebook, "claude-opus-4-6 ·")
        notebook.page.wait_for_selector("mjx-container", timeout=PATIENCE)

        assert drop <= 2, "the output's height dropped while it grew"
        assert outputs(notebook)[0].split() == shown.split()


@pytest.mark.parametrize("door", DOORS)
def test_the_stop_button_ends_an_answer_shortly(
    browser: "Browser", jupyter: Jupyter, api: Loopback, door: Door
) -> None:
    """The words stay, a short message follows, the server sees the end."""
    api.will(Reply([sse(START, *text_block("Half an answer")[:-1]), stay_silent]))
    write(jupyter, api, f"stop-{door}.ipynb")
    with notebook_in(browser, jupyter, f"stop-{door}.ipynb", door) as notebook:
        start(notebook)
        wait_for_words(notebook, "Half an answer")
        notebook.page.evaluate(
            "void window.jupyterapp.commands.execute('notebook:interrupt-kernel')"
        )
        wait_for_words(notebook, "Interrupted:")
        answer, message = outputs(notebook)
        notebook.screenshot(f"stopped-{door}")

        assert api.client_left.wait(10)
        assert answer.startswith("Half an answer")
        assert "Interrupted here; what came is kept." in answer
        assert len(message.splitlines()) <= 3
