"""A response whose answer is about to come -> its events."""

import itertools
import json
from collections.abc import Callable, Iterator

import httpx

from claude_magic.api.failures import failure
from claude_magic.api.sse import Decoder, NotAnEvent
from claude_magic.content.fold import Event
from claude_magic.errors import ApiError, BrokenOff, NotUnderstood, cause

OnWire = Callable[[str], None] | None
_LEADING = b" \t\r\n\xef\xbb\xbf"  # white space, and the bytes of a byte order mark
_IN_ONE_PIECE = (
    "The server sent the answer in one piece; it is whole. "
    "To see words as they come, check that the gateway passes `stream` on."
)


class Reply:
    """A response whose answer is about to come. `notice` is anything odd about how it came."""

    def __init__(
        self,
        response: httpx.Response,
        hide: Callable[[str], str],
        on_wire: OnWire,
    ) -> None:
        self.request_id = hide(response.headers.get("request-id", ""))
        self.notice = ""
        self._response = response
        self._hide = hide
        self._on_wire = on_wire

    def events(self) -> Iterator[list[Event]]:
        """Yield the events as they come, those of one chunk together.

        What the body begins with decides how it is read: servers label it wrongly at times.

        Raises
        ------
        BrokenOff: an event is not JSON.
        NotUnderstood: something other than an answer came.
        ApiError: an error came with status 200.
        """
        chunks = self._response.iter_bytes()
        first = next(filter(bytes.strip, chunks), b"")
        if not first:
            raise _not_understood("the server accepted the question and sent nothing.")
        streamed = self._decoded(itertools.chain([first], chunks))
        whole = first.lstrip(_LEADING).startswith((b"{", b"<"))
        for events in [self._whole(b"".join([first, *chunks]))] if whole else streamed:
            self._show(events)
            yield events

    def _show(self, events: list[Event]) -> None:
        if self._on_wire:
            for event in events:
                self._on_wire(self._hide(f"<-- {json.dumps(event, ensure_ascii=False)}"))

    def _decoded(self, chunks: Iterator[bytes]) -> Iterator[list[Event]]:
        decoder, events = Decoder(), list[Event]()
        try:
            for chunk in chunks:
                for event in decoder.feed(chunk):
                    events.append(event)
                yield events
                events = []
            yield list(decoder.close())
        except NotAnEvent as error:
            yield events  # what came in the same chunk before it
            raise BrokenOff(
                f"the server sent something that is not JSON: {self._hide(str(error))[:80]!r}.",
                hint="Run the cell again; if it happens again, a gateway on the way may be "
                "changing the stream.",
            ) from cause(error, self._hide)

    def failure(self, event: Event) -> ApiError:
        """Return the error of an `error` event."""
        return failure(None, json.dumps(event).encode(), self.request_id, self._hide)

    def _whole(self, body: bytes) -> list[Event]:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            message = None
        match message:
            case {"type": "message", "content": list()}:
                self.notice = _IN_ONE_PIECE
                return [{"type": "message_start", "message": message}, {"type": "message_stop"}]
            case {"type": "error"} | {"error": _}:
                raise self.failure(message)
        raise _not_understood("the server answered, but not as the Messages API does.")


def _not_understood(words: str) -> NotUnderstood:
    return NotUnderstood(
        words, hint="Check ANTHROPIC_BASE_URL: it may name a web page or another API."
    )
