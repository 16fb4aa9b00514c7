"""Claims about `--context`: the cells above go along with a question, as they stand now."""

import base64
import io
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from conftest import KEY
from frontends import ServedKernel
from kernel import Kernel, html
from loopback import Loopback
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from shell import Notebook

PLOT = "from IPython.display import display\nfrom PIL import Image\nImage.new('RGB', (9, 5), 'red')"


def texts(body: Any, number: int = -1) -> list[str]:
    """The text blocks of a message."""
    content = body["messages"][number]["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [block["text"] for block in blocks if block["type"] == "text"]


def sent(api: Loopback) -> str:
    return "\n".join(texts(api.bodies[-1]))


def test_code_output_errors_and_pictures_go_along(api: Loopback, kernel: Kernel) -> None:
    """In the order of running, listed before the answer."""
    kernel.run("x = 3\nprint('printed', x)\nx + 1")
    kernel.run(PLOT)
    kernel.run("def f():\n    return 1 / 0\nf()")
    outputs = kernel.run("%%claude --context all\nWhy?")
    content = api.bodies[0]["messages"][0]["content"]
    first = content[0]["text"]

    assert "x = 3\nprint('printed', x)\nx + 1\n<output>\nprinted 3\n4\n</output>" in first
    (picture,) = [block["source"] for block in content if block["type"] == "image"]
    assert Image.open(io.BytesIO(base64.b64decode(picture["data"]))).size == (9, 5)
    assert "ZeroDivisionError" in sent(api)
    assert "line 2, in f" in sent(api)
    assert content[-1]["text"] == "Why?"
    assert "1 picture" in html(outputs)
    assert "%load_ext" not in sent(api)


def test_a_transcript_shows_them_as_code(kernel: Kernel, tmp_path: Path) -> None:
    """Lines stay lines there, and a comment is no heading."""
    kernel.run("# a comment\nfor x in [1]:\n    print(x)")
    kernel.run(PLOT)
    kernel.run("%%claude --context all\nWhy?")
    kernel.run(f"%claude export {tmp_path}/it.md")
    shown = html(kernel.run("%claude history"))

    assert "# a comment\nfor x in [1]:\n    print(x)\n" in re.sub(r"<[^>]+>", "", shown)
    assert "<h1" not in shown
    assert (tmp_path / "it.md").read_text("utf-8").count("> ```\n") == 6


def test_only_the_last_so_many_go_along(api: Loopback, kernel: Kernel) -> None:
    """A cell that is ours is none of them."""
    for name in "abc":
        kernel.run(f"{name} = 1")
    kernel.run("%%claude\nHi")
    kernel.run("%%claude --context 2\nWhy?")

    assert "a = 1" not in sent(api)
    assert sent(api).index("b = 1") < sent(api).index("c = 1")


def test_what_is_unchanged_is_not_sent_again(api: Loopback, kernel: Kernel) -> None:
    """While an earlier turn that goes along carries it; changed or not carried, it is."""
    kernel.run("a = 1")
    kernel.run("b = 2\nb")
    kernel.run("%%claude --context all\nOne?")
    shown = html(kernel.run("%%claude --context all\nTwo?"))
    assert texts(api.bodies[1]) == ["Two?"]
    assert "2 cells unchanged" in shown

    kernel.run("c = 3")
    kernel.run("%%claude --context all\nThree?")
    assert "c = 3" in sent(api)
    assert "a = 1" not in sent(api)
    kernel.run("%%claude --context all --last 0\nFour?")
    assert "a = 1" in sent(api)
    kernel.run("%%claude --context all --once\nFive?")
    assert "a = 1" in sent(api)


def test_a_limit_drops_the_oldest_first(api: Loopback, kernel: Kernel) -> None:
    """And says so."""
    kernel.run("print('old ' * 500)")
    kernel.run("print('new')")
    kernel.run("%config ClaudeMagics.context_tokens = 200\n%config ClaudeMagics.context = 'all'")
    shown = html(kernel.run("%%claude\nWhy?"))
    assert "old old" not in sent(api)
    assert "new" in sent(api)
    assert "1 older cell left out" in shown

    kernel.run("%%claude --context 0\nWhy?")
    assert texts(api.bodies[1]) == ["Why?"]


def test_output_is_as_a_reader_sees_it(api: Loopback, kernel: Kernel) -> None:
    """A progress bar's last state, no colours, what was cleared not, what was changed anew."""
    kernel.run(
        "from IPython.display import clear_output, display\nprint('gone')\nclear_output()\n"
        "print(f'{10}%\\r{50}%\\r{100}%')\nprint(chr(27) + '[31mred' + chr(27) + '[0m')\n"
        "handle = display('before', display_id=True)"
    )
    kernel.run("handle.update('after')")
    kernel.run("%%capture\nprint('captured')")
    kernel.run("%%claude --context all\nWhy?")

    assert "100%\nred\n'after'" in sent(api)
    for absent in ("\ngone\n", "50%", "\x1b", "\n'before'", "\ncaptured"):
        assert absent not in sent(api)


def test_long_output_is_cut_in_its_middle(api: Loopback, kernel: Kernel) -> None:
    """Its beginning and its end are there."""
    kernel.run("for i in range(20_000): print('line', i)")
    kernel.run("%%claude --context all\nWhy?")

    assert "line 0\n" in sent(api)
    assert "line 19999" in sent(api)
    assert len(sent(api)) < 25_000


def test_context_needs_a_number_or_all(api: Loopback, notebook: Notebook) -> None:
    """It is said before anything is sent."""
    assert "--context is 'some'" in notebook.fail("%%claude --context some\nHi")
    assert api.requests == []


def test_a_terminal_has_context_too(api: Loopback, notebook: Notebook) -> None:
    """What was printed, once."""
    notebook.run("print('printed')\n40 + 2")
    notebook.run("%%claude --context all\nWhy?")

    assert sent(api).count("printed") == 2
    assert sent(api).count("42") == 1


def test_the_shell_is_as_it_was_between_cells(notebook: Notebook) -> None:
    """Nothing that a cell needed stays on the screen's way."""
    publisher, hook = notebook.shell.display_pub, notebook.shell.displayhook
    before = publisher.publish, hook.write_format_data
    notebook.run("x = 1")
    assert (publisher.publish, hook.write_format_data) == before
    assert getattr(sys.stdout.write, "__module__", None) != "claude_magic.capture.cells"


def test_the_notebooks_order_counts_where_it_is_known(api: Loopback, tmp_path: Path) -> None:
    """Cells below the question stay out; saved cells stand as in the file."""
    path = tmp_path / "a.ipynb"
    code = {"one": "a = 1", "two": "b = 2", "ask": "%%claude --context all\nWhy?", "low": "c = 3"}
    cells = [new_code_cell(source, id=cell) for cell, source in code.items()]
    nbformat.write(new_notebook(cells=cells), path)
    environ = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    with ServedKernel(tmp_path, str(path), **environ) as kernel:
        front_end = kernel.front_end()
        front_end.lab("%load_ext claude_magic", "load")
        for cell in ("low", "two", "one"):
            front_end.lab(code[cell], cell)
        front_end.lab(code["ask"], "ask")

    assert sent(api).index("a = 1") < sent(api).index("b = 2")
    assert "c = 3" not in sent(api)
