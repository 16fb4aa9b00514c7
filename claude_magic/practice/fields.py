"""The fields of a request, written down: Messages API reference, create a message and count tokens.

Kinds of block that only echo what a server tool or a beta produced are left open.
"""

from dataclasses import replace

from claude_magic.practice.shapes import (
    Anything,
    Fields,
    Flag,
    Items,
    Mapped,
    Number,
    OneOf,
    Shape,
    Tagged,
    Text,
    TextOr,
    Whole,
)

OPEN = Fields(open=True)
CACHE = Tagged({"ephemeral": Fields(optional={"ttl": OneOf(("5m", "1h"))})})
CACHED: dict[str, Shape] = {"cache_control": CACHE}
MEDIA_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")

URL = Fields({"url": Text()})
FILE = Fields({"file_id": Text()})
IMAGE_SOURCE = Tagged(
    {
        "base64": Fields({"media_type": OneOf(MEDIA_TYPES), "data": Text()}),
        "url": URL,
        "file": FILE,
    }
)
TEXT = Fields({"text": Text()}, {"citations": Anything(), **CACHED})
TEXTS = TextOr(Items(Tagged({"text": TEXT})))
IMAGE = Fields(
    {"source": IMAGE_SOURCE},
    {
        "transformations": Fields(optional={"oversized_image": OneOf(("downsize", "error"))}),
        **CACHED,
    },
)
DOCUMENT_SOURCE = Tagged(
    {
        "base64": Fields({"media_type": OneOf(("application/pdf",)), "data": Text()}),
        "text": Fields({"media_type": OneOf(("text/plain",)), "data": Text()}),
        "content": Fields({"content": TextOr(Items(Tagged({"text": TEXT, "image": IMAGE})))}),
        "url": URL,
        "file": FILE,
    }
)
DOCUMENT = Fields(
    {"source": DOCUMENT_SOURCE},
    {
        "title": Text(),
        "context": Text(),
        "citations": Fields(optional={"enabled": Flag()}),
        **CACHED,
    },
)
SEARCH_RESULT = Fields(
    {"source": Text(), "title": Text(), "content": Items(Tagged({"text": TEXT}))},
    {"citations": Fields(optional={"enabled": Flag()}), **CACHED},
)
RESULT_CONTENT = Tagged(
    {
        "text": TEXT,
        "image": IMAGE,
        "document": DOCUMENT,
        "search_result": SEARCH_RESULT,
        "tool_reference": OPEN,
        "browser_state": OPEN,
    }
)
TOOL_USE = Fields(
    {"id": Text(), "name": Text(), "input": Mapped()},
    {"caller": Mapped(), "toolset_name": Text(), **CACHED},
)
TOOL_RESULT = Fields(
    {"tool_use_id": Text()},
    {
        "content": TextOr(Items(RESULT_CONTENT)),
        "is_error": Flag(),
        "toolset_name": Text(),
        **CACHED,
    },
)
ECHOED = (
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "container_upload",
    "mcp_tool_use",
    "mcp_tool_result",
    "mcp_tool_listing",
    "compaction",
    "fallback",
    "advisor_tool_result",
    "tool_addition",
    "tool_removal",
)
BLOCK = Tagged(
    {
        "text": TEXT,
        "image": IMAGE,
        "document": DOCUMENT,
        "search_result": SEARCH_RESULT,
        "thinking": Fields({"thinking": Text(), "signature": Text()}),
        "redacted_thinking": Fields({"data": Text()}),
        "tool_use": TOOL_USE,
        "tool_result": TOOL_RESULT,
        **dict.fromkeys(ECHOED, OPEN),
    }
)
MESSAGE = Fields(
    {"role": OneOf(("user", "assistant", "system")), "content": TextOr(Items(BLOCK))},
    {"clear_at": OneOf(("next_user_message", "never")), "output_config": Mapped()},
)

TOOL = Tagged(
    {
        "custom": Fields(
            {"name": Text(), "input_schema": Fields({"type": OneOf(("object",))}, open=True)},
            {
                "description": Text(),
                "strict": Flag(),
                "defer_loading": Flag(),
                "eager_input_streaming": Flag(),
                "input_examples": Items(Mapped()),
                "allowed_callers": Items(Text()),
                **CACHED,
            },
        )
    },
    other=OPEN,  # tools the server knows by their type
    untyped="custom",
)
ALONE: dict[str, Shape] = {"disable_parallel_tool_use": Flag()}
TOOL_CHOICE = Tagged(
    {
        "auto": Fields(optional=ALONE),
        "any": Fields(optional=ALONE),
        "tool": Fields({"name": Text()}, ALONE),
        "none": Fields(),
    }
)
DISPLAY: dict[str, Shape] = {
    "display": OneOf(("summarized", "omitted", "updates")),
    "block_binding": Mapped(),
}
THINKING = Tagged(
    {
        "adaptive": Fields(optional=DISPLAY),
        "enabled": Fields({"budget_tokens": Whole(1024)}, DISPLAY),
        "disabled": Fields(),
        "between_tools": Fields(),
    }
)
OUTPUT_CONFIG = Fields(
    optional={
        "effort": OneOf(("low", "medium", "high", "xhigh", "max")),
        "format": Tagged({"json_schema": Fields({"schema": Mapped()})}),
        "task_budget": Mapped(),
    }
)

SAMPLING: dict[str, Shape] = {"temperature": Number(0, 1), "top_p": Number(0, 1), "top_k": Whole(0)}
BETA: dict[str, Shape] = dict.fromkeys(
    (
        "context_management",
        "compaction",
        "mcp_servers",
        "fallbacks",
        "fallback_credit_token",
        "thread",
        "billing_policy",
    ),
    Anything(),
)
COUNTED = Fields(
    {"model": Text(), "messages": Items(MESSAGE)},
    {
        "system": TEXTS,
        "tools": Items(TOOL),
        "tool_choice": TOOL_CHOICE,
        "thinking": THINKING,
        "output_config": OUTPUT_CONFIG,
        "cache_control": CACHE,
        "speed": OneOf(("standard", "fast")),
    },
)
CREATED = Fields(
    {**COUNTED.required, "max_tokens": Whole(1)},
    {
        **COUNTED.optional,
        "stream": Flag(),
        "stop_sequences": Items(Text()),
        "metadata": Fields(optional={"user_id": Text()}),
        "service_tier": OneOf(("auto", "standard_only")),
        "inference_geo": OneOf(("global", "us")),
        "container": TextOr(Mapped()),
        "diagnostics": Mapped(),
    },
)


def body_shape(*, counting: bool, sampling: bool, beta: bool) -> Fields:
    """What a request may hold; sampling fields only before version 2026-10-21."""
    shape = COUNTED if counting else CREATED
    extra = (SAMPLING if sampling and not counting else {}) | (BETA if beta else {})
    return replace(shape, optional={**shape.optional, **extra})
