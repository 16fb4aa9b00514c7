"""What a lesson asks -> what that costs a class, by model."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from claude_magic.api.models import LINES, cost, model_named
from claude_magic.content.counting import counted
from claude_magic.content.message import Usage
from claude_magic.content.money import dollars
from claude_magic.ui.lesson_questions import Asked, Questions, estimated, recorded

_LONG_NAME = 20
_NOT_KNOWN = "not known"


def lesson_cost(notebook: Path, recording: Path, *, students: int, answer: int) -> str:
    """Return what one run of a lesson uses and costs, for one student and for all.

    Its recording tells, if there is one; else what stands in its cells. `answer`: the tokens of an
    answer of Claude's where none is recorded.

    Raises
    ------
    BadInput: the notebook or the recording cannot be read.
    """
    if recording.exists():
        return told(notebook.name, recorded(recording, answer), students)
    from claude_magic.ui.rehearsal import notebook_in

    return told(notebook.name, estimated(notebook_in(notebook), answer), students)


def told(name: str, questions: Questions, students: int) -> str:
    """Return the questions and their price as a table."""
    asked = questions.asked
    head = f"{name}: {counted(len(asked), 'question')}, {questions.source}."
    if not asked:
        return f"{head} It costs nothing."
    models = list(dict.fromkeys(one.model for one in asked))
    rows = [_row(model, [one for one in asked if one.model == model], students) for model in models]
    rows += [_row("all", asked, students)] if len(models) > 1 else []
    newest = [model_named(line).id for line in LINES]
    others = [_row(model, _all_of(model, asked), students) for model in newest]
    class_of = counted(students, "student")
    heads = ("model", "questions", "tokens in", "tokens out", "one student", class_of)
    lines = _table([heads, *rows, ("",) * len(heads), *others])
    lines.insert(len(rows) + 2, "All of it asked of one model, by its price:")
    notes = [f"Supposed: {note}." for note in questions.supposed]
    return "\n".join([head, "", *lines, "", *notes, _EACH])


_EACH = (
    "Each run of the notebook costs this again, and what students ask besides; what they replay "
    "from a recording costs nothing."
)


def _row(name: str, asked: Sequence[Asked], students: int) -> tuple[str, ...]:
    into = sum(one.usage.whole_input for one in asked)
    out = sum(one.usage.output_tokens for one in asked)
    price = _price(asked)
    prices = [_NOT_KNOWN] * 2 if price is None else [dollars(price), dollars(price * students)]
    return (name, f"{len(asked):,}", f"{into:,}", f"{out:,}", *prices)


def _price(asked: Iterable[Asked]) -> float | None:
    """US dollars, or None where the price of any is not known."""
    prices = [cost(model_named(one.model), one.usage) for one in asked]
    known = [price for price in prices if price is not None]
    return sum(known) if len(known) == len(prices) else None


def _all_of(model: str, asked: Iterable[Asked]) -> list[Asked]:
    """The same questions put to one model, without what the prompt cache of another saved."""
    return [Asked(model, Usage(one.usage.whole_input, one.usage.output_tokens)) for one in asked]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns: the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *numbers in rows:
        columns = zip(numbers, widths[1:], strict=True)
        lines.append("  ".join([first.ljust(widths[0]), *(n.rjust(w) for n, w in columns)]))
    return [line.rstrip() for line in lines]
