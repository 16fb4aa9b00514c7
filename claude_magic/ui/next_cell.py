"""`--code`: the code of an answer becomes the next cell."""

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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


def put(shell: Any, code: str) -> None:
    """Put `code` into the next cell, or behind the next prompt of a terminal; it is not run."""
    shell.set_next_input(code)


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
