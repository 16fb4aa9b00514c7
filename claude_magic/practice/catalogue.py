"""Model id -> what that model takes and refuses, as far as the practice model imitates it."""

from dataclasses import dataclass, replace
from typing import Any

from claude_magic.content.wire import Json

FIVE = ("low", "medium", "high", "xhigh", "max")
FOUR = ("low", "medium", "high", "max")
THREE = ("low", "medium", "high")


@dataclass(frozen=True)
class Model:
    """One model: dates are ISO days, `context` and `output` are tokens."""

    id: str
    name: str
    released: str
    thinking: tuple[str, ...]
    """The `thinking.type` values it accepts."""
    effort: tuple[str, ...] = FIVE
    thinks_unasked: bool = True
    """Whether a request without `thinking` gets a thinking block."""
    shows_thinking: bool = False
    """Whether thinking is summarized when the request names no `display`."""
    prefill: bool = False
    forced_tools: bool = True
    system_turns: bool = True
    """Whether a message in the middle may have the role "system"."""
    sampling: str = "defaults"
    """"defaults": only default values; "one": temperature or top_p; "any": all of them."""
    image_edge: int = 2576
    image_tokens: int = 4784
    bound_thinking: bool = False
    """Whether thinking is refused once the conversation before it has changed."""
    context: int = 1_000_000
    output: int = 128_000
    lifecycle: str = "active"
    retires: str | None = None
    alias: str | None = None

    @property
    def line(self) -> str | None:
        """Its family, such as "opus"; None for the practice model."""
        lines = ("fable", "mythos", "opus", "sonnet", "haiku")
        return next((line for line in lines if line in self.id), None)


NEWEST = Model(
    id="claude-fable-5-2",
    name="Claude Fable 5.2",
    released="2026-11-09",
    thinking=("adaptive",),
    forced_tools=False,
    bound_thinking=True,
)
FIVE_0 = replace(NEWEST, forced_tools=True, bound_thinking=False)
FOUR_8 = replace(FIVE_0, thinking=("adaptive", "disabled"), thinks_unasked=False)
FOUR_6 = replace(
    FOUR_8,
    thinking=("adaptive", "enabled", "disabled"),
    effort=FOUR,
    shows_thinking=True,
    system_turns=False,
    sampling="any",
    image_edge=1568,
    image_tokens=1568,
)
FOUR_5 = replace(
    FOUR_6,
    thinking=("enabled", "disabled"),
    effort=(),
    prefill=True,
    sampling="one",
    context=200_000,
    output=64_000,
)
PRACTICE = replace(
    FOUR_6,
    id="practice",
    name="Practice model (not Claude)",
    released="2026-01-01",
    thinking=("adaptive", "enabled", "disabled", "between_tools"),
    effort=FIVE,
    prefill=True,
    system_turns=True,
)


def _model(like: Model, id: str, released: str, **differs: Any) -> Model:
    """`like` under another name; "claude-opus-5-5" is called "Claude Opus 5.5"."""
    line, *version = [part for part in id.split("-")[1:] if len(part) < 8]  # no dates
    name = f"Claude {line.title()} {'.'.join(version)}"
    return replace(like, id=id, name=name, released=released, **differs)


MODELS: tuple[Model, ...] = (
    NEWEST,
    _model(NEWEST, "claude-mythos-5-2", "2026-11-09"),
    _model(NEWEST, "claude-haiku-5-5", "2026-10-07", thinking=("adaptive", "disabled"),
           forced_tools=True),
    _model(NEWEST, "claude-sonnet-5-5", "2026-09-28", thinking=("adaptive", "between_tools")),
    _model(NEWEST, "claude-opus-5-5", "2026-09-22"),
    _model(NEWEST, "claude-fable-5-1", "2026-09-01"),
    _model(NEWEST, "claude-mythos-5-1", "2026-09-01"),
    _model(FIVE_0, "claude-opus-5", "2026-07-24", thinking=("adaptive", "disabled")),
    _model(FIVE_0, "claude-sonnet-5", "2026-06-30", thinking=("adaptive", "disabled"),
           system_turns=False),
    _model(FIVE_0, "claude-fable-5", "2026-06-09"),
    _model(FIVE_0, "claude-mythos-5", "2026-06-09"),
    _model(FOUR_8, "claude-opus-4-8", "2026-05-28"),
    _model(FOUR_8, "claude-opus-4-7", "2026-04-16", system_turns=False),
    _model(FOUR_6, "claude-sonnet-4-6", "2026-02-17"),
    _model(FOUR_6, "claude-opus-4-6", "2026-02-05"),
    PRACTICE,
    _model(FOUR_5, "claude-opus-4-5-20251101", "2025-11-24", effort=THREE,
           alias="claude-opus-4-5"),
    _model(FOUR_5, "claude-haiku-4-5-20251001", "2025-10-15", alias="claude-haiku-4-5"),
    _model(FOUR_5, "claude-sonnet-4-5-20250929", "2025-09-29", alias="claude-sonnet-4-5",
           lifecycle="deprecated", retires="2026-11-30"),
)  # fmt: skip


def known(id: str) -> Model | None:
    """The model of this id or alias, or None."""
    return next((model for model in MODELS if id in (model.id, model.alias)), None)


def find(id: str) -> Model | None:
    """The model of this id; an unknown `claude-…` is taken for the newest, others are None.

    >>> find("claude-opus-9").prefill, find("practice-fast").prefill, find("gpt")
    (False, True, None)
    """
    if (model := known(id)) is not None:
        return model
    stand_in = {"claude-": NEWEST, "practice": PRACTICE}
    return next((model for start, model in stand_in.items() if id.startswith(start)), None)


def info(model: Model) -> Json:
    """The model as `GET /v1/models` describes it."""
    return {
        "id": model.id,
        "type": "model",
        "display_name": model.name,
        "line": model.line,
        "lifecycle": model.lifecycle,
        "created_at": _moment(model.released),
        "deprecated_at": None,
        "retires_at": _moment(model.retires) if model.retires else None,
        "max_input_tokens": model.context,
        "max_tokens": model.output,
        "capabilities": _capabilities(model),
    }


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"


def _capabilities(model: Model) -> Json:
    no: Json = {"supported": False}
    types = ("adaptive", "enabled", "disabled", "between_tools")
    contexts = ("clear_thinking_20251015", "clear_tool_uses_20250919", "compact_20260112")
    return {
        "batch": no,
        "citations": no,
        "code_execution": no,
        "image_input": {"supported": True},
        "pdf_input": {"supported": True},
        "structured_outputs": {"supported": True},
        "context_management": no | dict.fromkeys(contexts, no),
        "effort": {"supported": bool(model.effort)} | _each(FIVE, model.effort),
        "thinking": {"supported": True, "types": _each(types, model.thinking)},
        "server_tools": no | {"web_search": no, "code_execution": no},
    }


def _each(names: tuple[str, ...], supported: tuple[str, ...]) -> Json:
    return {name: {"supported": name in supported} for name in names}
