"""Messages and options -> the body of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claude_magic.api.models import Model, model_named
from claude_magic.content.message import Message, write_message
from claude_magic.errors import BadInput

SAMPLING_VERSION = "2023-06-01"


@dataclass(frozen=True)
class Options:
    """What a question asks for besides its words. None and empty mean: not sent."""

    model: str
    system: str = ""
    max_tokens: int | None = None  # None: as many as the model can write
    temperature: float | None = None
    stop_sequences: tuple[str, ...] = ()


def checked(options: Options, api_version: str) -> Options:
    """Return `options`, or say what this model or version would refuse.

    Raises
    ------
    BadInput: a value is out of its range, or this model does not take it.
    """
    model = model_named(options.model)
    _check_model(options.model)
    _check_max_tokens(options.max_tokens, model)
    _check_temperature(options.temperature, model, api_version)
    if not all(stop.strip() for stop in options.stop_sequences):
        raise BadInput("--stop is empty.", hint="Give the text at which the answer should stop.")
    return options


def head(options: Options) -> dict[str, Any]:
    """Return what stands before the messages: the model and the system prompt."""
    body: dict[str, Any] = {"model": model_named(options.model).id}
    return body | ({"system": options.system} if options.system.strip() else {})


def request_body(options: Options, messages: Sequence[Message]) -> Mapping[str, Any]:
    """Return the JSON body of `POST /v1/messages`; only what was asked for is in it."""
    model = model_named(options.model)
    body: dict[str, Any] = head(options)
    body["max_tokens"] = options.max_tokens or model.output
    if options.temperature is not None:
        body["temperature"] = options.temperature
    if options.stop_sequences:
        body["stop_sequences"] = list(options.stop_sequences)
    body["messages"] = [write_message(message) for message in messages]
    return body | {"stream": True}


def _check_model(name: str) -> None:
    if not name.strip() or not name.isprintable():
        raise BadInput(
            "--model is empty or holds a character no model name has.",
            hint="Name a model, as in `-m opus` or `-m claude-haiku-5-5`.",
        )


def _check_max_tokens(count: int | None, model: Model) -> None:
    if count is None:
        return
    if count < 1:
        raise BadInput(f"--max-tokens is {count}; an answer takes at least 1 token.")
    if model.known and count > model.output:
        raise BadInput(
            f"--max-tokens is {count:,}, but {model.id} writes at most {model.output:,}.",
            hint="Leave the option out to allow as many as the model can write.",
        )


def _check_temperature(temperature: float | None, model: Model, api_version: str) -> None:
    if temperature is None:
        return
    if not 0 <= temperature <= 1:
        raise BadInput(f"--temperature is {temperature:g}; it must lie between 0 and 1.")
    if api_version != SAMPLING_VERSION:
        raise BadInput(
            f"version {api_version} of the API takes no temperature.",
            hint="Leave --temperature out, or bring it back for the models that take one with "
            f"`%config ClaudeMagics.api_version = '{SAMPLING_VERSION}'`.",
        )
    if not model.sampling:
        raise BadInput(
            f"{model.id} takes no temperature.",
            hint="Leave it out and say in words how free the answer should be, or use a model that "
            "takes one, as in `-m claude-opus-4-6`.",
        )
