"""Fresh environments with other versions, and all tests in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kernel import ROOT

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
COLABS = "3.13"


def works(python: str) -> bool:
    """Whether it starts: a name on the path may be an empty promise of a version manager."""
    asked = subprocess.run([python, "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def pythons() -> list[str]:
    """The Pythons at hand, the newest first."""
    named = [shutil.which(f"python3.{minor}") for minor in range(20, 10, -1)]
    managed = sorted(Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python3"), reverse=True)
    return [python for python in [*named, *map(str, managed)] if python and works(python)]


def newest_python() -> str | None:
    return next((python for python in pythons() if HERE not in version(python)), None)


def colabs_python() -> str:
    """The Python of Colab where it is at hand, or else the one that runs this."""
    at_hand = [sys.executable, *pythons()]
    return next((one for one in at_hand if f" {COLABS}." in version(one)), sys.executable)


def version(python: str) -> str:
    return subprocess.check_output([python, "--version"], text=True).strip()


def pass_the_tests_in(folder: Path, python: str, *constraints: str) -> str:
    """Build a fresh environment and run all tests in it that need no browser and no linters.

    Return what went wrong, or "".
    """
    environ = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    own = str(folder / "bin" / "python")
    for command in (
        [python, "-m", "venv", str(folder)],
        [own, "-m", "pip", "install", "-q", "--disable-pip-version-check", *constraints, ".[test]"],
        [own, "-m", "pytest", "-q", "-rfsR", "-m", "not browser and not environment and not house"],
    ):
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            return done.stdout[-5000:] + done.stderr[-2000:]
    return ""
