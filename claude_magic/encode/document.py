"""A file, an address, bytes or a value -> the document block that Claude can cite."""

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from claude_magic.content.blocks import Opaque
from claude_magic.encode.words import words_of
from claude_magic.errors import BadInput

# A request may have 32 MB; Base64 makes 4 bytes of 3.
_MOST = 24_000_000
_LONGEST_TITLE = 500  # the API takes no long ones
_LONGEST_PATH = 1_000
_LONGEST_NAME = 80  # in a message

_URL = re.compile(r"(https?)://\S+", re.IGNORECASE)
_FILE_ID = re.compile(r"file_[A-Za-z0-9]+")
_SUFFIX = re.compile(
    r".*\.(?:pdf|txt|md|rst|tex|csv|tsv|log|json|jsonl|ya?ml|toml|ini|cfg|xml|html?|css|js|ts|py"
    r"|ipynb|r|jl|sql|sh|c|h|cpp|java|go|rs|docx?|xlsx?|pptx?|odt|rtf|epub)",
    re.IGNORECASE,
)
# Only a dictionary that ends a file or a cross-reference stream is the trailer; a page of a book
# on PDF may hold the word as well.
_START = re.compile(rb"startxref\s+(\d+)")
_ENCRYPTED = re.compile(rb"/Encrypt[\s<]")

_CONVERT = "Save it as PDF or as UTF-8 text. A table goes in as a data frame, a picture with {{ }}."


def document_of(value: object, *, title: str = "") -> Opaque:
    """Return the block that carries `value` as a document which answers may cite.

    A path (or a text that names one), an open file and bytes are a PDF or text in UTF-8; an
    `https://` address and a `file_…` id are fetched by the server; any other text is the document
    itself; a data frame or another value is its words. Without a `title` the file's name serves.

    Raises
    ------
    BadInput: the file is missing, empty, too large, locked, or neither a PDF nor text.
    """
    if isinstance(value, os.PathLike):
        return _of_file(Path(os.fsdecode(value)), title)
    if isinstance(value, bytes | bytearray | memoryview):
        return _of_bytes(bytes(value), "the document", title)
    if isinstance(value, str):
        return _of_text(value, title)
    if callable(getattr(value, "read", None)):
        return _of_open_file(value, title)
    if value is None:
        raise BadInput("the document is None.", hint="Did the cell that makes it run?")
    return _text_block(words_of(value), "the document", title)


def _of_text(text: str, title: str) -> Opaque:
    """An address, the id of a file, a path, or else the document itself."""
    short = text.strip()
    if url := _URL.fullmatch(short):
        return _of_url(short, url[1].lower(), title)
    one_line = len(short) <= _LONGEST_PATH and "\n" not in short
    if one_line and _is_file(short):
        return _of_file(Path(short), title)
    if _FILE_ID.fullmatch(short):
        return _block({"type": "file", "file_id": short}, title)
    if one_line and _looks_like_path(short):
        return _of_file(Path(short), title)
    return _text_block(text, "the document", title)


def _of_url(url: str, scheme: str, title: str) -> Opaque:
    if scheme == "http":
        raise BadInput(
            f"{_shown(url)} cannot be a document: the server fetches https:// addresses only.",
            hint="Try it with https://, or download the file and give its path.",
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not parts.hostname:
        raise BadInput(f"{_shown(url)} is no address.", hint="Write it as https://host/file.pdf.")
    name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname
    return _block({"type": "url", "url": url}, title or name)


def _of_open_file(file: Any, title: str) -> Opaque:
    name = getattr(file, "name", None)
    name = Path(name).name if isinstance(name, str) else ""
    shown = _shown(name) if name else "the open file"
    try:
        content = file.read()
    except (OSError, ValueError) as error:  # closed, not for reading, or not in its encoding
        raise BadInput(
            f"{shown} cannot be read.", hint="Open it with `open(path, 'rb')`."
        ) from error
    if not isinstance(content, str | bytes):
        raise BadInput(f"{shown} gives neither text nor bytes.", hint=_CONVERT)
    if not content:
        raise BadInput(
            f"{shown} has nothing left to read.", hint="Open it anew, or go back with `.seek(0)`."
        )
    if isinstance(content, str):
        return _text_block(content, shown, title or name)
    return _of_bytes(content, shown, title or name)


def _of_file(path: Path, title: str) -> Opaque:
    shown = _shown(str(path))
    path = _expanded(path)
    try:
        _check(path, shown)
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a null in it
        reason = getattr(error, "strerror", None) or "it is no path"
        raise BadInput(
            f"the file {shown} cannot be read: {reason}.", hint="Check its name and permissions."
        ) from error
    if path.suffix.lower() == ".pdf" and not content.startswith(b"%PDF"):
        raise BadInput(f"{shown} is named .pdf but is no PDF.", hint="Save or download it again.")
    return _of_bytes(content, shown, title or path.name)


def _check(path: Path, shown: str) -> None:
    if path.is_dir():
        raise BadInput(f"{shown} is a folder.", hint="Give the path of one file in it.")
    if not path.exists():
        raise BadInput(
            f"there is no file {shown}.",
            hint="Paths start from the folder that `%pwd` shows. "
            "Text that only looks like a path goes in as bytes: `text.encode()`.",
        )
    if not path.is_file():  # reading a device or a pipe might never end
        raise BadInput(f"{shown} is no ordinary file.", hint=_CONVERT)
    _check_size(path.stat().st_size, shown)


def _check_size(size: int, shown: str) -> None:
    if size > _MOST:
        raise BadInput(
            f"{shown} is too large: {size / 1e6:,.1f} MB, and a request takes {_MOST // 10**6} MB.",
            hint="Send a part of it, or upload it and give its `file_…` id.",
        )


def _of_bytes(content: bytes, shown: str, title: str) -> Opaque:
    _check_size(len(content), shown)
    if content.startswith(b"%PDF"):
        return _pdf_block(content, shown, title)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadInput(f"{shown} is neither a PDF nor text in UTF-8.", hint=_CONVERT) from None
    return _text_block(text, shown, title)


def _pdf_block(content: bytes, shown: str, title: str) -> Opaque:
    if _ENCRYPTED.search(_trailer(content)):
        raise BadInput(
            f"{shown} is encrypted, which the API does not take.",
            hint="Save a copy without a password (print it to PDF) and give that.",
        )
    data = base64.b64encode(content).decode("ascii")
    return _block({"type": "base64", "media_type": "application/pdf", "data": data}, title)


def _trailer(pdf: bytes) -> bytes:
    """The dictionary that tells how to read a PDF: after the table it ends in, or of a stream."""
    starts = _START.findall(pdf[-2048:])
    table = pdf[int(starts[-1]) :] if starts else b""
    if table.lstrip().startswith(b"xref"):
        return table[table.find(b"trailer") :].partition(b"startxref")[0]
    if re.match(rb"\s*\d+\s+\d+\s+obj", table):
        return table.partition(b"stream")[0]
    return pdf[pdf.rfind(b"trailer") :] if b"trailer" in pdf else b""


def _text_block(text: str, shown: str, title: str) -> Opaque:
    if not text.strip():
        raise BadInput(f"{shown} is empty.", hint="Give a document with something in it.")
    sound = _sound(text)
    _check_size(len(sound.encode()), shown)
    return _block({"type": "text", "media_type": "text/plain", "data": sound}, title)


def _block(source: dict[str, str], title: str) -> Opaque:
    name = " ".join(_sound(title).split())[:_LONGEST_TITLE]
    named = {"title": name} if name else {}
    return Opaque({"type": "document", "source": source, **named, "citations": {"enabled": True}})


def _sound(text: str) -> str:
    """The text as JSON can carry it: a file's name may hold half of a character."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_file(text: str) -> bool:
    try:
        return _expanded(Path(text)).is_file()
    except (OSError, ValueError):  # too long, or with a null in it
        return False


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # no such home
        return path


def _looks_like_path(text: str) -> bool:
    """A sentence may hold a slash, or end in an address."""
    if not re.search(r"\s", text) and ("/" in text or os.sep in text):
        return True
    return is_document_name(text)


def is_document_name(text: str) -> bool:
    """Whether `text` names a file as documents are named."""
    return "://" not in text and _SUFFIX.fullmatch(text) is not None


def _shown(name: str) -> str:
    """A name in a message: never more than a line of it, as it may be a whole document."""
    line = " ".join(_sound(name).split())
    return line if len(line) <= _LONGEST_NAME else f"…{line[-_LONGEST_NAME:]}"
