"""A lesson's policy file (TOML) -> what it lays down, checked; a fault names its line."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from claude_magic.api.models import LINES
from claude_magic.errors import BadInput
from claude_magic.teaching.tutor import language_named, with_tutor

_EXAMPLE = """It looks like this:
    tutor = "hints"
    models = ["haiku", "sonnet"]
    max_tokens = 2000
    budget = 0.50
    tools = false"""


def laid_down(path: Path) -> dict[str, Any]:
    """Return what a policy file says, by name.

    Raises
    ------
    BadInput: it is not there, or holds what no policy has; the line at fault is named.
    """
    try:
        text = path.read_text("utf-8-sig")
        given = tomllib.loads(text)
    except OSError as error:
        raise BadInput(
            f"the lesson's policy {path} cannot be read ({error.strerror}).",
            hint="Check its name, or do without: `%claude lesson policy off`.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path.name} is no TOML: {error}.", hint=_EXAMPLE) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not text in UTF-8.") from error
    return {name: _checked(path, text, name, value) for name, value in given.items()}


def _checked(path: Path, text: str, name: str, value: Any) -> Any:
    where = f"{path.name}, line {_line(text, name)}"
    if name not in _RULES:
        near = get_close_matches(name, _RULES, n=1)
        likely = f"Did you mean `{near[0]}`?" if near else f"It knows {', '.join(_RULES)}."
        raise BadInput(f"{where}: a policy knows no {name!r}.", hint=likely)
    kind, fits = _RULES[name]
    if not fits(value):
        raise BadInput(f"{where}: {name} is {kind}, not {value!r}.", hint=_EXAMPLE)
    if name == "models":
        value = (value,) if isinstance(value, str) else tuple(value)
    if check := _MEANT.get(name):
        try:
            check(path, value)
        except BadInput as error:
            raise BadInput(f"{where}: {error}", hint=error.hint) from error
    return value


def _line(text: str, name: str) -> int:
    """The line where a name is given a value, or stands as a table."""
    given = re.compile(rf"\s*\[*\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if given.match(line)), 1)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_switch(value: Any) -> bool:
    return type(value) is bool


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_amount(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _are_names(value: Any) -> bool:
    names = [value] if isinstance(value, str) else value
    return isinstance(names, list) and bool(names) and all(_is_text(n) and n for n in names)


def _check_tutor(path: Path, tutor: str) -> None:
    beside = path.parent / tutor
    with_tutor("", str(beside) if tutor and beside.is_file() else tutor)


def _check_models(path: Path, models: tuple[str, ...]) -> None:
    """A slip in a short name would forbid every model there is."""
    for name in models:
        near = get_close_matches(name.lower(), LINES, n=1)
        if near and name.lower() not in LINES:
            raise BadInput(f"there is no model {name!r}.", hint=f"Did you mean {near[0]!r}?")


_RULES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "tutor": ("text", _is_text),
    "language": ("text", _is_text),
    "system": ("text", _is_text),
    "models": ("a list of names", _are_names),
    "max_tokens": ("a whole number, from 1 on", _is_count),
    "budget": ("an amount of US dollars", _is_amount),
    "tools": ("true or false", _is_switch),
    "web": ("true or false", _is_switch),
    "run_code": ("true or false", _is_switch),
}
_MEANT: Mapping[str, Callable[[Path, Any], object]] = {
    "tutor": _check_tutor,
    "language": lambda path, language: language_named(language),
    "models": _check_models,
}
