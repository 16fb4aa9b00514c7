"""A recording in use: finds answers in it, and keeps new ones."""

import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from claude_magic.content.blocks import write_block
from claude_magic.content.message import Message
from claude_magic.content.wire import Json
from claude_magic.encode.likeness import alike
from claude_magic.practice.files import Files
from claude_magic.recording.file import Exchange, calls_before, put, read, write
from claude_magic.recording.question import MESSAGES, Pictures, asked, key, pictures_of
from claude_magic.recording.stream import Listener


@dataclass(frozen=True)
class Matching:
    """What may differ between a question and the recorded one.

    `any_model`: another model may be named, and pictures are fitted to it. `any_picture`: pictures
    may be drawn a little differently, as other versions of a plotting library do.
    """

    any_model: bool = False
    any_picture: bool = False


EXACT = Matching()


class Tape:
    """One file of questions and answers. Safe to use from several threads.

    A file that is changed while it is in use is read anew; reading takes no lock, so any number of
    kernels may use one file. `fresh`: what the file holds is forgotten with the first new answer.
    """

    def __init__(self, path: Path, matching: Matching = EXACT, *, fresh: bool = False) -> None:
        self.path = path
        self.pictures = Pictures()
        numbers = count(1)  # ids are the same each time
        self.files = Files(lambda: f"file_{next(numbers)}")  # uploads of a replay
        self._matching = matching
        self._lock = threading.RLock()
        self._exchanges: list[Exchange] = []
        self._read: tuple[float, int] | None = (-1.0, 0) if fresh else None
        self._found: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self._played: set[int] = set()

    def asked(self, path: str, body: Mapping[str, Any]) -> Json:
        """Return what a request asks."""
        with self._lock:
            return asked(path, body, self.pictures)

    def exchanges(self) -> list[Exchange]:
        """Return what the file holds now.

        Raises
        ------
        BadInput: as `file.read` says.
        """
        with self._lock:
            now = _state(self.path)
            if self._read is None or (self._read[0] >= 0 and now != self._read):
                self._exchanges, self._read = read(self.path), now
            return list(self._exchanges)

    def find(self, question: Json) -> Exchange | None:
        """Return the recorded exchange of a question; one asked again goes on to its next answer.

        After the last of its answers comes the first again.
        """
        with self._lock:
            found = self._matching_exchanges(question)
            if not found:
                return None
            name = key(question)
            exchange = found[self._found[name] % len(found)]
            self._found[name] += 1
            self._played.add(exchange.number)
            return exchange

    def knows(self, question: Json) -> bool:
        """Whether `find` would return an exchange."""
        with self._lock:
            return bool(self._matching_exchanges(question))

    def holds(self, body: Mapping[str, Any], answer: Message) -> bool:
        """Whether `answer` is one that is recorded for the question of `body`; then it was played.

        Raises
        ------
        BadInput: as `file.read` says.
        """
        content = [write_block(block) for block in answer.content]
        with self._lock:
            found = self._matching_exchanges(self.asked(MESSAGES, body))
            same = [one.number for one in found if one.answer.get("content") == content]
            self._played.update(same[:1])
            return bool(same)

    def unplayed(self) -> list[Exchange]:
        """Return the exchanges that `find` never gave."""
        return [one for one in self.exchanges() if one.number not in self._played]

    def keep(self, question: Json, answer: Json) -> None:
        """Keep an answer: in the place of the recorded one, if the question is there already.

        What cannot be written is told on stderr and kept in memory: the answer itself is not lost.
        """
        with self._lock:
            earlier = self.there()
            name = key(question)
            same = [exchange for exchange in earlier if exchange.key == name]
            again = same[self._kept[name]] if self._kept[name] < len(same) else None
            highest = max((exchange.number for exchange in earlier), default=0)
            number = again.number if again else highest + 1
            self._kept[name] += 1
            self._exchanges = put(earlier, Exchange(number, question, answer))
            self._write()

    def there(self) -> list[Exchange]:
        """Return what a further answer will stand beside.

        Raises
        ------
        BadInput: as `file.read` says.
        """
        with self._lock:
            if self._read is not None and self._read[0] < 0:
                return self._exchanges
            return self.exchanges() if self.path.exists() else []

    def _write(self) -> None:
        try:
            write(self.path, self._exchanges)
            self._read = _state(self.path)
        except OSError as error:
            self._read = (-1.0, 0)
            print(f"{self.path} could not be written ({error.strerror}).", file=sys.stderr)

    def _matching_exchanges(self, question: Json) -> list[Exchange]:
        exchanges = self.exchanges()
        name = key(question)
        found = [one for one in exchanges if one.key == name and _fits(one, question)]
        if found or self._matching == EXACT:
            return found
        how = {
            "any_model": self._matching.any_model,
            "any_picture": self._matching.any_picture,
        }
        name = key(question, **how)
        near = [one for one in exchanges if key(one.question, **how) == name]
        return [one for one in near if _look_alike(one, question) and _fits(one, question)]


def _fits(exchange: Exchange, question: Json) -> bool:
    """Whether the answer is the same under the question's own limit of tokens."""
    limit, recorded = question.get("max_tokens"), exchange.question.get("max_tokens")
    if limit == recorded or limit is None or recorded is None:
        return True
    usage = exchange.answer.get("usage") or {}
    whole = exchange.answer.get("stop_reason") != "max_tokens"
    return whole and int(usage.get("output_tokens") or 0) <= int(limit)


def _look_alike(exchange: Exchange, question: Json) -> bool:
    pairs = zip(pictures_of(exchange.question), pictures_of(question), strict=True)
    return all(alike(one, other) for one, other in pairs)


def _state(path: Path) -> tuple[float, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0.0, 0)
    return (stat.st_mtime, stat.st_size)


def heard(listener: Listener, question: Json, by: str) -> Json:
    """Return a whole answer as it is recorded; `by` says who gave it, if not Claude."""
    answer = listener.answer(calls_before(question))
    return {**answer, "by": by} if by else answer
