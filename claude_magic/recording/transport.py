"""Requests -> answers from a recording, or into one: transports around an HTTP client's own.

What is recorded is the JSON that goes out and comes back; headers never reach this module's files.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import httpx

from claude_magic.api.sse import Decoder, NotAnEvent
from claude_magic.content.wire import Json
from claude_magic.errors import NotRecorded
from claude_magic.practice.app import Request, respond
from claude_magic.practice.files import Files
from claude_magic.practice.stream import encoded
from claude_magic.practice.transport import PacedStream
from claude_magic.recording.difference import differences, first_words, nearest
from claude_magic.recording.file import Exchange
from claude_magic.recording.question import MESSAGES
from claude_magic.recording.stream import Listener, events_of
from claude_magic.recording.tape import Tape, heard

Hide = Callable[[str], str]

_FILES = "/v1/files"
_OTHERS = ("/v1/messages/count_tokens", "/v1/models")
_KEPT_REFUSALS = (400, 404, 413)  # the same request is refused again; others pass
_PACKED = ("content-encoding", "content-length", "transfer-encoding")
_JSON = {"content-type": "application/json"}
_STREAM = {"content-type": "text/event-stream; charset=utf-8"}


class RecordingTransport(httpx.BaseTransport):
    """Passes requests on through `http`, and keeps what was asked and answered on `tape`.

    `by` says who answers, if it is not Claude.
    """

    def __init__(self, http: httpx.Client, tape: Tape, hide: Hide, by: str = "") -> None:
        self._http, self._tape, self._hide, self._by = http, tape, hide, by

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The server's response; it is recorded while it passes, if it comes whole.

        Raises
        ------
        BadInput: the file cannot be read, so nothing was sent whose answer would be lost.
        """
        path, body = _address(request), _body(request)
        self._tape.there()
        response = self._http.send(request, stream=True)
        if path.startswith(_FILES):
            return _noted(self._tape, request, response)
        if body is None and request.method == "POST":
            return response
        question = self._safe(self._tape.asked(path, body or {}))
        if path == MESSAGES and response.is_success:
            listener = Listener(self._hide)
            stream: httpx.SyncByteStream = _Overheard(response, listener, self._heard(question))
            return httpx.Response(response.status_code, headers=_plain(response), stream=stream)
        if path == MESSAGES and response.status_code in _KEPT_REFUSALS:
            self._keep(question, _refusal(response))
        elif path.startswith(_OTHERS) and response.is_success:
            self._keep(question, {"json": _json(response)})
        return response

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def _heard(self, question: Json) -> Callable[[Listener], None]:
        def keep(listener: Listener) -> None:
            self._keep(question, heard(listener, question, self._by))

        return keep

    def _keep(self, question: Json, answer: Json) -> None:
        if any(answer.get(name) for name in ("content", "error", "json", "stop_reason")):
            self._tape.keep(question, self._safe(answer))

    def _safe(self, value: Any) -> Any:
        """The same without a secret in any text."""
        if isinstance(value, str):
            return self._hide(value)
        if isinstance(value, dict):
            return {name: self._safe(item) for name, item in value.items()}
        return [self._safe(item) for item in value] if isinstance(value, list) else value


class ReplayTransport(httpx.BaseTransport):
    """Answers from `tape`; `missing` answers the questions that are not on it, if it is given.

    `pace` multiplies the recorded pauses; 0 leaves them out.
    """

    def __init__(self, tape: Tape, pace: float, missing: httpx.BaseTransport | None) -> None:
        self._tape, self._pace, self._missing = tape, pace, missing

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded response.

        Raises
        ------
        NotRecorded: no such question is on the tape, and nobody else is to answer it.
        BadInput: the recording cannot be read.
        """
        path, body = _address(request), _body(request) or {}
        if path.startswith(_FILES):
            return self._filed(request)
        question = self._tape.asked(path, body)
        exchange = self._tape.find(question)
        if exchange is not None:
            return self._replayed(exchange)
        if self._missing is not None:
            return self._missing.handle_request(request)
        if path == MESSAGES:
            raise not_recorded(self._tape, question)
        return _practised(request)

    def close(self) -> None:
        """Let the connection of the one who answers what is missing go."""
        if self._missing is not None:
            self._missing.close()

    def _filed(self, request: httpx.Request) -> httpx.Response:
        """Let the one who answers what is missing keep files, or else this process."""
        if self._missing is not None:
            response = self._missing.handle_request(request)
        else:
            response = _practised(request, self._tape.files)
        return _noted(self._tape, request, response)

    def _replayed(self, exchange: Exchange) -> httpx.Response:
        answer = exchange.answer
        if "error" in answer:
            refusal = {"type": "error", "error": answer["error"]}
            return httpx.Response(answer["status"], headers=_JSON, json=refusal)
        if "json" in answer:
            return httpx.Response(200, headers=_JSON, json=answer["json"])
        events = events_of(answer, exchange.number)
        chunks = ((pause, encoded(dict(event))) for pause, event in events)
        return httpx.Response(200, headers=_STREAM, stream=PacedStream(chunks, self._pace))


def not_recorded(tape: Tape, question: Json) -> NotRecorded:
    """Return the error that shows the nearest recorded question, and what differs."""
    near = nearest(question, tape.exchanges())
    name = tape.path.name
    told = [
        f"Record it with `%claude record {name}`, or let the practice model answer what is",
        "missing: %config ClaudeMagics.unrecorded = 'practice'",
    ]
    if near is not None:
        lines = differences(near.question, question)
        where = f"question {near.number} (line {near.line})"
        told = [
            f"The nearest is {where}: {first_words(near.question)!r}. What differs:",
            *_indented(lines),
            *told,
        ]
    return NotRecorded(
        f"{name} holds no answer to this question, so nothing was answered.",
        hint="\n  ".join(told),
    )


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  - {line}" for line in lines)


class _Overheard(httpx.SyncByteStream):
    """A response's bytes; what they say is heard, and told when it is whole."""

    def __init__(
        self, response: httpx.Response, listener: Listener, tell: Callable[[Listener], None]
    ) -> None:
        self._response = response
        self._tell = tell
        self._decoder = Decoder()
        self._listener: Listener | None = listener
        self._whole: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        before = time.monotonic()
        for chunk in self._response.iter_bytes():
            now = time.monotonic()
            self._hear(now - before, chunk)
            before = now
            yield chunk
        if self._whole:
            self._hear_whole(b"".join(self._whole))

    def close(self) -> None:
        """Nobody reads on; half an answer is not told."""
        self._response.close()

    def _hear(self, seconds: float, chunk: bytes) -> None:
        if self._whole or chunk.lstrip().startswith(b"{"):
            self._whole.append(chunk)
        elif self._listener is not None:
            try:
                self._listener.hear(seconds, list(self._decoder.feed(chunk)))
            except NotAnEvent:
                self._listener = None
            self._told_if_whole()

    def _hear_whole(self, body: bytes) -> None:
        """Servers that do not stream send a message in one piece."""
        try:
            message = json.loads(body)
        except ValueError:
            return
        if self._listener and isinstance(message, dict) and message.get("type") == "message":
            started = {"type": "message_start", "message": message}
            self._listener.hear(0.0, [started, {"type": "message_stop"}])
            self._told_if_whole()

    def _told_if_whole(self) -> None:
        if self._listener is not None and self._listener.finished:
            self._tell(self._listener)
            self._listener = None


def _address(request: httpx.Request) -> str:
    return request.url.raw_path.decode("ascii")


def _body(request: httpx.Request) -> Json | None:
    try:
        body = json.loads(request.read())
    except (ValueError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


def _noted(tape: Tape, request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Remember what an upload holds: questions name it by an id that is another each time."""
    if request.method == "POST" and response.is_success:
        tape.pictures.uploaded(str(_json(response).get("id")), _content(request))
    return response


def _content(request: httpx.Request) -> bytes:
    """The file that a form uploads."""
    kept = Files()
    _practised(request, kept)
    return b"".join(file.content for file in kept.newest_first()[:1])


def _json(response: httpx.Response) -> Json:
    try:
        value = json.loads(response.read())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(response: httpx.Response) -> Json:
    error = _json(response).get("error")
    return {"status": response.status_code, "error": error if isinstance(error, dict) else {}}


def _plain(response: httpx.Response) -> Mapping[str, str]:
    """The headers of a response whose body was unpacked on the way."""
    return {name: value for name, value in response.headers.items() if name not in _PACKED}


def _practised(request: httpx.Request, files: Files | None = None) -> httpx.Response:
    """What the practice model says of counts, models and files: no answer of its own is needed."""
    headers = dict(request.headers)
    asked = Request(request.method, _address(request), headers, request.read())
    answered = respond(asked, files)
    content = b"".join(chunk for _, chunk in answered.chunks)
    return httpx.Response(answered.status, headers=_JSON, content=content)
