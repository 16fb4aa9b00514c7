"""Documents that may be cited -> the sentence of each that fits the question, as a citation."""

import re

from claude_magic.content.wire import Json
from claude_magic.practice.facts import is_recent
from claude_magic.practice.reading import of_kind, question, words

_LEAD = " From the document: "


def cited(body: Json) -> list[Json]:
    """Text blocks that quote the documents of the question (Messages API, citations)."""
    if (body.get("output_config") or {}).get("format"):
        return []
    blocks = []
    for number, one in enumerate(of_kind(body["messages"], "document")):
        allowed = (one.block.get("citations") or {}).get("enabled")
        source = one.block["source"]
        if allowed and source["type"] == "text" and is_recent(body, one):
            blocks += _quotation(body, number, one.block)
    return blocks


def _quotation(body: Json, number: int, document: Json) -> list[Json]:
    """Words of ours, then the sentence in a block of its own, with where it stands."""
    found = _sentence(document["source"]["data"], question(body))
    if found is None:
        return []
    citation = {
        "type": "char_location",
        "cited_text": found.group(),
        "document_index": number,
        "document_title": document.get("title"),
        "start_char_index": found.start(),
        "end_char_index": found.end(),
        "file_id": None,
    }
    quoted = " ".join(found.group().split())
    return [
        {"type": "text", "text": _LEAD},
        {"type": "text", "text": quoted, "citations": [citation]},
    ]


def _sentence(text: str, asked: str) -> re.Match[str] | None:
    """The sentence that shares the most words with the question; the first of several."""
    wanted = {word.lower() for word in words(asked)}
    sentences = list(re.finditer(r"[^\s.!?][^.!?]*[.!?]?", text))
    return max(
        sentences,
        key=lambda found: len(wanted & {word.lower() for word in words(found.group())}),
        default=None,
    )
