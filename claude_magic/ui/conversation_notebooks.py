"""Conversations <-> notebooks (nbformat 4.5): a cell for each question, with its answer below."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from claude_magic.content.blocks import Image, Text
from claude_magic.content.body import messages_of, turns_from
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Turn, new_id
from claude_magic.errors import BadInput
from claude_magic.render.answer import PICTURES, bundle

_MAGIC = "%%claude"
_OURS = "claude_magic"  # where metadata holds what is ours


def notebook_of(conversation: Conversation) -> dict[str, Any]:
    """Return the notebook of a conversation; run from its top, it asks the same again."""
    shown = [turn for turn in conversation.turns if not turn.hidden]
    cells = [_code("%load_ext claude_magic"), *(c for turn in shown for c in _cells(turn))]
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": python, _OURS: {"written": _digest(cells)}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def is_as_written(path: Path) -> bool:
    """Whether the notebook at `path` was written by `notebook_of`, and no cell was changed since.

    Raises
    ------
    OSError: it cannot be read.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        return bool(content["metadata"][_OURS]["written"] == _digest(content["cells"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def turns_of_notebook(content: Any) -> tuple[Turn, ...]:
    """Return the turns of a notebook whose cells asked.

    Raises
    ------
    BadInput: it is no notebook.
    """
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise BadInput("the file is no notebook.", hint="A notebook has a list of cells.")
    turns: list[Turn] = []
    pictures: tuple[Image, ...] = ()
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        if cell.get("cell_type") == "markdown":
            pictures = _attached(cell) or pictures
        elif turn := _turn_of_cell(cell, pictures):
            turns.append(turn)
            pictures = ()
    return tuple(turns)


def data_address(image: Image) -> str:
    """Return a picture as a `data:` address, or the address it has, or ""."""
    match image.source:
        case {"type": "base64", "media_type": str(kind), "data": str(data)} if kind in PICTURES:
            return f"data:{kind};base64,{data}"
        case {"type": "url", "url": str(url)}:
            return url
    return ""


def _cells(turn: Turn) -> list[dict[str, Any]]:
    """The cells of one turn: its pictures, then its question with the answer below it."""
    if turn.synthetic:
        return [_code(f"{_MAGIC} --as {m.role}\n{_literal(m.text)}") for m in turn.messages]
    question, answer = turn.messages[0], turn.answer
    pictures = [block for block in question.content if isinstance(block, Image)]
    before = [_pictures(pictures)] if pictures else []
    shown = {"text/markdown": answer.text, "text/plain": answer.text}
    if len(turn.messages) > 2:  # calls of tools stand folded above the answer
        look = Look(0, turn.whole, 0.0, ending=turn.ending, messages=turn.messages[1:])
        shown = {"text/html": bundle(look)["text/html"], **shown}
    output = {"output_type": "display_data", "metadata": {}, "data": shown}
    cell = _code(f"{_MAGIC}\n{_literal(question.text)}", output)
    said = messages_of([turn])
    read = _turn_of_cell(cell, tuple(pictures))
    if read is None or messages_of([read]) != said:  # documents, calls of tools, citations
        cell["metadata"] = {_OURS: {"messages": said}}
    return [*before, cell]


def _code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": new_id()[:16],
        "metadata": {},
        "execution_count": None,
        "source": source,
        "outputs": list(outputs),
    }


def _pictures(images: list[Image]) -> dict[str, Any]:
    """A Markdown cell with the pictures that go along with the question below it."""
    attached, lines = {}, []
    for number, image in enumerate(images, 1):
        address = data_address(image)
        if address.startswith("data:"):
            name = f"picture-{number}"
            attached[name] = {image.source["media_type"]: image.source["data"]}
            address = f"attachment:{name}"
        lines.append(f"![picture]({address})")
    return {
        "cell_type": "markdown",
        "id": new_id()[:16],
        "metadata": {_OURS: {"pictures": True}},
        "attachments": attached,
        "source": "\n\n".join(lines),
    }


def _literal(words: str) -> str:
    """Words that a cell would not evaluate again."""
    return words.replace("{{", "\\{{")


def _digest(cells: Sequence[Mapping[str, Any]]) -> str:
    """What tells whether a person changed the cells; running them does not."""
    sources = [(cell["id"], _text(cell["source"])) for cell in cells]
    return sha256(json.dumps(sources).encode()).hexdigest()[:16]


def _turn_of_cell(cell: Mapping[str, Any], pictures: tuple[Image, ...]) -> Turn | None:
    source = _text(cell.get("source"))
    line, _, words = source.lstrip().partition("\n")
    if line.split()[:1] != [_MAGIC]:
        return None
    words = words.strip("\n").replace("\\{{", "{{")
    place = str(cell.get("id", ""))
    if role := _role(line):
        return Turn((Message(role, (Text(words),)),), synthetic=True, cell=place)
    answer = next(filter(None, map(_answer, _list(cell.get("outputs")))), "")
    asked = words or line.removeprefix(_MAGIC).strip()
    if not answer or not asked:
        return None
    question = Message("user", (*pictures, Text(asked)))
    turn = Turn((question, Message("assistant", (Text(answer),))), cell=place)
    return _with_all(cell, turn)


def _with_all(cell: Mapping[str, Any], turn: Turn) -> Turn:
    """The turn with what its cell does not show, where that still belongs to what it shows."""
    held = _mapping(_mapping(cell.get("metadata")).get(_OURS)).get("messages")
    try:
        (whole,) = turns_from({"messages": held})
    except (BadInput, ValueError):
        return turn
    asked, said = (m.text.strip() for m in (whole.messages[0], whole.answer))
    same = (asked, said) == (turn.messages[0].text.strip(), turn.answer.text)
    return replace(turn, messages=whole.messages) if same else turn


def _role(line: str) -> str:
    """The role of a cell's words that ask nothing."""
    words = line.split()
    role = words[words.index("--as") + 1 :][:1] if "--as" in words else []
    return role[0] if role and role[0] in ("user", "assistant") else ""


def _answer(output: Any) -> str:
    shown = _mapping(_mapping(output).get("data")).get("text/markdown")
    return _text(shown).partition("\n\n<sub>")[0].strip()


def _attached(cell: Mapping[str, Any]) -> tuple[Image, ...]:
    """The pictures of a cell that goes along with the question below it."""
    ours = _mapping(cell.get("metadata")).get(_OURS)
    found = _mapping(cell.get("attachments")).values() if ours else ()
    return tuple(
        Image({"type": "base64", "media_type": kind, "data": data})
        for bundle in found
        for kind, data in _mapping(bundle).items()
        if kind in PICTURES and isinstance(data, str)
    )


def _text(value: Any) -> str:
    """A text of a notebook, which may be cut into lines."""
    return value if isinstance(value, str) else "".join(map(str, _list(value)))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
