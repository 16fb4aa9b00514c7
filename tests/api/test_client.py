"""Claims about the client: what it sends, what it sends again, and how it tells what went wrong."""

import contextlib
import gzip
import json
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import (
    EVENT_STREAM,
    START,
    Handler,
    Loopback,
    Reply,
    answer,
    ending,
    error,
    hang_up,
    sse,
    stay_silent,
    text_block,
)

from claude_magic.api.request import Options
from claude_magic.api.retry import delay
from claude_magic.content.blocks import Text
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Ending
from claude_magic.engine import Engine
from claude_magic.errors import (
    ApiError,
    BrokenOff,
    NoCredit,
    NotAllowed,
    NotUnderstood,
    RequestRefused,
    TryLater,
    Unreachable,
)
from claude_magic.settings import Settings

Ask = Callable[..., Look]
HALF = sse(START, *text_block("Half an ans")[:-1])


@pytest.fixture
def ask(api: Loopback) -> Iterator[Ask]:
    """Ask through an engine of its own, and wait for the end."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-test-0123"})

    def asked(words: str = "Hi", **settings: Any) -> Look:
        question = Message("user", (Text(words),))
        chosen = Settings(**settings)
        request = engine.prepare(question, Options(chosen.model), chosen)
        growing = engine.ask(request)
        assert growing.wait_for_end(30)
        return growing.look()

    yield asked
    engine.close()


@contextlib.contextmanager
def answering(sent: bytes) -> Iterator[str]:
    """Run a server that sends these bytes to whoever asks, and hangs up."""

    def answer_one() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_one)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def test_a_request_is_what_the_api_documents(api: Loopback, ask: Ask) -> None:
    """Path, version, key in `x-api-key`, JSON with a stream asked for."""
    ask("Hé")
    (request,) = api.requests
    headers = {name.lower(): value for name, value in request.headers.items()}

    assert request.path == "/v1/messages"
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["x-api-key"] == "sk-ant-test-0123"
    assert "authorization" not in headers
    assert headers["content-type"] == "application/json"
    assert request.body == {
        "model": "claude-opus-4-6",
        "max_tokens": 128000,
        "messages": [{"role": "user", "content": "Hé"}],
        "stream": True,
    }


def _authorization(api: Loopback) -> str:
    headers = {name.lower(): value for name, value in api.requests[-1].headers.items()}
    return headers["authorization"]


def test_a_token_wins_over_a_login_in_the_address(api: Loopback) -> None:
    """Which goes along by itself where there is no token."""
    address = api.url.replace("//", "//me:geheim@")
    for environ, scheme in (({"ANTHROPIC_AUTH_TOKEN": "tok-0123456789"}, "Bearer"), ({}, "Basic")):
        engine = Engine({"ANTHROPIC_BASE_URL": address, **environ})
        question = Message("user", (Text("Hi"),))
        request = engine.prepare(question, Options("claude-opus-4-6"), Settings())
        assert engine.ask(request).wait_for_end(30)
        engine.close()
        assert _authorization(api).startswith(scheme)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_asked_again(api: Loopback, ask: Ask, status: int) -> None:
    """Before the answer begins, a busy or unwell server is asked again."""
    api.will(error(status, "overloaded_error", retry_after_ms="1"), answer("Yes."))

    assert ask().message.text == "Yes."
    assert len(api.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_what_will_not_pass_is_not_asked_again(api: Loopback, ask: Ask, status: int) -> None:
    """The same request would get the same answer."""
    api.will(error(status, "unheard_of_error"))

    assert isinstance(ask().error, ApiError)
    assert len(api.requests) == 1


def test_a_lost_connection_is_made_again(api: Loopback, ask: Ask) -> None:
    """A server that hangs up before it answers is called again."""
    api.will(answer("One."))
    ask()
    api.will(Reply(before=[hang_up]), answer("Two."))

    assert ask().message.text == "Two."


def test_what_a_local_server_cannot_do_is_not_asked_again(api: Loopback, ask: Ask) -> None:
    """Some say so with status 500; an error of the API's own types is what its type says."""
    words = "image input is not supported - hint: provide the mmproj"
    body = {"error": {"code": 500, "message": words, "type": "server_error"}}
    api.will(Reply([json.dumps(body).encode()], 500, {"content-type": "application/json"}))
    refused = ask().error

    assert type(refused) is RequestRefused
    assert words in str(refused)
    assert "Change what the message names" in refused.hint
    assert len(api.requests) == 1
    api.will(error(529, "overloaded_error", "Not supported now.", retry_after_ms="1"))
    assert ask().error is None


def test_no_proxy_stands_before_a_server_on_this_machine(
    api: Loopback, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a network has one for all else, local servers are asked all the same."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert ask().error is None
    assert len(api.requests) == 1


def test_the_servers_advice_is_followed(api: Loopback, ask: Ask) -> None:
    """`x-should-retry` decides in both directions."""
    api.will(error(529, "overloaded_error", x_should_retry="false"))
    assert isinstance(ask().error, TryLater)
    api.will(
        error(400, "invalid_request_error", x_should_retry="true", retry_after_ms="1"),
        answer("Yes."),
    )
    assert ask().message.text == "Yes."


def test_a_spend_limit_is_not_asked_again(api: Loopback, ask: Ask) -> None:
    """It keeps failing until somebody raises it."""
    body = {
        "type": "error",
        "error": {
            "type": "rate_limit_error",
            "message": "Spent.",
            "details": {"error_code": "enforced_spend_limit_reached"},
        },
    }
    api.will(Reply([json.dumps(body).encode()], 429, {"content-type": "application/json"}))

    failed = ask().error
    assert isinstance(failed, NoCredit)
    assert "limit" in failed.hint
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "words", ["Your credit balance is too low.", "You have reached your API usage limits."]
)
def test_an_account_that_has_spent_all_is_told_so(api: Loopback, ask: Ask, words: str) -> None:
    """A limit of the account comes as a plain 400: nothing in the request is to be changed."""
    api.will(error(400, "invalid_request_error", words))

    assert "credit" in ask().error.hint
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "9"}, 9.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "86400"}, 86400.0),
        ({"retry-after-ms": "nan", "retry-after": "3"}, 3.0),
        ({"retry-after-ms": "inf", "retry-after": "3"}, 3.0),
    ],
)
def test_the_wait_is_the_one_the_server_asks_for(
    headers: dict[str, str], expected: float | None
) -> None:
    """Milliseconds before seconds."""
    assert delay(TryLater("busy", status=529), headers, 0) == expected


def test_the_wait_may_be_a_date() -> None:
    """`retry-after` takes an HTTP date."""
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))

    seconds = delay(TryLater("busy", status=529), {"retry-after": soon}, 0)
    assert seconds is not None
    assert 25 < seconds <= 30


def test_waits_without_advice_grow_to_eight_seconds() -> None:
    """Half a second, doubled each time, shortened by up to a quarter at random."""
    waits = [delay(Unreachable("gone"), {}, attempt) or 0 for attempt in range(7)]

    for wait, most in zip(waits, [0.5, 1, 2, 4, 8, 8, 8], strict=True):
        assert 0.75 * most <= wait <= most


def test_no_server_at_all_is_told_with_its_address(ask: Ask, api: Loopback) -> None:
    """After the last attempt the person learns what could not be reached."""
    engine = Engine({"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"})
    request = engine.prepare(Message("user", (Text("Hi"),)), Options("opus"), Settings(retries=0))
    growing = engine.ask(request)
    assert growing.wait_for_end(30)
    failed = growing.look().error

    assert isinstance(failed, Unreachable)
    assert "http://127.0.0.1:1" in str(failed)


@pytest.mark.parametrize(
    ("status", "kind", "family"),
    [
        (400, "invalid_request_error", RequestRefused),
        (401, "authentication_error", NotAllowed),
        (402, "billing_error", NoCredit),
        (403, "permission_error", NotAllowed),
        (404, "not_found_error", RequestRefused),
        (409, "conflict_error", TryLater),
        (413, "request_too_large", RequestRefused),
        (429, "rate_limit_error", TryLater),
        (500, "api_error", TryLater),
        (504, "timeout_error", TryLater),
        (529, "overloaded_error", TryLater),
        (418, "teapot_error", RequestRefused),
        (599, "teapot_error", TryLater),
    ],
)
def test_errors_are_sorted_by_what_can_be_done(
    api: Loopback, ask: Ask, status: int, kind: str, family: type[ApiError]
) -> None:
    """Each error says what happened, what to do, and the request id."""
    api.will(error(status, kind, "Because."))
    failed = ask(retries=0).error

    assert type(failed) is family
    assert (failed.status, failed.kind, failed.request_id) == (status, kind, "req_t1")
    assert "Because." in str(failed)
    assert "req_t1" in str(failed)
    assert failed.hint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error": {"message": "No such model", "type": "invalid", "code": 1}}', "No such model"),
        (b'{"error": "plain words"}', "plain words"),
        (b'{"detail": "Not Found"}', "Not Found"),
        (
            b"<html><head><title>502 Bad &amp; sad</title></head><body>x</body></html>",
            "502 Bad & sad",
        ),
        (b"", "gave no reason"),
        (b"\xff\xfe", "�"),
    ],
)
def test_errors_of_other_shapes_are_understood(
    api: Loopback, ask: Ask, body: bytes, words: str
) -> None:
    """Gateways and local servers have shapes of their own; a page is told by its title."""
    api.will(Reply([body] if body else [], 502, {"content-type": "text/html"}))
    failed = ask(retries=0).error

    assert words in str(failed)
    assert "<" not in str(failed)


def test_a_long_and_odd_page_holds_nothing_up(api: Loopback, ask: Ask) -> None:
    """Each opening bracket could be searched to the end of the page."""
    page = b"<title" + b"<" * 2_000_000
    api.will(Reply([page], 502, {"content-type": "text/html"}))

    assert len(str(ask(retries=0).error)) < 700


def test_a_model_that_is_not_found_comes_with_names_like_it(api: Loopback) -> None:
    """A slip of the pen is easy to mend."""
    api.will(error(404, "not_found_error", "model: claude-opus-55"))
    engine = Engine({"ANTHROPIC_BASE_URL": api.url})
    growing = engine.ask(
        engine.prepare(Message("user", (Text("Hi"),)), Options("claude-opus-55"), Settings())
    )
    assert growing.wait_for_end(30)
    failed = growing.look().error

    assert isinstance(failed, RequestRefused)
    assert "claude-opus-5-5" in failed.hint


PACKED = {"content-type": EVENT_STREAM, "content-encoding": "gzip"}
BROKEN = {
    "closed without message_stop": Reply([HALF]),
    "connection dropped": Reply([HALF], drop=True),
    "an event that is not JSON": Reply([HALF, b"data: {oops\n\n"]),
    "bad compression": Reply(
        [HALF], headers={"content-type": EVENT_STREAM, "content-encoding": "gzip"}
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_breaks_off_is_told_and_kept(api: Loopback, ask: Ask, name: str) -> None:
    """What came is kept and marked, nothing is asked again, and the next request is valid."""
    api.will(BROKEN[name])
    look = ask("First")

    half = [] if name == "bad compression" else ["First", "Half an ans"]
    assert isinstance(look.error, BrokenOff)
    assert ("kept" in look.error.hint) == bool(half)
    assert look.ending is Ending.CUT
    assert len(api.requests) == 1
    ask("Second")
    assert [message["content"] for message in api.bodies[1]["messages"]] == [*half, "Second"]


def test_an_error_event_halfway_is_told_in_the_apis_words(api: Loopback, ask: Ask) -> None:
    """The stream of a 200 may still bring an error."""
    event = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    api.will(Reply([HALF, sse(event)]))
    look = ask()

    assert isinstance(look.error, TryLater)
    assert "Overloaded" in str(look.error)
    assert look.message.text == "Half an ans"


def test_an_answer_in_one_piece_is_taken(api: Loopback, ask: Ask) -> None:
    """A gateway that does not stream still answers; a line says so."""
    whole = {
        **START["message"],
        "content": [{"type": "text", "text": "All."}],
        "stop_reason": "end_turn",
    }
    api.will(Reply([json.dumps(whole).encode()], headers={"content-type": "application/json"}))
    look = ask()

    assert (look.message.text, look.ending) == ("All.", Ending.COMPLETE)
    assert "one piece" in look.notice


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", b"<html>Welcome</html>"), ("application/json", b'{"choices": []}')],
)
def test_something_else_with_status_200_is_not_an_answer(
    api: Loopback, ask: Ask, kind: str, body: bytes
) -> None:
    """A base URL that names a web page or another API is told as such."""
    api.will(Reply([body], headers={"content-type": kind}))
    failed = ask().error

    assert isinstance(failed, NotUnderstood)
    assert "ANTHROPIC_BASE_URL" in failed.hint


def test_a_key_is_never_sent_on_to_another_address(api: Loopback, ask: Ask) -> None:
    """Redirects are told, not followed."""
    api.will(Reply([], 308, {"location": "http://elsewhere.example/v1/messages"}))

    assert isinstance(ask().error, NotUnderstood)
    assert len(api.requests) == 1


def test_a_compressed_stream_reads_the_same(api: Loopback, ask: Ask) -> None:
    """gzip, cut anywhere."""
    packed = gzip.compress(sse(START, *text_block("Hé ", "\u2028 漢"), *ending()))
    chunks = [packed[i : i + 3] for i in range(0, len(packed), 3)]
    api.will(Reply(chunks, headers=PACKED))

    assert ask().message.text == "Hé \u2028 漢"


ECHOED = "sk-ant-api03-0123456789abcdef"
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        f"{ECHOED} is no status\r\n\r\n".encode(),
        b"HTTP/1.1 200 OK\r\n" + f"{ECHOED}\r\n\r\n".encode(),
        OK + f"transfer-encoding: chunked\r\n\r\n{ECHOED}\r\n".encode(),
        OK + f"\r\ndata: {ECHOED}\n\n".encode(),
        f"HTTP/1.1 500 {ECHOED}\r\nrequest-id: {ECHOED}\r\ncontent-length: 0\r\n\r\n".encode(),
    ],
)
def test_a_broken_server_cannot_make_an_error_tell_the_key(sent: bytes) -> None:
    """Nor its causes, which a program's traceback shows."""
    with answering(sent) as url:
        engine = Engine({"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": ECHOED})
        question = Message("user", (Text("Hi"),))
        chosen = Settings(retries=0)
        growing = engine.ask(engine.prepare(question, Options("opus"), chosen))
        assert growing.wait_for_end(30)
        failed = growing.look().error
        engine.close()

    assert failed is not None
    assert ECHOED not in "".join(traceback.format_exception(failed))
    assert str(failed)


def test_one_connection_serves_question_after_question(api: Loopback, ask: Ask) -> None:
    """A finished stream leaves its connection for the next."""
    for _ in range(6):
        ask()

    assert api.connections < 6


def test_closing_lets_go_of_what_comes_back_later(api: Loopback) -> None:
    """An answer may end a moment before its connection is free: closed in between, it goes too."""
    ended, closed = threading.Event(), threading.Event()
    stream = sse(START, *text_block("Whole."), *ending())

    def wait_until_closed(handler: Handler) -> None:
        ended.set()
        closed.wait(20)

    api.will(Reply([stream, wait_until_closed]))
    engine = Engine({"ANTHROPIC_BASE_URL": api.url})
    question = Message("user", (Text("Hi"),))
    growing = engine.ask(engine.prepare(question, Options("opus"), Settings()))
    assert growing.wait_for_end(30)
    assert ended.wait(20)
    engine.close()
    closed.set()

    assert api.gone.wait(20)


def test_a_stopped_question_closes_its_connection_at_once(api: Loopback) -> None:
    """Also before the headers came, and while waiting to ask again."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url})
    question = Message("user", (Text("Hi"),))
    request = engine.prepare(question, Options("opus"), Settings())
    api.will(Reply(before=[stay_silent]))
    growing = engine.ask(request)
    api.wait_for(1)
    growing.stop()

    assert api.client_left.wait(5)
    assert growing.look().ending is Ending.INTERRUPTED
