"""Bytes of the stream -> events.

Lines end at the bytes CR, LF or CRLF and nowhere else: text splitters (httpx's `iter_lines` too)
also split at U+2028 and U+0085, which may stand inside an event. (HTML Standard, server-sent
events.)
"""

import json
from collections.abc import Iterator
from typing import Any

from jiter import from_json

from claude_magic.content.fold import Event

_NOTHING = (b"", b"[DONE]")  # some gateways close with the mark of another API


class NotAnEvent(ValueError):
    """A `data` field that holds no JSON object."""


class Decoder:
    r"""Turns chunks of bytes, cut anywhere, into events.

    >>> decoder = Decoder()
    >>> list(decoder.feed(b'data: {"type": "pi'))
    []
    >>> list(decoder.feed(b'ng"}\n\n'))
    [{'type': 'ping'}]
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._data: list[bytes] = []
        self._name = b""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yield the events that `chunk` completes.

        Raises
        ------
        NotAnEvent: an event's data is not a JSON object.
        """
        for line in self._lines.feed(chunk):
            if not line:
                if self._data and (event := self._event()) is not None:
                    yield event
                self._name = b""
            elif line[:5] == b"data:":
                self._data.append(line[5:])
            elif line[:6] == b"event:":
                self._name = line[6:]

    def close(self) -> Iterator[Event]:
        """Yield the event that only lacks its closing blank line, as some servers send the last."""
        try:
            yield from [*self.feed(b"\n"), *self.feed(b"\n")]
        except NotAnEvent:  # cut in the middle: as if it had never begun
            return

    def _event(self) -> Event | None:
        """The event whose data has come."""
        data = b"\n".join(self._data).strip()
        self._data.clear()
        try:
            event = from_json(data)
        except ValueError:
            if data in _NOTHING:
                return None
            event = _with_halves(data)
        if not isinstance(event, dict):
            raise NotAnEvent(str(data, "utf-8", "replace"))
        return event if "type" in event else {**event, "type": _word(self._name)}


class _Lines:
    """Chunks -> whole lines, without their ends."""

    def __init__(self) -> None:
        self._open: list[bytes] = []  # pieces of a line whose end has not come
        self._first = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        if b"\n" not in chunk and b"\r" not in chunk:
            self._open.append(chunk)
            return []
        lines = b"".join((*self._open, chunk)).splitlines()
        self._open = [] if chunk.endswith((b"\r", b"\n")) else [lines.pop()]
        return self._without_mark(lines)

    def _without_mark(self, lines: list[bytes]) -> list[bytes]:
        """A stream may begin with a byte order mark."""
        if self._first:
            self._first = False
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        return lines


def _with_halves(data: bytes) -> Any:
    """Half a character may stand in an event, and the other half in the next."""
    text = str(data, "utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAnEvent(text) from error


def _word(field: bytes) -> str:
    return str(field, "utf-8", "replace").removeprefix(" ")
