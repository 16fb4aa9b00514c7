"""Claims about the breakpoints of the prompt cache: where they stand, and never more than four."""

from typing import Any

from claude_magic.api.caching import with_breakpoints, without_breakpoints
from claude_magic.api.models import model_named

OPUS = model_named("claude-opus-4-6")
MARK = {"type": "ephemeral"}
LONG = "word " * 5_000


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def document(text: str = LONG) -> dict[str, Any]:
    source = {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "document", "source": source}


def words(text: str = "Hi") -> dict[str, Any]:
    return {"type": "text", "text": text}


def marks(body: dict[str, Any]) -> list[tuple[int, int]]:
    return [
        (at, number)
        for at, message in enumerate(body["messages"])
        if isinstance(message["content"], list)
        for number, block in enumerate(message["content"])
        if "cache_control" in block
    ]


def test_a_short_conversation_has_the_automatic_one_alone() -> None:
    """It moves with the conversation by itself."""
    body = {"system": "Be brief.", "messages": [said("user", "Hi")]}

    assert with_breakpoints(body, OPUS) == {**body, "cache_control": MARK}


def test_long_documents_of_earlier_turns_have_their_own() -> None:
    """The last two; short ones and those of the question itself have none."""
    body = {
        "system": LONG,
        "messages": [
            said("user", [document(), document(), document(), document("Short."), words()]),
            said("assistant", "Yes."),
            said("user", [document(), words()]),
        ],
    }
    marked = with_breakpoints(body, OPUS)

    assert marks(marked) == [(0, 1), (0, 2)]
    assert marked["system"] == [{"type": "text", "text": LONG, "cache_control": MARK}]
    assert "cache_control" not in str(body)


def test_a_question_behind_an_answer_of_many_blocks_is_found_again() -> None:
    """The cache looks back 20 blocks; a search brings more. Four breakpoints are the most."""
    body = {
        "system": LONG,
        "messages": [
            said("user", [document(), document(), words()]),
            said("assistant", "Yes."),
            said("user", "Search!"),
            said("assistant", [words()] * 30),
            said("user", "And now?"),
        ],
    }
    marked = with_breakpoints(body, OPUS)

    assert marks(marked) == [(0, 1), (2, 0)]
    assert marked["messages"][2]["content"] == [{**words("Search!"), "cache_control": MARK}]
    assert marked["messages"][3] == body["messages"][3]


def test_a_server_that_knows_no_cache_gets_the_same_without_it() -> None:
    """Every mark is taken off, at any depth."""
    body = {"system": LONG, "messages": [said("user", [document()]), said("user", "Hi")]}

    assert "cache_control" not in str(without_breakpoints(with_breakpoints(body, OPUS)))
