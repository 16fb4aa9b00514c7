"""Claims about what is refused before sending: exactly what the API would refuse.

The practice model's rules were written from the API's reference apart from ours, so that each is a
check on the other.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from sdk_types import faults

from claude_magic.api.models import EFFORTS, MODELS, Model, model_named
from claude_magic.api.refusals import checked
from claude_magic.api.request import Options, cached, request_body
from claude_magic.content.blocks import Text
from claude_magic.content.message import Message
from claude_magic.errors import BadInput
from claude_magic.practice.rules import refusal

OLDER = "2023-06-01"
HI = (Message("user", (Text("Hi"),)),)
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
# Only its server knows whether it takes `disabled`; nobody whether Mythos Preview still answers.
UNSURE = ("claude-mythos-preview",)
CHOICES: dict[str, tuple[Any, ...]] = {
    "think": ("", "on", "adaptive", "off", "2000"),
    "effort": ("", *EFFORTS),
    "temperature": (None, 0.0, 1.0),
    "prefill": ("", "So (", "So "),
    "schema": (None, SCHEMA),
    "max_tokens": (None, 1000, 100_000),
}


def combinations() -> Iterator[dict[str, Any]]:
    for chosen in product(*CHOICES.values()):
        yield dict(zip(CHOICES, chosen, strict=True))


@pytest.mark.parametrize("model", [m for m in MODELS if m.id not in UNSURE], ids=lambda m: m.id)
def test_every_combination_of_options_is_judged_as_the_api_does(model: Model) -> None:
    """What we let through is taken, and what we refuse would be refused."""
    wrong = []
    for chosen in combinations():
        options = Options(model.id, **chosen)
        try:
            checked(options, model, OLDER)
            ours = ""
        except BadInput as error:
            ours = str(error)
        theirs = refusal(dict(request_body(options, model, HI)), version=OLDER)
        if bool(ours) != bool(theirs):
            wrong.append((chosen, ours, theirs and theirs.message))

    assert wrong == []


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.id)
def test_what_leaves_is_what_the_sdk_describes(model: Model) -> None:
    """With all that a model takes at once: thinking, effort, schema, tools, cache."""
    think = "on" if {"adaptive", "enabled"} & set(model.thinking) else ""
    options = Options(
        model.id,
        system="Be brief. " * 3000,
        stop_sequences=("END",),
        schema=SCHEMA,
        think=think,
        effort=model.efforts[-1] if model.efforts else "",
        web=True,
        run_code=True,
        cache=True,
    )
    checked(options, model, OLDER)

    body = cached(options, model, request_body(options, model, HI))
    assert faults(dict(body), MessageCreateParamsStreaming) == []


def test_temperature_is_of_the_older_version_only() -> None:
    """With the line that brings it back."""
    with pytest.raises(BadInput, match="2026-10-21") as caught:
        checked(
            Options("claude-opus-4-6", temperature=0.5),
            model_named("claude-opus-4-6"),
            "2026-10-21",
        )

    assert "api_version = '2023-06-01'" in caught.value.hint
