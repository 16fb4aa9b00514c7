"""Messages and options -> the body of a request."""

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from claude_magic.api.caching import with_breakpoints
from claude_magic.api.models import Model
from claude_magic.api.server_tools import server_tools
from claude_magic.content.message import Message, write_message
from claude_magic.content.wire import Json

_NOTHING_MORE: Json = {}


class Options(NamedTuple):
    """What a question asks for besides its words. None, False and empty mean: not sent.

    `think`: "on", "off", "adaptive" or a number of tokens. `cache` asks for the prompt cache.
    `extra` holds fields of the body that have no option of their own.
    `tools` are definitions of tools that this side runs.
    """

    model: str
    system: str = ""
    max_tokens: int | None = None  # None: as many as the model can write
    temperature: float | None = None
    stop_sequences: tuple[str, ...] = ()
    prefill: str = ""
    schema: Json | None = None
    think: str = ""
    effort: str = ""
    web: bool = False
    run_code: bool = False
    cache: bool = False
    extra: Json = _NOTHING_MORE
    tools: tuple[Json, ...] = ()


def head(options: Options, model: Model) -> dict[str, Any]:
    """Return what stands before the messages: model, system prompt, tools."""
    own = [tool if model.structured else _lenient(tool) for tool in options.tools]
    tools = [*server_tools(model, web=options.web, run_code=options.run_code), *own]
    return {
        "model": model.id,
        **({"system": options.system} if options.system.strip() else {}),
        **({"tools": tools} if tools else {}),
    }


def _lenient(tool: Json) -> Json:
    """A tool for a model that cannot be held to its schema."""
    return {name: value for name, value in tool.items() if name != "strict"}


def request_body(
    options: Options, model: Model, messages: Sequence[Message], container: str = ""
) -> Json:
    """Return the JSON body of `POST /v1/messages`; only what was asked for is in it.

    The prompt cache's breakpoints come last, in `cached`.

    `model` is the one that `options` name, `container` the one in which earlier code ran.
    """
    body: dict[str, Any] = head(options, model)
    body["max_tokens"] = options.max_tokens or model.output
    body |= _choices(options, model)
    if options.run_code and container:
        body["container"] = container
    body["messages"] = [write_message(message) for message in messages]
    if options.prefill:
        body["messages"].append({"role": "assistant", "content": options.prefill})
    body |= options.extra
    body["stream"] = True
    return body


def cached(options: Options, model: Model, body: Json) -> Json:
    """Return `body` with the breakpoints of the prompt cache, if it is asked for."""
    return with_breakpoints(dict(body), model) if options.cache else body


def asked_for(options: Options, model: Model, digest: str) -> str:
    """Return what two requests have in common that ask for the same; `digest` is of the messages.

    The prompt cache does not count.
    """
    body = request_body(options, model, ())
    words = json.dumps([digest, body, options.prefill], sort_keys=True, default=str)
    return blake2b(words.encode(), digest_size=16).hexdigest()


def thinking(think: str, model: Model, max_tokens: int) -> Json | None:
    """Return the `thinking` object that asks `model` for what `think` says; None: leave it out.

    A summary is asked for where the model would otherwise keep its thinking to itself.
    """
    if not think:
        return None
    if think == "off":
        return {"type": "disabled" if "disabled" in model.thinking else "between_tools"}
    if think.isdecimal():
        return {"type": "enabled", "budget_tokens": int(think)}
    if think == "adaptive" or "adaptive" in model.thinking:
        return {"type": "adaptive", **({"display": "summarized"} if model.omits else {})}
    return {"type": "enabled", "budget_tokens": max(1024, min(16_000, max_tokens // 2))}


def _choices(options: Options, model: Model) -> dict[str, Any]:
    """The optional fields of a body."""
    limit = options.max_tokens or model.output
    output = {
        "effort": options.effort,
        "format": options.schema and {"type": "json_schema", "schema": options.schema},
    }
    given = {
        "temperature": options.temperature,
        "stop_sequences": list(options.stop_sequences) or None,
        "thinking": thinking(options.think, model, limit),
        "output_config": {name: value for name, value in output.items() if value} or None,
    }
    return {name: value for name, value in given.items() if value is not None}
