"""One connection to the server, which another thread may hang up at any moment."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx


class HungUp(Exception):
    """The line was hung up while it was in use."""


class Line:
    """An HTTP client for one request at a time.

    A thread that waits for bytes cannot be interrupted, so `hang_up` shuts the socket under it: the
    reader wakes, and the server sees the end at once. httpcore names the socket in its trace
    events, the only moment at which it is known before the answer begins.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._hung_up = threading.Event()
        self._socket: socket.socket | None = None
        self._response: httpx.Response | None = None

    @property
    def hung_up(self) -> bool:
        """Whether `hang_up` was called: such a line is not used again."""
        return self._hung_up.is_set()

    @contextlib.contextmanager
    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        seconds: float | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Iterator[httpx.Response]:
        """Send a request (`body` is JSON) and give its response as soon as the headers are there.

        `seconds` is the longest silence, where it is less than usual; `files` are those of a form,
        instead of a body.

        Raises
        ------
        HungUp: the line was hung up, whatever its socket then told the reader.
        httpx.TransportError: the connection failed.
        """
        if self.hung_up:
            raise HungUp
        try:
            with self._http.stream(
                method,
                path,
                content=body,
                files=files,
                headers={"content-type": "application/json"} if body else None,
                extensions={"trace": self._trace},
                timeout=seconds or self._http.timeout,
            ) as response:
                self._response = response
                yield response
        except Exception as error:
            if self.hung_up:
                raise HungUp from error
            raise

    def pause(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises
        ------
        HungUp: the line was hung up meanwhile.
        """
        if self._hung_up.wait(seconds):
            raise HungUp

    def hang_up(self) -> None:
        """Close the connection now, from any thread."""
        self._hung_up.set()
        self.cut()

    def cut(self) -> None:
        """Close the connection under what is being read now; the line can be used again."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: it drops the encryption before it closes.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        elif self._response is not None and isinstance(self._response.stream, httpx.SyncByteStream):
            self._response.stream.close()  # a transport in this process: the practice model's

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        stream = info.get("return_value")
        if event.endswith(("connect_tcp.complete", "start_tls.complete")) and stream is not None:
            self._socket = stream.get_extra_info("socket")
            if self.hung_up:
                self.hang_up()
