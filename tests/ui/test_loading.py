"""Claims about what `%load_ext` and the first question leave for later: both are to be quick."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from loopback import Loopback

_SESSION = """
import gc, json, sys
from IPython.core.interactiveshell import InteractiveShell

def told(*names):
    return [name for name in names if name in sys.modules]

shell = InteractiveShell()
gc.freeze()
shell.run_line_magic("load_ext", "claude_magic")
loaded = told("httpx", "PIL", "ipywidgets", "claude_magic.ui.parser", "claude_magic.engine")
shell.run_cell("%%claude\\nHi")
asked = told("PIL", "ipywidgets", "claude_magic.tools.toolbox", "claude_magic.encode.schema")
kept = (gc.isenabled(), gc.get_freeze_count() > 0)
print(json.dumps({"loaded": loaded, "asked": asked, "kept": kept}))
"""


@pytest.fixture
def session(api: Loopback) -> Any:
    """What a new process tells of loading and of a first question."""
    environ = {**os.environ, "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-test-0"}
    process = subprocess.run(
        [sys.executable, "-c", _SESSION], capture_output=True, text=True, check=True, env=environ
    )
    return json.loads(process.stdout.splitlines()[-1])


def test_what_is_not_needed_yet_is_not_imported(session: Any) -> None:
    """Loading imports declarations only, a question without tools and pictures neither's modules.

    The garbage collector is as it was, also where somebody has frozen what is old.
    """
    assert session == {"loaded": [], "asked": [], "kept": [True, True]}
