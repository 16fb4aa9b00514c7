"""Claims about conversations that outlast their kernel, in real kernels."""

import sys
from pathlib import Path

from frontends import LOAD, Start, loaded, sent
from loopback import START, Loopback, Reply, sse, stay_silent, text_block

sys.path.insert(0, str(Path(__file__).parent))

from looking import until, words_in


def test_a_conversation_goes_on_after_a_restart(
    numbered: Loopback, start: Start, tmp_path: Path
) -> None:
    """Loading says which; a new cell asks after its turns, whose cells are known again."""
    kernel = start(str(tmp_path / "a.ipynb"))
    front_end = loaded(kernel)
    for cell in ("one", "two"):
        front_end.lab(f"%%claude\n{cell}?", cell)
    kernel.restart()
    front_end = kernel.front_end()
    said = front_end.lab(LOAD, "load")
    assert said.startswith("The conversation goes on: 2 turns, today ")
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
