"""A request and what may be wrong with it: the words the rules are written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from claude_magic.content.wire import Json
from claude_magic.practice.catalogue import Model
from claude_magic.practice.reading import Placed, placed


@dataclass(frozen=True)
class Refusal:
    """An HTTP status with the error's type, sentence and optional details."""

    status: int
    kind: str
    message: str
    details: Json | None = None

    def body(self, request_id: str) -> Json:
        """The error as JSON (Messages API, errors)."""
        error = {"type": self.kind, "message": self.message}
        details = {"details": self.details} if self.details else {}
        return {"type": "error", "error": error | details, "request_id": request_id}


@dataclass(frozen=True)
class Asked:
    """A request whose fields have the right shape, with the version it was sent under."""

    body: Json
    version: str
    model: Model

    @property
    def messages(self) -> list[Json]:
        """The messages, from the first."""
        return list(self.body["messages"])

    @cached_property
    def placed(self) -> list[Placed]:
        """Every block, found once for all rules."""
        return list(placed(self.messages))

    @property
    def thinking(self) -> str:
        """The type of thinking asked for; "" when the request leaves it to the model."""
        return str((self.body.get("thinking") or {}).get("type", ""))

    @property
    def choice(self) -> Json:
        """How tools are to be chosen; `auto` when the request does not say."""
        return self.body.get("tool_choice") or {"type": "auto"}

    @property
    def output_config(self) -> Json:
        """Format and effort; empty when the request leaves them out."""
        return self.body.get("output_config") or {}


Faults = Iterator[str | Refusal]
"""What a rule yields: the sentence of a 400, or a whole refusal; nothing when all is well."""


def invalid(message: str, details: Json | None = None) -> Refusal:
    """A 400: the request has to be mended."""
    return Refusal(400, "invalid_request_error", message, details)


def not_found(message: str) -> Refusal:
    """A 404, for models and paths alike."""
    return Refusal(404, "not_found_error", message)
