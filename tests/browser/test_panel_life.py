"""Claims about a panel's life: long conversations, several views, busy kernels, reloads, restarts.

One page for all, in this order; the kernel is restarted last.
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from browser.beside import BUSY, READY, SUBSHELLS, Panel, panel_in
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE, page_in
from loopback import START, Loopback, Reply, answer, ending, sse, text_block

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

TURNS = 1000
SAVE = "window.jupyterapp.commands.execute('docmanager:save')"
TOP = "element => element.scrollTop"


@pytest.fixture(scope="module")
def panel(door: Door, browser: "Browser", jupyter: Jupyter, api: Loopback) -> Iterator[Panel]:
    """A panel of a conversation of 1,000 turns."""
    said = [
        {"role": role, "content": f"{words} {number}."}
        for number in range(TURNS)
        for role, words in (("user", "Question"), ("assistant", "Answer"))
    ]
    (jupyter.folder / "long.json").write_text(json.dumps({"messages": said}))
    cells = ["%claude import long.json"]
    name = f"life-{door}.ipynb"
    with panel_in(browser, jupyter, api, name, door=door, before=cells) as opened:
        opened.name = f"life-{door}"
        yield opened


def halves(first: str, second: str, gate: threading.Event) -> Reply:
    """An answer whose second half comes when `gate` is set."""
    events = text_block(first, second)
    hold = lambda handler: handler.hold(gate, timeout=60)  # noqa: E731
    return Reply([sse(START, *events[:-2]), hold, sse(*events[-2:], *ending())])


def test_a_long_conversation_opens_at_its_latest_and_loads_earlier_on_scrolling(
    panel: Panel,
) -> None:
    """What one reads stays where it is while earlier turns come above it."""
    panel.wait_for(f"Answer {TURNS - 1}.")
    shown = panel.turns.count()
    assert shown <= 20
    assert panel.last.is_visible()

    scroll = panel.root.locator(".cp-scroll")
    scroll.hover()
    first = panel.turns.first
    oldest = first.inner_text().split("\n")
    panel.page.mouse.wheel(0, -100_000)
    panel.turns.nth(shown).wait_for(timeout=PATIENCE)
    panel.page.mouse.wheel(0, -100_000)
    panel.turns.nth(2 * shown).wait_for(timeout=PATIENCE)
    panel.screenshot("earlier")

    assert panel.root.get_by_text(f"Answer {TURNS - shown - 1}.").count() == 1
    assert first.inner_text().split("\n") != oldest
    assert scroll.evaluate(TOP) > 0


def test_views_show_the_same_and_each_has_a_draft_of_its_own(panel: Panel, api: Loopback) -> None:
    """JupyterLab's own “Create New View for Output” docks the panel."""
    if "notebook" in panel.name:
        pytest.skip("Notebook 7 has no views of outputs")
    run = "id => void window.jupyterapp.commands.execute(id)"
    panel.box.fill("A draft here")
    panel.page.evaluate(run, "notebook:create-output-view")
    other = panel.page.locator(".claude-panel.cp-docked")
    other.wait_for(timeout=PATIENCE)
    other.locator(".cp-turn").last.get_by_text(f"Answer {TURNS - 1}.").wait_for()
    assert other.locator(".cp-box").input_value() == ""

    api.will(answer("Seen in both."))
    other.locator(".cp-box").fill("From the other view.")
    other.locator(".cp-box").press("Enter")
    for view in (other, panel.root):
        view.locator(".cp-body").get_by_text("Seen in both.").wait_for(timeout=PATIENCE)
    panel.screenshot("views")
    foot = other.locator(".cp-foot").bounding_box()

    assert panel.box.input_value() == "A draft here"
    assert foot
    assert foot["y"] + foot["height"] <= 900
    panel.box.fill("")
    tab = panel.page.locator(".lm-TabBar-tab").filter(has_text="Output View")
    tab.locator(".lm-TabBar-tabCloseIcon").click()
    other.wait_for(state="detached")


def test_an_answer_grows_while_a_long_cell_runs(
    panel: Panel, api: Loopback, jupyter: Jupyter
) -> None:
    """Kernels that take messages beside a running cell (subshells) answer what is asked meanwhile.

    With others the question says that it waits, and is sent as soon as they take messages.
    """
    gate = threading.Event()
    api.will(halves("Half of it", " and the rest.", gate), answer("Asked meanwhile."))
    panel.ask("Go on?")
    panel.last.get_by_text("Half of it").wait_for(timeout=PATIENCE)
    done = jupyter.folder / f"done-{panel.name}"
    panel.page.evaluate(_RUN_CODE, BUSY.format(str(done)))
    panel.page.locator(".jp-OutputArea-output").get_by_text("begun").last.wait_for(timeout=PATIENCE)
    gate.set()
    panel.last.get_by_text("Half of it and the rest.").wait_for(timeout=PATIENCE)
    panel.ask("And meanwhile?")
    if SUBSHELLS:
        panel.last.get_by_text("Asked meanwhile.").wait_for(timeout=PATIENCE)
        assert not done.exists()
    else:
        panel.last.locator(".cp-phase").get_by_text("busy with a cell").wait_for(timeout=PATIENCE)
    panel.screenshot("busy")
    done.touch()

    panel.last.get_by_text("Asked meanwhile.").wait_for(timeout=PATIENCE)


def test_a_reloaded_page_has_history_draft_and_the_growing_answer(
    panel: Panel, api: Loopback
) -> None:
    """The kernel lives on: nothing is lost, and the answer goes on to its end."""
    gate = threading.Event()
    api.will(halves("Before the reload", ", and after it.", gate))
    panel.ask("Still there?")
    panel.last.get_by_text("Before the reload").wait_for(timeout=PATIENCE)
    panel.drop_in("paste", "notes.txt", "some words")
    panel.root.locator(".cp-chip").filter(has_text="tokens").wait_for(timeout=PATIENCE)
    panel.box.fill("A draft")
    panel.notebook.save_and_reload()
    panel.page.wait_for_function(READY, timeout=PATIENCE)
    panel.last.get_by_text("Before the reload").wait_for(timeout=PATIENCE)
    panel.root.locator(".cp-chip").filter(has_text="notes.txt").wait_for(timeout=PATIENCE)
    panel.screenshot("reloaded")
    boxed = panel.page.locator(".jp-mod-outputsScrolled .claude-panel")
    gate.set()
    panel.last.get_by_text("Before the reload, and after it.").wait_for(timeout=PATIENCE)

    assert panel.box.input_value() == "A draft"
    assert boxed.count() == 0


def test_the_saved_notebook_and_its_html_hold_a_readable_transcript(
    panel: Panel, browser: "Browser", jupyter: Jupyter, tmp_path: Path
) -> None:
    """Without a kernel: Markdown in the file, safe HTML in nbconvert's page."""
    transcript = panel.page.locator(".claude-transcript")
    transcript.get_by_text("and after it.").wait_for(state="attached", timeout=PATIENCE)
    panel.page.evaluate(SAVE)
    path = jupyter.folder / f"{panel.name}.ipynb"
    outputs = [out for cell in nbformat.read(path, 4).cells for out in cell.get("outputs", [])]
    (kept,) = [out for out in outputs if "claude-transcript" in str(out.get("data"))]
    with page_in(browser) as reader:
        reader.page.goto(_exported(path, tmp_path).as_uri())
        shown = reader.page.locator(".claude-transcript")
        shown.get_by_text("and after it.").wait_for()
        reader.screenshot(f"panel-{panel.name}-html")

    assert "**You**\n\n> Still there?" in kept.data["text/markdown"]
    assert "earlier turns are not kept" in kept.data["text/markdown"]
    assert not transcript.first.is_visible()


def test_after_a_restart_the_panel_says_what_to_do(panel: Panel) -> None:
    """Nothing fails in silence, and what was being typed is in the next panel."""
    restart = "void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    panel.page.evaluate(restart)
    panel.root.get_by_role("alert").get_by_text("%claude chat").wait_for(timeout=PATIENCE)
    panel.screenshot("restarted")
    assert panel.box.input_value() == "A draft"

    panel.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    panel.page.wait_for_function(_NEW, timeout=PATIENCE)
    panel.page.wait_for_function(READY, timeout=PATIENCE)

    assert panel.box.input_value() == "A draft"


def _exported(notebook: Path, folder: Path) -> Path:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(notebook))
    path = folder / "panel.html"
    path.write_text(page, encoding="utf-8")
    return path


_NEW = "!document.querySelector('.claude-panel .cp-notice:not([hidden])')"
_RUN_CODE = """source => {
  const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
  content.model.sharedModel.addCell({cell_type: 'code', source, metadata: {trusted: true}});
  const cell = content.widgets.at(-1);
  void cell.constructor.execute(cell, sessionContext);
}"""
