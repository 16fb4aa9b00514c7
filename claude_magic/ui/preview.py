"""A request -> what `--dry-run` shows of it."""

import json
from collections.abc import Mapping

from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.wire import shortened
from claude_magic.asking import Request
from claude_magic.engine import Engine


def preview(request: Request, engine: Engine) -> str:
    """Return the request as text, the key never, picture data shortened, and its tokens."""
    server = request.server
    headers = {"anthropic-version": server.api_version, **server.headers}
    lines = [f"POST {server.base_url}/v1/messages"]
    lines += [f"{name}: {_header(server.key_source, name, headers)}" for name in headers]
    body = json.dumps(shortened(request.body), indent=2, ensure_ascii=False)
    body = body.encode(errors="replace").decode()
    shown = server.hide("\n".join([*lines, "content-type: application/json", "", body]))
    return f"{shown}\n\n{_tokens(request, engine)}"


def _tokens(request: Request, engine: Engine) -> str:
    """The server's count, which is free; an estimate where it cannot be had."""
    if not request.server.lacks_key:
        counted = engine.servers.client(request.server).count(request.body)
        if counted is not None:
            return (
                f"# {counted:,} input tokens, counted by the server. Nothing was sent to a model."
            )
    return (
        f"# about {estimated_tokens(request.body):,} input tokens (an estimate). Nothing was sent."
    )


def _header(source: str, name: str, headers: Mapping[str, str]) -> str:
    """Headers of one's own may hold secrets as well, so only the version is shown."""
    if name == "anthropic-version":
        return headers[name]
    form = "Bearer $" if headers[name].startswith("Bearer ") else "$"
    return form + (source if name in ("x-api-key", "authorization") else "ANTHROPIC_CUSTOM_HEADERS")
