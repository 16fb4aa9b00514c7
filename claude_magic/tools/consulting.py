"""Whether a call may be made, where the person is asked first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from claude_magic.tools.tool import Tool

_NOBODY = (
    "Not run: each call of this tool needs the person's word, and this notebook runs without "
    "anybody who could be asked."
)
_REFUSED = "Not run: the person did not allow this call."


@dataclass(frozen=True)
class Verdict:
    """What the person said: `reason` is why not, `input` other arguments than Claude gave."""

    allowed: bool
    reason: str = ""
    input: Mapping[str, Any] | None = None


Consult = Callable[[Tool, Mapping[str, Any]], Verdict]
"""Shows a call and waits for the person's word."""

YES = Verdict(True)


def no(reason: str = "") -> Verdict:
    """Return a refusal, in the words that Claude reads."""
    return Verdict(False, f"{_REFUSED} Their reason: {reason}" if reason else _REFUSED)


def nobody(tool: Tool, given: Mapping[str, Any]) -> Verdict:
    """Refuse, where nobody can be asked."""
    return Verdict(False, _NOBODY)
