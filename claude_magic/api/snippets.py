"""A request -> the same as curl, as Python with httpx, and as Python with the official SDK.

Each is ready to paste; the key stays the variable that holds it.
"""

import json
import shlex
from pprint import pformat
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.server import ANTHROPIC, Server

_WIDTH = 88
# What version 2026-10-21, which the SDK speaks, no longer has among its arguments.
_BEYOND_THE_SDK = ("temperature", "top_p", "top_k")
_TOKEN = "ANTHROPIC_AUTH_TOKEN"


def curl(server: Server, body: Json) -> str:
    """Return a command line; the body is read from a here-document, so any text may be in it."""
    form = "authorization: Bearer $" if server.key_source == _TOKEN else "x-api-key: $"
    key = [f'  -H "{form}{_variable(server)}" \\'] if _needs_key(server) else []
    return "\n".join(
        [
            f"curl --no-buffer {shlex.quote(server.base_url + '/v1/messages')} \\",
            f'  -H "anthropic-version: {server.api_version}" \\',
            '  -H "content-type: application/json" \\',
            *key,
            *(
                f"  -H {shlex.quote(f'{name}: {value}')} \\"
                for name, value in _more(server).items()
            ),
            "  --data-binary @- <<'JSON'",
            json.dumps(body, indent=2, ensure_ascii=False),
            "JSON",
        ]
    )


def with_httpx(server: Server, body: Json) -> str:
    """Return a Python program that prints the stream as it comes."""
    value = f'os.environ.get("{_variable(server)}", "")'
    bearer = f'    "authorization": "Bearer " + {value},\n'
    key = bearer if server.key_source == _TOKEN else f'    "x-api-key": {value},\n'
    more = "".join(f"    {name!r}: {value!r},\n" for name, value in _more(server).items())
    return f"""\
import os
import httpx

body = {_literal(body)}
headers = {{
    "anthropic-version": {server.api_version!r},
{key if _needs_key(server) else ""}{more}}}
url = {server.base_url + "/v1/messages"!r}
with httpx.stream("POST", url, json=body, headers=headers, timeout=600) as response:
    for chunk in response.iter_text():
        print(chunk, end="")"""


def with_sdk(server: Server, body: Json) -> str:
    """Return a Python program for the official SDK that prints the words as they come."""
    arguments = {name: value for name, value in body.items() if name != "stream"}
    beyond = {name: arguments.pop(name) for name in _BEYOND_THE_SDK if name in arguments}
    if beyond:  # only the older version of the API takes them
        arguments["extra_body"] = beyond
        arguments["extra_headers"] = {"anthropic-version": server.api_version}
    where = [] if server.base_url == ANTHROPIC else [f"base_url={server.base_url!r}"]
    keyless = [] if _needs_key(server) else ["api_key='none'"]
    comment = f"  # the key is taken from {_variable(server)}" if _needs_key(server) else ""
    given = "".join(f"    {name}={_literal(value, 4)},\n" for name, value in arguments.items())
    return f"""\
import anthropic

client = anthropic.Anthropic({", ".join(where + keyless)}){comment}
with client.messages.stream(
{given}) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)"""


def _more(server: Server) -> Json:
    """The headers of ANTHROPIC_CUSTOM_HEADERS that hold no secret; the SDK reads it by itself."""
    keys = ("x-api-key", "authorization")
    told = {name: value for name, value in server.headers.items() if name not in keys}
    return {name: value for name, value in told.items() if server.hide(value) == value}


def _needs_key(server: Server) -> bool:
    """Whether a key goes along: to a server of one's own without one, none does."""
    return server.base_url == ANTHROPIC or bool(server.headers)


def _variable(server: Server) -> str:
    """The variable that holds the key."""
    return _TOKEN if server.key_source == _TOKEN else "ANTHROPIC_API_KEY"


def _literal(value: Any, indent: int = 0) -> str:
    """A Python literal, broken into lines, its later lines moved in."""
    lines = pformat(value, width=_WIDTH - indent, sort_dicts=False).splitlines()
    return ("\n" + " " * indent).join(lines)
