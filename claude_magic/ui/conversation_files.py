"""Conversations <-> files: a transcript, a body of the Messages API, a notebook."""

import json
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from claude_magic.content.blocks import Image, Text
from claude_magic.content.body import messages_of, turns_from
from claude_magic.content.growing import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Turn, new_id
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.errors import BadInput
from claude_magic.render.answer import PICTURES, bundle
from claude_magic.render.transcript import Source, as_markdown, transcript

_FORMS = "End it in .md, .json or .ipynb."
_MAGIC = "%%claude"
_LARGE = 200_000  # characters of a picture's address


def export(conversation: Conversation, path: Path, head: Mapping[str, Any], *, inline: bool) -> str:
    """Write a conversation to `path`, in the form that its suffix names; say what was written.

    `head` is what a body has beside its messages. `inline`: a transcript's pictures are within it.

    Raises
    ------
    BadInput: the suffix names no form, or the file cannot be written.
    """
    if not conversation.turns:
        raise BadInput("the conversation has no turns yet.")
    try:
        match path.suffix:
            case ".md":
                _write_markdown(conversation, path, inline=inline)
            case ".json":
                _write(path, {**head, "messages": messages_of(conversation.turns)})
            case ".ipynb":
                _write(path, _notebook(conversation))
            case _:
                raise BadInput(f"{path.name!r} ends in no form that is known.", hint=_FORMS)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}.") from error
    turns = len([turn for turn in conversation.turns if not turn.hidden])
    return f"{turns} turn{'' if turns == 1 else 's'} written to {path}."


def read(path: Path) -> tuple[Turn, ...]:
    """Return the turns of a file: a body of the Messages API, or a notebook with its outputs.

    Raises
    ------
    BadInput: there is no such file, or it holds no conversation.
    """
    if path.suffix not in (".json", ".ipynb"):
        raise BadInput(f"{path.name!r} is no conversation.", hint="It ends in .json or .ipynb.")
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise BadInput(f"{path} holds no JSON: {error}.") from error
    turns = turns_from(content) if path.suffix == ".json" else _turns_of_notebook(content)
    if not turns:
        raise BadInput(f"{path.name} holds no {_MAGIC} cell with an answer.")
    return turns


def data_address(image: Image) -> str:
    """Return a picture as a `data:` address, or the address it has, or ""."""
    match image.source:
        case {"type": "base64", "media_type": str(kind), "data": str(data)} if kind in PICTURES:
            return f"data:{kind};base64,{data}"
        case {"type": "url", "url": str(url)}:
            return url
    return ""


def shown_address(image: Image) -> str:
    """Return a picture as a `data:` address for a page: large ones made small."""
    address = data_address(image)
    return address if len(address) < _LARGE else thumbnail(image.source)


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _write_markdown(conversation: Conversation, path: Path, *, inline: bool) -> None:
    source = data_address if inline else _beside(path)
    path.write_text(as_markdown(transcript(conversation), source) + "\n", "utf-8")


def _beside(path: Path) -> Source:
    """Return what puts pictures into a folder beside the transcript."""
    folder = path.with_name(f"{path.stem}_files")

    def put(image: Image) -> str:
        address = data_address(image)
        if not address.startswith("data:"):
            return address
        data = b64decode(image.source["data"])
        kind = str(image.source["media_type"]).removeprefix("image/")
        folder.mkdir(exist_ok=True)
        file = folder / f"{sha256(data).hexdigest()[:16]}.{kind}"
        file.write_bytes(data)
        return f"{folder.name}/{file.name}".replace(" ", "%20")

    return put


# Notebooks (nbformat 4.5)


def _notebook(conversation: Conversation) -> dict[str, Any]:
    shown = [turn for turn in conversation.turns if not turn.hidden]
    cells = [_code("%load_ext claude_magic"), *(c for turn in shown for c in _cells(turn))]
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": python},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


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
    return [*before, _code(f"{_MAGIC}\n{_literal(question.text)}", output)]


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
        "metadata": {"claude_magic": {"pictures": True}},
        "attachments": attached,
        "source": "\n\n".join(lines),
    }


def _literal(words: str) -> str:
    """Words that a cell would not evaluate again."""
    return words.replace("{{", "\\{{")


def _turns_of_notebook(content: Any) -> tuple[Turn, ...]:
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


def _turn_of_cell(cell: Mapping[str, Any], pictures: tuple[Image, ...]) -> Turn | None:
    source = _text(cell.get("source"))
    line, _, words = source.lstrip().partition("\n")
    if line.split()[:1] != [_MAGIC]:
        return None
    words = words.strip("\n").replace("\\{{", "{{")
    place = str(cell.get("id", ""))
    if role := _role(line):
        return Turn((Message(role, (Text(words),)),), synthetic=True, cell=place)
    answer = next(filter(None, map(_answer, cell.get("outputs") or ())), "")
    asked = words or line.removeprefix(_MAGIC).strip()
    if not answer or not asked:
        return None
    question = Message("user", (*pictures, Text(asked)))
    return Turn((question, Message("assistant", (Text(answer),))), cell=place)


def _role(line: str) -> str:
    """The role of a cell's words that ask nothing."""
    words = line.split()
    role = words[words.index("--as") + 1 :][:1] if "--as" in words else []
    return role[0] if role and role[0] in ("user", "assistant") else ""


def _answer(output: Any) -> str:
    data = output.get("data") if isinstance(output, dict) else None
    shown = data.get("text/markdown") if isinstance(data, dict) else None
    return _text(shown).partition("\n\n<sub>")[0].strip()


def _attached(cell: Mapping[str, Any]) -> tuple[Image, ...]:
    """The pictures of a cell that goes along with the question below it."""
    ours = (cell.get("metadata") or {}).get("claude_magic")
    found = (cell.get("attachments") or {}).values() if ours else ()
    return tuple(
        Image({"type": "base64", "media_type": kind, "data": data})
        for bundle in found
        for kind, data in bundle.items()
        if kind in PICTURES
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value or ())
