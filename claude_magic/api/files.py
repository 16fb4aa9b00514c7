"""Files at the server: uploaded once, named by an id from then on (Messages API, files)."""

import base64
import io
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import IO, Any, NamedTuple
from urllib.parse import quote

from claude_magic.api.client import Client
from claude_magic.content.wire import Json
from claude_magic.errors import ApiError, BadInput
from claude_magic.server import Server

LARGEST_FILE = 500_000_000  # bytes (Messages API, files)
_PAGE = 100
_ID = re.compile(r"file_\w+")
_MOST_PAGES = 100
_NO_FILES = "This server may have no Files API, or no such file: `%claude files` lists them."

Progress = Callable[[int], None]


class File(NamedTuple):
    """A file at the server. `size` in bytes, `kind` a media type, times as the server writes them.

    `expires` is "" for one that stays until it is deleted.
    """

    id: str
    name: str = ""
    kind: str = ""
    size: int = 0
    created: str = ""
    expires: str = ""


class Files:
    """The files that the key of `client` can use."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def upload(
        self, content: IO[bytes], name: str, kind: str, progress: Progress = lambda sent: None
    ) -> File:
        """Send a file of at most 500 MB; `progress` is told how many bytes have left, in all.

        Raises
        ------
        BadInput: it is empty or too large.
        ClaudeMagicError: the server does not take it, or cannot be reached.
        """
        measured(content, name)
        counted: Any = _Counted(content, progress)
        return _file(self._call("POST", "/v1/files", {"file": (name, counted, kind)}))

    def all(self) -> list[File]:
        """Return them all, in the server's order.

        Raises as `upload` does.
        """
        found: list[File] = []
        page = ""
        for _ in range(_MOST_PAGES):
            more = f"&page={quote(page, safe='')}" if page else ""
            answer = self._call("GET", f"/v1/files?limit={_PAGE}{more}")
            data = answer.get("data")
            found += [_file(one) for one in data or () if isinstance(one, Mapping)]
            page = str(answer.get("next_page") or "")
            if not page:
                break
        return found

    def delete(self, file_id: str) -> None:
        """Delete one; questions that name it are refused from then on.

        Raises as `upload` does.
        """
        self._call("DELETE", f"/v1/files/{quote(file_id, safe='')}")

    def _call(self, method: str, path: str, files: Mapping[str, Any] | None = None) -> Json:
        try:
            return self._client.call(method, path, files)
        except ApiError as error:
            if error.status in (404, 405):
                error.hint = _NO_FILES
            raise


def measured(content: IO[bytes], name: str) -> int:
    """Return how many bytes a file has.

    Raises
    ------
    BadInput: there are none, or more than a server takes.
    """
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    if not size:
        raise BadInput(f"{name} has nothing in it, so it cannot be uploaded.")
    if size > LARGEST_FILE:
        raise BadInput(
            f"{name} has {size / 1e6:,.0f} MB; 500 MB fit, so it cannot be uploaded.",
            hint="Upload a part of it.",
        )
    return size


class Uploads:
    """Which pictures each server has as files: the same content is uploaded once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, bytes], str] = {}

    def put(self, client: Client, source: Json) -> Json:
        """Return the source that names a picture's file, uploaded now if it was not yet.

        Raises as `Files.upload` does.
        """
        known = self.known(client.server, source)
        if known is not None:
            return known
        kind = str(source["media_type"])
        content = io.BytesIO(base64.b64decode(source["data"]))
        name = f"picture-{_hash(source).hex()[:8]}.{kind.partition('/')[2]}"
        self._known[_key(client.server, source)] = Files(client).upload(content, name, kind).id
        return self.put(client, source)

    def known(self, server: Server, source: Json) -> Json | None:
        """Return the source that names a picture's file, if it was uploaded there."""
        name = self._known.get(_key(server, source)) if self._known else None
        return None if name is None else {"type": "file", "file_id": name}

    def forget(self, told: str) -> None:
        """Forget the files that are named: they are no longer there, so pictures go themselves.

        `told` is an id, or what a server said of one.
        """
        gone = set(_ID.findall(told))
        self._known = {key: name for key, name in self._known.items() if name not in gone}


class _Counted:
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file, self._progress = file, progress
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress(self._file.tell())
        return data


def _key(server: Server, source: Json) -> tuple[Any, bytes]:
    """Another key may belong to another workspace, which has files of its own."""
    return (server.base_url, *sorted(server.headers.items())), _hash(source)


def _hash(source: Json) -> bytes:
    return sha256(str(source["data"]).encode()).digest()


def _file(json: Mapping[str, Any]) -> File:
    size = json.get("size_bytes")
    return File(
        str(json.get("id") or ""),
        str(json.get("filename") or ""),
        str(json.get("mime_type") or ""),
        size if isinstance(size, int) else 0,
        str(json.get("created_at") or ""),
        str(json.get("expires_at") or ""),
    )
