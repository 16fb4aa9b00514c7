"""An address -> the bytes behind it, fetched by this machine instead of the server."""

import httpx

from claude_magic.errors import BadInput

_LARGEST = 50_000_000  # bytes
_PATIENCE = 20.0  # seconds of silence


def fetch(url: str) -> bytes:
    """Return what is at an `http(s)://` address; no key is sent along.

    Raises
    ------
    BadInput: it cannot be had, or is larger than 50 MB; the message names the address.
    """
    named = url if len(url) <= 100 else f"{url[:99]}…"
    data = bytearray()
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=_PATIENCE) as response:
            response.raise_for_status()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > _LARGEST:
                    raise BadInput(
                        f"{named} is larger than {_LARGEST // 10**6} MB.",
                        hint="Download it, and hand over a part of it or a smaller copy.",
                    )
    except httpx.HTTPStatusError as error:
        why = f"{error.response.status_code} {error.response.reason_phrase}".rstrip()
        raise BadInput(
            f"{named} cannot be fetched: {why}.",
            hint="Check it in a browser; where a login is needed, download it and give its path.",
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        why = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
        raise BadInput(
            f"{named} cannot be fetched: {why}.",
            hint="Check the address and the network, or download it and give its path.",
        ) from error
    return bytes(data)
