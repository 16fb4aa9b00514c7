"""`%claude word …` -> what it does."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from claude_magic.api.models import model_names
from claude_magic.errors import BadInput
from claude_magic.ui import (
    commands_asking,
    commands_conversation,
    commands_files,
    commands_panel,
    commands_pictures,
    commands_recording,
    commands_server,
    commands_teaching,
    commands_tools,
    reports,
)
from claude_magic.ui.command_of import Command
from claude_magic.ui.screens import tell

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


def run(desk: "Desk", line: str) -> None:
    """Do what `line` says; an empty line asks for help.

    Raises
    ------
    BadInput: the word is unknown, or what follows it is.
    """
    word, _, rest = (line.strip() or "help").partition(" ")
    command = _COMMANDS.get(word)
    if command is None:
        raise _unknown(word, rest)
    if rest.strip() and not command.takes:
        raise BadInput(f"%claude {word} stands alone; it cannot take {rest.strip()!r}.")
    desk.arrive()
    if said := command.run(desk, rest.strip()):
        tell(desk.shell, said, markdown=command.markdown)


def help_text() -> str:
    """Return what can follow `%claude`, a line each."""
    rows = {
        "%%claude": "begins a cell that is a prompt; %%claude? lists the options",
        "{{ expression }}": "in a prompt: its value, from this notebook",
        **{f"%claude {word} {it.takes}".strip(): it.help for word, it in _COMMANDS.items()},
        "%config ClaudeMagics": "the defaults; %config ClaudeMagics.model = 'sonnet' sets one",
    }
    return reports.aligned(rows)


_COMMANDS: Mapping[str, Command] = {
    **commands_asking.COMMANDS,
    **commands_server.COMMANDS,
    **commands_panel.COMMANDS,
    **commands_pictures.COMMANDS,
    **commands_files.COMMANDS,
    **commands_conversation.COMMANDS,
    **commands_recording.COMMANDS,
    **commands_teaching.COMMANDS,
    **commands_tools.COMMANDS,
    "help": Command(lambda desk, rest: help_text(), "this"),
}


def next_words(before: list[str]) -> list[str]:
    """Return the words that can follow `%claude` and the words `before`."""
    if not before:
        return list(_COMMANDS)
    known = before[0] in _COMMANDS and len(before) == 1
    if before == ["model"]:
        return list(model_names())
    forms = _COMMANDS[before[0]].takes.strip("[]").split("|") if known else []
    words = dict.fromkeys(form.partition(" ")[0] for form in forms)
    return [word for word in words if not word.isupper()]  # those stand for something else


def _unknown(word: str, rest: str) -> BadInput:
    is_question = len(rest.split()) > 1
    near = [] if is_question else get_close_matches(word.lower(), _COMMANDS, n=1)
    likely = f"Did you mean `%claude {near[0]}`? " if near else ""
    return BadInput(
        f"%claude knows no {word!r}; it knows {', '.join(_COMMANDS)}.",
        hint=f"{likely}A question goes into a cell of its own, below a line with %%claude.",
    )
