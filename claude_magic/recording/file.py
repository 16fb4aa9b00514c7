"""The lines of a recording <-> its questions and answers.

JSON lines, UTF-8. The first says what the file is; then each question has a line and its answer the
next. A question holds the fields of a request as `question.asked` returns them; `after` names the
question whose conversation it goes on with, so that nothing stands there twice.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.errors import BadInput
from claude_magic.recording.question import MESSAGES, Pictures, asked, calls_in, key, messages

VERSION = 1
_HEAD = {"recording": "claude_magic", "version": VERSION}
_NOTHING_SEEN = Pictures()  # what a file holds needs no looking at


@dataclass(frozen=True)
class Exchange:
    """A question, whole, and its answer; `line` is where the question stands in the file.

    `answer` holds `content`, or `status` and `error` of a refusal, or the `json` of another reply.
    """

    number: int
    question: Json
    answer: Json
    after: int | None = None
    line: int = 0

    @cached_property
    def key(self) -> str:
        """What this question has in common with the same one asked again."""
        return key(self.question)

    @property
    def path(self) -> str:
        """The address that was asked."""
        return str(self.question.get("path", MESSAGES))

    @property
    def conversation(self) -> list[Json]:
        """The messages of the question, and what was answered, as a later question has them."""
        said = self.question.get("messages", [])
        content = self.answer.get("content")
        if content is None:
            return list(said)
        return messages([*said, {"role": "assistant", "content": content}], _NOTHING_SEEN)


def read(path: Path) -> list[Exchange]:
    """Return the exchanges of a file.

    Raises
    ------
    BadInput: it is not there, or is no recording; the line at fault is named.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(
            f"the recording {path} cannot be read ({error.strerror}).",
            hint="Check its name, or make it with `%claude record FILE`.",
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no recording: it is not text in UTF-8.") from error
    return list(_Reader(path).exchanges(text.split("\n")))


def check_place(path: Path) -> None:
    """Make sure, as far as can be told before, that a file can be written.

    Raises
    ------
    BadInput: its folder is not there, or nothing may be written into it.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder} to keep the recording in.")
    if not os.access(folder, os.W_OK):
        raise BadInput(f"nothing may be written into {folder}, so the recording cannot be there.")


def write(path: Path, exchanges: Sequence[Exchange]) -> None:
    """Write a file anew, whole or not at all.

    Raises
    ------
    OSError: it could not be written; what was there stays.
    """
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(exchanges))
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.close()
            os.chmod(file.name, path.stat().st_mode if path.exists() else 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def put(exchanges: Sequence[Exchange], new: Exchange) -> list[Exchange]:
    """Return the exchanges with `new` among them: in the place of its number, or at the end."""
    found = [(e.number, e) for e in exchanges if e.number < new.number and e.path == MESSAGES]
    before = new.question.get("messages", [])
    long = 0
    for number, exchange in found:
        earlier = exchange.conversation
        if long < len(earlier) <= len(before) and before[: len(earlier)] == earlier:
            new, long = replace(new, after=number), len(earlier)
    if any(exchange.number == new.number for exchange in exchanges):
        return [new if exchange.number == new.number else exchange for exchange in exchanges]
    return [*exchanges, new]


def _lines(exchanges: Iterable[Exchange]) -> Iterator[Json]:
    yield _HEAD
    by_number = {exchange.number: exchange for exchange in exchanges}
    for one in exchanges:
        question = one.question
        if one.after in by_number:
            earlier = len(by_number[one.after].conversation)
            question = question | {"messages": question["messages"][earlier:]}
        after = {"after": one.after} if one.after in by_number else {}
        said = {"messages": question["messages"]} if "messages" in question else {}
        yield {"question": one.number, **after, **said, **question}
        yield {"answer": one.number, **one.answer}


class _Reader:
    """Reads lines, and knows which one it is at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = 0
        self._read: dict[int, Exchange] = {}

    def exchanges(self, lines: Sequence[str]) -> Iterator[Exchange]:
        objects = self._objects(lines)
        self._check_head(next(objects, {}))
        for question in objects:
            number, line = self._number(question, "question"), self._line
            if number in self._read:
                raise self._fault(f"question {number} stands there twice")
            whole = self._whole(question)
            answer = next(objects, {})
            if answer.get("answer") != number:
                raise self._fault(f"the answer to question {number} is missing")
            self._read[number] = Exchange(
                number, whole, self._answer(answer), question.get("after"), line
            )
            yield self._read[number]

    def _objects(self, lines: Sequence[str]) -> Iterator[Json]:
        for self._line, line in enumerate(lines, start=1):
            if line.strip():
                yield self._object(line)

    def _object(self, line: str) -> Json:
        try:
            value = json.loads(line)
        except ValueError as error:
            raise self._fault(f"not JSON ({error})") from error
        if not isinstance(value, dict):
            raise self._fault("not a JSON object")
        return value

    def _check_head(self, head: Json) -> None:
        version = head.get("version")
        if head.get("recording") != "claude_magic" or not isinstance(version, int):
            raise self._fault("a recording begins with " + json.dumps(_HEAD))
        if version > VERSION:
            raise BadInput(
                f"{self._path} was made by a newer claude_magic (version {version} of recordings).",
                hint="Install a newer one: pip install -U claude-magic.",
            )

    def _number(self, value: Json, kind: str) -> int:
        number = value.get(kind)
        if type(number) is not int:
            raise self._fault(f'a line with "{kind}" and its number should stand here')
        return number

    def _whole(self, question: Json) -> Json:
        """The question with the conversation it goes on with."""
        after = question.get("after")
        if after is not None and after not in self._read:
            raise self._fault(f'"after": {after} names no question before this one')
        earlier = self._read[after].conversation if after is not None else []
        given = {k: v for k, v in question.items() if k not in ("question", "after")}
        if "messages" in given:
            self._check_messages(given["messages"])
            given["messages"] = [*earlier, *given["messages"]]
        return asked(str(given.pop("path", MESSAGES)), given, _NOTHING_SEEN)

    def _check_messages(self, said: Any) -> None:
        fine = isinstance(said, list) and all(
            isinstance(one, dict)
            and isinstance(one.get("role"), str)
            and isinstance(one.get("content"), str | list)
            for one in said
        )
        if not fine:
            raise self._fault('"messages" is a list of {"role": …, "content": …}')

    def _answer(self, line: Json) -> Json:
        answer = {name: value for name, value in line.items() if name != "answer"}
        content, error = answer.get("content"), answer.get("error")
        blocks = isinstance(content, list) and all(map(_is_block, content))
        refused = isinstance(error, dict) and isinstance(answer.get("status"), int)
        if not (blocks or refused or isinstance(answer.get("json"), dict)):
            raise self._fault('an answer has "content", a list of content blocks')
        paces = answer.get("pace") or []
        if not (isinstance(paces, list) and all(map(_is_pace, paces))):
            raise self._fault('"pace" is a list of lists of whole numbers')
        if not isinstance(answer.get("end") or 0, int):
            raise self._fault('"end" is a whole number of milliseconds')
        return answer

    def _fault(self, what: str) -> BadInput:
        return BadInput(
            f"{self._path.name}, line {self._line}: {what}.",
            hint="Mend that line by hand, or record the lesson anew.",
        )


def _is_block(block: Any) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    strings = [block.get(block["type"])] if block["type"] in ("text", "thinking") else []
    return all(isinstance(text, str) for text in strings) and (
        block["type"] != "tool_use" or isinstance(block.get("input"), dict)
    )


def _is_pace(pace: Any) -> bool:
    return isinstance(pace, list) and all(type(one) is int and one >= 0 for one in pace)


def calls_before(question: Json) -> int:
    """Return how many tool calls a question's conversation holds."""
    return calls_in(question.get("messages", []))
