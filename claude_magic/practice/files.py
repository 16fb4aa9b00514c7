"""Uploads -> files that questions may name by id (Messages API, files)."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from claude_magic.content.wire import Json
from claude_magic.practice.refusal import Refusal, invalid, not_found

Query = Mapping[str, Sequence[str]]

_NAME = re.compile(r'[; ]name="([^"]*)"')
_FILENAME = re.compile(r'[; ]filename="([^"]*)"')
_SHORTEST, _LONGEST = 3600, 7_776_000  # seconds that a file may be kept
_MOST_LISTED = 1000


@dataclass(frozen=True)
class File:
    """A file that was uploaded."""

    content: bytes
    name: str
    kind: str
    expires: datetime | None = None
    id: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def json(self) -> Json:
        """What the API tells of it."""
        return {
            "id": self.id,
            "type": "file",
            "filename": self.name,
            "mime_type": self.kind,
            "size_bytes": len(self.content),
            "created_at": _time(self.created),
            "downloadable": False,
            "expires_at": _time(self.expires) if self.expires else None,
        }

    def source(self) -> Json:
        """The file as a source that holds its content."""
        if self.kind.startswith("text/"):
            text = self.content.decode(errors="replace")
            return {"type": "text", "media_type": "text/plain", "data": text}
        data = base64.b64encode(self.content).decode()
        return {"type": "base64", "media_type": self.kind, "data": data}


def _any_id() -> str:
    return f"file_practice{uuid4().hex[:12]}"


class Files:
    """The files of one practice model, by id, the newest last; `new_id` returns an id for one."""

    def __init__(self, new_id: Callable[[], str] = _any_id) -> None:
        self._new_id = new_id
        self._kept: dict[str, File] = {}
        self._deleted: set[str] = set()

    def add(self, file: File) -> File:
        """Keep one, and give it an id."""
        kept = replace(file, id=self._new_id())
        self._kept[kept.id] = kept
        return kept

    def get(self, id: str) -> File | None:
        """The file of that id."""
        return self._kept.get(id)

    def delete(self, id: str) -> bool:
        """Let one go; False: there is none."""
        if self._kept.pop(id, None) is None:
            return False
        self._deleted.add(id)
        return True

    def newest_first(self) -> list[File]:
        """All of them."""
        return list(self._kept.values())[::-1]

    def missing(self, body: Json) -> Refusal | None:
        """The refusal of a question that names a deleted file."""
        for block in _with_files(body["messages"]):
            if (id := block["source"]["file_id"]) in self._deleted:
                return not_found(f"File not found: {id}")
        return None

    def seen(self, body: Json) -> Json:
        """The question with what its files hold; files of another server stay what they are."""
        return {**body, "messages": _filled(body["messages"], self._kept)}


def answered(
    method: str, path: Sequence[str], query: Query, form: tuple[str, bytes], files: Files
) -> Json | Refusal:
    """The answer to a request below `/v1/files`; `form` is the body with its content type."""
    match method, path:
        case "POST", []:
            return _uploaded(form, files)
        case "GET", []:
            return _listed(query, files)
        case (("GET" | "DELETE"), [id, *rest]) if (file := files.get(id)) is not None:
            if rest == ["content"]:
                return invalid("This file is not downloadable", {"error_code": _NOT_DOWNLOADABLE})
            if method == "GET":
                return file.json()
            files.delete(id)
            return {"id": id, "type": "file_deleted"}
    return not_found(f"File not found: {path[0]}" if path else f"Not found: {method} /v1/files")


_NOT_DOWNLOADABLE = "file_not_downloadable"


def _uploaded(form: tuple[str, bytes], files: Files) -> Json | Refusal:
    fields = {name: (filename, kind, data) for name, filename, kind, data in _parts(*form)}
    if "file" not in fields:
        return invalid("file: Field required")
    name, kind, content = fields["file"]
    if not name:
        return invalid("file: a filename is required")
    seconds = fields.get("expires_in_seconds", ("", "", b""))[2].decode(errors="replace")
    if seconds and not (seconds.isdecimal() and _SHORTEST <= int(seconds) <= _LONGEST):
        return invalid(f"expires_in_seconds: Input should be from {_SHORTEST} to {_LONGEST}")
    expires = datetime.now(UTC) + timedelta(seconds=int(seconds)) if seconds else None
    return files.add(File(content, name, kind or "application/octet-stream", expires)).json()


def _parts(kind: str, body: bytes) -> list[tuple[str, str, str, bytes]]:
    """The parts of a form: name, file's name, media type, content (RFC 7578)."""
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary is None:
        return []
    found = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = head.decode(errors="replace")
        name, filename = _NAME.search(lines), _FILENAME.search(lines)
        media = re.search(r"(?im)^content-type:\s*(\S+)", lines)
        words = [match[1] if match else "" for match in (name, filename, media)]
        found.append((words[0], words[1], words[2], content))
    return found


def _listed(query: Query, files: Files) -> Json | Refusal:
    """A page of them, or those that `ids[]` names."""
    limit = query.get("limit", ["20"])[0]
    if not limit.isdecimal() or not 1 <= int(limit) <= _MOST_LISTED:
        return invalid(f"limit: Input should be a whole number from 1 to {_MOST_LISTED}")
    found = files.newest_first()
    if ids := query.get("ids[]"):
        return {"data": [file.json() for file in found if file.id in ids], "next_page": None}
    page = query.get("page", [""])[0].removeprefix("page_")
    start = int(page) if page.isdecimal() else 0
    end = start + int(limit)
    more = f"page_{end}" if end < len(found) else None
    return {"data": [file.json() for file in found[start:end]], "next_page": more}


def _with_files(value: Any) -> list[Json]:
    """All blocks whose source is a file, those in tool results too."""
    if isinstance(value, list):
        return [block for item in value for block in _with_files(item)]
    if not isinstance(value, dict):
        return []
    source = value.get("source")
    if isinstance(source, dict) and source.get("type") == "file":
        return [value]
    return _with_files(value.get("content"))


def _filled(value: Any, kept: Mapping[str, File]) -> Any:
    if isinstance(value, list):
        return [_filled(item, kept) for item in value]
    if not isinstance(value, dict):
        return value
    source = value.get("source")
    if isinstance(source, dict) and source.get("type") == "file":
        file = kept.get(source.get("file_id", ""))
        # the id stays, for what was said is signed by it
        return value if file is None else {**value, "source": {**source, **file.source()}}
    return {**value, "content": _filled(value["content"], kept)} if "content" in value else value


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
