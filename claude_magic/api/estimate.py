"""A request body -> about how many tokens it is, where no server counts them."""

import json
from typing import Any

_CHARACTERS_PER_TOKEN = 3.5  # of the newer tokenizers, for English prose and code
_OF_A_PICTURE = 1_600  # about the most that the standard tier takes
_BYTES_PER_PDF_TOKEN = 30


def estimated_tokens(body: Any) -> int:
    """Return about how many input tokens `body` is.

    >>> estimated_tokens({"messages": [{"role": "user", "content": "What is a p-value?"}]})
    12
    """
    return round(_characters(body) / _CHARACTERS_PER_TOKEN)


def _characters(value: Any) -> float:
    match value:
        case {"type": "image"}:
            return _OF_A_PICTURE * _CHARACTERS_PER_TOKEN
        case {"type": "base64", "data": str(data)}:
            return len(data) / _BYTES_PER_PDF_TOKEN * _CHARACTERS_PER_TOKEN
        case dict():
            return sum(_characters(item) + len(name) for name, item in value.items())
        case list() | tuple():
            return sum(map(_characters, value))
    return len(value) if isinstance(value, str) else len(json.dumps(value))
