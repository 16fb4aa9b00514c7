"""A request body -> about how many tokens it is, where no server counts them."""

import json
from typing import Any

from claude_magic.content.blocks import Image
from claude_magic.content.message import CHARACTERS_PER_TOKEN
from claude_magic.content.wire import Json
from claude_magic.encode.picture import size_of
from claude_magic.encode.sight import visual_tokens

_OF_A_PICTURE = 1_600  # about the most that the standard tier takes, where its size is unknown
_BYTES_PER_PDF_TOKEN = 30


def estimated_tokens(body: Any) -> int:
    """Return about how many input tokens `body` is.

    >>> estimated_tokens({"messages": [{"role": "user", "content": "What is a p-value?"}]})
    12
    """
    return round(_characters(body) / CHARACTERS_PER_TOKEN)


def picture_tokens(source: Json) -> int:
    """Return the tokens of a picture, by its size where that is at hand."""
    return visual_tokens(size_of(Image(source))) or _OF_A_PICTURE


def _characters(value: Any) -> float:
    match value:
        case {"type": "image", "source": source}:
            return picture_tokens(source) * CHARACTERS_PER_TOKEN
        case {"type": "base64", "data": str(data)}:
            return len(data) / _BYTES_PER_PDF_TOKEN * CHARACTERS_PER_TOKEN
        case {"type": "kept", "bytes": int(size)}:  # as many as in base64
            return size * 4 / 3 / _BYTES_PER_PDF_TOKEN * CHARACTERS_PER_TOKEN
        case dict():
            return sum(_characters(item) + len(name) for name, item in value.items())
        case list() | tuple():
            return sum(map(_characters, value))
    return len(value) if isinstance(value, str) else len(json.dumps(value))
