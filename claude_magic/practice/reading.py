"""Request body -> what is in it: blocks with their paths, the question, results, offered tools.

Everything here expects a body whose shape `rules.refusal` has let pass.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from claude_magic.content.wire import Json


@dataclass(frozen=True)
class Placed:
    """One content block, the role of the message it stands in, and its path in the request."""

    block: Json
    role: str
    path: str

    @property
    def kind(self) -> str:
        """The block's type."""
        return str(self.block["type"])


def blocks(content: str | list[Json] | None) -> list[Json]:
    """Content in its long form: a plain string is one text block.

    >>> blocks("hello")
    [{'type': 'text', 'text': 'hello'}]
    """
    if content is None:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def placed(messages: Sequence[Json]) -> Iterator[Placed]:
    """Every block of every message, those inside tool results and documents included."""
    for number, message in enumerate(messages):
        if isinstance(message["content"], list):
            yield from _placed(message["content"], message["role"], f"messages.{number}.content")


def _placed(content: list[Json], role: str, path: str) -> Iterator[Placed]:
    for number, block in enumerate(content):
        here = Placed(block, role, f"{path}.{number}")
        yield here
        match block:
            case {"type": "document", "source": {"content": list(inner)}}:
                yield from _placed(inner, role, f"{here.path}.document.source.content.content")
            case {"type": "tool_result" | "search_result", "content": list(inner)}:
                yield from _placed(inner, role, f"{here.path}.{here.kind}.content")


def of_kind(messages: Sequence[Json], kind: str) -> list[Placed]:
    """Every block of one type, in the order sent."""
    return [one for one in placed(messages) if one.kind == kind]


def text_of(content: str | list[Json] | None) -> str:
    """The words of the text blocks of `content`, one block a line."""
    return "\n".join(block["text"] for block in blocks(content) if block["type"] == "text")


def asked(body: Json) -> list[Json]:
    """The user's messages after Claude's last whole answer: what is being asked now."""
    messages = [message for message in body["messages"] if message["role"] != "system"]
    if messages[-1]["role"] == "assistant":
        messages = messages[:-1]
    answers = [n for n, message in enumerate(messages) if message["role"] == "assistant"]
    return messages[answers[-1] + 1 :] if answers else messages


def question(body: Json) -> str:
    """The text being asked now; while tools run, the text that set them off."""
    said = [m for m in body["messages"] if m["role"] == "user" and text_of(m["content"])]
    now = "\n".join(text_of(message["content"]) for message in asked(body)).strip()
    return now or (text_of(said[-1]["content"]) if said else "")


def questions(body: Json) -> list[str]:
    """Every text a user message carries, oldest first; messages of results alone have none."""
    texts = [text_of(m["content"]) for m in body["messages"] if m["role"] == "user"]
    return [text for text in texts if text]


def prefill(body: Json) -> str | None:
    """The text of a final assistant message, which the answer continues; else None."""
    last = body["messages"][-1]
    return text_of(last["content"]) if last["role"] == "assistant" else None


def results(body: Json) -> list[Json]:
    """The tool results the last user message brings; none if it asks something besides."""
    if any(text_of(message["content"]).strip() for message in asked(body)):
        return []
    brought = [block for message in asked(body) for block in blocks(message["content"])]
    return [block for block in brought if block["type"] == "tool_result"]


def since_question(body: Json) -> list[Json]:
    """The messages from the last one on in which a user says something."""
    messages: list[Json] = body["messages"]
    said = [n for n, m in enumerate(messages) if m["role"] == "user" and text_of(m["content"])]
    return messages[said[-1] if said else 0 :]


def tool_names(body: Json) -> dict[str, str]:
    """Tool use id -> name of the tool that was called."""
    return {use.block["id"]: use.block["name"] for use in of_kind(body["messages"], "tool_use")}


def offered(body: Json) -> list[Json]:
    """The tools with a schema of their own; the API knows all others by their type."""
    return [tool for tool in body.get("tools") or () if tool.get("type", "custom") == "custom"]


def words(text: str) -> list[str]:
    """The words and numbers of a text, without marks around them.

    >>> words("What is a p-value, in 2.5 words?")
    ['What', 'is', 'a', 'p-value', 'in', '2.5', 'words']
    """
    return re.findall(r"\w+(?:[-'\u2019.]\w+)*", text)
