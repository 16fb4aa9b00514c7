"""Where what is kept lies. Loading the extension imports this, and nothing else if nothing is."""

import os
from collections.abc import Mapping
from pathlib import Path

NAME = "conversations.sqlite"


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what is kept: `CLAUDE_MAGIC_HOME`, or the user's data folder."""
    if named := environ.get("CLAUDE_MAGIC_HOME", ""):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("claude_magic", appauthor=False)
