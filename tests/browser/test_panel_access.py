"""Claims about the panel for everyone: themes, narrow places, keys alone, little motion."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from browser.beside import Panel, panel_in
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE
from loopback import START, Loopback, Reply, block, ending, error, sse, text_block

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ANSWER = """## Head

Some *words*, \\(x < y\\), a [link](https://example.org) and `code`.

> quoted

```python
def f(x):
    # a comment
    return "text" + str(6 * 7) if x in [1] else None
```

| a | b |
|---|---|
| 1 | 2 |

\\[ \\sum_{i=1}^n abcdefghijklmnop + qrstuvwxyzabcdefghijklm = nopqrstuvwxyz^{2 + abcdefghijk} \\]
"""
PLOT = """import base64
from IPython.display import Image, display
numbers, name = [1, 2, 3], "x"
from PIL import Image as Pictures
display(Pictures.new("RGB", (300, 200), "teal"))"""
_RUN = "([command, given]) => window.jupyterapp.commands.execute(command, given)"
MOST_TABS = 60
FOCUSED = """() => {
  const one = document.activeElement;
  return one.closest('.claude-panel') ? one.getAttribute('aria-label') ?? one.textContent : '';
}"""


@pytest.fixture(scope="module")
def panel(door: Door, browser: "Browser", jupyter: Jupyter, api: Loopback) -> Iterator[Panel]:
    """A panel with a rich answer and an error."""
    thought = {"type": "thinking_delta", "thinking": "Let me think."}
    thinking = block(0, {"type": "thinking", "thinking": "", "signature": ""}, thought)
    whole = sse(START, *thinking, *text_block(ANSWER, index=1), *ending())
    api.will(Reply([whole]), error(400, "invalid_request_error", "Not so."))
    name = f"access-{door}.ipynb"
    with panel_in(
        browser, jupyter, api, name, door=door, before=[PLOT, "%%claude\nExplain."]
    ) as opened:
        opened.name = f"access-{door}"
        opened.wait_for("Head")
        opened.ask_to_the_end("And this?")
        if door == "lab":  # the file browser would leave no room
            opened.page.evaluate(_RUN, ["application:toggle-left-area", {}])
        yield opened


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1200, 320])
def test_axe_finds_no_violation_in_whatever_is_open(panel: Panel, width: int, theme: str) -> None:
    """In both themes, wide and narrow: the conversation, its menus, lists, files and pictures."""
    page = panel.page
    page.evaluate(_RUN, ["apputils:change-theme", {"theme": f"JupyterLab {theme}"}])
    page.wait_for_function(f"document.body.dataset.jpThemeName === 'JupyterLab {theme}'")
    page.set_viewport_size({"width": width, "height": 800})
    kind = f"{theme.lower()}-{width}"
    found = look(panel, f"answered-{kind}")

    panel.root.locator("details").first.evaluate("details => { details.open = true; }")
    panel.button("Settings, model").click()
    found += look(panel, f"settings-{kind}")
    page.keyboard.press("Escape")
    panel.root.locator(".cp-title").click()
    panel.root.locator(".cp-row").first.wait_for(timeout=PATIENCE)
    found += look(panel, f"conversations-{kind}")
    page.keyboard.press("Escape")
    panel.drop_in("paste", "notes with a long name about nothing much.txt", "words")
    panel.drop_in("paste", "odd.bin", "\0")
    panel.root.locator(".cp-chip").filter(has_text="tokens").wait_for(timeout=PATIENCE)
    panel.root.locator(".cp-chip-error").wait_for(timeout=PATIENCE)
    panel.button("Pictures the notebook displayed").click()
    panel.root.locator(".cp-recent").wait_for(timeout=PATIENCE)
    panel.box.click()
    page.keyboard.type("@n")
    panel.root.get_by_role("option").first.wait_for(timeout=PATIENCE)
    found += look(panel, f"box-{kind}")
    page.keyboard.press("Escape")
    panel.turns.first.hover()
    panel.turns.first.get_by_role("button", name="Edit and send again").click()
    panel.root.locator(".cp-editing").wait_for(timeout=PATIENCE)
    found += look(panel, f"editing-{kind}")
    page.keyboard.press("Escape")
    while panel.root.locator(".cp-chip").count():
        panel.root.locator(".cp-chip button").first.click()
    panel.button("Pictures the notebook displayed").click()
    panel.box.fill("")

    assert found == []
    assert overflowing(panel) == []


def test_keys_alone_do_everything(panel: Panel, api: Loopback) -> None:
    """Tab goes through the panel from head to foot; menus open, close and give the focus back."""
    page = panel.page
    page.set_viewport_size({"width": 1200, "height": 900})
    panel.root.locator(".cp-title").focus()
    page.keyboard.press("Enter")
    panel.root.locator(".cp-row").first.wait_for(timeout=PATIENCE)
    page.keyboard.press("Escape")
    names = [page.evaluate(FOCUSED)]
    while not names[-1].startswith("Settings, model") and len(names) < MOST_TABS:
        page.keyboard.press("Tab")
        names.append(page.evaluate(FOCUSED))

    in_order = [
        "main",
        "Conversation",
        "Edit and send again",
        "Copy the question",
        "Copy",
        "Insert the code as a cell below",
        "Run the code in a new cell below",
        "Copy the answer",
        "Insert the answer as a Markdown cell below",
        "Ask again",
        "Message to Claude",
        "Attach files",
        "Pictures the notebook displayed",
        "A variable of the notebook (@)",
    ]
    positions = [names.index(name) for name in in_order]
    assert positions == sorted(positions)
    assert any(name.startswith("Settings, model") for name in names)


def test_a_question_is_asked_again_with_keys_alone(panel: Panel, api: Loopback) -> None:
    """Typing, a variable, sending, and a new try of the same."""
    page = panel.page
    panel.box.focus()
    page.keyboard.type("Sum @num")
    panel.screenshot("typing")
    first = panel.root.locator(".cp-name[aria-selected=true]")
    first.get_by_text("numbers").wait_for(timeout=PATIENCE)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    panel.last.locator(".cp-under").wait_for(timeout=PATIENCE)
    count = len(api.requests)
    panel.last.get_by_role("button", name="Ask again").focus()
    page.keyboard.press("Enter")
    api.wait_for(count + 1)

    assert "[1, 2, 3]" in str(api.requests[-1].body["messages"][-1])


def test_little_motion_means_none(panel: Panel) -> None:
    """What breathes and blinks stands still for those who ask for it."""
    page = panel.page
    animated = """() => { const it = document.querySelector('.cp-phase');
      it.classList.add('cp-busy');
      const name = getComputedStyle(it, '::before').animationName;
      it.classList.remove('cp-busy');
      return name; }"""
    assert page.evaluate(animated) != "none"

    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(animated) == "none"
    page.emulate_media(reduced_motion=None)


def look(panel: Panel, name: str) -> list[str]:
    """Take a picture, and return what axe finds."""
    panel.screenshot(name)
    return [f"{name}: {violation}" for violation in panel.violations()]


def overflowing(panel: Panel) -> list[str]:
    """What is wider than the panel and does not scroll by itself."""
    found: list[str] = panel.page.evaluate(
        """() => {
          const panel = document.querySelector('.claude-panel');
          const { right } = panel.getBoundingClientRect();
          const parts = [...panel.querySelectorAll('.cp-composer, .cp-foot, .cp-bubble, .cp-head')];
          return parts.filter((part) => part.getBoundingClientRect().right > right + 1)
            .map((part) => part.className);
        }"""
    )
    return found
