"""HTTP on loopback -> the practice model, for any client that takes a base URL."""

import errno
import socketserver
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from claude_magic.errors import BadInput
from claude_magic.practice.app import (
    LARGEST_BODY,
    Request,
    Response,
    refused,
    respond,
    too_large,
)
from claude_magic.practice.files import Files
from claude_magic.practice.refusal import Refusal

HOST = "127.0.0.1"
PIECE = 64 * 1024


def serve(port: int, pace: float = 1.0, announce: Callable[[str], None] = print) -> None:
    """Serves the practice model on this machine until Ctrl-C; port 0 takes any free port.

    `announce` is given the address, and the line that points other programs to it. Raises
    `BadInput` if the port is taken.
    """
    with PracticeServer(port, pace) as server:
        announce(f"The practice model answers at {server.url} (Ctrl-C ends it).")
        announce(f"ANTHROPIC_BASE_URL={server.url}")
        with suppress(KeyboardInterrupt):
            server.wait()


class PracticeServer:
    """The practice model at `.url`, from `with` to the end of its block.

    `pace` multiplies the pauses between the pieces of an answer; 0 leaves them out.
    """

    def __init__(self, port: int = 0, pace: float = 1.0) -> None:
        self._http = _bound(port, pace)
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{HOST}:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Returns when the server has ended; a KeyboardInterrupt gets through on every system."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _bound(port: int, pace: float) -> "_Server":
    try:
        return _Server(port, pace)
    except (OSError, OverflowError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        why = "is already in use" if taken else f"cannot be used: {str(error).rstrip('.')}"
        raise BadInput(
            f"Port {port} {why}.", hint="Choose another port, or 0 for any free one."
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would share a port in use

    def __init__(self, port: int, pace: float) -> None:
        self.pace = pace
        self.files = Files()
        self.stopping = Event()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own may wait for a name server
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self._body()
        self._send(self._respond(body) if body is not None else too_large())

    def do_GET(self) -> None:
        self._send(self._respond(self._body() or b""))

    do_DELETE = do_PUT = do_PATCH = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What cannot even be read as HTTP is refused in the API's shape, too."""
        self.close_connection = True
        self._send(refused(Refusal(code, "invalid_request_error", message or "Bad request")))

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: requests may hold what nobody should read in a terminal."""

    def _respond(self, body: bytes) -> Response:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return respond(Request(self.command, self.path, headers, body), self.server.files)

    def _body(self) -> bytes | None:
        """The request's body; None if it is too large, in which case it is read and dropped,
        since a client that is still sending would not see the refusal."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers:
            return self._chunked_body()
        left = int(length) if length.isdecimal() else 0
        if left <= LARGEST_BODY:
            return self.rfile.read(left)
        self.close_connection = True
        while left > 0 and (piece := self.rfile.read(min(left, PIECE))):
            left -= len(piece)
        return None

    def _chunked_body(self) -> bytes | None:
        """A body sent in pieces, each after its length in hexadecimal (RFC 9112, 7.1)."""
        body = bytearray()
        while (size := _hexadecimal(self.rfile.readline(PIECE))) and len(body) <= LARGEST_BODY:
            body += self.rfile.read(min(size, LARGEST_BODY + 1))
            self.rfile.readline(PIECE)
        self.close_connection = True  # trailers may follow; nobody needs them
        return bytes(body) if len(body) <= LARGEST_BODY else None

    def _send(self, response: Response) -> None:
        chunked = "content-length" not in response.headers
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if chunked:
            self.send_header("transfer-encoding", "chunked")
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        for pause, chunk in response.chunks:
            if self.server.stopping.wait(pause * self.server.pace):
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")


def _hexadecimal(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    return int(digits, 16) if digits.isalnum() else 0
