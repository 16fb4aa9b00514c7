"""Claims about the practice model's citations: they quote what is there, where it stands."""

import json
from typing import Any

import pytest
from practice.asking import asking, told, user

from claude_magic.content.fold import Fold
from claude_magic.content.message import write_message
from claude_magic.practice.stream import events

NOTE = "The nest faces south.\nWorkers carried 214 seeds in one hour; at noon all was quiet."


def document(text: str = NOTE, **more: Any) -> dict[str, Any]:
    source = {"type": "text", "media_type": "text/plain", "data": text}
    return {"type": "document", "source": source, "citations": {"enabled": True}, **more}


def about(*documents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return asking(user([*documents, {"type": "text", "text": "How many seeds?"}]), **fields)


def citations(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for block in told(body)["content"] for one in block.get("citations") or ()]


def test_the_sentence_that_fits_is_quoted_with_its_place() -> None:
    """Of each document that may be cited; the places are those of its text."""
    first, second = citations(about(document("Nothing here."), document(title="Field notes")))

    assert first["document_index"] == 0
    assert (second["document_index"], second["document_title"]) == (1, "Field notes")
    assert second["cited_text"].startswith("Workers carried 214 seeds")
    assert NOTE[second["start_char_index"] : second["end_char_index"]] == second["cited_text"]


@pytest.mark.parametrize(
    "body",
    [
        about(document(citations={"enabled": False})),
        about(document("... !?")),
        about(
            document(citations={"enabled": False}),
            output_config={"format": {"type": "json_schema", "schema": {"type": "null"}}},
        ),
    ],
)
def test_what_may_not_be_quoted_is_not(body: dict[str, Any]) -> None:
    """Without permission, without words, or where a form is asked for."""
    assert citations(body) == []


def test_streamed_citations_are_those_of_the_message() -> None:
    """Each comes in a delta of its own."""
    whole = told(about(document()))
    fold = Fold()
    for _, event in events(whole):
        fold.add(event)

    blocks = write_message(fold.message())["content"]
    assert json.loads(json.dumps(blocks)) == whole["content"]
