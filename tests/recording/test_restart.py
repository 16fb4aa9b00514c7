"""Claims about Restart & Run All in real kernels: what was kept serves again, and is paid once."""

from pathlib import Path

from frontends import LOAD, FrontEnd, ServedKernel, Start
from loopback import Loopback, answer

KEPT = "unchanged, so its kept answer is shown"
PREPARED = """
%config ClaudeMagics.reuse = True
from PIL import Image
picture = Image.new("RGB", (64, 64), "teal")
"""
FORM = "dict(type='object',properties=dict(n=dict(type='integer')),additionalProperties=False)"
CELLS = {
    "one": "%%claude\nWhat is *this*?\n\n{{ picture }}",
    "two": f"%%claude --think --schema {FORM} -o form\nHow many?",
    "three": "%%claude --fix\nWhy does it fail, with {{ object() }} in memory?",
}


def run_all(front_end: FrontEnd, first: str) -> list[str]:
    """Run the notebook from the top; return what its questions show."""
    front_end.lab(LOAD, "load")
    front_end.lab(first, "first")
    front_end.lab("1 / 0", "fails")
    return [front_end.lab(code, cell) for cell, code in CELLS.items()]


def restarted(kernel: ServedKernel) -> FrontEnd:
    kernel.restart()
    return kernel.front_end()


def test_run_all_after_a_restart_pays_nothing_twice(
    api: Loopback, start: Start, tmp_path: Path
) -> None:
    """With a picture, thinking, a form and an error, from what is kept on disk."""
    api.will(answer("A colour."), answer('{"n": 3}'), answer("By nought."))
    kernel = start(str(tmp_path / "a.ipynb"))
    first = run_all(kernel.front_end(), PREPARED)
    again = run_all(front_end := restarted(kernel), PREPARED)

    assert len(api.bodies) == len(CELLS)
    assert not any(KEPT in shown for shown in first)
    assert all(KEPT in shown for shown in again)
    assert "{'n': 3}" in front_end.lab("print(form)", "look")
    assert "3 turns" in front_end.lab("%claude status", "status")


def test_a_replay_is_the_same_after_a_restart(api: Loopback, start: Start, tmp_path: Path) -> None:
    """To the byte: the outputs, without a key, in one conversation, every question asked."""
    api.will(answer("A colour."), answer('{"n": 3}'), answer("By nought."))
    tape = tmp_path / "lesson.claude"
    kernel = start(str(tmp_path / "a.ipynb"))
    run_all(kernel.front_end(), f"{PREPARED}%claude record {tape}")
    replay = (
        f"{PREPARED}import os\nos.environ.pop('ANTHROPIC_API_KEY')\n%claude replay {tape} --instant"
    )
    runs = [run_all(front_end := restarted(kernel), replay) for _ in range(2)]

    assert len(api.bodies) == len(CELLS)
    assert runs[0] == runs[1]
    assert "every question was asked" in front_end.lab("%claude replay", "state")
    assert "3 turns" in front_end.lab("%claude status", "status")
