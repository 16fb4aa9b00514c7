"""The words after `%claude` about who answers: another server, the practice model."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_magic.api.models import Model
from claude_magic.errors import BadInput, NotAllowed
from claude_magic.server import address
from claude_magic.settings import Settings
from claude_magic.teaching.policy import policy_of
from claude_magic.ui.command_of import Command, switch

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_MOST_NAMED = 5
_HERE = r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/.*)?"


def _connect(desk: "Desk", rest: str) -> str:
    """Ask the server at an address, if anything answers there; `off`: the usual one."""
    where = [word for word in rest.split() if word != "--key"]
    if not rest:
        return _whom(desk)
    if len(where) != 1 or where[0].startswith("-"):
        raise BadInput(
            "%claude connect takes an address, and --key where that server needs yours.",
            hint="As in `%claude connect http://localhost:8080`; `%claude connect off` goes back.",
        )
    if where == ["off"]:
        return _disconnect(desk)
    url = f"http://{where[0]}" if re.fullmatch(_HERE, where[0]) else where[0]
    url, with_key = address(url, repr(where[0])), "--key" in rest.split()
    settings = desk.settings._replace(base_url=url, send_key=with_key, practice=False, replay="")
    listed = _reached(desk, settings)
    model = _among(listed, settings.model)
    policy_of(settings).check_model(model)
    _set(desk, settings._replace(model=model))
    return _whom(desk) + _others(listed, model)


def _reached(desk: "Desk", settings: Settings) -> list[Model]:
    """What the server lists; or why it cannot be asked."""
    server = desk.engine.servers.chosen(settings)
    if settings.send_key and not server.headers:
        raise BadInput("there is no key to send.", hint="Set ANTHROPIC_API_KEY, then try again.")
    try:
        return desk.engine.servers.reached(server)
    except NotAllowed as error:
        if not settings.send_key:
            error.hint = "That server wants a key; --key behind the address sends yours."
        raise


def _disconnect(desk: "Desk") -> str:
    """Go back to the usual server, and from a model that only the other one has."""
    settings = desk.settings._replace(base_url="", send_key=False)
    if not desk.engine.servers.model(settings.model, desk.engine.servers.chosen(settings)).known:
        settings = settings._replace(model=Settings().model)
    _set(desk, settings)
    return _whom(desk)


def _whom(desk: "Desk") -> str:
    """Who is asked, and what is sent to prove that we may."""
    settings = desk.settings
    server = desk.engine.servers.chosen(settings)
    where = "the practice model" if server.is_practice else server.hide(server.base_url)
    key = "no key is sent" if not server.headers else f"the key is that of {server.key_source}"
    model = desk.engine.servers.model(settings.model, server).id
    return f"Questions go to {where}; the model is {model}; {key}."


def _among(listed: list[Model], model: str) -> str:
    """The model to ask: the one chosen, if the server has it or lists none, else its first."""
    ids = [one.id for one in listed]
    return model if not ids or model in ids else ids[0]


def _others(listed: list[Model], model: str) -> str:
    others = [one.id for one in listed if one.id != model]
    if not others:
        return ""
    more = ", …" if len(others) > _MOST_NAMED else ""
    named = ", ".join(others[:_MOST_NAMED]) + more
    return f"\nIt also has {named}: `%claude model NAME` chooses."


def _set(desk: "Desk", settings: Settings) -> None:
    """Let these settings hold, and questions go to the conversation that goes with them."""
    for name, value in settings._asdict().items():
        if value != getattr(desk.settings, name):
            desk.traits.set_trait(name, value)
    desk.arrive()


def _practice(desk: "Desk", rest: str) -> str:
    """Switch, with the conversation: neither takes the other's words for its own."""
    said = switch(
        "practice",
        "The practice model answers now: no key, no network, and not Claude.",
        "Claude answers again.",
    )(desk, rest)
    _set(desk, desk.settings._replace(replay=""))  # who names who answers means it
    turns = len(desk.engine.conversation.turns)
    return f"{said} {'Its conversation goes on' if turns else 'A new conversation begins'}."


COMMANDS: Mapping[str, Command] = {
    "connect": Command(_connect, "ask another server that speaks the Messages API", "[URL|off]"),
    "practice": Command(
        _practice,
        "let the practice model answer: no key, no network",
        "on|off",
    ),
}
