"""What a function returned, printed and displayed -> the content of a tool result, bounded."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from itertools import islice
from typing import Any

from claude_magic.content.blocks import Block, Image, Text
from claude_magic.encode.pictures import Blocks, Pictures
from claude_magic.encode.table import is_frame
from claude_magic.encode.words import says_nothing, words_of
from claude_magic.errors import BadInput
from claude_magic.tools.shown import Display, Shown

MOST_TEXT = 20_000  # characters of what is returned
_MOST_PRINTED = 5_000
_MOST_PICTURES = 8
_MOST_ITEMS = 1_000
_NOTHING = "It ran to its end; it returned nothing."
_AS_DISPLAYED = "It returned what it displayed."
_DEEPEST = 30


@dataclass(frozen=True)
class Results:
    """Makes the content of results. `hide` takes secrets out of their words."""

    pictures: Pictures
    hide: Callable[[str], str] = str

    def of(self, value: object, shown: Shown) -> Blocks:
        """Return what a call that went well came to: its value, then what it showed.

        Never empty: Claude is told when there is nothing.
        """
        displayed = [one for display in shown.displays for one in self._displayed(display)]
        if value is not None and any(value is display.value for display in shown.displays):
            returned: Blocks = (Text(_AS_DISPLAYED),)
        elif value is None:
            returned = () if displayed or shown.printed.strip() else (Text(_NOTHING),)
        else:
            returned = tuple(self._value(value))
        return self._bounded([*returned, *_printed(shown), *displayed])

    def failed(self, words: str, shown: Shown) -> Blocks:
        """Return what a call that failed came to: why, and what it had shown until then."""
        displayed = [one for display in shown.displays for one in self._displayed(display)]
        return self._bounded([Text(words), *_printed(shown), *displayed])

    def _displayed(self, display: Display) -> Iterator[Block]:
        """A picture, if it shows one; else the object or its words."""
        try:
            found = self.pictures.displayed(display.bundle, "what was displayed")
            if found is None and display.value is not None:
                found = self.pictures.among_words(display.value)
        except BadInput as error:
            found = (Text(str(error)),)
        if found is not None:
            yield from found
        elif is_frame(display.value, sys.modules):
            yield Text(words_of(display.value))
        elif words := _words_shown(display):
            yield Text(f"Displayed:\n{_shortened(words, _MOST_PRINTED)}")

    def _value(self, value: object) -> Iterator[Block]:
        """The blocks of a value; a list that JSON cannot say becomes those of its items."""
        found = self._picture(value)
        if found is not None:
            yield from found
        elif isinstance(value, list | tuple) and not _is_record(value) and self._is_mixed(value):
            for item in islice(value, _MOST_ITEMS):
                yield from self._value(item)
        elif isinstance(value, Mapping) and self._is_mixed(value.values()):
            for name, item in islice(value.items(), _MOST_ITEMS):
                yield Text(f"{name}:")
                yield from self._value(item)
        else:
            yield Text(words_for(value))

    def _picture(self, value: object) -> Blocks | None:
        try:
            return self.pictures.among_words(value)
        except BadInput as error:
            return (Text(str(error)),)

    def _is_mixed(self, items: Iterable[object]) -> bool:
        """Whether pictures or tables are among the items."""
        some = list(islice(items, _MOST_ITEMS))
        return any(is_frame(one, sys.modules) or self._picture(one) is not None for one in some)

    def _bounded(self, blocks: Sequence[Block]) -> Blocks:
        """The same with no more words and pictures than Claude should have to read."""
        kept: list[Block] = []
        room, pictures = MOST_TEXT, 0
        for block in blocks:
            if isinstance(block, Text):
                words = self.hide(_shortened(block.text, max(room, 200))).strip()
                room -= len(words)
                kept += [Text(words)] if words else []
            elif pictures < _MOST_PICTURES:
                pictures += 1
                kept.append(block)
        total = sum(isinstance(block, Image) for block in blocks)
        if total > pictures:
            kept.append(Text(f"({total - pictures} more pictures are left out.)"))
        return tuple(_joined(kept)) or (Text(_NOTHING),)


def words_for(value: object) -> str:
    """Return a value as words: data as JSON, a table as such, all else as its text.

    >>> words_for({"n": 2, "when": date(2026, 1, 31)})
    '{"n": 2, "when": "2026-01-31"}'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value):,} bytes, which are no picture."
    try:
        if is_frame(value, sys.modules):
            return words_of(value)
        plain = _plain(value)
        if plain is not None:
            return json.dumps(plain, ensure_ascii=False, default=str)
        return words_of(value)
    except (Exception, SystemExit) as error:  # somebody's __str__
        return f"A value of type {type(value).__name__}, which has no text ({error!r:.200})."


def _plain(value: Any, depth: int = 0) -> Any:
    """What JSON can say of a value; None at the top: it says nothing better than its text."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Enum):
        return _plain(value.value, depth)
    if isinstance(value, bool | int | float | str) or (value is None and depth):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value))
        return {name: _plain(getattr(value, name), depth + 1) for name in fields}
    if isinstance(value, Mapping):
        return {str(_key(k)): _plain(v, depth + 1) for k, v in islice(value.items(), _MOST_ITEMS)}
    if _is_record(value):
        return {name: _plain(getattr(value, name), depth + 1) for name in value._fields}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one, depth + 1) for one in islice(value, _MOST_ITEMS)] + _left_out(value)
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        return dump(mode="json")
    if isinstance(value, date | time):
        return value.isoformat()
    if callable(item := getattr(value, "item", None)) and getattr(value, "ndim", None) == 0:
        return _plain(item(), depth)  # a number of NumPy's
    return words_of(value) if depth else None


def _key(key: object) -> object:
    return key.value if isinstance(key, Enum) else key


def _left_out(value: Any) -> list[str]:
    more = len(value) - _MOST_ITEMS
    return [f"… {more:,} more"] if more > 0 else []


def _is_record(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _printed(shown: Shown) -> list[Block]:
    if not shown.printed.strip():
        return []
    return [Text(f"Printed:\n{_shortened(shown.printed, _MOST_PRINTED)}")]


def _words_shown(display: Display) -> str:
    """What was displayed, as text; HTML and Markdown as what they say."""
    plain = str(display.bundle.get("text/plain", ""))
    return words_for(display.value) if says_nothing(plain) and display.value is not None else plain


def _shortened(text: str, most: int) -> str:
    """The text without its middle, if it is too long."""
    if len(text) <= most:
        return text
    half = most // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n[… {left_out:,} characters are left out here …]\n{text[-half:]}"


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Words that follow words are one text."""
    words: list[str] = []
    for block in blocks:
        if isinstance(block, Text):
            words.append(block.text)
            continue
        if words:
            yield Text("\n\n".join(words))
            words = []
        yield block
    if words:
        yield Text("\n\n".join(words))
