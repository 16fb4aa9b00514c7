"""A request -> the same as curl, as Python with httpx, and as Python with the official SDK.

Each is ready to paste; the key stays the variable `ANTHROPIC_API_KEY`.
"""

import json
from pprint import pformat
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.server import ANTHROPIC, Server

_WIDTH = 88
# What version 2026-10-21, which the SDK speaks, no longer has among its arguments.
_BEYOND_THE_SDK = ("temperature", "top_p", "top_k")


def curl(server: Server, body: Json) -> str:
    """Return a command line; the body is read from a here-document, so any text may be in it."""
    return "\n".join(
        [
            f"curl --no-buffer {server.base_url}/v1/messages \\",
            f'  -H "anthropic-version: {server.api_version}" \\',
            '  -H "content-type: application/json" \\',
            '  -H "x-api-key: $ANTHROPIC_API_KEY" \\',
            "  --data-binary @- <<'JSON'",
            json.dumps(body, indent=2, ensure_ascii=False),
            "JSON",
        ]
    )


def with_httpx(server: Server, body: Json) -> str:
    """Return a Python program that prints the stream as it comes."""
    return f"""\
import os
import httpx

body = {_literal(body)}
headers = {{
    "anthropic-version": {server.api_version!r},
    "x-api-key": os.environ.get("ANTHROPIC_API_KEY", ""),
}}
url = {server.base_url + "/v1/messages"!r}
with httpx.stream("POST", url, json=body, headers=headers, timeout=600) as response:
    for chunk in response.iter_text():
        print(chunk, end="")"""


def with_sdk(server: Server, body: Json) -> str:
    """Return a Python program for the official SDK that prints the words as they come."""
    arguments = {name: value for name, value in body.items() if name != "stream"}
    beyond = {name: arguments.pop(name) for name in _BEYOND_THE_SDK if name in arguments}
    if beyond:
        arguments["extra_body"] = beyond
    where = "" if server.base_url == ANTHROPIC else f"base_url={server.base_url!r}"
    given = "".join(f"    {name}={_literal(value, 4)},\n" for name, value in arguments.items())
    return f"""\
import anthropic

client = anthropic.Anthropic({where})  # the key is taken from ANTHROPIC_API_KEY
with client.messages.stream(
{given}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)"""


def _literal(value: Any, indent: int = 0) -> str:
    """A Python literal, broken into lines, its later lines moved in."""
    lines = pformat(value, width=_WIDTH - indent, sort_dicts=False).splitlines()
    return ("\n" + " " * indent).join(lines)
