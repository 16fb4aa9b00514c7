"""The words after `%claude` about teaching: how much is given away, what a lesson allows."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from claude_magic.content.money import budgeted
from claude_magic.errors import BadInput
from claude_magic.teaching import policy, tutor
from claude_magic.ui.command_of import Command, CommandParser, words_after
from claude_magic.ui.commands_asking import doubt_of

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


def _tutor(desk: "Desk", rest: str) -> str:
    parser = CommandParser("%claude tutor", add_help=False)
    parser.add_argument("tutor", nargs="?")
    parser.add_argument("--language")
    parser.add_argument("--copy", metavar="FILE")
    given = parser.parse_args(words_after(rest))
    if given.copy:
        return _copied(desk, given)
    if given.tutor or given.language:
        policy.policy_of(desk.settings).check_tutor()
        _choose(desk, given)
    return _shown(desk)


def _choose(desk: "Desk", given: argparse.Namespace) -> None:
    """Set the tutor, once it is sure that there is a text of it."""
    settings = desk.settings
    language = settings.language if given.language is None else given.language
    chosen = settings.tutor if given.tutor is None else given.tutor
    tutor.with_tutor("", chosen, tutor.language_named(language))
    if chosen not in ("", "off", *tutor.LEVELS):
        chosen = str(Path(chosen).expanduser().absolute())
    desk.traits.set_trait("tutor", "" if chosen == "off" else chosen)
    desk.traits.set_trait("language", language)


def _shown(desk: "Desk") -> str:
    """Which tutor teaches, and the words it does so by."""
    name, language, by = _in_force(desk)
    if name in ("", "off"):
        levels = ", ".join(f"`{level}`" for level in tutor.LEVELS)
        return f"No tutor: Claude answers as it is asked. The levels are {levels}."
    which = f"**{name}**"
    if name in tutor.LEVELS:
        which += f", in {tutor.language_named(language)} (also: {', '.join(_others(language))})"
    edit = "To change it: `%claude tutor --copy mine.txt`, then `%claude tutor mine.txt`."
    told = f"The tutor is at {which}{by}. This stands at the end of the system prompt:"
    quoted = "\n".join(f"> {line}" for line in tutor.text(name, language).splitlines())
    return f"{told}\n\n{quoted}\n\n{edit}"


def _others(language: str) -> list[str]:
    return [one for one in tutor.languages() if one != tutor.language_named(language)]


def _in_force(desk: "Desk") -> tuple[str, str, str]:
    """The tutor, its language, and who chose it if that was the lesson."""
    settings = desk.settings
    lesson = policy.policy_of(settings)
    by = f", as {lesson.named} has it" if lesson.tutor else ""
    return lesson.tutor_named(settings.tutor), lesson.language or settings.language, by


def _copied(desk: "Desk", given: argparse.Namespace) -> str:
    name, language, _ = _in_force(desk)
    name = given.tutor or name or tutor.LEVELS[0]
    words = tutor.text(name, given.language or language)
    target = Path(given.copy).expanduser()
    if target.exists():
        raise BadInput(f"{target.name} is there already.", hint="Choose another name.")
    try:
        target.write_text(words + "\n", "utf-8")
    except OSError as error:
        raise BadInput(f"{target} cannot be written ({error.strerror}).") from error
    return f"The words of `{name}` are in {target.name}. `%claude tutor {given.copy}` uses them."


def _lesson(desk: "Desk", rest: str) -> str:
    word, _, file = rest.partition(" ")
    if word not in ("", "policy") or (word and not file.strip()):
        raise BadInput(
            "%claude lesson is followed by policy FILE, or stands alone.",
            hint="As in `%claude lesson policy lesson.toml`; `%claude lesson policy off` ends it.",
        )
    if file.strip() == "off":
        desk.traits.set_trait("lesson", "")
    elif file:
        path = Path(" ".join(words_after(file))).expanduser().absolute()
        policy.read(path)
        desk.traits.set_trait("lesson", str(path))
    lesson = policy.policy_of(desk.settings)
    return "\n".join([_rules(lesson), *_doubts(desk, lesson)])


def _doubts(desk: "Desk", lesson: policy.Policy) -> Iterator[str]:
    """What speaks against the models of a lesson: they may be meant for another server."""
    server = desk.engine.servers.chosen(desk.settings)
    for name in lesson.models:
        try:
            doubt = doubt_of(desk, name, server).strip()
        except BadInput as error:
            doubt = f"{error} {error.hint}"
        if doubt:
            yield f"{doubt[0].upper()}{doubt[1:]}"


def _rules(lesson: policy.Policy) -> str:
    """What a policy lays down, a line each."""
    if not lesson.named:
        return "No policy: everything is as the notebook's settings have it."
    budget = "" if lesson.budget is None else f"{budgeted(lesson.budget)} for this notebook"
    limit = f"{lesson.max_tokens:,} tokens" if lesson.max_tokens else ""
    off = {"tools": lesson.tools, "--web": lesson.web, "--run-code": lesson.run_code}
    rules = {
        "tutor": lesson.tutor,
        "language": lesson.language,
        "system prompt": indent(lesson.system.strip(), " " * 18).strip(),
        "models": ", ".join(lesson.models),
        "longest answer": limit,
        "budget": budget,
        "without": ", ".join(name for name, allowed in off.items() if not allowed),
    }
    said = [f"  {name:<15} {rule}" for name, rule in rules.items() if rule]
    if not said:
        return f"The lesson goes by {lesson.named}, which lays nothing down."
    return "\n".join([f"The lesson goes by {lesson.named}:", *said])


COMMANDS: Mapping[str, Command] = {
    "tutor": Command(_tutor, "how much is given away", "[hints|guide|explain|off]", markdown=True),
    "lesson": Command(_lesson, "what a lesson allows, from a file", "[policy FILE|policy off]"),
}
