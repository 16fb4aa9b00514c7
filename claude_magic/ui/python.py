"""The tool that runs Python in the notebook, where its variables are."""

import ast
import inspect
from typing import Annotated, Any

from claude_magic.tools.shown import Awaited
from claude_magic.tools.tool import Tool, tool_of


def python_tool(shell: Any, awaited: Awaited, *, asks_first: bool = True) -> Tool:
    """Return the tool `python` of a notebook."""

    def python(
        code: Annotated[str, "The code. If its last line is an expression, its value comes back."],
    ) -> object:
        """Run Python code in the person's notebook.

        Variables, imports and functions of the notebook are there, and what the code defines stays.
        What it prints, displays and draws comes back too, and an error with its traceback.
        """
        return run(shell, code, awaited)

    return tool_of(python, asks_first=asks_first, language="python")


def run(shell: Any, code: str, awaited: Awaited) -> object:
    """Run code in the namespace of `shell`; return the value of its last expression, or None.

    Magics and `await` work as in a cell; whatever the code raises comes through.
    """
    source = shell.transform_cell(code)
    name = shell.compile.cache(source, shell.execution_count)
    parts = _parts(ast.parse(source, name))
    value: object = None
    for part, mode in parts:
        flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compiled: Any = compile(part, name, mode, flags, dont_inherit=True)
        value = eval(compiled, shell.user_global_ns, shell.user_ns)
        if compiled.co_flags & inspect.CO_COROUTINE and inspect.iscoroutine(value):
            value = awaited(value)
    return value


def _parts(tree: ast.Module) -> list[tuple[Any, str]]:
    """The statements, and apart from them a last expression, whose value is wanted."""
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        before = ast.Module(tree.body[:-1], tree.type_ignores)
        return [(before, "exec"), (ast.Expression(last.value), "eval")]
    return [(tree, "exec")]
