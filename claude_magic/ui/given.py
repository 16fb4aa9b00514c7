"""Options and settings given in Python -> those of a request, as they would be typed."""

from collections.abc import Callable, Iterable, Mapping
from os import PathLike, fspath
from typing import Any

from claude_magic.api.request import Options
from claude_magic.errors import BadInput
from claude_magic.settings import Settings

OPTIONS = frozenset(Options._fields) - {"tools"}  # made of functions

_OF_ASK = ("tools", "max_calls", "once")  # taken by the call itself
_WORDS = (
    *("model", "system", "prefill", "think", "effort"),
    *("context", "base_url", "tutor", "language", "lesson", "record", "replay"),
)
_SWITCHES = (
    *("web", "run_code", "cache"),
    *("private", "send_key", "show_usage", "reuse", "practice"),
    *("instant", "any_model", "any_picture"),
)
_AMOUNTS = ("keep_days", "keep_megabytes", "context_tokens", "history_tokens")


def options_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by name, those that are None left out; `think` may be a number or a switch.

    Raises
    ------
    BadInput: there is no such option, or its value is of another type.
    """
    if unknown := options.keys() - OPTIONS:
        raise BadInput(
            f"ask() knows no {', '.join(sorted(unknown))}.",
            hint=f"It knows {', '.join(sorted({*OPTIONS, *_OF_ASK}))}.",
        )
    return {name: _read(name, value) for name, value in options.items() if value is not None}


def settings_given(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by name, those left out that are None where None means nothing.

    Raises
    ------
    BadInput: there is no such setting, or its value is of another type or out of range.
    """
    usual = Settings()._asdict()
    if unknown := given.keys() - usual.keys():
        raise BadInput(
            f"Claude() knows no {', '.join(sorted(unknown))}.",
            hint=f"It knows shared, engine, {', '.join(sorted(usual))}.",
        )
    return {
        name: None if value is None else _read(name, value)
        for name, value in given.items()
        if value is not None or usual[name] is None
    }


def _read(name: str, value: Any) -> Any:
    match name:
        case "think":
            value = _think(value)
        case "stop_sequences":
            value = (value,) if isinstance(value, str) else _tuple(value)
        case "tutor" | "lesson" | "record" | "replay":
            value = fspath(value) if isinstance(value, PathLike) else value
    is_right, wanted = _KINDS.get(name, (lambda value: True, ""))
    if not is_right(value):
        raise BadInput(f"{name} is {value!r}; it must be {wanted}.")
    return value


def _think(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int) else value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, Iterable) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_words(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) for one in value)


def _from(least: float, is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: is_right(value) and value >= least


def _one_of(*choices: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in choices, " or ".join(choices)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **{name: (lambda value: isinstance(value, str), "a text") for name in _WORDS},
    **{name: (lambda value: isinstance(value, bool), "True or False") for name in _SWITCHES},
    "max_tokens": (_is_whole, "a whole number"),
    "temperature": (_is_number, "a number"),
    "extra": (lambda value: isinstance(value, dict), "a dict of fields"),
    "stop_sequences": (_are_words, "a text or a list of texts"),
    **{name: (_from(1, _is_whole), "a whole number from 1 on") for name in _AMOUNTS},
    "retries": (_from(0, _is_whole), "a whole number from 0 on"),
    "timeout": (_from(1, _is_number), "a number of seconds from 1 on"),
    "tool_timeout": (_from(0, _is_number), "a number of seconds"),
    "pace": (_from(0, _is_number), "a number from 0 on"),
    "api_version": _one_of("2023-06-01", "2026-10-21"),
    "unrecorded": _one_of("error", "practice", "ask"),
}
