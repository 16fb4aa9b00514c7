"""The words after `%claude` about files at the server: upload, list, delete."""

import base64
import io
import mimetypes
import re
import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from claude_magic.api.files import File, Files, Progress, measured
from claude_magic.content.blocks import Image
from claude_magic.encode.words import words_of
from claude_magic.errors import BadInput
from claude_magic.server import no_key
from claude_magic.ui.command_of import Command
from claude_magic.ui.progress import bar
from claude_magic.ui.prompt import check_name

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_LARGE = 2_000_000  # bytes; above it, one waits long enough to want to see how far it is
_OUT = re.compile(r"\s+-o\s+(\w+)$|^-o\s+(\w+)\s+")
_LONGEST_NAME = 60


def _upload(desk: "Desk", rest: str) -> str:
    out = _OUT.search(rest)
    what = _OUT.sub("", rest).strip()
    if not what:
        raise BadInput(
            "%claude upload takes a path or an expression.", hint="As in `%claude upload plot.png`."
        )
    named = out[1] or out[2] if out else None
    check_name(named)
    files = _files(desk)
    name, content = _content(desk, _unquoted(what))
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    with content, _progress(desk, name, content) as progress:
        file = files.upload(content, name, kind, progress)
    if named:
        desk.shell.user_ns[named] = file.id
    return f"{name} is kept at the server as {file.id} ({_bytes(file.size)}). {_use(file)}"


def _content(desk: "Desk", what: str) -> tuple[str, IO[bytes]]:
    """What is uploaded: a file as it is, or what a value becomes."""
    value = desk.attached.named(what, "%claude upload")
    if isinstance(value, str | Path) and Path(value).expanduser().is_file():
        path = Path(value).expanduser()
        return path.name, path.open("rb")
    if isinstance(value, Path) or value is what:
        raise _no_file(what)
    name = re.sub(r"\W+", "-", what).strip("-")[:_LONGEST_NAME] or "value"
    if isinstance(value, bytes | bytearray):
        return name, io.BytesIO(value)
    for block in desk.engine.pictures.among_words(value) or ():
        if isinstance(block, Image) and block.source.get("type") == "base64":
            suffix = str(block.source["media_type"]).partition("/")[2]
            return f"{name}.{suffix}", io.BytesIO(base64.b64decode(block.source["data"]))
    if hasattr(value, "to_csv"):
        return f"{name}.csv", io.BytesIO(str(value.to_csv()).encode())
    return f"{name}.txt", io.BytesIO(words_of(value).encode(errors="replace"))


def _no_file(what: str) -> BadInput:
    """Why a path, an address or an id leads to nothing that could be uploaded."""
    if what.startswith(("https://", "http://")):
        hint = "The server fetches it by itself: give the address to -i or --doc."
        return BadInput(f"{what} is an address, not a file of this machine.", hint=hint)
    if Path(what).expanduser().is_dir():
        return BadInput(f"{what} is a folder.", hint="Give the path of one file in it.")
    return BadInput(f"there is no file {what}.", hint=f"Paths begin in {Path.cwd()}.")


def _list(desk: "Desk", rest: str) -> str:
    words = rest.split()
    files = _files(desk)
    if not words:
        return _table(files.all())
    if words[0] != "delete" or len(words) < 2:
        raise BadInput(
            "%claude files stands alone, or is followed by `delete ID`.",
            hint="`%claude files` lists the ids.",
        )
    ids = [word if word.startswith("file_") else _id(desk, word) for word in words[1:]]
    for file_id in ids:
        files.delete(file_id)
        desk.engine.uploads.forget(file_id)
    return f"Deleted: {', '.join(ids)}."


def _id(desk: "Desk", name: str) -> str:
    """The id that a variable holds."""
    value: object = None
    with suppress(BadInput):  # what it is not is told below
        value = desk.attached.value(name, "delete")
    if not isinstance(value, str) or not value.startswith("file_"):
        raise BadInput(
            f"{name} is neither the id of a file nor a variable that holds one.",
            hint="`%claude files` lists them; ids begin with file_.",
        )
    return value


def _table(files: list[File]) -> str:
    if not files:
        return "No file is kept at the server."
    heads = ("id", "name", "kind", "size", "created", "expires")
    rows = [
        (f"`{one.id}`", one.name, one.kind, _bytes(one.size), one.created, one.expires)
        for one in files
    ]
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _use(file: File) -> str:
    if file.kind.startswith("image/"):
        return f"Ask about it with `%%claude -i {file.id}`."
    if file.kind == "application/pdf" or file.kind.startswith("text/"):
        return f"Ask about it with `%%claude --doc {file.id}`."
    return f"`%claude files delete {file.id}` deletes it."


def _files(desk: "Desk") -> Files:
    server = desk.engine.servers.chosen(desk.settings)
    if server.lacks_key:
        raise no_key()
    return Files(desk.engine.servers.client(server))


def _progress(desk: "Desk", name: str, content: IO[bytes]) -> AbstractContextManager[Progress]:
    """How far a large file is; of a small one nobody sees it."""
    size = measured(content, name)
    return bar(desk.shell, name, size) if size >= _LARGE else nullcontext(lambda sent: None)


def _unquoted(what: str) -> str:
    """A path with spaces may be quoted, as in a shell."""
    if what[:1] in "'\"" and what[:1] == what[-1:]:
        try:
            (one,) = shlex.split(what)
        except ValueError:
            return what
        return one if Path(one).expanduser().is_file() else what
    return what


def _bytes(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.1f} GB"


COMMANDS: Mapping[str, Command] = {
    "upload": Command(_upload, "keep a file at the server, for -i and --doc", "PATH", True),
    "files": Command(_list, "the files kept at the server", "[delete ID]", True),
}
