"""`--code`: the code of an answer becomes the next cell."""

import ast
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from claude_magic.capture.saved import SavedCells

if TYPE_CHECKING:
    from markdown_it.token import Token

_PYTHON = ("python", "py", "python3", "ipython", "ipython3", "pycon")
_SHELLS = {"bash": "%%bash", "sh": "%%bash", "shell": "%%bash", "html": "%%html"}


def code_in(text: str) -> str:
    r"""Return all the code of an answer as one cell, or "" if it has none.

    Blocks of Python, and those that do not say what they are, follow one another; only where there
    are none, other code is taken. An answer without any block is code if it can be run as it is.

    >>> code_in("Load it:\n```python\nx = 1\n```\nThen:\n```python\nprint(x)\n```")
    'x = 1\n\nprint(x)'
    >>> code_in("x = 1"), code_in("Nothing to run here.")
    ('x = 1', '')
    """
    blocks = [(token.info.strip().lower(), token.content) for token in _blocks(text)]
    python = [code for kind, code in blocks if kind.partition(" ")[0] in _PYTHON]
    if python:
        return _joined(python)
    if plain := [code for kind, code in blocks if not kind]:
        return _joined(plain)
    if blocks:
        kind, code = blocks[0]
        magic = _SHELLS.get(kind, "")
        return _joined([f"{magic}\n{code}"]) if magic else ""
    return text.strip() if _is_python(text) else ""


class NextCell:
    """Puts code into the next cell, or behind the next prompt of a terminal; it is not run.

    `saved`: the notebook's cells as they were saved last, if it has a file.
    """

    def __init__(self, shell: Any, saved: Callable[[], SavedCells | None]) -> None:
        self._shell = shell
        self._saved = saved
        self._put: dict[str, float] = {}  # when, in Unix seconds

    def has(self, code: str) -> bool:
        """Whether a cell holds just this code, or was given it since the notebook was saved.

        A front end adds a cell each time: run again, the same answer would leave a row of them.
        """
        saved = self._saved()
        if saved is None:
            return False
        return code in saved.sources.values() or self._put.get(code, 0) > saved.at

    def put(self, code: str) -> None:
        """Put `code` there, unless a cell has it."""
        if not self.has(code):
            self._put[code] = time.time()
            self._shell.set_next_input(code)


def _blocks(text: str) -> "Iterable[Token]":
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(text)
    return (one for one in tokens if one.type in ("fence", "code_block") and one.content.strip())


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(block.strip("\n") for block in blocks)


def _is_python(text: str) -> bool:
    """Whether it is code: one word, or a sentence that happens to be a name, is not."""
    try:
        body = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    values = (ast.Name, ast.Constant, ast.Tuple)
    return any(not (isinstance(one, ast.Expr) and isinstance(one.value, values)) for one in body)
