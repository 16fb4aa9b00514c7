"""Bytes of the stream -> events.

Lines end at the bytes CR, LF or CRLF and nowhere else: text splitters (httpx's `iter_lines` too)
also split at U+2028 and U+0085, which may stand inside an event. (HTML Standard, server-sent
events.)
"""

import json
from collections.abc import Iterator
from typing import Any

from claude_magic.content.fold import Event

_JSON = json.JSONDecoder()


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
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value)
            elif name == b"event":
                self._name = value.removeprefix(b" ")
            elif not line and (event := self._event()) is not None:
                yield event

    def close(self) -> Iterator[Event]:
        """Yield the event that only lacks its closing blank line, as some servers send the last."""
        try:
            yield from [*self.feed(b"\n"), *self.feed(b"\n")]
        except NotAnEvent:  # cut in the middle: as if it had never begun
            return

    def _event(self) -> Event | None:
        """The event that ends here; the space before its data is also JSON's."""
        data, name = b"\n".join(self._data).strip(), self._name
        self._data, self._name = [], b""
        if not data or data == b"[DONE]":  # some gateways close with the mark of another API
            return None
        event = _object(data)
        return event if "type" in event else {**event, "type": name.decode(errors="replace")}


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


def _object(data: bytes) -> dict[str, Any]:
    text = str(data, "utf-8", "replace")
    try:
        event, end = _JSON.raw_decode(text)  # twice as fast as `json.loads`, thousands of times
    except (ValueError, RecursionError) as error:
        raise NotAnEvent(text) from error
    if not isinstance(event, dict) or end < len(text):
        raise NotAnEvent(text)
    return event
