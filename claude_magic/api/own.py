"""The options of a question <-> what of them is its own, in a form that can be kept."""

import json
import re
from collections.abc import Callable
from typing import Any

from claude_magic.api.request import Options
from claude_magic.content.wire import Json
from claude_magic.settings import Settings

_OF_SETTINGS = ("model", "system", "max_tokens", "temperature", "think", "effort", "cache")
_KEPT = tuple(name for name in Options._fields if name != "tools")
# Words as keys are made: a known beginning, or long and of digits with letters of both cases, or
# with nothing between them. Names such as station_2024_measurements are none.
_LIKE_A_KEY = re.compile(
    r"\bsk-\w"
    r"|\b(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,}"
    r"|(?<![A-Za-z\d])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{20,}"
)


def usual_options(settings: Settings) -> Options:
    """Return the notebook's defaults, for questions that say nothing else."""
    return Options(**{name: getattr(settings, name) for name in _OF_SETTINGS})


def own_options(options: Options, settings: Settings, hide: Callable[[str], str]) -> Json:
    """Return the options that a question has and its notebook has not.

    Tools aside, which are functions; and nothing that holds a secret (`hide` takes those out) or
    what looks like a key, for this is kept.
    """
    usual = usual_options(settings)
    own = {name: getattr(options, name) for name in _KEPT}
    return {
        name: value
        for name, value in own.items()
        if value != getattr(usual, name) and (name == "model" or _may_be_kept(value, hide))
    }


def with_own(settings: Settings, own: Json) -> Options:
    """Return the options of a question that is asked again, of those that were its `own`."""
    known: dict[str, Any] = {name: own[name] for name in _KEPT if name in own}
    stops = tuple(known.pop("stop_sequences", ()))
    return usual_options(settings)._replace(**known, stop_sequences=stops)


def _may_be_kept(value: object, hide: Callable[[str], str]) -> bool:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return False
    return hide(text) == text and not _LIKE_A_KEY.search(text)
