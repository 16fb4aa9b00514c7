"""A server's settings -> the tape it records on or plays, and how that is done."""

from collections.abc import Callable
from pathlib import Path

import httpx

from claude_magic.recording.tape import Matching, Tape
from claude_magic.recording.transport import RecordingTransport, ReplayTransport
from claude_magic.server import Server

Around = Callable[[httpx.Client], httpx.BaseTransport]


def playing(server: Server) -> tuple[Tape, Around]:
    """Return the tape, and what is put around each connection; a replay wins over recording."""
    taped = server.taped
    path = Path(taped.replay or taped.record).expanduser()
    tape = Tape(path, Matching(any_model=taped.any_model, any_picture=taped.any_picture))
    by = "practice" if server.is_practice else ""
    pace = 0.0 if taped.instant else server.pace

    def recording(http: httpx.Client) -> httpx.BaseTransport:
        return RecordingTransport(http, tape, server.hide, by)

    def replaying(http: httpx.Client) -> httpx.BaseTransport:
        missing = {
            "practice": lambda: _as_it_is(http),
            "ask": lambda: recording(http),
        }.get(taped.unrecorded, lambda: None)()
        return ReplayTransport(tape, pace, missing)

    return tape, replaying if taped.replay else recording


def _as_it_is(http: httpx.Client) -> httpx.BaseTransport:
    return _Passing(http)


class _Passing(httpx.BaseTransport):
    """A client as a transport."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._http.send(request, stream=True)

    def close(self) -> None:
        self._http.close()
