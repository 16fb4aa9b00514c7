"""Conversations <-> files: a transcript, a body of the Messages API, a notebook."""

import json
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from claude_magic.content.blocks import Image
from claude_magic.content.body import messages_of, turns_from
from claude_magic.content.counting import counted
from claude_magic.content.turn import Conversation, Turn
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.errors import BadInput
from claude_magic.render.transcript import Source, as_markdown, transcript
from claude_magic.ui.conversation_notebooks import (
    data_address,
    is_as_written,
    notebook_of,
    turns_of_notebook,
)

_FORMS = "End it in .md, .json or .ipynb."
_LARGE = 200_000  # characters of a picture's address


def export(conversation: Conversation, file: str, head: Mapping[str, Any], *, inline: bool) -> str:
    """Write a conversation to `file`, in the form that its suffix names; say what was written.

    `head` is what a body has beside its messages. `inline`: a transcript's pictures are within it.

    Raises
    ------
    BadInput: the suffix names no form, the file cannot be written, or it is another notebook.
    """
    if not conversation.turns:
        raise BadInput("the conversation has no turns yet.")
    path = Path(file).expanduser()
    try:
        match path.suffix.lower():
            case ".md":
                _write_markdown(conversation, path, inline=inline)
            case ".json":
                _write(path, {**head, "messages": messages_of(conversation.turns)})
            case ".ipynb":
                _refuse_to_replace(path)
                _write(path, notebook_of(conversation))
            case _:
                raise BadInput(f"{file!r} ends in no form that is known.", hint=_FORMS)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}.") from error
    turns = len([turn for turn in conversation.turns if not turn.hidden])
    return f"{counted(turns, 'turn')} written to {path}."


def read(file: str) -> tuple[Turn, ...]:
    """Return the turns of a file: a body of the Messages API, or a notebook with its outputs.

    Raises
    ------
    BadInput: there is no such file, or it holds no conversation.
    """
    path = Path(file).expanduser()
    suffix = path.suffix.lower()
    if suffix not in (".json", ".ipynb"):
        raise BadInput(f"{file!r} is no conversation.", hint="It ends in .json or .ipynb.")
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} holds no JSON: {error}.") from error
    turns = turns_from(content) if suffix == ".json" else turns_of_notebook(content)
    if not turns:
        raise BadInput(f"{path.name} holds no %%claude cell with an answer.")
    return turns


def shown_address(image: Image) -> str:
    """Return a picture as a `data:` address for a page: large ones made small."""
    address = data_address(image)
    return address if len(address) < _LARGE else thumbnail(image.source)


def _refuse_to_replace(path: Path) -> None:
    """A notebook may hold somebody's work; one that is as it was written here may be replaced."""
    if path.exists() and not is_as_written(path):
        raise BadInput(
            f"{path} is there already, and not as an export wrote it; it stays as it is.",
            hint="Choose another name, or remove it first.",
        )


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
        return f"{quote(folder.name)}/{file.name}"

    return put
