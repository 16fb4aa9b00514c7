"""Claims about conversations that outlast their kernel, in real kernels."""

import re
import sys
import threading
import time
from pathlib import Path

import nbformat
from frontends import LOAD, Start, loaded, sent
from kernel import Kernel
from loopback import START, Handler, Loopback, Reply, sse, stay_silent, text_block
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parent))

from looking import until, words_in


def test_a_conversation_goes_on_after_a_restart(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Loading says which; a new cell asks after its turns, whose cells are known again."""
    kernel = start(str(tmp_path / "a.ipynb"))
    front_end = loaded(kernel)
    front_end.lab("%%claude\none?", "one")
    front_end.lab("%%claude -m haiku -s Briefly. -n 9 --stop END\ntwo?", "two")
    kernel.restart()
    front_end = kernel.front_end()
    said = front_end.lab(LOAD, "load")
    assert said.startswith("The conversation goes on: 2 turns, today ")
    front_end.lab("%claude retry", "retry")
    assert numbered.bodies[2] == numbered.bodies[1]
    front_end.lab("%%claude\nthree?", "three")
    assert sent(numbered) == ["one?", "two?", "three?"]

    shown = front_end.lab("%%claude\none?", "one")
    assert sent(numbered) == ["one?"]
    assert "asked again, turn 1 of 3" in shown


def test_a_killed_kernel_leaves_what_came(api: Loopback, start: Start, tmp_path: Path) -> None:
    """The half answer is a turn, and the next question a request that the API takes."""
    path = str(tmp_path / "a.ipynb")
    api.will(Reply([sse(START, *text_block("Half of it")[:-1]), stay_silent]))
    kernel = start(path)
    loaded(kernel).leave("%%claude\nOne?", "one")
    until(lambda: "Half of it" in words_in(tmp_path / "home"))
    kernel.kill()

    loaded(start(path)).lab("%%claude\nTwo?", "two")
    messages = [message["content"] for message in api.bodies[-1]["messages"]]
    assert messages == ["One?", "Half of it", "Two?"]


def write(path: Path, *cells: str) -> None:
    """Save a notebook with cells of these ids."""
    notebook = new_notebook(cells=[new_code_cell("", id=cell) for cell in cells])
    nbformat.write(notebook, path)


def test_a_notebook_moved_while_it_was_closed_is_known_by_its_cells(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """A copy beside it is another notebook: it begins anew."""
    first, copy, moved = (tmp_path / f"{name}.ipynb" for name in ("first", "copy", "moved"))
    write(first, "one", "two")
    loaded(start(str(first))).lab("%%claude\none?", "one")
    copy.write_bytes(first.read_bytes())
    front_end = loaded(start(str(copy)))
    front_end.lab("%%claude\ntwo?", "two")
    assert sent(numbered) == ["two?"]

    first.rename(moved)
    front_end = start(str(moved)).front_end()
    assert "goes on: 1 turn," in front_end.lab(LOAD, "load")
    front_end.lab("%%claude\ntwo?", "two")
    assert sent(numbered) == ["one?", "two?"]


def test_two_notebooks_on_one_kernel_come_back_apart(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Each has its own turns, in the kernel and after its restart."""
    kernel = start()
    first, second = f"{tmp_path}/first.ipynb", f"{tmp_path}/second.ipynb"
    front_end = kernel.front_end()
    front_end.vscode(LOAD, first, 0)
    front_end.vscode("%%claude\nFirst?", first, 1)
    front_end.vscode("%%claude\nSecond?", second, 1)
    kernel.restart()
    front_end = kernel.front_end()
    front_end.vscode(LOAD, first, 0)
    front_end.vscode("%%claude\nMore?", second, 2)
    assert sent(numbered) == ["Second?", "More?"]
    front_end.vscode("%%claude\nAnd?", first, 2)
    assert sent(numbered) == ["First?", "And?"]


def test_one_notebook_on_two_kernels_is_one_conversation(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Each asks after what the other has said."""
    path = str(tmp_path / "a.ipynb")
    first, second = loaded(start(path)), loaded(start(path))
    first.lab("%%claude\none?", "one")
    second.lab("%%claude\ntwo?", "two")
    first.lab("%%claude\nthree?", "three")

    assert sent(numbered) == ["one?", "two?", "three?"]


def test_a_headless_run_keeps_to_itself_unless_it_gives_a_name(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """What has a name goes on in the next run; what has none can still be adopted."""
    environ = {"CLAUDE_MAGIC_HOME": str(tmp_path / "home"), "ANTHROPIC_API_KEY": "sk-ant-test-0"}
    environ["ANTHROPIC_BASE_URL"] = numbered.url
    for day in ("Monday", "Tuesday"):
        with Kernel(**environ) as kernel:
            kernel.run(LOAD)
            kernel.run(f"%%claude\nAlone on {day}?")
            assert sent(numbered) == [f"Alone on {day}?"]
            kernel.run(f"%%claude -c report\n{day}?")
            kernel.run("%claude use report")
    assert sent(numbered) == ["Monday?", "Tuesday?"]

    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    listed = front_end.lab("%claude conversations", "list")
    code = next(line.split()[0] for line in listed.splitlines() if "report: 2 turns" in line)
    front_end.lab(f"%claude use {code}", "use")
    front_end.lab("%%claude\nAnd today?", "ask")
    assert sent(numbered) == ["Monday?", "Tuesday?", "And today?"]


def test_practice_and_claude_come_back_apart(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Neither goes on with the other's words."""
    path = str(tmp_path / "a.ipynb")
    kernel = start(path, CLAUDE_MAGIC_PRACTICE="1", CLAUDE_MAGIC_PACE="0")
    loaded(kernel).lab("%%claude\npractice?", "one")
    kernel.kill()
    front_end = start(path).front_end()
    assert "goes on" not in front_end.lab(LOAD, "load")
    front_end.lab("%%claude\nreal?", "two")
    assert sent(numbered) == ["real?"]


def test_no_key_is_kept(numbered: Loopback, start: Start, tmp_path: Path) -> None:
    """Neither the key nor what looks like one in the options of a prompt."""
    front_end = loaded(start(str(tmp_path / "a.ipynb"), ANTHROPIC_API_KEY="sk-ant-REALKEY0123456"))
    front_end.lab('%%claude -s "The key is sk-ant-api03-OPTIONKEY" --stop sk-ant-STOP\nHi?', "one")
    front_end.lab("%%claude\nIt is {{ __import__('os').environ['ANTHROPIC_API_KEY'] }}", "two")

    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir())
    assert b"Hi?" in kept
    for secret in (b"REALKEY", b"OPTIONKEY", b"sk-ant-STOP"):
        assert secret not in kept


def test_a_damaged_file_is_told_under_the_answer(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """The answer arrives all the same, and nothing is told twice."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "conversations.sqlite").write_bytes(b"not a database at all" * 500)
    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    shown = front_end.lab("%%claude\none?", "one")
    again = front_end.lab("%%claude\ntwo?", "two")

    assert "was damaged" in shown
    assert "damaged" not in again
    assert sent(numbered) == ["one?", "two?"]


def test_purging_a_notebook_leaves_nothing_of_it(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """A new conversation begins, and no byte of the old one is left."""
    front_end = loaded(start(str(tmp_path / "a.ipynb")))
    front_end.lab("%%claude\nUNHEARD OF?", "one")
    said = front_end.lab("%claude purge", "purge")
    front_end.lab("%%claude\ntwo?", "two")

    assert "removed for good" in said
    assert sent(numbered) == ["two?"]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir())
    assert b"UNHEARD" not in kept
    assert b"two?" in kept


def test_another_notebook_under_an_old_name_begins_anew(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """As the next Untitled.ipynb, when the first was deleted."""
    path = tmp_path / "Untitled.ipynb"
    write(path, "one")
    loaded(start(str(path))).lab("%%claude\nold?", "one")
    write(path)
    front_end = start(str(path)).front_end()
    assert "goes on" not in front_end.lab(LOAD, "load")
    front_end.lab("%%claude\nnew?", "two")

    assert sent(numbered) == ["new?"]


def test_vscode_counts_its_cells_anew_and_finds_them_again(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """By their words, after the notebook was opened again in another kernel."""
    path = f"{tmp_path}/a.ipynb"
    front_end = start().front_end()
    front_end.vscode(LOAD, path, 0)
    for number, words in enumerate(("One?", "Two?"), 1):
        front_end.vscode(f"%%claude\n{words}", path, number)
    front_end = start().front_end()
    front_end.vscode(LOAD, path, 5)
    front_end.vscode("%%claude\nOne?", path, 6)
    assert sent(numbered) == ["One?"]
    front_end.vscode("%%claude\nTwo?", path, 7)
    assert sent(numbered) == ["One?", "Two?"]
    front_end.vscode("%%claude\nThree?", path, 8)
    assert sent(numbered) == ["One?", "Two?", "Three?"]


def test_a_kernel_killed_at_any_moment_has_kept_what_was_on_screen(
    api: Loopback, start: Start, tmp_path: Path
) -> None:
    """More than a second before; and the next kernel goes on."""
    path, moments = str(tmp_path / "a.ipynb"), (0.4, 1.3, 2.1)

    def pause(handler: Handler) -> None:
        handler.hold(threading.Event(), 0.02)

    opening, *words = text_block(*(f"w{n} " for n in range(300)))[:-1]
    steps = [step for word in words for step in (sse(word), pause)]
    api.will(*[Reply([sse(START, opening), *steps])] * len(moments))
    for number, moment in enumerate(moments):
        kernel = start(path)
        front_end = loaded(kernel)
        front_end.leave("%%claude\nGo on.", f"cell-{moment}")
        until(lambda number=number: len(api.requests) > number)
        shown = front_end.watch(moment)
        kernel.kill()
        killed = time.monotonic()
        safe = {
            word
            for when, html in shown
            if when < killed - 1.0
            for word in re.findall(r"\bw\d+", html)
        }
        kept = words_in(tmp_path / "home").splitlines()[-1:]  # none, if killed early enough
        assert safe <= set(re.findall(r"\bw\d+", "".join(kept))), moment
    assert safe
    assert len(api.bodies[-1]["messages"]) > 1
