"""Claims about the IPython terminal: readable text, each word once, an interrupt that is short."""

import os
import re
import sys
import threading
from collections.abc import Iterator

import pytest
from conftest import KEY
from kernel import ROOT
from loopback import START, Handler, Loopback, Reply, answer, ending, sse, stay_silent, text_block

pexpect = pytest.importorskip("pexpect", reason="a terminal can only be driven where pexpect runs")


@pytest.fixture
def terminal(api: Loopback, tmp_path: object) -> Iterator["pexpect.spawn"]:
    """A real IPython terminal with the extension loaded."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(tmp_path),
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": KEY,
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    command = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
    child = pexpect.spawn(
        sys.executable, command, env=environ, encoding="utf-8", timeout=30, dimensions=(40, 80)
    )
    child.expect(r"In \[1\]: ")
    child.sendline("%load_ext claude_magic")
    child.expect(r"In \[2\]: ")
    yield child
    child.close(force=True)


def test_an_answer_is_printed_once_as_readable_text(
    api: Loopback, terminal: "pexpect.spawn"
) -> None:
    """Finished stretches stand once in the scrollback, control characters nowhere."""
    api.will(
        answer("# Title\n\nFirst *words*.\n\n", "Second words \x1b]0;owned\x07 \\(x\\).\n\n- a\n")
    )
    ask = "get_ipython().run_cell_magic('claude', '', 'Hi')"
    terminal.sendline(ask)
    terminal.expect(r"In \[3\]: ")
    assert "\x1b]0;" not in terminal.before
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.before)

    assert shown.count("First words.") == 1
    assert "$x$" in shown
    assert "9 in · 7 out" in shown


def test_the_newest_lines_of_a_long_stretch_are_in_sight(
    api: Loopback, terminal: "pexpect.spawn"
) -> None:
    """Code longer than the window is followed at its end; it stands whole in the scrollback."""
    code = "```text\n" + "".join(f"line{number}.\n" for number in range(60))
    gate = threading.Event()

    def hold(handler: Handler) -> None:
        handler.hold(gate)

    api.will(Reply([sse(START, *text_block(code)[:-1]), hold, sse(*ending())]))
    terminal.sendline("get_ipython().run_cell_magic('claude', '', 'Hi')")
    terminal.expect(r"line59\.")
    assert "line0." not in terminal.before
    gate.set()
    terminal.expect(r"In \[3\]: ")

    assert "line0." in terminal.before


def test_an_interrupt_in_a_terminal_is_short(api: Loopback, terminal: "pexpect.spawn") -> None:
    """Ctrl-C keeps the words and shows no traceback."""
    api.will(Reply([sse(START, *text_block("Half an answer")[:-1]), stay_silent]))
    terminal.sendline("get_ipython().run_cell_magic('claude', '', 'Hi')")
    terminal.expect("Half an answer")
    terminal.sendintr()
    terminal.expect(r"In \[3\]: ")

    assert "Interrupted" in terminal.before
    assert "Traceback" not in terminal.before
    assert api.client_left.wait(5)


def test_pictures_go_along_in_a_terminal(api: Loopback, terminal: "pexpect.spawn") -> None:
    """From the object that was shown in words, and from figures that are open."""
    terminal.sendline("from PIL import Image; Image.new('L', (31, 17))")
    terminal.expect(r"In \[3\]: ")
    terminal.sendline("get_ipython().run_cell_magic('claude', '-p', 'What is it?')")
    terminal.expect(r"In \[4\]: ")
    assert "Sent along: In [2] (31 × 17, 2 tokens)." in terminal.before

    terminal.sendline("import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as plt")
    terminal.expect(r"In \[5\]: ")
    terminal.sendline("plt.plot([1, 2])")
    terminal.expect(r"In \[6\]: ")
    terminal.sendline("get_ipython().run_line_magic('claude', 'images')")
    terminal.expect(r"In \[7\]: ")
    assert re.search(r"#2 +In \[5\] +matplotlib", terminal.before)
    terminal.sendline("get_ipython().run_cell_magic('claude', '-p', 'And this?')")
    terminal.expect(r"In \[8\]: ")
    content = api.bodies[-1]["messages"][-1]["content"]
    assert [block["type"] for block in content] == ["image", "text"]
