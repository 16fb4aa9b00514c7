"""What goes over the wire -> the same as text that can be shown: no key, no long data."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from claude_magic.server import MASK, Server

_KEYS = ("x-api-key", "authorization")
_LONG = 64  # characters of base64


def sent(server: Server, method: str, path: str, headers: Mapping[str, str], data: bytes) -> str:
    """Return a request as text: method, address, headers, body."""
    told = [f"{name}: {MASK if name in _KEYS else value}" for name, value in headers.items()]
    body = [_body(data)] if data else []
    return server.hide("\n".join([f"--> {method} {server.base_url}{path}", *told, *body]))


def came(server: Server, response: httpx.Response) -> str:
    """Return the beginning of a response as text: its status, and the id of the request."""
    request_id = response.headers.get("request-id", "")
    return server.hide(f"<-- {response.status_code} {request_id}".rstrip())


def shortened(value: Any) -> Any:
    """Return a body with the data of pictures and documents cut to their beginning."""
    match value:
        case {"type": "base64", "data": str(data), **rest} if len(data) > _LONG:
            return {"type": "base64", **rest, "data": f"{data[:32]}… ({len(data):,} characters)"}
        case dict():
            return {key: shortened(item) for key, item in value.items()}
        case list() | tuple():
            return [shortened(item) for item in value]
    return value


def _body(data: bytes) -> str:
    try:
        return json.dumps(shortened(json.loads(data)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"({len(data):,} bytes)"
