"""Claims about which earlier turns go along with a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_magic.content.blocks import Image, Text
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Turn
from claude_magic.content.window import fingerprint, heard, stale, standing, window

SIZE = 100  # tokens of each turn below


def turn(words: str, *, hidden: bool = False, summary: bool = False) -> Turn:
    messages = (Message("user", (Text(words),)), Message("assistant", (Text("Yes."),)))
    return Turn(messages, hidden=hidden, summary=summary, id=words)


def names(turns: tuple[Turn, ...]) -> str:
    return "".join(turn.id for turn in turns)


TURNS = [turn(letter) for letter in "abcdefgh"]


def test_hidden_turns_stay_at_home() -> None:
    """Their cells were deleted."""
    assert names(standing([turn("a"), turn("b", hidden=True), turn("c")])) == "ac"


def test_a_summary_stands_for_all_before_it() -> None:
    """And is the first that goes along."""
    assert names(standing([turn("a"), turn("s", summary=True), turn("c")])) == "sc"


@pytest.mark.parametrize(
    ("last", "expected"), [(None, "abcdefgh"), (3, "fgh"), (0, ""), (99, "abcdefgh")]
)
def test_the_last_turns_go_along(last: int | None, expected: str) -> None:
    """So many and no more."""
    assert names(window(TURNS, last)) == expected


@given(st.integers(1, 1200), st.lists(st.integers(1, 400), max_size=12))
def test_a_limit_keeps_whole_turns_the_newest_longest(limit: int, sizes: list[int]) -> None:
    """No more than the limit, and what fits goes along."""
    turns = [turn(str(number)) for number in range(len(sizes))]
    size = {one.id: tokens for one, tokens in zip(turns, sizes, strict=True)}
    kept = window(turns, limit=limit, tokens=lambda one: size[one.id])

    assert sum(size[one.id] for one in kept) <= limit
    assert list(kept) == turns[len(turns) - len(kept) :]
    if sum(sizes) <= limit:
        assert list(kept) == turns


def test_a_limit_moves_in_steps() -> None:
    """So that the beginning of a request stays the same, and cached, for some questions."""
    turns = [turn(chr(97 + number)) for number in range(16)]
    firsts = [
        window(turns[:count], limit=8 * SIZE, tokens=lambda one: SIZE)[0].id
        for count in range(8, 16)
    ]
    assert len(set(firsts)) <= 5


def test_pictures_kept_elsewhere_are_the_same_pictures() -> None:
    """Taking the bytes out of memory makes no answer older."""
    sent = Image({"type": "base64", "media_type": "image/png", "data": "aGk="})
    hashed = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
    kept = Image(
        {"type": "kept", "media_type": "image/png", "hash": hashed, "width": 1, "height": 1}
    )

    first, second = (Turn((Message("user", (image,)),)) for image in (sent, kept))
    assert fingerprint(first) == fingerprint(second)


def test_an_answer_is_stale_when_what_it_heard_is_another() -> None:
    """Edited, hidden or gone; back as it was, it is no longer."""
    heard_ab = Turn(turn("c").messages, heard=heard(TURNS[:2]), id="c")
    whole = Conversation((*TURNS[:2], heard_ab))

    assert not stale(whole)
    assert stale(whole.with_turn(turn("B"), "b")) == {"c"}
    assert stale(whole.hiding(["a"])) == {"c"}
    assert stale(whole.without(["a"])) == {"c"}
    assert not stale(whole.hiding(["a"]).hiding(["a"], hidden=False))
    assert not stale(whole.hiding(["c"]))
