"""Nothing runs or is fetched in the panel: answers, questions, file names, variables, errors."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.beside import Panel, panel_in
from browser.hostile import corpus
from browser.jupyter_server import Jupyter
from browser.listener import Listener
from browser.opened import PATIENCE, page_in
from loopback import Loopback, Reply, answer, error

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

# What an answer may hold; formulas are MathJax's, buttons the panel's.
STRANGE = """() => {
  const tags = new Set(`div p a b code em strong s ul ol li table thead tbody tr th td blockquote
    pre span hr br h1 h2 h3 h4 h5 h6`.toUpperCase().split(/\\s+/));
  const strange = [];
  for (const element of document.querySelectorAll('.cp-part *')) {
    const href = element.getAttribute('href') ?? element.getAttribute('xlink:href');
    const isReference = element.closest('mjx-container') && href?.startsWith('#');
    if (href !== null && !isReference && !/^(https?:|mailto:)/.test(href)) strange.push(element);
    if (/url\\(/i.test(element.getAttribute('style') ?? '')) strange.push(element);
    if ([...element.attributes].some(({name}) => name.startsWith('on'))) strange.push(element);
    if (element.closest('mjx-container, .cp-code-bar')) continue;
    if (!tags.has(element.tagName)) strange.push(element);
  }
  return strange.map(element => element.outerHTML.slice(0, 300));
}"""
TYPESET = """() => [...document.querySelectorAll('.cp-part .mathjax_process')]
  .every(formula => formula.querySelector('mjx-container'))"""
STRETCH = 40


def test_the_corpus_does_nothing_in_the_panel(
    browser: "Browser", jupyter: Jupyter, api: Loopback, listener: Listener, tmp_path: Path
) -> None:
    """As answers and as questions; grown in small pieces; and in what the notebook keeps."""
    attacks = [attack.answer for attack in corpus(listener.url)]
    said = [{"role": role, "content": a} for a in attacks for role in ("user", "assistant")]
    (jupyter.folder / "hostile.json").write_text(json.dumps({"messages": said}))
    listener.asked.clear()
    before = ["%claude import hostile.json"]
    with panel_in(browser, jupyter, api, "panel-hostile.ipynb", before=before) as panel:
        while panel.turns.count() < len(attacks):
            shown = panel.turns.count()
            panel.button("Earlier messages").evaluate("button => button.click()")
            panel.turns.nth(shown).wait_for(state="attached", timeout=PATIENCE)
        for start in range(0, len(attacks), STRETCH):
            api.will(grown("\n\n".join(attacks[start : start + STRETCH])))
            panel.ask_to_the_end("Go on.")
        panel.page.wait_for_function(TYPESET, timeout=PATIENCE)

        assert_nothing_happened(panel, listener)
        assert panel.page.evaluate(STRANGE) == []
        kept = panel.page.locator(".claude-transcript").last
        kept.wait_for(state="attached")
        panel.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    with page_in(browser) as reader:
        reader.page.goto(_exported(jupyter.folder / "panel-hostile.ipynb", tmp_path).as_uri())
        reader.page.locator(".claude-transcript").first.wait_for()

        assert reader.page.evaluate("window.__hacked") is None
        assert listener.asked == []


def test_names_kinds_and_errors_are_words(
    browser: "Browser", jupyter: Jupyter, api: Loopback, listener: Listener
) -> None:
    """Names of files, types and conversations, values, and what a server says of a fault."""
    script = "top.__hacked=window.__hacked=1"
    image = f"<img src=x onerror={script}>"
    setup = f"""bad = type({image!r}, (), {{"__repr__": lambda self: {image!r}}})()
%claude use {image}"""
    listener.asked.clear()
    api.will(error(400, "invalid_request_error", f"{image} [x](javascript:{script})"))
    with panel_in(browser, jupyter, api, "panel-names.ipynb", before=[setup]) as panel:
        panel.drop_in("paste", f"{image}.txt", image)
        panel.drop_in("paste", f"{image}.bin", "\0\0\0")
        panel.root.locator(".cp-chip").filter(has_text="tokens").wait_for(timeout=PATIENCE)
        panel.root.locator(".cp-chip-error").wait_for(timeout=PATIENCE)
        panel.box.click()
        panel.page.keyboard.type("@ba")
        panel.root.get_by_role("option").wait_for(timeout=PATIENCE)
        assert image in panel.root.get_by_role("option").inner_text()
        panel.screenshot("hostile-names")
        panel.box.press("Tab")
        panel.ask_to_the_end(image)
        panel.root.locator(".cp-error").get_by_text(image).wait_for()
        panel.ask_to_the_end(f"{image} {{{{ bad }}}} {{{{ {image} }}}}")
        panel.root.locator(".cp-title").click()
        panel.root.get_by_role("dialog").get_by_text("turn").first.wait_for()
        panel.screenshot("hostile-errors")

        assert image in panel.root.locator(".cp-title").inner_text()
        assert_nothing_happened(panel, listener)


def grown(text: str) -> Reply:
    """An answer in pieces of seven characters."""
    return answer(*[text[i : i + 7] for i in range(0, len(text), 7)])


def assert_nothing_happened(panel: Panel, listener: Listener) -> None:
    markers = [frame.evaluate("window.__hacked") for frame in panel.page.frames]

    assert markers == [None] * len(markers)
    assert listener.asked == []
    assert [url for url in panel.notebook.requests if url.startswith(listener.url)] == []
    assert [alarm for alarm in panel.notebook.alarms if "reload" not in alarm] == []


def _exported(notebook: Path, folder: Path) -> Path:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(notebook))
    path = folder / "hostile-panel.html"
    path.write_text(page, encoding="utf-8")
    return path
