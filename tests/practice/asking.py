"""Requests to the practice model, built for tests."""

import base64
from io import BytesIO
from typing import Any

from PIL import Image

from claude_magic.practice.model import message
from claude_magic.practice.refusal import Refusal
from claude_magic.practice.rules import refusal

Json = dict[str, Any]

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "required": ["city", "unit"],
}
WEATHER = {"name": "get_weather", "description": "The weather in a city", "input_schema": SCHEMA}
DICE = {
    "name": "roll_dice",
    "description": "Rolls dice and adds them up",
    "input_schema": {
        "type": "object",
        "properties": {"count": {"type": "integer"}, "sides": {"type": "integer", "maximum": 20}},
        "required": ["count"],
    },
}


def user(content: Any) -> Json:
    return {"role": "user", "content": content}


def assistant(content: Any) -> Json:
    return {"role": "assistant", "content": content}


def asking(*messages: Json, **fields: Any) -> Json:
    """A request; a model that takes nearly everything unless told otherwise."""
    asked = list(messages) or [user("What is a p-value?")]
    return {"model": "practice", "max_tokens": 4096, "messages": asked} | fields


def refused(body: Any, version: str | None = "2023-06-01", **sent: Any) -> Refusal | None:
    return refusal(body, version=version, **sent)


def told(body: Json) -> Json:
    """The answer to a request that must not be refused."""
    assert refused(body) is None
    return message(body)


def text(body: Json) -> str:
    """The text of the answer."""
    return "".join(block.get("text", "") for block in told(body)["content"])


def picture(size: tuple[int, int] = (64, 48), colour: Any = "white", form: str = "PNG") -> str:
    """A one-coloured picture, as base64."""
    drawn = BytesIO()
    Image.new("RGB", size, colour).save(drawn, form)
    return base64.b64encode(drawn.getvalue()).decode()


def image(data: str, media_type: str = "image/png", **fields: Any) -> Json:
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": "image", "source": source} | fields


def use(id: str = "toolu_1", name: str = "get_weather") -> Json:
    return {"type": "tool_use", "id": id, "name": name, "input": {"city": "Paris"}}


def result(id: str = "toolu_1", content: Any = "18 degrees", **fields: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": id, "content": content} | fields
