"""Settings: the defaults of a notebook.

The magics import this when they are loaded, so it stays as light as can be.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

_NO = ("", "0", "false", "no", "off")


class Settings(NamedTuple):
    """The defaults of a notebook; `%config ClaudeMagics` shows and sets each of them."""

    model: str = "claude-opus-4-6"
    system: str = ""
    max_tokens: int | None = None  # None: as many as the model can write
    temperature: float | None = None
    think: str = ""  # adaptive, off, or a number of tokens; "": as the model does by itself
    effort: str = ""
    cache: bool = True
    private: bool = False
    keep_days: int | None = None  # conversations not asked in for longer are removed; None: none
    keep_megabytes: int | None = None  # of conversations on disk; the oldest make room; None: all
    context: str = ""  # how many of the cells above go along with a question, or `all`
    context_tokens: int = 20_000  # at most, of the cells above
    history_tokens: int | None = None  # at most, of earlier turns; None: all that there are
    base_url: str = ""  # another server; "": the one of ANTHROPIC_BASE_URL, else Claude's own
    send_key: bool = False  # to `base_url` as well
    api_version: str = "2023-06-01"  # every model, gateway and local server knows it
    retries: int = 6  # outlasts about half a minute of an overloaded server
    timeout: float = 600.0  # seconds of silence
    tool_timeout: float | None = None  # seconds that a tool may run; None: as long as it takes
    show_usage: bool = True
    reuse: bool | None = None  # show the kept answer of an unchanged cell; None: only in replays
    practice: bool = False
    pace: float = 1.0  # of the practice model and of replays: 0 answers without pauses
    tutor: str = ""  # hints, guide, explain, or a text of one's own
    language: str = ""  # of the tutor's words; "": English
    lesson: str = ""  # the file that says what a lesson allows
    record: str = ""  # the file that keeps every question and answer
    replay: str = ""  # the file that answers
    instant: bool = False  # replay without the recorded pauses
    unrecorded: str = "error"  # who answers what is not recorded: practice, ask, or nobody
    any_model: bool = False  # a question to one model is answered by the recording of another's
    any_picture: bool = False  # pictures may be drawn a little differently than recorded

    @property
    def answers(self) -> str:
        """Who answers: "replay", "practice", or "" for Claude; each has conversations apart."""
        return "replay" if self.replay else "practice" if self.practice else ""


def named_in(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that environment variables name.

    >>> named_in({"CLAUDE_MAGIC_PRIVATE": "1", "CLAUDE_MAGIC_PRACTICE": "off"})
    {'practice': False, 'private': True}
    >>> named_in({"CLAUDE_MAGIC_PRACTICE": "1", "CLAUDE_MAGIC_PACE": "0"})
    {'practice': True, 'pace': 0.0}
    """
    texts = {name: environ.get(f"CLAUDE_MAGIC_{name.upper()}", "") for name in _NAMED}
    named: dict[str, Any] = {name: text for name, text in texts.items() if text}
    for switch in named.keys() & {"practice", "private"}:
        named[switch] = is_on(named[switch])
    if "pace" in named:
        named["pace"] = _seconds(named["pace"])
    return named


def is_on(text: str) -> bool:
    """Whether an environment variable that is a switch is on."""
    return text.lower() not in _NO


_NAMED = ("practice", "private", "pace", "lesson", "record", "replay")


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return Settings().pace
