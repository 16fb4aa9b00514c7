"""Claims about tools in a real kernel: the main thread, its signals, its plots, its loop."""

import json

import pytest
from kernel import Kernel, error_text, html
from loopback import Loopback, answer
from playing import calls, results

DEFINE = """
from claude_magic import claude_tool
import asyncio, threading, time
"""


@pytest.fixture
def notebook(kernel: Kernel) -> Kernel:
    kernel.run(DEFINE)
    return kernel


def test_an_interrupt_reaches_a_tool_that_sleeps(notebook: Kernel, api: Loopback) -> None:
    """The function stops, the cell says so, what happened is kept and goes along."""
    notebook.run(
        "@claude_tool\ndef wait(n: int) -> int:\n    if n == 2: time.sleep(60)\n    return n"
    )
    api.will(calls(("wait", {"n": 1}), ("wait", {"n": 2}), ("wait", {"n": 3})))
    outputs, seconds = notebook.run_and_interrupt(
        "%%claude\nGo.", lambda shown: "Running wait" in shown and "wait(n=1): 1" in shown
    )
    notebook.run("%%claude\nGo on.")

    assert "Interrupted" in error_text(outputs)
    assert seconds < 20  # the benchmark measures it
    assert [one.get("is_error", False) for one in results(api.bodies[-1])] == [False, True, True]


def test_plots_that_are_only_shown_or_left_open_reach_claude(
    notebook: Kernel, api: Loopback
) -> None:
    """As image blocks; the cell shows them below the folded call, and only once."""
    pytest.importorskip("matplotlib")
    notebook.run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
        "@claude_tool\ndef shown():\n    plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.show()\n"
        "@claude_tool\ndef left_open():\n    plt.figure(figsize=(1, 1)); plt.plot([2, 1])\n"
        "@claude_tool\ndef both():\n"
        "    fig = plt.figure(figsize=(1, 1)); plt.plot([1]); plt.show(); return fig"
    )
    api.will(calls(("shown", {}), ("left_open", {}), ("both", {})), answer("Seen."))
    outputs = notebook.run("%%claude\nDraw.")

    told = results(api.bodies[-1])
    assert [sum(b["type"] == "image" for b in one["content"]) for one in told] == [1, 1, 1]
    assert html(outputs).count("<details>") == html(outputs).count("<img") == 3


def test_what_a_tool_prints_and_displays_goes_to_claude_and_not_to_the_cell(
    notebook: Kernel, api: Loopback
) -> None:
    """Tables it displays come as tables, HTML as what it says."""
    notebook.run(
        "import pandas as pd\nfrom IPython.display import HTML\n"
        "@claude_tool\ndef show():\n"
        "    print('looking'); display(pd.DataFrame({'a': [1, 2]}), HTML('<b>Bold</b> words'))"
    )
    api.will(calls(("show", {})), answer("Seen."))
    outputs = notebook.run("%%claude\nLook.")

    (result,) = results(api.bodies[-1])
    assert "Printed:\nlooking" in result["content"]
    assert "2 rows × 1 columns" in result["content"]
    assert "Displayed:\nBold words" in result["content"]
    assert len(outputs) == 1


def test_an_async_tool_is_awaited_on_the_notebooks_loop(notebook: Kernel, api: Loopback) -> None:
    """A connection opened in the notebook works in it, and the notebook goes on as before."""
    notebook.run(
        "async def echo(reader, writer):\n"
        "    while line := await reader.readline(): writer.write(line.upper())\n"
        "server = await asyncio.start_server(echo, '127.0.0.1', 0)\n"
        "reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())\n"
        "@claude_tool\nasync def shout(word: str) -> str:\n"
        "    writer.write(word.encode() + b'\\n')\n"
        "    return (await reader.readline()).decode().strip()"
    )
    api.will(calls(("shout", {"word": "hello"})), answer("Loud."))
    notebook.run("%%claude\nShout.")

    assert results(api.bodies[-1])[0]["content"] == "HELLO"
    assert notebook.value("await shout('again')").strip() == "'AGAIN'"


def test_cells_queued_behind_an_async_tool_are_not_lost(notebook: Kernel, api: Loopback) -> None:
    """They run after it, in order, each once."""
    notebook.run(
        "ran = []\n"
        "@claude_tool\nasync def slow() -> None:\n"
        "    ran.append('tool'); await asyncio.sleep(0.3)"
    )
    api.will(calls(("slow", {})), answer("Done."))
    for code in ("%%claude\nGo.", *(f"ran.append({n})" for n in range(5))):
        notebook._client.kc.execute(code)  # all are sent at once

    assert notebook.value("ran").strip() == "['tool', 0, 1, 2, 3, 4]"


def test_an_interrupt_reaches_a_tool_that_awaits(notebook: Kernel, api: Loopback) -> None:
    """The coroutine is cancelled, and can tidy up."""
    notebook.run(
        "left = []\n"
        "@claude_tool\nasync def dream() -> None:\n"
        "    try: await asyncio.sleep(60)\n"
        "    finally: left.append('tidy')"
    )
    api.will(calls(("dream", {})))
    outputs, _ = notebook.run_and_interrupt("%%claude\nGo.", lambda shown: "Running dream" in shown)

    assert "Interrupted" in error_text(outputs)
    assert notebook.value("left").strip() == "['tidy']"


def test_nobody_is_asked_where_nobody_is_there(notebook: Kernel, api: Loopback) -> None:
    """Headless, `--ask` and `--python` refuse the call with a reason, and Claude goes on."""
    notebook.run("ran = []\ndef act() -> None:\n    ran.append(1)")
    api.will(calls(("act", {}), ("python", {"code": "ran.append(2)"})), answer("As you wish."))
    outputs = notebook.run("%%claude --tools act --python --ask\nGo.")

    assert notebook.value("ran").strip() == "[]"
    assert all("without anybody" in one["content"] for one in results(api.bodies[-1]))
    assert "without anybody" in html(outputs)


def test_python_runs_in_the_notebook(notebook: Kernel, api: Loopback) -> None:
    """Its variables are there and stay; value, output and errors come back; await works."""
    notebook.run("x = 20")
    code = [
        "y = x + 1\nprint('hi')\ny * 2",
        "await asyncio.sleep(0)\n1 / 0",
        "%time z = 3\nz",
        "def broken(:",
    ]
    api.will(calls(*(("python", {"code": one}) for one in code)), answer("Done."))
    notebook.run("%%claude --python --no-ask\nGo.")

    told = results(api.bodies[-1])
    assert notebook.value("y").strip() == "21"
    assert told[0]["content"] == "42\n\nPrinted:\nhi"
    assert told[1]["is_error"]
    assert "1 / 0" in told[1]["content"]
    assert "ZeroDivisionError" in told[1]["content"]
    assert told[2]["content"].startswith("3")
    assert "SyntaxError" in told[3]["content"]


def test_a_rerun_replaces_the_whole_exchange(notebook: Kernel, api: Loopback) -> None:
    """Calls and results of the first run are not sent again."""
    notebook.run("@claude_tool\ndef look(n: int) -> int:\n    return n")
    api.will(calls(("look", {"n": 1})), answer("One."))
    notebook.run("%%claude\nLook.")
    notebook.run("%claude retry")

    assert "toolu" not in json.dumps(api.bodies[2]["messages"])


def test_a_question_of_the_panel_has_its_tools_run_between_cells(
    notebook: Kernel, api: Loopback
) -> None:
    """On the main thread, once the running cell has ended."""
    notebook.run(
        "@claude_tool\ndef where() -> str:\n"
        "    return f'{over} {threading.current_thread() is threading.main_thread()}'"
    )
    api.will(calls(("where", {})), answer("There."))
    notebook.run(
        "over = False\n"
        "from claude_magic.asking import Standing\n"
        "from claude_magic.content.blocks import Text\n"
        "from claude_magic.content.message import Message\n"
        "from claude_magic.panel.choices import Choices\n"
        "from claude_magic.ui.beside import Beside\n"
        "desk = get_ipython().magics_manager.registry['ClaudeMagics'].desk\n"
        "Beside(desk).ask(Message('user', (Text('Where?'),)), Choices(), Standing())\n"
        "import urllib.request\n"
        "over = True"
    )
    api.wait_for(2)

    assert results(api.bodies[-1])[0]["content"] == "True True"
