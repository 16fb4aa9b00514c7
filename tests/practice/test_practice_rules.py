"""What the API refuses, the practice model refuses, in the same words."""

import base64
from typing import Any

import pytest
from practice.asking import (
    DICE,
    WEATHER,
    Json,
    asking,
    assistant,
    image,
    picture,
    refused,
    result,
    told,
    use,
    user,
)

NEWEST, OLDEST = "claude-fable-5-2", "claude-haiku-4-5"
HI = user("Hi")
TEXT = {"type": "text", "text": "Hi"}
PREFILL = (
    "This model does not support assistant message prefill. "
    "The conversation must end with a user message."
)
ENABLED = {"type": "enabled", "budget_tokens": 2000}


def without(*fields: str) -> Json:
    return {key: value for key, value in asking().items() if key not in fields}


def schema(**words: Any) -> Json:
    return {"format": {"type": "json_schema", "schema": words}}


REFUSED: list[tuple[Json, str]] = [
    # fields
    (without("model"), "model: Field required"),
    (without("max_tokens"), "max_tokens: Field required"),
    (without("messages"), "messages: Field required"),
    (asking(max_tokens=0), "max_tokens: Input should be greater than or equal to 1"),
    (asking(max_tokens="9"), "max_tokens: Input should be a valid integer"),
    (asking(max_tokens=True), "max_tokens: Input should be a valid integer"),
    (asking(max_tokens=64_001, model=OLDEST), "max_tokens: 64001 > 64000"),
    (asking(mesages=[]), "mesages: Extra inputs are not permitted"),
    (asking(context_management={}), "context_management: Extra inputs are not permitted"),
    (asking(stop_sequences=[" "]), "each stop sequence must contain non-whitespace"),
    # messages
    (asking(messages=[]), "messages: at least one message is required"),
    (asking(assistant("Hi"), HI), 'first message must use the "user" role'),
    (asking({"role": "tool", "content": "Hi"}), "messages.0.role: Input should be 'user' or"),
    (asking(user("")), "messages.0: all messages must have non-empty content"),
    (asking(user([])), "messages.0: all messages must have non-empty content"),
    (asking(user(" ")), "messages: text content blocks must contain non-whitespace text"),
    (asking(user([{"type": "text", "text": ""}])), "text content blocks must be non-empty"),
    (asking(HI, system=[{"type": "text", "text": ""}]), "system: text content blocks must be"),
    (asking(user([{"type": "text"}])), "messages.0.content.0.text.text: Field required"),
    (asking(user([{"type": "sound"}])), "messages.0.content.0: Input tag 'sound' found"),
    (asking(user([TEXT | {"colour": 1}])), "messages.0.content.0.text.colour: Extra inputs"),
    (asking(user([use()])), "`tool_use` blocks can only be in `assistant` messages"),
    (asking(HI, assistant([image(picture())]), HI), "`image` blocks can only be in `user`"),
    (asking(HI, {"role": "system", "content": "Hm"}, HI), "must precede an assistant message"),
    (asking(HI, {"role": "system", "content": "Hm"}, model="claude-sonnet-5"), "role 'system'"),
    (asking(user([TEXT | {"cache_control": {"type": "ephemeral"}}] * 5)), "A maximum of 4 blocks"),
    # prefill
    (asking(HI, assistant("So"), model="claude-opus-4-6"), PREFILL),
    (asking(HI, assistant("So"), model=NEWEST), PREFILL),
    (asking(HI, assistant("So"), model="claude-unheard-of-9"), PREFILL),
    (asking(HI, assistant("So "), model=OLDEST), "cannot end with trailing whitespace"),
    (asking(HI, assistant("So"), model=OLDEST, thinking=ENABLED), "prefill is not supported when"),
    # tools
    (asking(HI, assistant([use()]), HI), "`tool_use` ids were found without `tool_result` blocks "
     "immediately after: toolu_1"),
    (asking(HI, assistant([use()]), user([TEXT, result()])), "`tool_use` ids were found without"),
    (asking(HI, assistant([use("a"), use("b")]), user([result("a")])), "immediately after: b"),
    (asking(HI, assistant([use()])), "`tool_use` ids were found without"),
    (asking(user([result()])), "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1"),
    (asking(HI, assistant([use()]), user([result(), result()])), "must have a single result"),
    (asking(tools=[WEATHER, WEATHER]), "tools: Tool names must be unique."),
    (asking(tools=[WEATHER | {"name": "a b"}]), "tools.0.custom.name: String should match"),
    (asking(tools=[{"name": "a"}]), "tools.0.custom.input_schema: Field required"),
    (asking(tools=[WEATHER | {"input_schema": {"type": "string"}}]), "input_schema.type: Input"),
    (asking(tool_choice={"type": "any"}), "tool_choice: may only be specified while providing"),
    (asking(tools=[DICE], tool_choice={"type": "tool", "name": "x"}), "Tool 'x' not found"),
    (asking(tools=[DICE], tool_choice={"type": "any"}, model="claude-opus-5-5"),
     'tool_choice: type "tool" and "any" are not supported for this model.'),
    (asking(tools=[DICE], tool_choice={"type": "any"}, thinking=ENABLED),
     "Thinking may not be enabled when tool_choice forces tool use."),
    # thinking, effort
    (asking(thinking=ENABLED, model="claude-opus-4-7"),
     '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"'),
    (asking(thinking={"type": "disabled"}, model="claude-opus-5-5"), '"thinking.type.disabled"'),
    (asking(thinking={"type": "between_tools"}, model="claude-opus-4-6"), "between_tools"),
    (asking(thinking={"type": "adaptive"}, model=OLDEST),
     "adaptive thinking is not supported on this model"),
    (asking(thinking=ENABLED | {"budget_tokens": 1023}), "greater than or equal to 1024"),
    (asking(thinking=ENABLED, max_tokens=2000), "must be greater than `thinking.budget_tokens`"),
    (asking(thinking={"type": "disabled", "display": "omitted"}), "Extra inputs"),
    (asking(thinking={"type": "disabled"}, model="claude-opus-5", output_config={"effort": "max"}),
     "not supported with effort above high"),
    (asking(output_config={"effort": "low"}, model=OLDEST), "does not support the effort"),
    (asking(output_config={"effort": "xhigh"}, model="claude-opus-4-6"), "effort level 'xhigh'"),
    # sampling under 2023-06-01
    (asking(temperature=0.5, model="claude-opus-4-7"), "`temperature` is deprecated"),
    (asking(top_k=5, model=NEWEST), "`top_k` is deprecated"),
    (asking(temperature=0.5, top_p=0.5, model=OLDEST), "cannot both be specified"),
    (asking(temperature=1.5, model=OLDEST), "temperature: range: 0..1"),
    (asking(temperature=0.5, thinking=ENABLED, model=OLDEST), "may only be set to 1"),
    # pictures and documents
    (asking(user([image("no base64!")])), "image.source.base64.data: Invalid base64 data"),
    (asking(user([image("aGVsbG8=")])), "Could not process image"),
    (asking(user([image(picture()[:80])])), "Could not process image"),
    (asking(user([image(picture(), "image/jpeg")])), "appears to be a image/png image"),
    (asking(user([image(picture(), "image/bmp")])), "media_type: Input should be 'image/jpeg'"),
    (asking(user([image(picture((8001, 1)))])), "exceed max allowed size: 8000 pixels"),
    (asking(user([image(picture((2001, 1)))] * 21)), "for many-image requests: 2000 pixels"),
    (asking(HI, assistant([use()]), user([result(content=[image("aGk=")])])), "Could not process"),
    (asking(user([image(picture((2000, 9)), transformations={"oversized_image": "error"})])),
     "resize it to 1568x7"),
    (asking(user([{"type": "document", "source": {"type": "base64", "data": "aGk=",
     "media_type": "application/pdf"}}])), "The PDF specified was not valid."),
    # schemas
    (asking(output_config=schema(type="object")), "'additionalProperties' must be explicitly set"),
    (asking(output_config=schema(type="integer", minimum=1)), "minimum are not supported"),
    (asking(output_config=schema(anyOf=[{"type": "null"}, {"$ref": "#"}])), "recursive schemas"),
    (asking(output_config=schema(type="thing")), "JSON schema is invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_what_the_api_refuses_is_refused(body: Json, sentence: str) -> None:
    """Each is a 400 `invalid_request_error` that says what is wrong."""
    refusal = refused(body)

    assert refusal is not None
    assert (refusal.status, refusal.kind) == (400, "invalid_request_error")
    assert sentence in refusal.message


TAKEN: list[Json] = [
    asking(HI, assistant("So"), model=OLDEST),
    asking(HI, assistant(""), model=OLDEST),
    asking(HI, HI, assistant("So"), HI, model=NEWEST),
    asking(HI, assistant([use()]), user([result(), TEXT]), model=NEWEST),
    asking(tools=[DICE], tool_choice={"type": "any"}, model="claude-fable-5"),
    asking(tools=[DICE], tool_choice={"type": "any"}, thinking={"type": "adaptive"}),
    asking(temperature=1, model=NEWEST),
    asking(temperature=0.2, model=OLDEST),
    asking(temperature=0.2, top_p=0.5, model="claude-opus-4-6"),
    asking(thinking={"type": "between_tools"}, model="claude-sonnet-5-5"),
    asking(HI, {"role": "system", "content": "Hm"}, model="claude-opus-4-8"),
    asking(user([image(picture((8000, 1)))])),
    asking(user([image(picture((2000, 1)))] * 21)),
    asking(user([{"type": "image", "source": {"type": "file", "file_id": "file_1"}}])),
    asking(system="", metadata={"user_id": "me"}, cache_control={"type": "ephemeral"}),
    asking(tools=[{"type": "web_search_20260318", "name": "web_search", "max_uses": 2}]),
    asking(HI, assistant([{"type": "text", "text": "So.", "citations": None}]), HI),
]


@pytest.mark.parametrize("body", TAKEN)
def test_what_the_api_takes_is_answered(body: Json) -> None:
    """Requests just inside the rules get an answer."""
    assert told(body)["content"]


@pytest.mark.parametrize("version", [None, "", "2024-01-01"])
def test_the_version_header_is_required(version: str | None) -> None:
    """Without a known `anthropic-version`, a 400."""
    refusal = refused(asking(), version)

    assert refusal is not None
    assert refusal.message.startswith("anthropic-version: ")


DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}


@pytest.mark.parametrize(
    "body",
    [
        asking(temperature=1, model=OLDEST),
        asking(HI, assistant([DOCUMENT]), HI),
        asking(user([TEXT | {"citations": [{"type": "char_location"}]}])),
    ],
)
def test_the_newer_version_takes_less(body: Json) -> None:
    """2026-10-21 refuses what 2023-06-01 took: sampling, two uses of documents and citations."""
    assert refused(body, "2023-06-01") is None
    assert refused(body, "2026-10-21") is not None


@pytest.mark.parametrize("model", ["gpt-4", "opus", ""])
def test_other_models_are_not_found(model: str) -> None:
    """Ids that are neither Claude's nor practice are a 404."""
    refusal = refused(asking(model=model))

    assert refusal is not None
    assert (refusal.status, refusal.kind) == (404, "not_found_error")


def test_too_large_a_picture_names_the_limit_for_programs() -> None:
    """The details say which picture, and how long a side may be; the pixels are never decoded."""
    refusal = refused(asking(user([TEXT, image(huge_picture(), "image/gif")])))

    assert refusal is not None
    assert refusal.details == {
        "error_code": "image_dimensions_too_large",
        "paths": ["messages.0.content.1.image.source.base64"],
        "max_side_length_pixels": 8000,
    }


def huge_picture() -> str:
    """60,000 by 60,000 pixels, by its header."""
    data = base64.b64decode(picture((3, 3), form="GIF"))
    side = (60_000).to_bytes(2, "little")
    return base64.b64encode(data[:6] + side + side + data[10:]).decode()


def test_counting_tokens_needs_no_max_tokens_and_takes_none() -> None:
    """`max_tokens` is required to answer and not permitted to count."""
    assert refused(without("max_tokens"), counting=True) is None
    assert refused(asking(), counting=True) is not None


def test_beta_fields_come_with_a_beta_header() -> None:
    """A field of a beta is taken when the request names any beta."""
    assert refused(asking(context_management={}), beta=True) is None


THINKING = {"type": "adaptive", "display": "summarized"}


def thought(model: str) -> tuple[Json, Json]:
    """A request, and the assistant message that answered it."""
    body = asking(model=model, thinking=THINKING, system="Be kind.")
    return body, assistant(told(body)["content"])


def test_thinking_goes_back_to_its_conversation() -> None:
    """Echoed unchanged, with the same conversation before it, thinking is accepted."""
    body, said = thought("claude-opus-5-5")

    assert told(body | {"messages": [*body["messages"], said, HI]})


def test_thinking_is_bound_to_its_conversation_on_the_newest_models() -> None:
    """Once an earlier message or the system prompt changed, the newest models refuse it."""
    body, said = thought("claude-opus-5-5")

    edited = refused(body | {"messages": [user("What is a q-value?"), said, HI]})
    instructed = refused(body | {"messages": [*body["messages"], said, HI], "system": "Be brief."})

    assert edited is not None
    assert "The block is bound to a different conversation" in edited.message
    assert instructed is not None


def test_older_models_do_not_bind_thinking() -> None:
    """Before Fable 5.1 thinking may follow a changed conversation."""
    body, said = thought("claude-opus-4-6")

    assert refused(body | {"messages": [user("What is a q-value?"), said, HI]}) is None


def test_thinking_cannot_be_edited() -> None:
    """A thinking block whose text changed is refused on every model."""
    body, said = thought("claude-opus-4-6")
    said["content"][0]["thinking"] += "!"

    refusal = refused(body | {"messages": [*body["messages"], said, HI]})

    assert refusal is not None
    assert "cannot be modified" in refusal.message


def test_thinking_signed_elsewhere_passes() -> None:
    """Signatures the practice model did not make cannot be judged."""
    block = {"type": "thinking", "thinking": "Hm", "signature": "c2ln"}

    assert refused(asking(HI, assistant([block, TEXT]), HI, model=NEWEST)) is None
