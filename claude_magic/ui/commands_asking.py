"""The words after `%claude` about asking: the model, its cost, what went over the wire."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_magic.api.catalogue import is_claude
from claude_magic.api.models import MODELS, names_like
from claude_magic.api.refusals import check_name
from claude_magic.content.money import budgeted
from claude_magic.errors import BadInput
from claude_magic.server import ANTHROPIC, Server
from claude_magic.teaching.policy import policy_of
from claude_magic.ui import reports
from claude_magic.ui.command_of import Command, switch
from claude_magic.ui.model_table import model_rows
from claude_magic.ui.screens import tell_table

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk


def _budget(desk: "Desk", rest: str) -> str:
    engine = desk.engine
    if not rest:
        return reports.cost(desk) if engine.budget is not None else "No budget is set."
    amount = None if rest == "off" else _amount(rest)
    policy_of(desk.settings).check_budget(amount)
    if amount is None:
        engine.budget = None
        return "The budget is lifted."
    engine.budget = amount
    return f"Questions stop before this notebook has cost more than {budgeted(engine.budget)}."


def _amount(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise BadInput(f"{text!r} is no amount.", hint="Write `%claude budget 0.50`, or `off`.")
    return amount


def _request(desk: "Desk", rest: str) -> str:
    if rest not in ("", "--whole"):
        raise BadInput(
            f"%claude request cannot take {rest!r}.",
            hint="`%claude request --whole` does not cut the data of pictures.",
        )
    return reports.request(desk, whole=bool(rest))


def _models(desk: "Desk", rest: str) -> str:
    server = desk.engine.servers.chosen(desk.settings)
    listed = desk.engine.servers.models(server)
    source = "What your key can use:" if server.base_url == ANTHROPIC else "What this server has:"
    source = source if listed else "What is known (the server lists none):"
    tell_table(desk.shell, source, model_rows(listed or MODELS))
    return ""


def _model(desk: "Desk", rest: str) -> str:
    server, doubt = desk.engine.servers.chosen(desk.settings), ""
    if rest:
        check_name(name := rest.strip("'\""))
        doubt = doubt_of(desk, name, server)
        policy_of(desk.settings).check_model(name)
        desk.traits.set_trait("model", name)
    return f"Questions go to {desk.engine.servers.model(desk.settings.model, server).id}.{doubt}"


def doubt_of(desk: "Desk", name: str, server: Server) -> str:
    """Return what speaks against a model's name, where only its server can say that it is none.

    Raises
    ------
    BadInput: the server has no model of this name.
    """
    if desk.engine.servers.model(name, server).known:
        return ""
    listed = [model.id for model in desk.engine.servers.models(server)]
    if name in listed:
        return ""
    like = ", ".join(names_like(name, listed))
    near = f"nearest: {like}" if like else "`%claude models` lists those that there are"
    if listed or (server.base_url == ANTHROPIC and not is_claude(name)):
        raise BadInput(f"there is no model {name!r}.", hint=f"{near[0].upper()}{near[1:]}.")
    return f" The name {name!r} is not known here; {near}." if is_claude(name) else ""


COMMANDS: Mapping[str, Command] = {
    "status": Command(
        lambda desk, rest: reports.status(desk), "model, server, key, conversation, tokens, cost"
    ),
    "request": Command(
        _request,
        "the last request and response: JSON, curl, Python",
        "[--whole]",
        markdown=True,
    ),
    "cost": Command(lambda desk, rest: reports.cost(desk), "what answers cost, and caching saved"),
    "budget": Command(_budget, "stop before the notebook costs more", "[AMOUNT|off]"),
    "models": Command(_models, "what the key can use"),
    "model": Command(_model, "which model answers in this notebook", "[NAME]"),
    "private": Command(
        switch("private", "Nothing is kept on disk.", "Conversations may be kept on disk."),
        "keep nothing on disk",
        "on|off",
    ),
}
