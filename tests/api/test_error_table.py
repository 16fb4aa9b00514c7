"""Claims about errors, one row each: every documented type and code ends in advice."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from conftest import KEY
from loopback import Loopback, Reply

from claude_magic.api.request import Options
from claude_magic.content.blocks import Text
from claude_magic.content.message import Message
from claude_magic.engine import Engine
from claude_magic.errors import ApiError, NoCredit, NotAllowed, RequestRefused, TryLater
from claude_magic.settings import Settings

JSON = {"content-type": "application/json"}
INVALID, LIMIT = "invalid_request_error", "rate_limit_error"
OVERLOADED = "overloaded_error"

# Status and type (Messages API, errors), and what the person can do.
TYPES: list[tuple[int, str, type[ApiError]]] = [
    (400, INVALID, RequestRefused),
    (401, "authentication_error", NotAllowed),
    (402, "billing_error", NoCredit),
    (403, "permission_error", NotAllowed),
    (404, "not_found_error", RequestRefused),
    (408, "timeout_error", TryLater),
    (409, "conflict_error", TryLater),
    (412, INVALID, RequestRefused),
    (413, "request_too_large", RequestRefused),
    (422, INVALID, RequestRefused),
    (429, LIMIT, TryLater),
    (431, INVALID, RequestRefused),
    (499, INVALID, RequestRefused),
    (500, "api_error", TryLater),
    (501, "api_error", TryLater),
    (503, "api_error", TryLater),
    (504, "timeout_error", TryLater),
    (529, OVERLOADED, TryLater),
]

# Code, status, type, and what the person can do.
CODES: list[tuple[str, int, str, type[ApiError]]] = [
    ("image_dimensions_too_large", 400, INVALID, RequestRefused),
    ("available_tools_limit_exceeded", 400, INVALID, RequestRefused),
    ("tool_name_conflict", 400, INVALID, RequestRefused),
    ("tool_reference_unresolved", 400, INVALID, RequestRefused),
    ("request_body_encoding_invalid", 400, INVALID, RequestRefused),
    ("request_body_encoding_unsupported", 400, INVALID, RequestRefused),
    ("request_body_timeout", 400, INVALID, RequestRefused),
    ("request_body_too_large_after_decoding", 413, "request_too_large", RequestRefused),
    ("unsupported_charset", 400, INVALID, RequestRefused),
    ("organization_on_hold", 400, INVALID, NotAllowed),
    ("organization_not_enrolled_in_beta", 400, INVALID, RequestRefused),
    ("compaction_block_ambiguous", 400, INVALID, RequestRefused),
    ("compaction_block_misplaced", 400, INVALID, RequestRefused),
    ("compaction_content_mismatch", 400, INVALID, RequestRefused),
    ("compaction_incomplete_turn", 400, INVALID, RequestRefused),
    ("compaction_nothing_to_summarize", 400, INVALID, RequestRefused),
    ("compaction_signature_invalid", 400, INVALID, RequestRefused),
    ("compaction_too_many_tool_references", 400, INVALID, RequestRefused),
    ("compaction_tool_changes_mismatch", 400, INVALID, RequestRefused),
    ("compaction_unavailable", 529, OVERLOADED, TryLater),
    ("thread_already_continued", 400, INVALID, RequestRefused),
    ("thread_continue_in_flight", 400, INVALID, RequestRefused),
    ("thread_fingerprint_mismatch", 400, INVALID, RequestRefused),
    ("thread_unsupported_request", 400, INVALID, RequestRefused),
    ("thread_not_found", 404, "not_found_error", RequestRefused),
    ("skill_read_blocked_undecryptable", 409, "conflict_error", RequestRefused),
    ("enforced_spend_limit_reached", 429, LIMIT, NoCredit),
    ("contract_spend_limit_reached", 429, LIMIT, NoCredit),
    ("ramp_limit_exceeded", 429, LIMIT, TryLater),
    ("linked_organization_billing_unavailable", 402, "billing_error", NoCredit),
    ("linked_organization_spend_limit_reached", 402, "billing_error", NoCredit),
    ("user_profile_required", 400, INVALID, RequestRefused),
    ("user_profile_not_found", 400, INVALID, RequestRefused),
    ("user_profile_not_billable", 403, "permission_error", NotAllowed),
    ("user_profile_billing_not_authorized", 403, "permission_error", NotAllowed),
    ("cmek_key_disabled", 400, INVALID, RequestRefused),
    ("cmek_key_network_blocked", 400, INVALID, RequestRefused),
    ("cmek_context_unavailable", 503, "api_error", TryLater),
    ("cmek_key_unreachable", 503, "api_error", TryLater),
    ("a_code_of_tomorrow", 400, INVALID, RequestRefused),
    ("a_code_of_tomorrow", 503, "api_error", TryLater),
]
DETAILS: Mapping[str, Mapping[str, Any]] = {
    "image_dimensions_too_large": {
        "max_side_length_pixels": 2000,
        "paths": ["messages.0.content.1"],
    },
    "organization_on_hold": {"appeal_url": "https://appeal.example"},
    "thread_unsupported_request": {"unsupported": ["fallbacks"]},
}


@pytest.fixture
def engine(api: Loopback) -> Iterator[Engine]:
    """An engine whose questions go to the loopback server."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
    yield engine
    engine.close()


def refused(engine: Engine) -> ApiError:
    """Ask once, never again, and return the error a person sees."""
    question = Message("user", (Text("Hi"),))
    settings = Settings(retries=0)
    growing = engine.ask(engine.prepare(question, Options(settings.model), settings))
    assert growing.wait_for_end(30)
    error = growing.look().error
    assert isinstance(error, ApiError)
    return error


def reply(status: int, kind: str, **details: Any) -> Reply:
    """An error as the API words it, with an id in the body besides the one in the header."""
    error = {"type": kind, "message": "The server's reason.", "details": details or None}
    body = {"type": "error", "error": error, "request_id": "req_body"}
    return Reply([json.dumps(body).encode()], status, JSON)


@pytest.mark.parametrize(("status", "kind", "family"), TYPES)
def test_every_type_says_what_to_do(
    api: Loopback, engine: Engine, status: int, kind: str, family: type[ApiError]
) -> None:
    """Two lines: the server's reason with its type, status and request id, and advice."""
    api.will(reply(status, kind))
    error = refused(engine)

    assert type(error) is family
    assert (error.status, error.kind, error.code) == (status, kind, "")
    told, advice = error._render_traceback_()
    assert told.endswith(f": {kind} ({status}): The server's reason. [request req_t1]")
    assert is_sentence(advice)


def test_no_reason_moves_the_cursor_of_a_terminal(api: Loopback, engine: Engine) -> None:
    """Whatever server answers."""
    error = {"type": "api_error\x1b[2J", "message": "Well\x1b]0;owned\x07.\x9b2J"}
    api.will(Reply([json.dumps({"type": "error", "error": error}).encode()], 500, JSON))
    told = "".join(refused(engine)._render_traceback_())

    assert "Well" in told
    assert not set(told) & set("\x1b\x07\x9b")


@pytest.mark.parametrize(
    ("code", "status", "kind", "family"), CODES, ids=[f"{row[0]}-{row[1]}" for row in CODES]
)
def test_every_code_says_what_to_do(
    api: Loopback, engine: Engine, code: str, status: int, kind: str, family: type[ApiError]
) -> None:
    """The code is at hand for programs; a code that is not known counts as its type."""
    api.will(reply(status, kind, error_code=code, **DETAILS.get(code, {})))
    error = refused(engine)

    assert type(error) is family
    assert (error.status, error.kind, error.code) == (status, kind, code)
    assert error.request_id == "req_t1"
    assert "The server's reason." in str(error)
    assert is_sentence(error.hint)


@pytest.mark.parametrize(("kind", "family"), {kind: family for _, kind, family in TYPES}.items())
def test_an_error_inside_a_stream_is_told_by_its_type(
    api: Loopback, engine: Engine, kind: str, family: type[ApiError]
) -> None:
    """The status was 200 by then, so only the type tells."""
    event = {"type": "error", "error": {"type": kind, "message": "The server's reason."}}
    api.will(Reply([f"event: error\ndata: {json.dumps(event)}\n\n".encode()]))
    error = refused(engine)

    assert type(error) is family
    assert (error.status, error.kind, error.request_id) == (None, kind, "req_t1")
    assert is_sentence(error.hint)


def is_sentence(advice: str) -> bool:
    """Whether advice is more than a word and ends as a sentence does."""
    return len(advice.split()) > 3 and advice.rstrip().endswith((".", "`"))
