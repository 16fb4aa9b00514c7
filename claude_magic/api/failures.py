"""An error of the server, or of the way there -> our error, with what to do next."""

import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from claude_magic.api.hints import hint_for
from claude_magic.api.models import names_like
from claude_magic.errors import (
    ApiError,
    BrokenOff,
    ClaudeMagicError,
    NoCredit,
    NotAllowed,
    NotUnderstood,
    RequestRefused,
    TryLater,
    Unreachable,
)
from claude_magic.server import Server

_LONGEST_MESSAGE = 500
_LONGEST_REASON = 120
_LONGEST_PAGE = 20_000  # bytes that are looked through for a title
# Where the code says more about what can be done than the type does.
_FAMILY_OF_CODE: Mapping[str, type[ApiError]] = {
    "enforced_spend_limit_reached": NoCredit,
    "contract_spend_limit_reached": NoCredit,
    "organization_on_hold": NotAllowed,
    "skill_read_blocked_undecryptable": RequestRefused,
}
# Local servers say with status 500 what they cannot do at all.
_UNABLE = re.compile(r"\b(not|un)\s?supported\b", re.IGNORECASE)
# A limit that the account set for itself comes with status 400 and no code of its own.
_SPENT = re.compile(r"\b(credit balance|usage limits?|spend(ing)? limits?)\b", re.IGNORECASE)
_FILE = re.compile(r"\bfile_\w+")
_KIND_OF_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_HINTS = {
    "invalid_request_error": "Change what the message names, then run the cell again; "
    "`--dry-run` shows the request.",
    "authentication_error": "Check the key that `%claude status` names, or make a new one.",
    "billing_error": "Check the account's credit and its limits, then run the cell again.",
    "permission_error": "The key may not use this; ask whoever gave it, or try another model.",
    "not_found_error": "Check the model's name (-m) and the base URL (`%claude status`).",
    "request_too_large": "Send less: shorten the text or leave some out, or `%claude reset`.",
    "conflict_error": "Run the cell again.",
    "rate_limit_error": "Wait a minute, then run the cell again.",
    "timeout_error": "Run the cell again; a shorter question is answered sooner.",
    "overloaded_error": "The service is busy: run the cell again in a minute.",
    "api_error": "The server has a problem: run the cell again in a minute.",
}
_FAMILIES: Mapping[str, type[ApiError]] = {
    "authentication_error": NotAllowed,
    "permission_error": NotAllowed,
    "billing_error": NoCredit,
    "conflict_error": TryLater,
    "rate_limit_error": TryLater,
    "timeout_error": TryLater,
    "overloaded_error": TryLater,
    "api_error": TryLater,
}


def failure(
    status: int | None,
    body: bytes,
    request_id: str,
    hide: Callable[[str], str],
    model: str = "",
) -> ApiError:
    """Return the error of an HTTP answer, or of an `error` event (`status` None).

    Branches on the error's code, then its type, then the HTTP status (Messages API, errors); on
    its message only where the type is none of the API's, and for the hint. `hide` takes
    secrets out of what the server echoes.
    """
    wire = _error_object(body)
    code = hide(str(_object(wire.get("details")).get("error_code") or ""))
    told = hide(str(wire.get("type") or ""))
    kind = told if told in _HINTS else _kind_of_status(status)
    words = hide(_words(wire, body))[:_LONGEST_MESSAGE]
    if told not in _HINTS and _UNABLE.search(words):  # a local server's way to refuse
        kind = "invalid_request_error"
    family = _FAMILY_OF_CODE.get(code) or _FAMILIES.get(kind, RequestRefused)
    request = hide(request_id or _request_id(body))
    number = f" ({status})" if status else ""
    return family(
        f"{told or kind}{number}: {words}" + (f" [request {request}]" if request else ""),
        hint=hint_for(code) or _hint(kind, model, words),
        status=status,
        kind=told or kind,
        code=code,
        request_id=request,
    )


def redirected(location: str, server: Server) -> NotUnderstood:
    """Return the error of a server that sends requests on: nothing follows, least of all a key."""
    return NotUnderstood(
        f"the server sends requests on to {server.hide(location)}.",
        hint="If you trust that address, set ANTHROPIC_BASE_URL to it; a key is never "
        "sent on by itself.",
    )


def unreachable(error: Exception, server: Server) -> Unreachable:
    """Return the error of a request that was not answered."""
    return Unreachable(
        f"{server.hide(server.base_url)} could not be reached ({_why(error, server)}).",
        hint="Check the network, and the base URL that `%claude status` shows; "
        "then run the cell again.",
    )


def broken_off(error: Exception, server: Server) -> BrokenOff:
    """Return the error of a connection that was lost within an answer."""
    return BrokenOff(
        f"the connection was lost before the answer was whole ({_why(error, server)}).",
        hint="Run the cell again.",
    )


def reason_of(error: ClaudeMagicError) -> str:
    """Return why a request is sent again, in a few words."""
    if isinstance(error, ApiError):
        return f"{error.kind.removesuffix('_error').replace('_', ' ')} ({error.status})"
    return "the server cannot be reached"


def _why(error: Exception, server: Server) -> str:
    """The reason in a few words, without secrets, addresses or objects of the library."""
    words = server.hide(str(error)).strip().splitlines()
    return words[0] if words and len(words[0]) < _LONGEST_REASON else type(error).__name__


def _hint(kind: str, model: str, words: str) -> str:
    if kind == "not_found_error" and _FILE.search(words):
        return (
            "A file is no longer at the server. After --upload, run the cell again; else leave its "
            "turn out, with `%claude undo` or --last."
        )
    if kind in ("invalid_request_error", "rate_limit_error") and _SPENT.search(words):
        return _HINTS["billing_error"]
    if kind == "not_found_error" and (near := names_like(model)) and model not in near:
        return f"Check the model's name: {', '.join(near)} are known."
    return _HINTS.get(kind, _HINTS["invalid_request_error"])


def _kind_of_status(status: int | None) -> str:
    family = "invalid_request_error" if status and status < 500 else "api_error"
    return _KIND_OF_STATUS.get(status or 500, family)


def _error_object(body: bytes) -> Mapping[str, Any]:
    """The `error` of a body, in the API's shape or in those of other servers."""
    try:
        wire = json.loads(body)
    except ValueError:
        return {}
    error = wire.get("error", wire.get("detail")) if isinstance(wire, dict) else None
    return error if isinstance(error, dict) else {"message": error} if error else {}


def _request_id(body: bytes) -> str:
    found = re.search(rb'"request_id"\s*:\s*"([\w-]+)"', body)
    return found[1].decode() if found else ""


def _words(wire: Mapping[str, Any], body: bytes) -> str:
    """What the server said in words; of an HTML page its title, never the page."""
    if message := wire.get("message"):
        return " ".join(str(message).split())
    text = body[:_LONGEST_PAGE].decode(errors="replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.S | re.I)
    if title or "<html" in text[:500].lower():
        return f"the server sent a web page: {_plain(title[1]) if title else 'no title'}"
    return _plain(text) or "the server gave no reason"


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
