"""Which of the server's own tools a request offers: they run there and need nothing here."""

from datetime import UTC, datetime, timedelta
from typing import Any

from claude_magic.api.models import Model
from claude_magic.content.message import Message

# Newest first; the models of the 4.5 generation take the older ones (Messages API, tool types).
_NEWEST = ("web_search_20260318", "web_fetch_20260318", "code_execution_20260521")
_OLDER = ("web_search_20250305", "web_fetch_20250910", "code_execution_20250825")

_MARGIN = timedelta(minutes=1)  # for the request to arrive


def container_of(answer: Message) -> str:
    """Return the id of the container in which an answer's code ran, while it is there; else "".

    With it, what the code left there is found again (Messages API, code execution).
    """
    match answer.rest.get("container"):
        case {"id": str(name), "expires_at": str(until)}:
            return name if _is_later(until) else ""
        case {"id": str(name)}:
            return name
    return ""


def _is_later(moment: str) -> bool:
    try:
        return datetime.fromisoformat(moment) > datetime.now(UTC) + _MARGIN
    except (ValueError, TypeError):  # TypeError: without a time zone
        return False


def server_tools(model: Model, *, web: bool, run_code: bool) -> list[dict[str, Any]]:
    """Return the `tools` of a request: search and fetch for `web`, code execution for `run_code`.

    >>> from claude_magic.api.models import model_named
    >>> server_tools(model_named("claude-haiku-4-5"), web=False, run_code=True)
    [{'type': 'code_execution_20250825', 'name': 'code_execution'}]
    """
    versions = _OLDER if model.known and model.prefill else _NEWEST
    chosen = versions[:2] * web + versions[2:] * run_code
    return [{"type": version, "name": version.rpartition("_")[0]} for version in chosen]
