"""Claims about the README: its examples run in its order, and what it points to is there."""

import re

import pytest
from kernel import ROOT, Kernel

README = (ROOT / "README.md").read_text("utf-8")


def test_the_examples_run_from_top_to_bottom(kernel: Kernel) -> None:
    """As a newcomer copies them, with the practice model."""
    pytest.importorskip("pandas", reason="pandas is not installed here")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed here")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)
    cells = [cell for kind, cell in blocks if kind == "python" or cell.startswith("%")]
    kernel.run("%matplotlib inline\n%claude practice on\n%config ClaudeMagics.pace = 0")
    outputs = [output for cell in cells for output in kernel.run(cell)]

    assert len(cells) >= 8
    assert [output for output in outputs if output.output_type == "error"] == []
    assert str(outputs).count("Practice answer") >= 4


def test_what_it_points_to_is_there() -> None:
    """Its own sections, files of the repository, and the modules to change."""
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", README, re.M)}
    linked = re.findall(r"\]\((?!https://)([^)]+)\)", README)
    table = README.partition("## Where to change what")[2].partition("## How fast")[0]
    named = re.findall(r"`([\w/]+(?:\.\w+|/))`", table)
    places = (ROOT, ROOT / "claude_magic", ROOT / "claude_magic/panel")

    assert len(linked) > 10
    assert len(named) > 20
    assert {f"#{section}" for section in sections} >= {to for to in linked if to[0] == "#"}
    assert all((ROOT / to).exists() for to in linked if to[0] != "#")
    assert [name for name in named if not any((place / name).exists() for place in places)] == []
