"""Fixtures: a loopback server, a shell with the extension, a real kernel."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parent))

from kernel import Kernel
from loopback import Loopback, loopback
from shell import Notebook

KEY = "sk-ant-test-0123456789abcdef"


@pytest.fixture
def api() -> Iterator[Loopback]:
    """A loopback server of the Messages API."""
    with loopback() as served:
        yield served


@pytest.fixture(scope="session")
def bare_shell() -> InteractiveShell:
    """A real IPython shell, once for all tests."""
    config = Config()
    config.HistoryManager.enabled = False
    return InteractiveShell.instance(config=config)


@pytest.fixture
def notebook(bare_shell: InteractiveShell, api: Loopback) -> Iterator[Notebook]:
    """A shell with the extension loaded, whose questions go to `api`."""
    environ = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    bare_shell.run_line_magic("load_ext", "claude_magic")
    loaded = Notebook(bare_shell, environ)
    yield loaded
    bare_shell.run_line_magic("unload_ext", "claude_magic")
    bare_shell.reset(new_session=False)
    bare_shell.config = Config()  # IPython keeps what %config set, for a later loading


@pytest.fixture
def kernel(api: Loopback) -> Iterator[Kernel]:
    """A real kernel with the extension loaded, whose questions go to `api`."""
    with Kernel(ANTHROPIC_BASE_URL=api.url, ANTHROPIC_API_KEY=KEY) as running:
        running.run("%load_ext claude_magic")
        yield running
