"""Nothing in an answer runs or is fetched: live, reopened, and in nbconvert's page."""

import json
from pathlib import Path

import pytest
from browser.hostile import corpus
from browser.hostile_messages import errors, messages
from browser.jupyter_server import Door, Jupyter
from browser.listener import Listener
from browser.opened import Notebook, notebook_in, page_in

pytestmark = pytest.mark.browser

PER_CELL = 40  # JupyterLab shows at most 50 outputs of a cell
SHOW = """import json
from IPython.display import display
from claude_magic.render.markdown import to_html, to_markdown, wrap
for a in json.load(open("answers.json"))[{start}:{end}]:
    bundle = {{"text/html": wrap(to_html(a)), "text/markdown": to_markdown(a), "text/plain": a}}
    display(bundle, raw=True)"""
SHOW_MESSAGES = """import json
from IPython.display import display
from claude_magic.content.look import Look
from claude_magic.content.message import read_message
from claude_magic.content.turn import Ending
from claude_magic.render.answer import bundle
from claude_magic.render.notices import usage_line
from claude_magic.render.small_print import Header, Sent
for m in json.load(open("messages.json"))[{start}:{end}]:
    look = Look(1, read_message(m["body"]), 1.0, ending=Ending(m["ending"]), notice=m["line"])
    line = m["line"]
    header = Header([Sent(line, line, f"data:image/png;base64,{{line}}")] if line else [], line)
    display(bundle(look, header=header, footer=usage_line(look, None)), raw=True)"""
# The last cell, as it fails.
FAIL = """import json
from claude_magic.errors import TryLater
words = "\\n".join(json.load(open("errors.json")))
raise TryLater(words + " The end.", hint=words)"""
# The last answer: once its formula is typeset, all before it are.
LAST = r"The end: \(z\)"
# What the outputs hold that they must not; formulas are MathJax's, but for links and styles.
STRANGE = """() => {
  const tags = new Set(`div p a b code em strong s ul ol li table thead tbody tr th td blockquote
    pre span hr br details summary small sup img h1 h2 h3 h4 h5 h6`.toUpperCase().split(/\\s+/));
  const attributes = new Set(['class', 'style', 'href', 'target', 'rel', 'start',
    'src', 'alt', 'height']);
  const strange = [];
  for (const element of document.querySelectorAll('.claude-magic *')) {
    const href = element.getAttribute('href') ?? element.getAttribute('xlink:href');
    const isReference = element.closest('mjx-container') && href?.startsWith('#');
    const isAllowed = href === null || isReference || /^(https?:|mailto:)/.test(href);
    if (!isAllowed) strange.push(element.outerHTML);
    const picture = element.getAttribute('src') ?? 'data:image/';
    if (!picture.startsWith('data:image/')) strange.push(element.outerHTML);
    if (/url\\(/i.test(element.getAttribute('style') ?? '')) strange.push(element.outerHTML);
    for (const {name} of element.attributes)
      if (name.startsWith('on')) strange.push(element.outerHTML);
    if (element.closest('mjx-container')) continue;
    if (element.localName === 'mjx-container') continue;
    if (!tags.has(element.tagName)) strange.push(element.outerHTML);
    for (const {name} of element.attributes)
      if (!attributes.has(name)) strange.push(element.outerHTML);
  }
  return strange.map(html => html.slice(0, 300));
}"""


@pytest.mark.parametrize("door", ["lab", "notebook"])
def test_no_answer_runs_or_fetches_anything(
    browser, jupyter: Jupyter, listener: Listener, door: Door, tmp_path: Path
) -> None:
    """No attack sets its marker or reaches the listener, before or after saving."""
    count = _write_hostile_notebook(jupyter, listener)
    listener.asked.clear()

    with notebook_in(browser, jupyter, "hostile.ipynb", door) as notebook:
        notebook.run_all()
        _assert_nothing_happened(notebook, listener, count)
        notebook.save_and_reload()
        _assert_nothing_happened(notebook, listener, count)
    with page_in(browser) as page:
        page.page.goto(_exported(jupyter.folder / "hostile.ipynb", tmp_path).as_uri())
        _assert_nothing_happened(page, listener, count, typeset=False)


@pytest.mark.parametrize("door", ["lab", "notebook"])
def test_the_same_check_notices_what_does_run(
    browser, jupyter: Jupyter, listener: Listener, door: Door
) -> None:
    """Without our rendering one simple attack sets its marker and reaches the listener."""
    attack = f'<img src="{listener.url}/leak" onload="0" onerror="window.__hacked=1">'
    jupyter.write("naive.ipynb", f"from IPython.display import Markdown\nMarkdown({attack!r})")
    listener.asked.clear()

    with notebook_in(browser, jupyter, "naive.ipynb", door) as notebook:
        notebook.run_all()
        notebook.page.wait_for_function("window.__hacked")

        assert listener.asked == ["/leak"]
        assert any(url.startswith(listener.url) for url in notebook.requests)


def _write_hostile_notebook(jupyter: Jupyter, listener: Listener) -> int:
    shown = {
        "messages": messages(listener.url),
        "answers": [attack.answer for attack in corpus(listener.url)] + [LAST],
    }
    cells = []
    for (name, given), show in zip(shown.items(), (SHOW_MESSAGES, SHOW), strict=True):
        (jupyter.folder / f"{name}.json").write_text(json.dumps(given))
        starts = range(0, len(given), PER_CELL)
        cells += [show.format(start=n, end=n + PER_CELL) for n in starts]
    (jupyter.folder / "errors.json").write_text(json.dumps(errors(listener.url)))
    jupyter.write("hostile.ipynb", *cells, FAIL)
    return sum(map(len, shown.values()))


def _exported(notebook: Path, folder: Path) -> Path:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(notebook))
    path = folder / "hostile.html"
    path.write_text(page, encoding="utf-8")
    return path


def _assert_nothing_happened(
    notebook: Notebook, listener: Listener, count: int, *, typeset: bool = True
) -> None:
    outputs = notebook.page.locator(".claude-magic")
    notebook.page.get_by_text("The end.").last.wait_for(state="attached")
    if typeset:
        outputs.nth(count - 1).locator("mjx-container").wait_for(state="attached")
    markers = [frame.evaluate("window.__hacked") for frame in notebook.page.frames]

    assert outputs.count() == count
    assert markers == [None] * len(markers)
    assert listener.asked == []
    assert [url for url in notebook.requests if url.startswith(listener.url)] == []
    assert notebook.alarms == []
    assert notebook.page.evaluate(STRANGE) == []
