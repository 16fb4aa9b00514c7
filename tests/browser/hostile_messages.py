"""Messages that try the same where no Markdown stands: what a server tells beside the words.

Each place of a message or an error that is shown, times what is written there.
"""

from collections.abc import Iterator
from itertools import count, product
from typing import Any

from browser.hostile import JS, URL, armed

PAYLOADS = (
    f"<script>{JS}</script>",
    f"<img src=x onerror={JS}>",
    f"<img src={URL}>",
    f"<svg onload={JS}>",
    f'<iframe srcdoc="<script>{JS}</script>"></iframe>',
    f'" onmouseover="{JS}" autofocus onfocus="{JS}" x="',
    f"</summary></details></small></p><img src=x onerror={JS}>",
    f"</code></pre></div><script>{JS}</script>",
    f"[x](javascript:{JS})",
    f"![x]({URL})",
    f"\\(\\href{{javascript:{JS}}}{{x}}\\)",
    f"$\\style{{background:url({URL})}}{{x}}$",
    f"\n\n<img src=x onerror={JS}>\n\n# x",
    f"javascript:{JS}",
    f"<style>*{{background:url({URL})}}</style>",
)


def messages(leak: str) -> list[dict[str, Any]]:
    """All of them: a response body, how it ended, and the lines around it."""
    numbers = count()
    return [
        armed(f"{place.__name__}-{next(numbers)}", _message(**parts), leak)
        for place, payload in product(PLACES, PAYLOADS)
        for parts in place(payload)
    ]


def errors(leak: str) -> list[str]:
    """What a server may say in an error."""
    return [armed(f"error-{n}", payload, leak) for n, payload in enumerate(PAYLOADS)]


Parts = Iterator[dict[str, Any]]


def citations(text: str) -> Parts:
    """Where cited words come from."""
    page = {"document_index": 0, "document_title": text, "cited_text": text}
    for cited in (
        {"type": "page_location", **page, "start_page_number": 1, "end_page_number": 2},
        {"type": "web_search_result_location", "url": text, "title": text, "cited_text": text},
        {"type": "search_result_location", "source": text, "title": text, "cited_text": text},
        {"type": text, **page},
    ):
        yield {"content": [{"type": "text", "text": "Words", "citations": [cited]}]}


def searches(text: str) -> Parts:
    """What was looked for, and what was found."""
    one = {"type": "web_search_result", "title": text, "url": text}
    for result in ([one], {"type": "web_search_tool_result_error", "error_code": text}):
        yield {"content": _used("web_search", {"query": text}, result)}


def fetches(text: str) -> Parts:
    """A page that was read."""
    page = {"type": "web_fetch_result", "url": text, "content": {"title": text}}
    yield {"content": _used("web_fetch", {"url": text}, page)}


def runs(text: str) -> Parts:
    """Code that ran, and what it printed."""
    printed = {"type": "code_execution_result", "stdout": text, "stderr": text, "return_code": text}
    yield {"content": _used("code_execution", {"code": text}, printed)}
    yield {"content": _used("bash_code_execution", {"command": text}, printed)}
    view = {"type": "text_editor_code_execution_view_result", "content": text}
    yield {"content": _used("text_editor_code_execution", {"path": text, "file_text": text}, view)}


def tools(text: str) -> Parts:
    """A tool of one's own, and one that nobody knows."""
    yield {"content": [{"type": "tool_use", "id": text, "name": text, "input": {text: text}}]}
    yield {"content": _used(text, {text: text}, text)}


def thoughts(text: str) -> Parts:
    """Thinking, which is folded, and a block of an unknown type."""
    yield {"content": [{"type": "thinking", "thinking": text, "signature": text}]}
    yield {"content": [{"type": text, text: text}]}


def ends(text: str) -> Parts:
    """Why it stopped, who answered, and the lines above and below."""
    details = {"type": "refusal", "category": text, "explanation": text}
    yield {"stop_reason": "refusal", "stop_details": details}
    yield {"stop_reason": text, "model": text, "id": text}
    yield {"ending": "cut", "line": text}


PLACES = (citations, searches, fetches, runs, tools, thoughts, ends)


def _used(name: str, given: Any, result: Any) -> list[dict[str, Any]]:
    """A call of a tool of the server, and what came of it."""
    return [
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": name, "input": given},
        {"type": f"{name}_tool_result", "tool_use_id": "srvtoolu_1", "content": result},
    ]


def _message(ending: str = "complete", line: str = "", **parts: Any) -> dict[str, Any]:
    usual = {"role": "assistant", "model": "m", "stop_reason": "end_turn"}
    words = [{"type": "text", "text": "Words"}]
    return {"ending": ending, "line": line, "body": {**usual, "content": words, **parts}}
