"""Request -> the refusal the API would give it, if any, in the API's own words."""

import math
import re
from collections import Counter
from collections.abc import Callable
from itertools import chain, pairwise
from typing import Any

from claude_magic.content.wire import Json
from claude_magic.practice import catalogue, content_rules, fields, shapes, signature
from claude_magic.practice.reading import blocks, of_kind, prefill
from claude_magic.practice.refusal import Asked, Faults, Refusal, invalid, not_found

OLDER_VERSION, NEWER_VERSION = "2023-06-01", "2026-10-21"


def refusal(
    body: Any, *, version: str | None, beta: bool = False, counting: bool = False
) -> Refusal | None:
    """The first reason to refuse `body`, or None if it would be answered.

    `version` is the `anthropic-version` header, `beta` whether an `anthropic-beta` header came,
    `counting` whether tokens are counted instead of an answer asked for.
    """
    found = next(_faults(body, version, beta, counting), None)
    return invalid(found.removeprefix(": ")) if isinstance(found, str) else found


def version_fault(version: str | None) -> Faults:
    """What is wrong with the `anthropic-version` header."""
    if not version:
        yield "anthropic-version: header is required"
    elif version not in (OLDER_VERSION, NEWER_VERSION):
        yield f'anthropic-version: "{version}" is not a valid version'


def _faults(body: Any, version: str | None, beta: bool, counting: bool) -> Faults:
    """All faults, lazily: a later rule runs only when the earlier ones found nothing."""
    yield from version_fault(version)
    shape = fields.body_shape(counting=counting, sampling=version == OLDER_VERSION, beta=beta)
    yield from shapes.faults(shape, body, "")
    if (model := catalogue.find(body["model"])) is None:
        yield not_found(f"model: {body['model']}")
        return
    asked = Asked(body, version or "", model)
    yield from chain.from_iterable(rule(asked) for rule in RULES)


def _messages(asked: Asked) -> Faults:
    if not asked.messages:
        yield "messages: at least one message is required"
    elif asked.messages[0]["role"] != "user":
        yield 'messages: first message must use the "user" role'
    last = asked.messages[-1]
    prefilled = [last] if last["role"] == "assistant" else []
    for number, message in enumerate(asked.messages):
        if not message["content"] and message not in prefilled:
            yield (
                f"messages.{number}: all messages must have non-empty content "
                "except for the optional final assistant message"
            )


def _texts(asked: Asked) -> Faults:
    system = blocks(asked.body.get("system")) if asked.body.get("system") else []
    spoken = [message["content"] for message in asked.messages if message["content"]]
    plain = [{"type": "text", "text": text} for text in spoken if isinstance(text, str)]
    listed = [one.block for one in asked.placed]
    for where, found in (("system", system), ("messages", plain + listed)):
        for text in (block["text"] for block in found if block["type"] == "text"):
            if not text:
                yield f"{where}: text content blocks must be non-empty"
            elif not text.strip():
                yield f"{where}: text content blocks must contain non-whitespace text"


def _system_turns(asked: Asked) -> Faults:
    roles = [message["role"] for message in asked.messages]
    if "system" in roles and not asked.model.system_turns:
        yield "messages: role 'system' is not supported on this model"
    for number, (before, role) in enumerate(pairwise(roles), start=1):
        if role == "system" and before != "user":
            yield f"messages.{number}: role 'system' must directly follow a user message"
        if before == "system" and role != "assistant":
            yield f"messages.{number}: role 'system' must precede an assistant message or be last"


def _places(asked: Asked) -> Faults:
    """Blocks stand in messages of the right role."""
    homes = {
        "assistant": ("tool_use", "thinking", "redacted_thinking", "server_tool_use"),
        "user": ("tool_result", "image", "search_result"),
    }
    for home, kinds in homes.items():
        for one in asked.placed:
            if one.kind in kinds and one.role != home:
                yield f"{one.path}: `{one.kind}` blocks can only be in `{home}` messages"


def _newer_version(asked: Asked) -> Faults:
    """What 2026-10-21 no longer takes (API versions)."""
    if asked.version != NEWER_VERSION:
        return
    for one in asked.placed:
        if one.kind == "document" and one.role == "assistant":
            yield f"{one.path}: `document` blocks are not permitted in `assistant` messages"
        if one.kind == "text" and one.role == "user" and one.block.get("citations"):
            yield f"{one.path}.text.citations: citations are not permitted in `user` messages"


def _prefill(asked: Asked) -> Faults:
    text = prefill(asked.body)
    if text is None:
        return
    if not asked.model.prefill:
        yield (
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    if text != text.rstrip():
        yield "messages: final assistant content cannot end with trailing whitespace"
    if asked.thinking in ("adaptive", "enabled"):
        yield "Assistant message prefill is not supported when thinking is enabled."
    if asked.output_config.get("format"):
        yield "Assistant message prefill is not supported with output_config.format."


def _tool_uses(asked: Asked) -> Faults:
    """Every tool use is answered at once (Messages API, tool use)."""
    following = [*asked.messages[1:], {"role": "user", "content": ""}]
    for number, (message, after) in enumerate(zip(asked.messages, following, strict=True)):
        called = _ids(message, "tool_use", "id")
        answered = _leading_results(after) if after["role"] == "user" else []
        if missing := [id for id in called if id not in answered]:
            yield (
                f"messages.{number}: `tool_use` ids were found without `tool_result` blocks "
                f"immediately after: {', '.join(missing)}. Each `tool_use` block must have a "
                "corresponding `tool_result` block in the next message."
            )
    used = Counter(use.block["id"] for use in of_kind(asked.messages, "tool_use"))
    if any(count > 1 for count in used.values()):
        yield "messages: `tool_use` ids must be unique"


def _tool_results(asked: Asked) -> Faults:
    before: list[str] = []
    for number, message in enumerate(asked.messages):
        brought = _ids(message, "tool_result", "tool_use_id")
        for id in brought:
            if id not in before:
                yield (
                    f"messages.{number}.content: unexpected `tool_use_id` found in `tool_result` "
                    f"blocks: {id}. Each `tool_result` block must have a corresponding "
                    "`tool_use` block in the previous message."
                )
            if brought.count(id) > 1:
                yield (
                    f"messages.{number}.content: each tool_use must have a single result. "
                    f"Found multiple `tool_result` blocks with id: {id}"
                )
        before = _ids(message, "tool_use", "id")


def _ids(message: Json, kind: str, key: str) -> list[str]:
    return [block[key] for block in blocks(message["content"]) if block["type"] == kind]


def _leading_results(message: Json) -> list[str]:
    """The tool uses answered before any other block: results come first."""
    content = blocks(message["content"])
    others = (n for n, block in enumerate(content) if block["type"] != "tool_result")
    return [block["tool_use_id"] for block in content[: next(others, len(content))]]


def _tools(asked: Asked) -> Faults:
    tools = asked.body.get("tools") or []
    names = [str(tool.get("name", "")) for tool in tools]
    for number, tool in enumerate(tools):
        custom = tool.get("type", "custom") == "custom"
        if custom and not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool["name"]):
            yield (
                f"tools.{number}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
            )
    if any(count > 1 for name, count in Counter(names).items() if name):
        yield "tools: Tool names must be unique."
    if asked.body.get("tool_choice") and not tools:
        yield "tool_choice: may only be specified while providing tools"
    if asked.choice["type"] == "tool" and asked.choice["name"] not in names:
        yield f"tool_choice.tool: Tool '{asked.choice['name']}' not found in provided tools"


def _forced_tools(asked: Asked) -> Faults:
    if asked.choice["type"] not in ("any", "tool"):
        return
    if not asked.model.forced_tools:
        yield 'tool_choice: type "tool" and "any" are not supported for this model.'
    if asked.thinking == "enabled":
        yield "Thinking may not be enabled when tool_choice forces tool use."


def _thinking(asked: Asked) -> Faults:
    kind, accepted = asked.thinking, asked.model.thinking
    if kind == "adaptive" and kind not in accepted:
        yield "adaptive thinking is not supported on this model"
    elif kind and kind not in accepted:
        yield (
            f'"thinking.type.{kind}" is not supported for this model. Use '
            '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    most = asked.body.get("max_tokens", math.inf)
    if kind == "enabled" and asked.body["thinking"]["budget_tokens"] >= most:
        yield "`max_tokens` must be greater than `thinking.budget_tokens`."
    eager = asked.output_config.get("effort") in ("xhigh", "max")
    if kind == "disabled" and eager and asked.model.id == "claude-opus-5":
        yield "thinking.type.disabled is not supported with effort above high on this model."


def _kept_thinking(asked: Asked) -> Faults:
    """Thinking goes back as it came; on the newest models, only to the conversation it is from.

    Signatures of other makers cannot be judged and pass.
    """
    for number, message in enumerate(asked.messages):
        for place, block in enumerate(blocks(message["content"])):
            if block["type"] == "thinking":
                path = f"messages.{number}.content.{place}"
                yield from (f"{path}: {fault}" for fault in _block_fault(asked, number, block))


def _block_fault(asked: Asked, number: int, block: Json) -> Faults:
    if not signature.same_thinking(block):
        yield (
            "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
            "modified. These blocks must remain as they were in the original response."
        )
    if asked.model.bound_thinking and not signature.same_conversation(asked.body, number, block):
        yield (
            "Invalid `signature` in `thinking` block. "
            "The block is bound to a different conversation."
        )


def _effort(asked: Asked) -> Faults:
    effort, accepted = asked.output_config.get("effort"), asked.model.effort
    if effort and not accepted:
        yield "This model does not support the effort parameter."
    elif effort and effort not in accepted:
        supported = ", ".join(accepted)
        yield f"This model does not support effort level '{effort}'. Supported levels: {supported}."


def _sampling(asked: Asked) -> Faults:
    """Only asked under 2023-06-01: the newer version has no such fields at all."""
    plain = {"temperature": (1,), "top_p": (0.99, 1), "top_k": ()}
    sent = {key: asked.body[key] for key in plain if asked.body.get(key) is not None}
    if asked.model.sampling == "defaults":
        for key, value in sent.items():
            if value not in plain[key]:
                yield f"`{key}` is deprecated for this model."
    if asked.model.sampling == "one" and {"temperature", "top_p"} <= set(sent):
        yield (
            "`temperature` and `top_p` cannot both be specified for this model. "
            "Please use only one."
        )
    if asked.thinking in ("adaptive", "enabled") and sent.get("temperature", 1) != 1:
        yield ("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")


def _lengths(asked: Asked) -> Faults:
    most, limit = asked.body.get("max_tokens") or 0, asked.model.output
    if most > limit:
        yield (
            f"max_tokens: {most} > {limit}, which is the maximum allowed number of output tokens "
            f"for {asked.body['model']}"
        )
    for number, stop in enumerate(asked.body.get("stop_sequences") or ()):
        if not stop.strip():
            yield f"stop_sequences.{number}: each stop sequence must contain non-whitespace"


def _cache_marks(asked: Asked) -> Faults:
    tools, system = asked.body.get("tools") or [], asked.body.get("system") or ""
    marked = [*tools, *blocks(system), *(one.block for one in asked.placed), asked.body]
    if (found := sum(bool(block.get("cache_control")) for block in marked)) > 4:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {found}."


RULES: tuple[Callable[[Asked], Faults], ...] = (
    _messages,
    _texts,
    _system_turns,
    _places,
    _newer_version,
    _prefill,
    _tool_uses,
    _tool_results,
    _tools,
    _forced_tools,
    _thinking,
    _kept_thinking,
    _effort,
    _sampling,
    _lengths,
    _cache_marks,
    content_rules.documents,
    content_rules.images,
    content_rules.tool_schemas,
    content_rules.schemas,
)
