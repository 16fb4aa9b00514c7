"""A shell in this process with the extension loaded: quick, and its parts can be looked at."""

import contextlib
import io
from collections.abc import Mapping
from typing import Any

from claude_magic.engine import Engine
from claude_magic.store.home import home
from claude_magic.store.store import Store
from claude_magic.ui.desk import Desk


class Notebook:
    """Runs cells and tells what they printed and raised. `environ` stands for the environment."""

    def __init__(self, shell: Any, environ: Mapping[str, str]) -> None:
        self.shell = shell
        self.environ = dict(environ)
        self.magics = shell.magics_manager.registry["ClaudeMagics"]
        store = Store(home(self.environ)) if "CLAUDE_MAGIC_HOME" in environ else None
        self.engine = Engine(self.environ, store)
        self.magics.desk = Desk(
            *(shell, self.magics, self.engine),
            running=self.magics.running,
            cells=self.magics.cells,
            displays=self.magics.displays,
        )

    def run(self, cell: str, cell_id: str | None = None) -> str:
        """Run a cell that works; return what it printed."""
        printed, error = self.attempt(cell, cell_id)
        assert error is None, printed
        return printed

    def fail(self, cell: str, cell_id: str | None = None) -> str:
        """Run a cell that fails; return all that it showed, with the error's own lines."""
        printed, error = self.attempt(cell, cell_id)
        assert error is not None, printed
        return printed

    def attempt(self, cell: str, cell_id: str | None = None) -> tuple[str, BaseException | None]:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            result = self.shell.run_cell(cell, **({"cell_id": cell_id} if cell_id else {}))
        return printed.getvalue(), result.error_before_exec or result.error_in_exec

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]
