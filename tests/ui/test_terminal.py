"""Claims about the IPython terminal: readable text, each word once, an interrupt that is short."""

import io
import os
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from conftest import KEY
from kernel import ROOT
from loopback import START, Handler, Loopback, Reply, answer, ending, sse, stay_silent, text_block
from playing import calls, results

from claude_magic.content.blocks import Text
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Ending
from claude_magic.render.terminal import TerminalScreen

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


class Window(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_one_empty_line_stands_between_stretches() -> None:
    """Before a list and a table too, and not one more."""
    file, words = Window(), "First.\n\n- a\n\n| b |\n|---|\n| c |\n\nLast.\n"
    message = Message("assistant", (Text(words),))
    screen = TerminalScreen(file)
    for size in range(len(words)):  # one stretch after the other
        grown = replace(message, content=(Text(words[:size]),))
        screen.pause()
        screen.draw(Look(size, grown, 0.0, messages=(grown,)))
    screen.finish(Look(len(words), message, 0.0, ending=Ending.COMPLETE, messages=(message,)))
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", file.getvalue())

    assert not re.search(r"\n *\n *\n", shown)


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


def test_a_call_is_asked_about_by_a_line_to_type_in(
    api: Loopback, terminal: "pexpect.spawn"
) -> None:
    """Yes runs it, no tells Claude why not, edit runs it with other arguments."""
    terminal.sendline("def double(n: int) -> int: return 2 * n")
    terminal.sendline("")
    terminal.expect(r"In \[3\]: ")
    api.will(calls(*(("double", {"n": n}) for n in (1, 2, 3))), answer("Done."))
    terminal.sendline("get_ipython().run_cell_magic('claude', '--ask --tools double', 'Go.')")
    for words in ("y", "no too large", "e", "20"):
        terminal.expect(r"\[e\]dit: |n \(3\): ")
        terminal.sendline(words)
    terminal.expect(r"In \[4\]: ")

    told = [one["content"] for one in results(api.bodies[-1])]
    assert told[0] == "2"
    assert "too large" in told[1]
    assert told[2] == 'The person changed the arguments to {"n": 20}.\n\n40'


def test_an_async_tool_runs_in_a_terminal(api: Loopback, terminal: "pexpect.spawn") -> None:
    """On the loop on which the terminal awaits what is typed."""
    terminal.sendline("import asyncio; loop = await asyncio.sleep(0, asyncio.get_running_loop())")
    terminal.expect(r"In \[3\]: ")
    terminal.sendline("async def same() -> bool: return asyncio.get_running_loop() is loop")
    terminal.sendline("")
    terminal.expect(r"In \[4\]: ")
    api.will(calls(("same", {})), answer("Done."))
    terminal.sendline("get_ipython().run_cell_magic('claude', '--tools same', 'Go.')")
    terminal.expect(r"In \[5\]: ")

    assert results(api.bodies[-1])[0]["content"] == "true"
