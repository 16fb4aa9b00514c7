"""The state of a desk -> what `%claude status`, `cost`, `models` and `request` say."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claude_magic.api.models import MILLION, Model, model_named
from claude_magic.api.snippets import curl, with_httpx, with_sdk
from claude_magic.api.wire import shortened
from claude_magic.content.counting import counted
from claude_magic.content.look import Look
from claude_magic.content.message import Usage, write_response
from claude_magic.content.money import budgeted, dollars
from claude_magic.errors import ApiError, BadInput, ClaudeMagicError
from claude_magic.server import ANTHROPIC, Server, Taped
from claude_magic.settings import Settings
from claude_magic.teaching.policy import policy_of

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_RETENTION = (
    "questions and counts stay within zero data retention; --run-code and uploaded files step "
    "outside it"
)
_FREE = "nothing: the practice model is free"
_COVERED = ("fable", "mythos")  # lines whose words are kept for 30 days


def status(desk: "Desk") -> str:
    """Return model, server, where the key comes from, conversation, tokens and cost."""
    settings = desk.settings
    server = desk.engine.servers.chosen(settings)
    turns = [turn for turn in desk.engine.conversation.turns if not turn.hidden]
    usages = [turn.whole.usage for turn in turns]
    where = "practice model (in this kernel)" if server.is_practice else server.base_url
    model = desk.engine.servers.model(_model_for(settings), server)
    key = "none: set ANTHROPIC_API_KEY, or `%claude practice on`" if server.lacks_key else ""
    return aligned(
        {
            "model": model.id,
            **_taught(settings),
            **_taped(server.taped),
            "server": server.hide(where),
            "key": key or server.key_source,
            "conversation": counted(len(turns), "turn"),
            "tokens": f"{sum(usage.whole_input for usage in usages):,} in, "
            f"{sum(usage.output_tokens for usage in usages):,} out",
            "cost": _conversation_cost(desk),
            "kept": _kept(desk),
            "retention": _retention(server, model),
        }
    )


def _model_for(settings: Settings) -> str:
    """The model that questions go to, as far as the lesson's policy lets them."""
    try:
        return policy_of(settings).model_for(settings.model)
    except ClaudeMagicError:
        return settings.model


def _taught(settings: Settings) -> dict[str, str]:
    """Which lesson's policy holds, and which tutor, if there are any."""
    try:
        lesson = policy_of(settings)
    except BadInput as error:
        return {"lesson": str(error)}
    tutor = lesson.tutor_named(settings.tutor)
    told = {"lesson": lesson.named, "tutor": "" if tutor == "off" else tutor}
    return {name: value for name, value in told.items() if value}


def _retention(server: Server, model: Model) -> str:
    """How long what is sent is kept elsewhere (Messages API, zero data retention)."""
    if server.is_practice:
        return "nothing leaves this kernel"
    if server.base_url != ANTHROPIC:
        return "what is sent there is kept as that server does"
    if model.line in _COVERED:
        return f"{model.id} is not offered under zero data retention: words are kept for 30 days"
    return _RETENTION


def _kept(desk: "Desk") -> str:
    """Where the conversations are."""
    conversations = desk.engine.conversations
    store = conversations.store
    if store is None or conversations.private:
        return "in this kernel's memory only"
    where = _short(store.path)
    return f"in {where}" if store.settle() else f"in this kernel's memory: {where} takes nothing"


def _short(path: Path) -> str:
    """A path as people write it, their own folder as ~."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def _taped(taped: Taped) -> dict[str, str]:
    """Which recording is made or replayed, if one is."""
    files = {"replayed from": taped.replay, "recorded in": taped.record}
    named = {what: file for what, file in files.items() if file}
    return {what: Path(file).name for what, file in list(named.items())[:1]}


def cost(desk: "Desk") -> str:
    """Return what the last answer, the conversation and the notebook cost, and the cache saved."""
    engine = desk.engine
    free = _FREE if engine.servers.chosen(desk.settings).is_practice else ""
    turns = engine.conversation.turns
    last = turns[-1].cost if turns else None
    saved = sum(_saved(turn.answer.model, turn.whole.usage) for turn in turns)
    written = sum(turn.whole.usage.cache_creation_input_tokens for turn in turns)
    read = sum(turn.whole.usage.cache_read_input_tokens for turn in turns)
    rows = {
        "last answer": free or ("not known" if last is None else dollars(last)),
        "conversation": _conversation_cost(desk),
        "notebook": dollars(engine.spent),
        "cache": f"{written:,} tokens written, {read:,} read; {dollars(saved)} saved",
    }
    if engine.budget is not None:
        rows["budget"] = (
            f"{budgeted(engine.budget)}; {budgeted(max(0.0, engine.budget - engine.spent))} left"
        )
    return aligned(rows)


def request(desk: "Desk", *, whole: bool = False) -> str:
    """Return, as Markdown, the last request in four forms, and its response.

    The data of pictures and PDFs is cut to its beginning, unless the `whole` of it is wanted.

    Raises
    ------
    BadInput: nothing was asked yet.
    """
    if desk.engine.last is None:
        raise BadInput("no request was made yet.", hint="Ask something under %%claude first.")
    asked, look = desk.engine.last
    # The practice model listens nowhere: what is pasted goes to Claude.
    server = replace(asked.server, base_url=ANTHROPIC) if asked.server.is_practice else asked.server
    cut: Callable[[Any], Any] = (lambda value: value) if whole else shortened
    body = cut(asked.body)
    response = json.dumps(cut(_response(look)), indent=2, ensure_ascii=False)
    parts = {
        "Request": ("json", json.dumps(body, indent=2, ensure_ascii=False)),
        "Response": ("json", response),
        "As curl": ("bash", curl(server, body)),
        "As Python with httpx": ("python", with_httpx(server, body)),
        "As Python with the official SDK": ("python", with_sdk(server, body)),
    }
    shown = [f"**{title}**\n\n{_fenced(*code)}" for title, code in parts.items()]
    if body != asked.body:
        shown.insert(0, "Long data is cut here; `%claude request --whole` is ready to paste.")
    return server.hide("\n\n".join(shown))


def _response(look: Look) -> Mapping[str, Any]:
    """What came back: the message, or the error that came instead."""
    error = look.error
    if look.message.content or not isinstance(error, ApiError):
        return write_response(look.answer)
    said = {"type": error.kind, "message": str(error)}
    return {"type": "error", "error": said, "request_id": error.request_id or None}


def aligned(rows: dict[str, str]) -> str:
    """Return rows of a name and what is said of it, in two columns."""
    width = max(map(len, rows), default=0) + 2
    return "\n".join(f"{name:<{width}}{value}" for name, value in rows.items())


def _conversation_cost(desk: "Desk") -> str:
    if desk.engine.servers.chosen(desk.settings).is_practice:
        return _FREE
    costs = [turn.cost for turn in desk.engine.conversation.turns if not turn.synthetic]
    known = [amount for amount in costs if amount is not None]
    return dollars(sum(known)) if len(known) == len(costs) else "not known"


def _saved(model: str, usage: Usage) -> float:
    """What the prompt cache saved on one answer, in US dollars; writing costs a little more."""
    price = model_named(model).price
    if price is None:
        return 0.0
    read = usage.cache_read_input_tokens * (price.input - price.read)
    return (read - usage.cache_creation_input_tokens * (price.write - price.input)) / MILLION


def _fenced(language: str, code: str) -> str:
    """A code block; its fence is longer than any in the code."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}{language}\n{code}\n{fence}"
