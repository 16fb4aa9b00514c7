"""Claims about the chat panel as a person uses it, in both front ends."""

import threading
from typing import TYPE_CHECKING

import pytest
from browser.beside import panel_in
from browser.jupyter_server import Door, Jupyter
from loopback import START, Handler, Loopback, Reply, answer, ending, sse, text_block

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

DOORS: tuple[Door, ...] = ("lab", "notebook")
FIRST = "## A p-value\n\nFirst words, with \\(x < y\\).\n\n- one\n- two\n\n"
REST = "```python\nprint(6 * 7)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end."


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_streams_into_the_panel(
    browser: "Browser", jupyter: Jupyter, api: Loopback, door: Door
) -> None:
    """Enter sends; words are there before the end; formulas, tables and code are as in cells."""
    gate = threading.Event()

    def hold(handler: Handler) -> None:
        handler.hold(gate, timeout=60)

    first = text_block(*[FIRST[i : i + 9] for i in range(0, len(FIRST), 9)])[:-1]
    more = text_block(*[REST[i : i + 9] for i in range(0, len(REST), 9)])[1:]
    api.will(Reply([sse(START, *first), hold, sse(*more, *ending())]))
    with panel_in(browser, jupyter, api, f"panel-streams-{door}.ipynb", door=door) as panel:
        panel.ask("What is a p-value?")
        panel.wait_for("First words")
        panel.screenshot(f"growing-{door}")
        gate.set()
        panel.wait_for_end()
        panel.root.locator("mjx-container").wait_for()
        panel.screenshot(f"answered-{door}")

        assert panel.root.locator(".cp-body table td").count() == 2
        assert panel.root.locator(".cp-body .highlight .k, .cp-body .highlight .m").count() > 0
        assert panel.box.input_value() == ""


@pytest.mark.parametrize("door", DOORS)
def test_code_goes_into_the_notebook_on_a_click_alone(
    browser: "Browser", jupyter: Jupyter, api: Loopback, door: Door
) -> None:
    """Insert puts a cell below, Run runs it; without a click nothing happens."""
    api.will(answer(REST))
    with panel_in(browser, jupyter, api, f"panel-inserts-{door}.ipynb", door=door) as panel:
        panel.ask("Show me code.")
        panel.wait_for_end()
        cells = panel.page.locator(".jp-Notebook .jp-Cell")
        assert cells.count() == 2
        panel.button("Insert the code as a cell below").click()
        panel.button("Run the code in a new cell below").click()
        panel.button("Insert the answer as a Markdown cell below").click()
        outputs = panel.page.locator(".jp-CodeCell .jp-OutputArea-output")
        outputs.filter(has_text="42").wait_for()
        panel.page.locator(".jp-MarkdownCell table").wait_for()
        panel.screenshot(f"inserted-{door}")

        assert cells.count() == 5
        assert "print(6 * 7)" in cells.nth(2).inner_text()


def test_cells_and_panel_are_one_conversation(
    browser: "Browser", jupyter: Jupyter, api: Loopback
) -> None:
    """What a cell asks shows in the panel; what the panel asks, the next cell knows."""
    api.will(answer("From the cell."), answer("From the panel."))
    with panel_in(
        browser, jupyter, api, "panel-shares.ipynb", after=["%%claude\nA cell asks."]
    ) as panel:
        panel.wait_for("From the cell.")
        panel.ask("The panel asks.")
        panel.wait_for("From the panel.")

        assert panel.root.get_by_text("asked in a cell").count() == 1
        assert [m["role"] for m in api.requests[-1].body["messages"]] == [
            "user",
            "assistant",
            "user",
        ]
