"""Claims about the house itself: its floors, its style, its words."""

import re
import subprocess
import sys

import nbformat
import pytest
from kernel import ROOT

import claude_magic
from claude_magic.ui.commands import help_text
from claude_magic.ui.parser import PARSER

pytestmark = pytest.mark.house


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("importlinter.cli", "lint"),
    ],
    ids=lambda command: command[0],
)
def test_the_code_is_checked(command: tuple[str, ...]) -> None:
    """Lint (docstrings too), format, strict types, and imports that go down the floors only."""
    if command[0] == "importlinter.cli":
        code = "from importlinter.cli import lint_imports_command as c; c()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    else:
        run(*command)


def test_the_public_names_are_these() -> None:
    """What people may import; a change here is a change for them."""
    assert claude_magic.__all__ == [
        "Claude",
        "ClaudeMagicError",
        "Interrupted",
        "chat",
        "claude_tool",
        "load_ipython_extension",
        "unload_ipython_extension",
    ]


def test_every_option_and_command_is_in_the_readme() -> None:
    """What can be typed is told."""
    readme = (ROOT / "README.md").read_text("utf-8")
    options = {name for name in PARSER._option_string_actions if name.startswith("--")}
    commands = set(re.findall(r"^(%claude \w+)", help_text(), re.M))

    assert options >= {"--model", "--dry-run"}
    assert commands >= {"%claude status"}
    assert [word for word in options | commands if f"`{word}" not in readme] == []


def test_the_notebooks_hold_no_path_of_a_machine() -> None:
    """They are for everyone."""
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
        assert not re.search(r"/(home|root|Users|work)/", path.read_text("utf-8")), path
