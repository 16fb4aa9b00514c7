"""Chromium on this machine, and how it is started to ask the network for nothing of its own."""

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# As root it needs the first.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "no Chromium found: install one or set CLAUDE_MAGIC_CHROMIUM to its path"


def chromium(bundled: str = "") -> str | None:
    """Return the path of Chromium: the one chosen, else one installed, else the `bundled` one."""
    chosen = os.environ.get("CLAUDE_MAGIC_CHROMIUM")
    found = [chosen] if chosen else [*map(shutil.which, _NAMES), bundled]
    return next((path for path in found if path and Path(path).exists()), None)
