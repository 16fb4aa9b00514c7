"""A lesson's notebook, or its recording -> what it asks, of which model, with how many tokens."""

import re
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.models import model_named
from claude_magic.content.counting import counted
from claude_magic.content.message import Usage, read_message
from claude_magic.settings import Settings
from claude_magic.ui.options import options_or_words

_VALUE = 300  # tokens of a value that is filled in: a small table
_PICTURE = 1_500  # about the most that most models see of one
_FAILS = "raises-exception"  # the tag of cells that fail on purpose
_FILLED = re.compile(r"(?<!\\)\{\{.*?\}\}", re.S)
_SETTING = re.compile(r"%config ClaudeMagics\.(model|system)\s*=\s*['\"](.*)['\"]")


@dataclass(frozen=True)
class Asked:
    """One question: the model's id, and what it and its answer use."""

    model: str
    usage: Usage


@dataclass(frozen=True)
class Questions:
    """What a lesson asks, where that is known from, and what is only supposed."""

    asked: Sequence[Asked]
    source: str
    supposed: Sequence[str] = ()


def recorded(recording: Path, answer: int) -> Questions:
    """Return what a recording holds; `answer`: tokens of one of Claude's, where practice answered.

    Raises
    ------
    BadInput: as `file.read` says.
    """
    from claude_magic.recording.file import read
    from claude_magic.recording.question import MESSAGES

    exchanges = [one for one in read(recording) if one.path == MESSAGES]
    answered = [one for one in exchanges if "content" in one.answer]
    by = [one.answer.get("by") for one in answered]
    asked = [
        _practised(one.question, answer) if who else _used(one.question, one.answer)
        for one, who in zip(answered, by, strict=True)
    ]
    practised = sum(map(bool, by))
    supposed = (
        [f"{counted(practised, 'answer')} of the practice model: counted as {answer:,} tokens each"]
        if practised
        else []
    )
    return Questions(asked, f"from the recording {recording.name}", supposed)


def estimated(notebook: Any, answer: int) -> Questions:
    """Return what the cells of a notebook (of nbformat) ask, as they stand; nothing is run."""
    counting = _Counting(answer)
    for cell in notebook.cells:
        if cell.cell_type == "code" and _FAILS not in cell.metadata.get("tags", []):
            counting.cell(cell.source)
    supposed = [f"each answer: {answer:,} tokens (--answer says how many)"]
    if values := counting.values:
        supposed.append(f"{counted(values, 'value')} filled in: {_VALUE} tokens each")
    if files := counting.files:
        supposed.append(
            f"{counted(files, 'picture or document', 's or documents')} attached: "
            f"{_PICTURE:,} tokens each"
        )
    return Questions(counting.asked, "by counting; nothing was run", supposed)


def _used(question: dict[str, Any], answer: dict[str, Any]) -> Asked:
    """A question by its recorded usage."""
    usage = read_message({"usage": answer.get("usage") or {}}).usage
    return Asked(str(answer.get("model") or question.get("model")), usage)


def _practised(question: dict[str, Any], answer: int) -> Asked:
    """A question that the practice model answered, with answers of Claude's length."""
    said = question.get("messages", [])
    own = [_seen(message) for message in said if message["role"] == "user"]
    tokens = estimated_tokens({**question, "messages": own}) + answer * (len(said) - len(own))
    return Asked(str(question.get("model")), Usage(tokens, _at_most(answer, question)))


def _seen(value: Any) -> Any:
    """The same with recorded pictures as they are counted: by their size."""
    if isinstance(value, dict):
        if value.get("type") == "image":
            size = {name: value.get(name, 0) for name in ("width", "height")}
            return {"type": "image", "source": {"type": "kept", **size}}
        return {name: _seen(item) for name, item in value.items()}
    return [_seen(item) for item in value] if isinstance(value, list) else value


def _at_most(answer: int, question: dict[str, Any]) -> int:
    return min(answer, int(question.get("max_tokens") or answer))


@dataclass
class _Counting:
    """Goes through cells from top to bottom, as a kernel would."""

    answer: int
    asked: list[Asked] = field(default_factory=list)
    values: int = 0
    files: int = 0
    settings: Settings = field(default_factory=Settings)
    said: Counter[str] = field(default_factory=Counter)  # tokens of each conversation so far

    def cell(self, source: str) -> None:
        """Take a cell in."""
        if source.lstrip().startswith("%%claude"):
            line, _, words = source.lstrip().removeprefix("%%claude").partition("\n")
            self._ask(line, words)
            return
        for line in map(str.strip, source.splitlines()):
            self._line(line)

    def _line(self, line: str) -> None:
        word = line.removeprefix("%claude ").split() if line.startswith("%claude ") else []
        match word:
            case ["model", name]:
                self.settings = self.settings._replace(model=name)
            case ["reset" | "use", *_]:
                self.said[""] = 0
        match (setting := _SETTING.match(line)) and setting.groups():
            case ("model", str(name)):
                self.settings = self.settings._replace(model=name)
            case ("system", str(words)):
                self.settings = self.settings._replace(system=words)

    def _ask(self, line: str, words: str) -> None:
        given, rest = options_or_words(line)
        tokens = self._tokens(f"{rest}\n{words}", given)
        name = getattr(given, "conversation", None) or getattr(given, "branch", None) or ""
        if getattr(given, "role", None):
            self.said[name] += tokens
        if getattr(given, "role", None) or getattr(given, "dry_run", False):
            return
        before = 0 if getattr(given, "once", False) else self.said[name]
        system = estimated_tokens(getattr(given, "system", None) or self.settings.system)
        limit = getattr(given, "max_tokens", None)
        answer = _at_most(self.answer, {"max_tokens": limit})
        model = model_named(getattr(given, "model", None) or self.settings.model).id
        self.asked.append(Asked(model, Usage(system + before + tokens, answer)))
        if not getattr(given, "once", False):
            self.said[name] += tokens + answer

    def _tokens(self, text: str, given: Namespace) -> int:
        values = len(_FILLED.findall(text))
        files = sum(len(getattr(given, name, None) or ()) for name in ("image", "doc"))
        self.values, self.files = self.values + values, self.files + files
        words = estimated_tokens(_FILLED.sub("", text).strip())
        return words + values * _VALUE + files * _PICTURE
