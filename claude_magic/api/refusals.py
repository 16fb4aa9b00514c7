"""Options a model or the API would refuse -> said before anything is sent, with the way out.

Only what is known for certain: a model that the table does not know is left to its server.
"""

import json

from claude_magic.api.models import EFFORTS, Model
from claude_magic.api.request import Options
from claude_magic.content.wire import Json
from claude_magic.errors import BadInput

SAMPLING_VERSION = "2023-06-01"
_LEAST_BUDGET = 1024
_USUAL_TEMPERATURE = 1
_MOST_DIGITS = 9
# Ready to type, in place of --prefill.
_AS_SCHEMA = """`--schema "{'type': 'string', 'enum': ['A', 'B', 'C']}"`"""
_LONGEST_BEGINNING = 60
# Fields of a body that are not extra, and how each is given.
_OWN_OPTION = {
    "model": "-m",
    "messages": "the words of the cell",
    "system": "-s",
    "max_tokens": "-n",
    "temperature": "-t",
    "stop_sequences": "--stop",
    "thinking": "--think",
    "output_config": "--effort and --schema",
    "tools": "--tools, --web and --run-code",
    "cache_control": "the prompt cache is on; --no-cache does without",
    "stream": "answers are always streamed",
}


def checked(options: Options, model: Model, api_version: str) -> Options:
    """Return `options`, or say what would be refused; `model` is the one they name.

    Raises
    ------
    BadInput: a value is out of its range, this model does not take it, or two exclude each other.
    """
    check_name(options.model)
    _check_max_tokens(options.max_tokens, model)
    _check_temperature(options, model, api_version)
    _check_thinking(options, model)
    _check_effort(options, model)
    _check_prefill(options, model)
    _check_schema(options, model)
    _check_extra(options.extra)
    if not all(stop.strip() for stop in options.stop_sequences):
        raise BadInput("--stop is empty.", hint="Give the text at which the answer should stop.")
    return options


def check_name(name: str) -> None:
    """Raise BadInput where `name` can be that of no model, of whatever server."""
    if name.split() != [name] or not name.isprintable():
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


def _check_temperature(options: Options, model: Model, api_version: str) -> None:
    if options.temperature is None:
        return
    if not 0 <= options.temperature <= 1:
        raise BadInput(f"--temperature is {options.temperature:g}; it must lie between 0 and 1.")
    if api_version != SAMPLING_VERSION:
        raise BadInput(
            f"version {api_version} of the API takes no temperature.",
            hint="Leave --temperature out, or bring it back for the models that take one with "
            f"`%config ClaudeMagics.api_version = '{SAMPLING_VERSION}'`.",
        )
    if options.temperature == _USUAL_TEMPERATURE:
        return
    if not model.sampling:
        raise BadInput(
            f"{model.id} takes no temperature but {_USUAL_TEMPERATURE}.",
            hint="Leave it out and say in words how free the answer should be, or use a model that "
            "takes one, as in `-m claude-opus-4-6`.",
        )
    if model.known and options.think not in ("", "off"):
        raise BadInput(
            "--think and --temperature exclude each other.",
            hint=f"Leave one out, or set the temperature to {_USUAL_TEMPERATURE}.",
        )


def _check_thinking(options: Options, model: Model) -> None:
    think = options.think
    number = think.isdecimal() and len(think) <= _MOST_DIGITS
    if think not in ("", "on", "off", "adaptive") and not number:
        raise BadInput(
            f"--think is {think!r}.", hint="It takes adaptive, off, or a number of tokens."
        )
    if not model.known:
        return
    if think == "off" and not {"disabled", "between_tools"} & set(model.thinking):
        raise BadInput(
            f"{model.id} always thinks.", hint="Lower its effort instead: `--effort low`."
        )
    if think == "off" and model.id == "claude-opus-5" and options.effort in ("xhigh", "max"):
        raise BadInput(f"{model.id} takes --think off only up to --effort high.")
    if think == "adaptive" and "adaptive" not in model.thinking:
        raise BadInput(
            f"{model.id} does not choose by itself how long to think.",
            hint="Give it a number of tokens: `--think 8000`.",
        )
    if think.isdecimal():
        _check_budget(int(think), options, model)
    if think == "on" and "adaptive" not in model.thinking:
        _check_room(options, model)


def _check_room(options: Options, model: Model) -> None:
    if (options.max_tokens or model.output) <= _LEAST_BUDGET:
        raise BadInput(
            f"--max-tokens is {options.max_tokens}, and {model.id} thinks in at least "
            f"{_LEAST_BUDGET:,} of them.",
            hint="Allow more with -n, as in `-n 8000`, or leave --think out.",
        )


def _check_budget(budget: int, options: Options, model: Model) -> None:
    if "enabled" not in model.thinking:
        raise BadInput(
            f"{model.id} takes no number of tokens for thinking.",
            hint="Use `--think adaptive`, and `--effort low` to `max` for how much.",
        )
    limit = options.max_tokens or model.output
    if not _LEAST_BUDGET <= budget < limit:
        raise BadInput(
            f"--think {budget} is out of range: from {_LEAST_BUDGET} to below the {limit:,} tokens "
            "of --max-tokens.",
        )


def _check_effort(options: Options, model: Model) -> None:
    if options.effort and options.effort not in EFFORTS:
        raise BadInput(f"--effort is {options.effort!r}; it takes {', '.join(EFFORTS)}.")
    if options.effort and model.known and options.effort not in model.efforts:
        takes = f"it takes {', '.join(model.efforts)}" if model.efforts else "it takes none"
        raise BadInput(
            f"{model.id} takes no effort {options.effort}; {takes}.",
            hint="Leave --effort out, or use a newer model, as in `-m opus`.",
        )


def _check_extra(extra: Json) -> None:
    if owned := next((name for name in extra if name in _OWN_OPTION), None):
        raise BadInput(f"--extra holds {owned}.", hint=f"Give it otherwise: {_OWN_OPTION[owned]}.")
    try:
        json.dumps(extra, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(
            f"--extra holds what JSON cannot say: {error}.",
            hint="Use texts, numbers, True, False, None, lists and dicts.",
        ) from error


def _check_schema(options: Options, model: Model) -> None:
    if options.schema and not model.structured:
        raise BadInput(
            f"{model.id} does not keep to a schema (--schema).",
            hint="Use a model that does, as in `-m opus`, or describe the form in words.",
        )


def _check_prefill(options: Options, model: Model) -> None:
    if not options.prefill:
        return
    if options.prefill != options.prefill.rstrip():
        raise BadInput(
            "--prefill ends in a space, which the API refuses.", hint="Take it off the end."
        )
    if not model.prefill:
        raise BadInput(
            f"{model.id} does not continue words put into its mouth (--prefill).",
            hint=f"For one of several answers: {_AS_SCHEMA}. For a manner: "
            f"{_as_system(options.prefill)}. Or use a model that takes it: `-m claude-haiku-4-5`.",
        )
    for other, given in (
        ("--schema", options.schema),
        ("--think", options.think not in ("", "off")),
    ):
        if given:
            raise BadInput(f"--prefill and {other} exclude each other.", hint="Leave one out.")


def _as_system(prefill: str) -> str:
    """The system prompt that asks in words for what a prefill would force, ready to type."""
    begin = " ".join(prefill.split())[:_LONGEST_BEGINNING].replace('"', "'")
    return f'`-s "Begin your answer with: {begin}"`'
