"""Claims about the buttons that ask before a tool is called, while the cell runs."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE, notebook_in
from conftest import KEY
from loopback import Loopback, answer
from playing import calls, results

from claude_magic import panel

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HERE = Path(panel.__file__).parent
CALL = {"title": "Claude wants to call f", "label": "Arguments", "edit": "Edit", "code": False}
# What anywidget does; of what is said to the kernel, the first `lost` words go astray.
MOUNT = """async ([source, style, call, lost]) => {
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const widget = (await import(url)).default;
  let listener = () => {};
  window.sent = [];
  window.missed = 0;
  window.commands = 0;
  const model = {
    get: () => call,
    on: (event, heard) => { listener = heard; },
    send: (words) => {
      if (window.missed < lost) { window.missed += 1; return; }
      window.sent.push(words);
      setTimeout(() => listener({seen: words.kind}));
    },
  };
  document.head.append(Object.assign(document.createElement('style'), {textContent: style}));
  document.addEventListener('keydown', () => { window.commands += 1; });
  widget.render({model, el: document.body.appendChild(document.createElement('main'))});
  window.lose = (more) => { lost = window.missed + more; };
}"""
TOOL = """%load_ext claude_magic
def double(n: int) -> int:
    \"\"\"Twice n.\"\"\"
    return 2 * n"""


@pytest.mark.parametrize("door", ["lab", "notebook"])
def test_a_call_waits_for_yes_no_or_other_arguments(
    browser: "Browser", jupyter: Jupyter, api: Loopback, door: Door
) -> None:
    """By click or keys alone; Claude hears what was decided, and the buttons are gone."""
    api.will(calls(("double", {"n": 1}), ("double", {"n": 2}), ("double", {"n": 3})), answer("So."))
    setup = f"%env ANTHROPIC_BASE_URL={api.url}\n%env ANTHROPIC_API_KEY={KEY}\n"
    jupyter.write(f"consent-{door}.ipynb", setup + TOOL, "%%claude --tools double --ask\nGo.")
    with notebook_in(browser, jupyter, f"consent-{door}.ipynb", door) as notebook:
        page = notebook.page
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.get_by_role("button", name="Run it", exact=True).click(timeout=PATIENCE)
        page.locator(".cc-call", has_text="2").wait_for(timeout=PATIENCE)
        notebook.screenshot(f"consent-{door}")
        page.get_by_role("button", name="Don’t run it").press("Enter")
        page.locator(".cc-reason").fill("Not two.")
        page.locator(".cc-reason").press("Enter")
        page.locator(".cc-call", has_text="3").wait_for(timeout=PATIENCE)
        page.get_by_role("button", name="Edit", exact=False).press("Enter")
        page.locator("textarea.cc-call").fill('{"n": 30}')
        page.locator("textarea.cc-call").press("Control+Enter")
        page.get_by_text("claude-opus-4-6 ·").first.wait_for(timeout=PATIENCE)

        yes, no, edited = (str(one["content"]) for one in results(api.bodies[-1]))
        assert "2" in yes
        assert "Not two." in no
        assert "60" in edited
        assert page.locator(".claude-consent").count() == 0
        notebook.screenshot(f"consented-{door}")


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """The buttons in a page of their own, 320 pixels wide, whose first two words go astray."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    opened = context.new_page()
    opened.clock.install()  # it stands still but for `run_for`
    opened.clock.pause_at(time.time() + 1)
    opened.set_content('<!doctype html><html lang="en"><title>x</title><body class=vscode-dark>')
    parts = [(HERE / name).read_text("utf-8") for name in ("consent.js", "consent.css")]
    opened.evaluate(MOUNT, [*parts, CALL | {"text": '{"n": 1}'}, 2])
    yield opened
    context.close()


def test_what_is_said_is_said_again_until_it_is_heard_and_no_longer(page: "Page") -> None:
    """That the page is there, and the answer: words that go astray are not the last."""
    assert page.evaluate("window.sent") == []
    page.clock.run_for(10_000)
    page.evaluate("window.lose(2)")
    page.get_by_role("button", name="Run it", exact=True).click()
    page.clock.run_for(10_000)
    heard = page.evaluate("window.sent")

    assert page.evaluate("window.missed") == 4
    assert [words["kind"] for words in heard] == ["here", "answer"]
    assert heard[1]["word"] == "yes"


def test_keys_alone_answer_and_are_no_commands_of_the_notebook(page: "Page") -> None:
    """Tab and Enter reach all; Escape leads back; what is no JSON is told and not sent."""
    press = page.keyboard.press
    page.locator(".cc-call").focus()
    for key in ("Tab", "Tab", "Enter", "d", "Escape", "Tab", "Tab", "Enter"):
        press(key)
    page.keyboard.type("x")
    press("Control+Enter")
    page.get_by_role("alert").get_by_text("no JSON").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    press("Delete")
    press("Control+A")
    page.keyboard.type('{"n": 2}')
    press("Control+Enter")
    page.clock.run_for(1000)

    assert page.evaluate("window.sent.at(-1).text") == '{"n": 2}'
    assert page.evaluate("window.commands") == 0
