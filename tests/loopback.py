"""A real HTTP server on loopback that answers as it is told, and remembers what it was asked."""

import contextlib
import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = bytes | Callable[["Handler"], None]


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    raw: bytes
    at: float

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Reply:
    """What the server sends: bytes, and things to do between them (or `before` the status line).

    `drop`: the connection is closed without a clean end.
    """

    steps: Sequence[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": EVENT_STREAM})
    drop: bool = False
    before: Sequence[Callable[["Handler"], None]] = ()


EVENT_STREAM = "text/event-stream; charset=utf-8"
START = {
    "type": "message_start",
    "message": {
        "id": "msg_t1",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-6",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    },
}


def sse(*events: Mapping[str, Any]) -> bytes:
    """Return events as the bytes of a stream."""
    frames = (f"event: {e['type']}\ndata: {json.dumps(e, ensure_ascii=False)}\n\n" for e in events)
    return "".join(frames).encode()


def block(index: int, kind: Mapping[str, Any], *deltas: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the events of one content block."""
    return [
        {"type": "content_block_start", "index": index, "content_block": dict(kind)},
        *({"type": "content_block_delta", "index": index, "delta": dict(d)} for d in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def text_block(*pieces: str, index: int = 0) -> list[dict[str, Any]]:
    deltas = ({"type": "text_delta", "text": piece} for piece in pieces)
    return block(index, {"type": "text", "text": ""}, *deltas)


def ending(stop_reason: str = "end_turn", **more: Any) -> list[dict[str, Any]]:
    """Return the events that close a message."""
    delta = {"stop_reason": stop_reason, "stop_sequence": None, **more}
    usage = {"output_tokens": 7}
    return [
        {"type": "message_delta", "delta": delta, "usage": usage},
        {"type": "message_stop"},
    ]


def answer(*pieces: str, stop_reason: str = "end_turn", **more: Any) -> Reply:
    """Return a whole answer in text pieces."""
    return Reply([sse(START, *text_block(*pieces), *ending(stop_reason, **more))])


def error(status: int, kind: str, message: str = "No.", **headers: str) -> Reply:
    """Return an error in the API's shape; `retry_after="0"` becomes the header `retry-after`."""
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_e1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply([json.dumps(body).encode()], status, {"content-type": "application/json", **named})


def hang_up(handler: "Handler") -> None:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def stay_silent(handler: "Handler") -> None:
    """Send nothing until the client leaves."""
    handler.hold(threading.Event())


class Handler(BaseHTTPRequestHandler):
    """Sends the next reply, chunk by chunk."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as servers of streams do: else each small piece waits 40 ms
    server: "_Server"

    def setup(self) -> None:
        super().setup()
        self.server.loopback.connections += 1

    def finish(self) -> None:
        super().finish()
        self.server.loopback.gone.set()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        received = Received(self.path, dict(self.headers.items()), raw, time.perf_counter())
        page = self.server.loopback.pages.get(self.path)
        reply = self.server.loopback.take(received, page)
        try:
            for act in reply.before:
                act(self)
            self._send(reply)
        except OSError:
            self.server.loopback.client_left.set()
            self.close_connection = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        page = self.server.loopback.pages.get(path)
        refused = self.server.loopback.wants_key and "x-api-key" not in self.headers
        self.send_response(401 if refused else 404 if page is None else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def hold(self, until: threading.Event, timeout: float = 20) -> None:
        """Wait for `until`, or for the client to leave (which is noted)."""
        give_up = time.monotonic() + timeout
        while not until.is_set() and time.monotonic() < give_up:
            readable, _, _ = select.select([self.connection], [], [], 0.005)
            if readable:
                self.server.loopback.client_left.set()
                raise ConnectionResetError

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("request-id", "req_t1")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for step in reply.steps:
            self.chunk(step) if isinstance(step, bytes) else step(self)
        if reply.drop:
            self.close_connection = True
            self.connection.close()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    loopback: "Loopback"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of faults, but not of clients that leave: some test would read it as its own."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Loopback:
    """The server: `will(reply, …)` queues replies, `requests` holds what was asked."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.connections = 0
        self.wants_key = False  # where models are listed
        self.pages: dict[str, bytes | None] = {}
        self.client_left = threading.Event()
        self.gone = threading.Event()  # a connection is over
        self._arrived = threading.Condition()
        self._replies: list[Reply] = []
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.loopback = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def bodies(self) -> list[Any]:
        return [request.body for request in self.requests]

    def will(self, *replies: Reply) -> None:
        self._replies += replies

    def will_serve(self, path: str, page: bytes | None) -> None:
        """Answer `path` with the JSON `page`, always; None: not found."""
        self.pages[path] = page

    def take(self, received: Received, page: bytes | None) -> Reply:
        with self._arrived:
            self.requests.append(received)
            self._arrived.notify_all()
        if received.path != "/v1/messages":
            status = 404 if page is None else 200
            return Reply([page] if page else [], status, {"content-type": "application/json"})
        return self._replies.pop(0) if self._replies else answer("Hello ", "there.")

    def wait_for(self, count: int, timeout: float = 20) -> None:
        """Wait until `count` requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout)


@contextlib.contextmanager
def loopback() -> Iterator[Loopback]:
    """Run a server for as long as it is needed."""
    served = Loopback()
    thread = threading.Thread(target=served._server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served._server.shutdown()
        served._server.server_close()
