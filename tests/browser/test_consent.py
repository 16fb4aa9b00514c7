"""Claims about the buttons that ask before a tool is called, while the cell runs."""

from typing import TYPE_CHECKING

import pytest
from browser.jupyter_server import Door, Jupyter
from browser.opened import PATIENCE, notebook_in
from conftest import KEY
from loopback import Loopback, answer
from playing import calls, results

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

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
