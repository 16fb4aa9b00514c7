"""Claims about what the page gets: one script that loads, and modules that pass their own tests."""

import shutil
import subprocess
from pathlib import Path

import pytest

from claude_magic.panel.page import script, style

HERE = Path(__file__).parent
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def node(*arguments: str) -> str:
    done = subprocess.run(["node", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_node
def test_the_modules_pass_their_own_tests() -> None:
    """With node's test runner; nothing is installed for it."""
    told = node("--test", *map(str, sorted(HERE.glob("*.test.mjs"))))

    assert "# fail 0" in told


@needs_node
def test_the_modules_make_one_script(tmp_path: Path) -> None:
    """It is a module that imports nothing and whose default is what anywidget calls."""
    (tmp_path / "panel.mjs").write_text(script(), "utf-8")
    code = f"import('{(tmp_path / 'panel.mjs').as_uri()}').then(m => console.log(typeof m.default))"

    assert node("--input-type=module", "-e", code).strip() == "function"


def test_nothing_is_fetched() -> None:
    """Neither script nor style names an address other than that of SVG itself."""
    words = (script() + style()).replace("http://www.w3.org/2000/svg", "")

    assert "http" not in words
    assert "import(" not in words
    assert "@import" not in words
    assert "url(" not in words
