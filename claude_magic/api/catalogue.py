"""What a server lists of its models, over what is known -> what each can do.

`GET /v1/models` tells limits and capabilities; prices and a few habits it does not tell, so those
come from the table, or are derived (Models API).
"""

import re
from collections.abc import Iterable
from typing import Any

from claude_magic.api.models import EFFORTS, LINES, Model, model_named
from claude_magic.content.wire import Json

_DAY = len("YYYY-MM-DD")
_THINKING = ("adaptive", "enabled", "disabled", "between_tools")


class Catalogue:
    """The models of one server; `asked` once its list was asked for, whatever came."""

    def __init__(self) -> None:
        self.asked = False
        self._told: dict[str, Model] = {}
        self._newest: dict[str, str] = {}

    def learn(self, listed: Iterable[Json]) -> list[Model]:
        """Take in what the server lists, newest first, and return the models in that order."""
        self.asked = True
        found = [(told(info), info) for info in listed if isinstance(info.get("id"), str)]
        self._told = {model.id: model for model, _ in found}
        self._newest = {}
        for model, info in sorted(reversed(found), key=lambda one: str(one[1].get("created_at"))):
            if info.get("lifecycle", "active") == "active":
                self._newest[model.line] = model.id
        return [model for model, _ in found]

    @property
    def listed(self) -> list[Model]:
        """The models that the server told of, newest first."""
        return list(self._told.values())

    def named(self, name: str) -> Model:
        """Return the model of an id or a line's name: as the server tells it, else as is known."""
        newest = self._newest.get(name.lower(), "") if name.lower() in LINES else ""
        return self._told.get(newest or name) or model_named(name)


def told(info: Json) -> Model:
    """Return the model that an entry of `GET /v1/models` describes.

    >>> new = told({"id": "claude-opus-9", "line": "opus", "max_tokens": 256000, "capabilities": {
    ...     "thinking": {"types": {"adaptive": {"supported": True}}}}})
    >>> new.output, new.thinking, new.prefill
    (256000, ('adaptive', 'disabled'), False)
    """
    known = model_named(info["id"])
    line = info.get("line")
    model = known._replace(
        line=line if isinstance(line, str) else known.line,
        context=_count(info.get("max_input_tokens")) or known.context,
        output=_count(info.get("max_tokens")) or known.output,
        retires=str(info.get("retires_at") or known.retires)[:_DAY],
    )
    return _able(model, _object(info.get("capabilities")))


def _able(model: Model, capabilities: Json) -> Model:
    """The model with the capabilities it is said to have; what is not said stays as it was."""
    types = _object(_object(capabilities.get("thinking")).get("types"))
    efforts = _object(capabilities.get("effort"))
    able = model._replace(
        structured=_is(capabilities.get("structured_outputs"), model.structured),
        pictures=_is(capabilities.get("image_input"), model.pictures),
        pdfs=_is(capabilities.get("pdf_input"), model.pdfs),
        efforts=tuple(e for e in EFFORTS if _is(efforts.get(e), False))
        if efforts
        else model.efforts,
    )
    if not types:
        return able
    able = able._replace(
        thinking=tuple(kind for kind in _THINKING if _is(types.get(kind), _may(kind, model)))
    )
    return able if model.known else _derived(able)


def _may(kind: str, model: Model) -> bool:
    """Whether a model takes a kind of thinking that its entry does not mention."""
    return kind in model.thinking and (model.known or kind == "disabled")


def _derived(model: Model) -> Model:
    """A model that only its server knows; what it takes follows from how it thinks."""
    budget, adaptive = "enabled" in model.thinking, "adaptive" in model.thinking
    return model._replace(
        known=True,
        prefill=not adaptive or not is_claude(model.id),
        sampling=budget,
        sharp=not budget,
        omits=not budget,
        thinks="on" if {"disabled", "between_tools"} & set(model.thinking) else "always",
    )


def is_claude(name: str) -> bool:
    """Whether a name looks like a Claude model's: then its server surely describes it.

    >>> is_claude("claude-opus-9"), is_claude("llama3.2")
    (True, False)
    """
    return re.match(r"claude-\w", name) is not None


def _is(leaf: Any, otherwise: bool) -> bool:
    supported = _object(leaf).get("supported")
    return supported if isinstance(supported, bool) else otherwise


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
