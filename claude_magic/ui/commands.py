"""`%claude word …` -> what it does."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from claude_magic.api.models import model_named
from claude_magic.errors import BadInput
from claude_magic.render.notices import dollars

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_HELP = """\
%%claude             the cell below it is a prompt; %%claude? lists the options
{{ expression }}     in a prompt: its value, from this notebook
%claude status       model, server, key, conversation, tokens, cost
%claude reset        begin a new conversation
%claude practice on  let the practice model answer: no key, no network (off: no longer)
%claude help         this
%config ClaudeMagics shows and sets the defaults, as in
                     %config ClaudeMagics.model = 'sonnet'"""


def run(desk: "Desk", line: str) -> None:
    """Do what `line` says; an empty line asks for help.

    Raises
    ------
    BadInput: the word is unknown, or what follows it is.
    """
    word, *rest = line.split() or ["help"]
    command = _COMMANDS.get(word)
    if command is None:
        raise _unknown(word, line)
    print(command(desk, rest))


def _status(desk: "Desk", rest: list[str]) -> str:
    _nothing_more("status", rest)
    settings = desk.settings
    server = desk.engine.server(settings)
    turns = desk.engine.conversation.turns
    costs = [turn.cost for turn in turns if turn.cost is not None]
    tokens_in = sum(turn.answer.usage.whole_input for turn in turns)
    tokens_out = sum(turn.answer.usage.output_tokens for turn in turns)
    where = "practice model (in this kernel)" if server.is_practice else server.base_url
    key = "none: set ANTHROPIC_API_KEY, or `%claude practice on`" if server.lacks_key else ""
    rows = {
        "model": model_named(settings.model).id,
        "server": server.hide(where),
        "key": key or server.key_source,
        "conversation": f"{len(turns)} turn{'' if len(turns) == 1 else 's'}",
        "tokens": f"{tokens_in:,} in, {tokens_out:,} out",
        "cost": dollars(sum(costs)) if len(costs) == len(turns) else "not known",
    }
    return "\n".join(f"{name:<14}{value}" for name, value in rows.items())


def _reset(desk: "Desk", rest: list[str]) -> str:
    _nothing_more("reset", rest)
    desk.engine.reset()
    return "A new conversation begins with the next question."


def _practice(desk: "Desk", rest: list[str]) -> str:
    if rest not in (["on"], ["off"]):
        raise BadInput("%claude practice is followed by on or off.")
    desk.traits.set_trait("practice", rest == ["on"])
    if desk.settings.practice:
        return "The practice model answers now: no key, no network, and not Claude."
    return "Claude answers again."


def _help(desk: "Desk", rest: list[str]) -> str:
    return _HELP


_COMMANDS: Mapping[str, Callable[["Desk", list[str]], str]] = {
    "status": _status,
    "reset": _reset,
    "practice": _practice,
    "help": _help,
}


def _nothing_more(command: str, rest: list[str]) -> None:
    if rest:
        raise BadInput(f"%claude {command} stands alone; it cannot take {' '.join(rest)!r}.")


def _unknown(word: str, line: str) -> BadInput:
    near = get_close_matches(word, _COMMANDS, n=1)
    likely = f"Did you mean `%claude {near[0]}`? " if near else ""
    return BadInput(
        f"%claude knows no {word!r}; it knows {', '.join(_COMMANDS)}.",
        hint=f"{likely}A question goes into a cell that begins with %%claude (two signs).",
    )
