"""Claims about blocks whose bytes lie elsewhere."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_magic.api.estimate import estimated_tokens
from claude_magic.content.blocks import Image, Opaque, Text
from claude_magic.content.kept import with_bytes, without_bytes
from claude_magic.content.message import Message, write_message
from claude_magic.content.turn import Turn
from claude_magic.content.window import fingerprint

DATA = b"%PDF-1.4 a few bytes" * 4000
SOURCE = {"type": "base64", "media_type": "image/png", "data": b64encode(DATA).decode()}
PDF = {"type": "document", "source": {**SOURCE, "media_type": "application/pdf"}, "title": "One"}
RESULT = {
    "type": "tool_result",
    "tool_use_id": "t1",
    "content": [{"type": "image", "source": SOURCE}, {"type": "text", "text": "A plot"}],
}
CONTENT = (Image(SOURCE), Opaque(PDF), Opaque(RESULT), Text("What is it?"))


def lean(turn: Turn, kept: dict[str, bytes]) -> Turn:
    messages = (
        without_bytes(message, kept.setdefault, lambda image: (4, 3)) for message in turn.messages
    )
    return Turn(tuple(messages), id=turn.id, asked=turn.asked)


def test_bytes_are_taken_out_wherever_they_are_and_put_back() -> None:
    """Of pictures, documents and results of tools: the same bytes once, and the very same JSON."""
    turn, kept = Turn((Message("user", CONTENT),)), dict[str, bytes]()
    without = lean(turn, kept)
    assert list(kept.values()) == [DATA]
    assert len(json.dumps(write_message(without.messages[0]))) < 1500

    again = with_bytes(without, kept.get)
    before, after = (json.dumps(write_message(one.messages[0])) for one in (turn, again))
    assert after == before


def test_it_is_the_same_turn_with_and_without_them() -> None:
    """To what tells stale answers, and to what counts tokens."""
    for block in CONTENT[1:2]:
        turn = Turn((Message("user", (block, Text("Hi"))),))
        without = lean(turn, {})
        assert fingerprint(without) == fingerprint(turn)
        counts = [estimated_tokens([write_message(m) for m in t.messages]) for t in (turn, without)]
        assert counts[0] == pytest.approx(counts[1], rel=0.05)


def test_words_stand_for_what_is_gone() -> None:
    """A request that names nothing is one the API takes."""
    gone = with_bytes(lean(Turn((Message("user", CONTENT),)), {}), lambda name: None)

    assert all(isinstance(block, Text) for block in gone.messages[0].content)
    assert "no longer kept" in gone.messages[0].text


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "data", "hash", "source", "x"]), inner)
        | st.just({"type": "base64", "data": "not base64!"})
        | st.just(dict(SOURCE))
    ),
    max_leaves=8,
)


@given(ODD)
def test_any_other_json_is_left_as_it_is(inner: Any) -> None:
    """Whatever a server sends in a block that is not known."""
    kept: dict[str, bytes] = {}
    turn = Turn((Message("assistant", (Opaque({"type": "odd", "x": inner}),)),))

    assert with_bytes(lean(turn, kept), kept.get) == turn
