"""What each model can do and costs.

One table, from the Messages API's model overview and price list of November 2026. The server knows
better: what it refuses is told; what this table does not know is left to the server.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from claude_magic.content.message import Usage
from claude_magic.encode.sight import SHARP, USUAL, Sight

MILLION = 1_000_000
WEB_SEARCH = 0.01  # US dollars each
_LONG = 100_000  # input tokens from which a model may cost more
_IN_THE_US = 1.1  # what an answer costs that was asked to be made there, times
EFFORTS = ("low", "medium", "high", "xhigh", "max")


class Price(NamedTuple):
    """US dollars for a million tokens: input, output, cache write (5 minutes), cache read."""

    input: float
    output: float
    write: float
    read: float


class Model(NamedTuple):
    """A model: `context` and `output` are its limits in tokens.

    `thinking`: the types of thinking it takes; `thinks`: what it does when none is asked for.
    `efforts`: the levels it takes. `sampling`: whether it takes a temperature (with
    `anthropic-version: 2023-06-01` only). `prefill`: whether it continues words put into its mouth.
    `omits`: whether its thinking comes without text unless a summary is asked for. `sharp`: whether
    it looks at pictures in high resolution. `cacheable`: the shortest prompt, in tokens, that is
    cached. `long_price` holds for the whole request once its input passes 100,000 tokens.
    `retires`: the day from which it is not answered, as YYYY-MM-DD, where that is near.
    `structured`, `pictures`, `pdfs`: whether it keeps to a schema, looks at pictures, reads PDF.
    """

    id: str
    line: str
    price: Price | None = None
    thinking: tuple[str, ...] = ("adaptive",)
    thinks: Literal["always", "on", "off"] = "always"
    efforts: tuple[str, ...] = EFFORTS
    cacheable: int = 512
    context: int = 1_000_000
    output: int = 128_000
    sampling: bool = False
    prefill: bool = False
    omits: bool = True
    sharp: bool = True
    long_price: Price | None = None
    structured: bool = True
    pictures: bool = True
    pdfs: bool = True
    retires: str = ""
    known: bool = True

    def price_of(self, tokens: int) -> Price | None:
        """Its price for a request of so many input tokens; None where it is not known."""
        return self.long_price if self.long_price and tokens > _LONG else self.price

    @property
    def sight(self) -> Sight:
        """What it keeps of a picture."""
        return SHARP if self.sharp else USUAL

    @property
    def most_pictures(self) -> int:
        """How many pictures it takes in one request (Messages API, vision)."""
        return 600 if self.context > 200_000 else 100


_FABLE = Price(8, 40, 10, 0.20)
_FABLE_5_1 = Price(10, 50, 12.50, 0.25)
_FABLE_5 = Price(10, 50, 12.50, 1)
_OPUS = Price(5, 25, 6.25, 0.50)
_SONNET = Price(3, 15, 3.75, 0.30)
_EITHER: dict[str, Any] = {"thinking": ("adaptive", "disabled")}
_4_6: dict[str, Any] = {
    "thinking": ("adaptive", "enabled", "disabled"),
    "thinks": "off",
    "efforts": ("low", "medium", "high", "max"),
    "sampling": True,
    "omits": False,
    "sharp": False,
}
_4_5: dict[str, Any] = {
    "thinking": ("enabled", "disabled"),
    "thinks": "off",
    "efforts": (),
    "context": 200_000,
    "output": 64_000,
    "sampling": True,
    "prefill": True,
    "omits": False,
    "sharp": False,
}

# Newest of each line first: the line's name means the first.
MODELS = (
    Model("claude-fable-5-2", "fable", _FABLE),
    Model("claude-fable-5-1", "fable", _FABLE_5_1),
    Model("claude-fable-5", "fable", _FABLE_5),
    Model("claude-mythos-5-2", "mythos", _FABLE),
    Model("claude-mythos-5-1", "mythos", _FABLE_5_1),
    Model("claude-mythos-5", "mythos", _FABLE_5),
    Model(
        "claude-mythos-preview",
        "mythos",
        thinking=("adaptive", "enabled"),
        efforts=("low", "medium", "high", "max"),
        cacheable=2048,
        sharp=False,
    ),
    Model("claude-opus-5-5", "opus", Price(4, 20, 5, 0.20)),
    Model("claude-opus-5", "opus", _OPUS, **_EITHER, thinks="on"),
    Model("claude-opus-4-8", "opus", _OPUS, **_EITHER, thinks="off", cacheable=1024),
    Model("claude-opus-4-7", "opus", _OPUS, **_EITHER, thinks="off", cacheable=2048),
    Model("claude-opus-4-6", "opus", _OPUS, **_4_6, cacheable=4096),
    Model("claude-opus-4-5", "opus", _OPUS, **{**_4_5, "efforts": EFFORTS[:3]}, cacheable=4096),
    Model(
        "claude-sonnet-5-5",
        "sonnet",
        Price(2, 10, 2.50, 0.10),
        thinking=("adaptive", "between_tools"),
        thinks="on",
    ),
    Model(
        "claude-sonnet-5",
        "sonnet",
        Price(2, 10, 2.50, 0.20),
        **_EITHER,
        thinks="on",
        cacheable=1024,
    ),
    Model("claude-sonnet-4-6", "sonnet", _SONNET, **_4_6, cacheable=1024),
    Model("claude-sonnet-4-5", "sonnet", _SONNET, **_4_5, cacheable=1024, retires="2026-11-30"),
    Model(
        "claude-haiku-5-5",
        "haiku",
        Price(0.10, 0.50, 0.125, 0.01),
        **_EITHER,  # whether it takes `disabled` only the server knows
        thinks="on",
        long_price=Price(0.50, 2.50, 0.625, 0.05),
    ),
    Model("claude-haiku-4-5", "haiku", Price(1, 5, 1.25, 0.10), **_4_5, cacheable=4096),
)
LINES = ("opus", "sonnet", "haiku", "fable")
# A model this table does not know may be a small local one, whose server refuses large limits.
UNKNOWN_OUTPUT = 8_192
NEWEST_OUTPUT = 128_000
# What such a model refuses, its server will say.
_UNKNOWN: dict[str, Any] = {
    "thinking": ("adaptive", "enabled", "disabled"),
    "sampling": True,
    "prefill": True,
    "omits": False,
    "sharp": False,
}


def model_named(name: str) -> Model:
    """Return the model of an id, a dated id or a line's name; an unknown one is left to the server.

    >>> model_named("opus").id
    'claude-opus-5-5'
    >>> model_named("claude-haiku-4-5-20251001").output
    64000
    >>> model_named("llama3.2").known
    False
    """
    if name.lower() in LINES:
        return next(model for model in MODELS if model.line == name.lower())
    undated = re.sub(r"-20\d{6}$", "", name)
    for model in MODELS:
        if model.id == undated:
            return model._replace(id=name)
    output = NEWEST_OUTPUT if name.startswith("claude-") else UNKNOWN_OUTPUT
    return Model(name, "", output=output, **_UNKNOWN, known=False)


def model_names() -> tuple[str, ...]:
    """Return the names one can type, short ones first."""
    return (*LINES, *(model.id for model in MODELS))


def names_like(name: str, among: Iterable[str] = ()) -> list[str]:
    """Return up to three known model names that look like `name`."""
    from difflib import get_close_matches  # names are seldom wrong, and it takes a while

    return get_close_matches(name.lower(), [*among, *model_names()], n=3, cutoff=0.5)


def cost(model: Model, usage: Usage) -> float | None:
    """Return what `usage` costs in US dollars, or None where the price is not known.

    >>> cost(model_named("claude-opus-5"), Usage(input_tokens=1_000_000))
    5.0
    """
    price = model.price_of(usage.whole_input)
    if price is None:
        return None
    tokens = (
        usage.input_tokens * price.input
        + usage.output_tokens * price.output
        + usage.cache_creation_input_tokens * price.write
        + usage.cache_read_input_tokens * price.read
    )
    place = _IN_THE_US if usage.rest.get("inference_geo") == "us" else 1.0
    return tokens / MILLION * place + usage.web_searches * WEB_SEARCH
