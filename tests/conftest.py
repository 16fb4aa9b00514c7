"""Fixtures: a loopback server, a shell with the extension, a real kernel."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parent))

from frontends import ServedKernel, Start
from kernel import Kernel
from loopback import Loopback, answer, loopback
from shell import Notebook

# What a shell starts in the background ignores interrupts, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no fault of the code, and a run says the same as the one before it; for new
# cases: pytest --hypothesis-profile search
settings.register_profile("tests", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("tests")

KEY = "sk-ant-test-0123456789abcdef"


@pytest.fixture(scope="session", autouse=True)
def claude_magic_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests say is never kept among a user's conversations; kernels inherit it."""
    before = os.environ.get("CLAUDE_MAGIC_HOME")
    os.environ["CLAUDE_MAGIC_HOME"] = str(tmp_path_factory.mktemp("claude_magic_home"))
    yield
    del os.environ["CLAUDE_MAGIC_HOME"]
    if before is not None:
        os.environ["CLAUDE_MAGIC_HOME"] = before


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
def notebook(
    bare_shell: InteractiveShell, api: Loopback, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook]:
    """A shell with the extension loaded, whose questions go to `api`."""
    environ = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    environ["CLAUDE_MAGIC_HOME"] = str(tmp_path_factory.mktemp("kept"))
    bare_shell.run_line_magic("load_ext", "claude_magic")
    loaded = Notebook(bare_shell, environ)
    yield loaded
    bare_shell.run_line_magic("unload_ext", "claude_magic")
    bare_shell.displayhook.do_full_cache = False  # to flush it collects all garbage
    bare_shell.reset(new_session=False)
    bare_shell.displayhook.do_full_cache = True
    bare_shell.config = Config()  # IPython keeps what %config set, for a later loading


@pytest.fixture(scope="session")
def warm_kernel() -> Iterator[Kernel]:
    """A real kernel, started once: starting takes longer than most tests."""
    with Kernel() as running:
        yield running


@pytest.fixture
def kernel(warm_kernel: Kernel, api: Loopback) -> Kernel:
    """A real kernel with the extension newly loaded, whose questions go to `api`."""
    warm_kernel.renew(ANTHROPIC_BASE_URL=api.url, ANTHROPIC_API_KEY=KEY)
    return warm_kernel


@pytest.fixture
def start(api: Loopback, tmp_path: Path) -> Iterator[Start]:
    """Starts kernels as a Jupyter server does; their files lie where its own does."""
    with ExitStack() as running:

        def start(path: str = "", **environ: str) -> ServedKernel:
            environ = {
                "ANTHROPIC_BASE_URL": api.url,
                "ANTHROPIC_API_KEY": KEY,
                "CLAUDE_MAGIC_HOME": str(tmp_path / "home"),
                **environ,
            }
            return running.enter_context(ServedKernel(tmp_path, path, **environ))

        yield start


@pytest.fixture
def numbered(api: Loopback) -> Loopback:
    """A server whose answers are 1, 2, 3, …"""
    api.will(*(answer(str(number)) for number in range(1, 60)))
    return api
