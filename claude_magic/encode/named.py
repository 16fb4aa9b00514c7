"""A text that names a picture (an address, the id of a file, a path) -> what it leads to."""

import base64
import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from claude_magic.content.blocks import Image
from claude_magic.errors import BadInput

_FILE_ID = re.compile(r"file_[A-Za-z0-9_-]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/", re.ASCII)
_LONGEST_PATH = 4096
_LONGEST_SHOWN = 120
_AS_PATHS = "Give a path, an https:// address, or the id of a file."


def is_address(text: str) -> bool:
    """Whether `text` begins as an address of the web does."""
    return text[:8].lower().startswith(("https://", "http://"))


def remote(text: str) -> Image | None:
    """Return the block of what the server can reach by itself; None: it is something else.

    Raises
    ------
    BadInput: it is an address from which no server fetches pictures.
    """
    if _FILE_ID.fullmatch(text) and not os.path.exists(text):
        return Image({"type": "file", "file_id": text})
    scheme = _SCHEME.match(text)
    if scheme is None or len(scheme[1]) == 1 or os.path.exists(text):  # C:/ is a drive
        return None
    if scheme[1].lower() != "https":
        raise BadInput(
            f"{shown(text)}: the API fetches pictures from https:// addresses only.",
            hint="With --fetch this notebook fetches it instead."
            if is_address(text)
            else "Give the path of a file as Python takes it.",
        )
    if not _host(text):
        raise BadInput(f"{shown(text)} is no address.", hint="As in https://host/plot.png.")
    return Image({"type": "url", "url": text})


def data_of(text: str) -> bytes:
    """Return what a `data:` address holds.

    Raises
    ------
    BadInput: it cannot be decoded.
    """
    head, _, data = text.partition(",")
    if not head.lower().rstrip().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except ValueError as error:
        raise BadInput("the data: address holds no base64, so no picture.") from error


def read(path: Path) -> bytes:
    """Return what is in a file.

    Raises
    ------
    BadInput: there is none, or it cannot be read; the message names it.
    """
    named = shown(str(path))
    try:
        path = path.expanduser()
        if path.is_dir():
            raise BadInput(f"{named} is a folder.", hint="Give the path of one picture in it.")
        if path.exists() and not path.is_file():  # reading a device or a pipe might never end
            raise BadInput(f"{named} is no ordinary file.", hint=_AS_PATHS)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(
            f"there is no file {named}.", hint=f"Paths begin in {Path.cwd()}, as in Python."
        ) from error
    except OSError as error:
        raise BadInput(f"{named} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RuntimeError) as error:  # a null in it, or no such home
        raise BadInput(f"{named} is no path.", hint=_AS_PATHS) from error


def is_path(text: str) -> bool:
    """Whether `text` could be a path at all."""
    return 0 < len(text.strip()) < _LONGEST_PATH and "\n" not in text


def shown(text: str) -> str:
    """Return a name as an error shows it."""
    printable = "".join(sign if sign.isprintable() else "?" for sign in text)
    return printable if len(printable) <= _LONGEST_SHOWN else f"{printable[:_LONGEST_SHOWN]}…"


def _host(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""
