"""httpx request -> httpx response, by the practice model inside this process."""

from collections.abc import Iterable, Iterator
from threading import Event

import httpx

from claude_magic.practice.app import Request, respond
from claude_magic.practice.files import Files


class PracticeTransport(httpx.BaseTransport):
    """Answers every request itself: `httpx.Client(transport=PracticeTransport())`.

    `pace` multiplies the pauses between the pieces of an answer; 0 leaves them out. Any host will
    do, and no key is looked at. `files` are those that were uploaded; without them there are none.
    """

    def __init__(self, pace: float = 1.0, files: Files | None = None) -> None:
        self._pace = pace
        self._files = Files() if files is None else files

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response to any request; its bytes come as slowly as the pace says."""
        path = request.url.raw_path.decode("ascii")
        asked = Request(request.method, path, dict(request.headers), request.read())
        response = respond(asked, self._files)
        stream = PacedStream(response.chunks, self._pace)
        return httpx.Response(response.status, headers=response.headers, stream=stream)


class PacedStream(httpx.SyncByteStream):
    """Bytes with pauses between them; closing it, from any thread, ends the pause and the bytes."""

    def __init__(self, chunks: Iterable[tuple[float, bytes]], pace: float) -> None:
        self._chunks = chunks
        self._pace = pace
        self._closed = Event()

    def __iter__(self) -> Iterator[bytes]:
        for pause, chunk in self._chunks:
            if self._closed.wait(pause * self._pace):
                return
            yield chunk

    def close(self) -> None:
        """End the pauses: nobody reads on."""
        self._closed.set()
