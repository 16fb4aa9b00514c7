"""A server's settings -> the tape it records on or plays, and how that is done."""

from collections.abc import Callable
from pathlib import Path

import httpx

from claude_magic.recording.file import check_place
from claude_magic.recording.tape import Matching, Tape
from claude_magic.recording.transport import RecordingTransport, ReplayTransport
from claude_magic.server import Server, Taped, no_key

Around = Callable[[httpx.Client], httpx.BaseTransport]


def playing(server: Server, tapes: dict[Taped, Tape]) -> tuple[Tape, Around]:
    """Return the tape, and what is put around each connection; a replay wins over recording.

    `tapes` are those in use: two engines that play the same one go on from each other.

    Raises
    ------
    BadInput: what is recorded could not be kept.
    """
    taped = server.taped
    tape = tapes[taped] = tapes.get(taped) or _tape(taped)
    by = "practice" if server.is_practice else ""
    pace = 0.0 if taped.instant else server.pace

    def recording(http: httpx.Client) -> httpx.BaseTransport:
        return RecordingTransport(http, tape, server.hide, by)

    def replaying(http: httpx.Client) -> httpx.BaseTransport:
        missing = {
            "practice": lambda: _as_it_is(http),
            "ask": lambda: _NoKey() if server.lacks_key else recording(http),
        }.get(taped.unrecorded, lambda: None)()
        return ReplayTransport(tape, pace, missing)

    return tape, replaying if taped.replay else recording


def _tape(taped: Taped) -> Tape:
    """The tape of a file, which stays where it is when the notebook goes to another folder."""
    path = Path(taped.replay or taped.record).expanduser().absolute()
    if not taped.replay:
        check_place(path)
    return Tape(path, Matching(any_model=taped.any_model, any_picture=taped.any_picture))


class _NoKey(httpx.BaseTransport):
    """What is not recorded would be asked, but nothing proves that it may."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise no_key()


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
