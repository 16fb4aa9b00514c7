"""`{{ expression }}` in a text -> its value, evaluated in the notebook."""

import ast
from collections.abc import Callable, Iterator
from types import CodeType
from typing import NamedTuple

from claude_magic.errors import BadInput

Evaluate = Callable[[CodeType], object]
_MOST_TRIES = 50  # each parses anew all that it might be


class Value(NamedTuple):
    """What an expression in a text came to."""

    expression: str
    value: object


def fill(text: str, evaluate: Evaluate) -> Iterator[str | Value]:
    r"""Yield the stretches of `text` and the values between them.

    Each expression is evaluated once, and its value is never looked at for braces again. Single
    braces are left alone; `\{{` stands for two braces.

    >>> list(fill(r"{a} {{ 6 * 7 }} \{{ x }}", eval))
    ['{a} ', Value(expression='6 * 7', value=42), ' {{ x }}']

    Raises
    ------
    BadInput: an expression is not closed, not Python, or fails; the message names it.
    """
    words, at = "", 0
    while (found := text.find("{{", at)) >= 0:
        if found and text[found - 1] == "\\":
            words, at = words + text[at : found - 1] + "{{", found + 2
            continue
        end = expression_end(text, found)
        if before := words + text[at:found]:
            yield before
        yield evaluated(text[found + 2 : end - 2].strip(), evaluate)
        words, at = "", end
    if after := words + text[at:]:
        yield after


def expression_end(text: str, start: int) -> int:
    """Return where the expression that begins with `{{` at `start` ends, behind its `}}`.

    The first `}}` that leaves valid Python closes it, so that `{{ {1: {2: 3}} }}` works.

    Raises
    ------
    BadInput: there is no `}}`, or none leaves valid Python.
    """
    first = close = text.find("}}", start + 2)
    for _ in range(_MOST_TRIES):
        if close < 0:
            break
        if _is_python(text[start + 2 : close].strip()):
            return close + 2
        close = text.find("}}", close + 1)
    glimpse = text[start : first + 2 if first >= 0 else start + 40].split("\n")[0]
    why = "is not a Python expression" if first >= 0 else "has no closing }}"
    raise BadInput(
        f"{glimpse} {why}; nothing was sent.",
        hint="Mend the expression, or write \\{{ for two braces that are meant as such.",
    )


def _in_one(expression: str) -> str:
    """Lines of one expression, as Python takes them."""
    return f"({expression}\n)" if "\n" in expression else expression


def _is_python(expression: str) -> bool:
    try:
        ast.parse(_in_one(expression), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def evaluated(expression: str, evaluate: Evaluate, option: str = "") -> Value:
    """Return the value of `expression`, which stands among words or is that of an `option`.

    Raises
    ------
    BadInput: it is not Python, names what is not there, or fails; the message names it.
    """
    named = f"{option} {expression}" if option else f"{{{{ {expression} }}}}"
    if not _is_python(expression):
        raise BadInput(
            f"{named} is not a Python expression; nothing was sent.",
            hint="Write it as in a cell; one with spaces goes in quotes." if option else "",
        )
    code = _compiled(expression, named)
    try:
        return Value(expression, evaluate(code))
    except NameError as error:
        unknown = f"there is no `{error.name}` in this notebook" if error.name else str(error)
        meant = "" if option else ", or write \\{{ for two braces meant as such"
        raise BadInput(
            f"{named}: {unknown}; nothing was sent.",
            hint=f"Run the cell that defines it{meant}.",
        ) from error
    except (Exception, SystemExit) as error:
        raise BadInput(
            f"{named} failed with {type(error).__name__}: {str(error)[:300]}; nothing was sent.",
            hint="Try the expression in a cell of its own.",
        ) from error


def _compiled(expression: str, named: str) -> CodeType:
    try:
        return compile(_in_one(expression), "<{{ }}>", "eval")
    except SyntaxError as error:  # `await` parses, but stands in no function here
        raise BadInput(
            f"{named} cannot be evaluated here: {error.msg}; nothing was sent.",
            hint="Do that in a cell, and write the name of what came of it here.",
        ) from None
