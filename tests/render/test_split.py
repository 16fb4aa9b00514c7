"""An answer cut into finished blocks while it grows reads as the whole does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render.fragments import FORMULAS, NASTY, ORDINARY, documents

from claude_magic.render.markdown import has_references, split, to_html

EVERYTHING = (*ORDINARY, *FORMULAS, *NASTY)


def fed(text: str, steps: list[int]) -> list[str]:
    """The finished parts and the last tail of `text`, fed in `steps`."""
    parts: list[str] = []
    tail, position = "", 0
    while position < len(text):
        step = steps[position % len(steps)]
        finished, tail = split(tail + text[position : position + step])
        parts.append(finished)
        position += step
    return [*filter(None, parts), tail]


@given(st.text() | documents(*EVERYTHING, "[a]: http://x.org"))
def test_nothing_is_lost(text: str) -> None:
    """The two parts together are the text."""
    assert "".join(split(text)) == text


@settings(max_examples=400)
@given(documents(*EVERYTHING), st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_parts_rendered_apart_are_the_whole(text: str, steps: list[int]) -> None:
    """However an answer arrives, its blocks come out as if it had arrived at once."""
    assert "".join(map(to_html, fed(text, steps))) == to_html(text)


@given(documents(*ORDINARY), st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_links_find_definitions_that_came_before(text: str, steps: list[int]) -> None:
    """A definition of a link keeps all that follows with it."""
    text = f"Before.\n\n[a]: http://x.org\n\n{text}"

    assert "".join(map(to_html, fed(text, steps))) == to_html(text)


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("", ""),
        ("One", ""),
        ("One\n", ""),
        ("One.\n\nT", "One.\n\n"),
        ("One.\n\n**Two", "One.\n\n"),
        ("One.\n\n2024 was", "One.\n\n"),
        ("One.\n\n- ", ""),
        ("# H\nOne\n", "# H\n"),
        ("- a\n\n  b\n- c\n", ""),
        ("1. a\n\n2", ""),
        ("- a\n\nB", "- a\n\n"),
        ("A\n\n```\nx\n\ny\n", "A\n\n"),
        ("A\n\n```\nx\n\n```\n\nB", "A\n\n```\nx\n\n```\n\n"),
        ("| a |\n|---|\n| 1 |\n", ""),
        ("| a |\n|---|\n| 1 |\n\nB", "| a |\n|---|\n| 1 |\n\n"),
        ("A\n\n\\[\n- b\n= c\n", "A\n\n"),
        ("A\r\n\r\nB\r\n\r\nC", "A\r\n\r\nB\r\n\r\n"),
    ],
)
def test_what_cannot_change_is_finished(text: str, finished: str) -> None:
    """Blocks that a later character could alter stay in the tail."""
    assert split(text) == (finished, text[len(finished) :])


@pytest.mark.parametrize("text", ["[a]: http://x", "> - [a b]:\nx", "x\n\n [a\nb]: y"])
def test_definitions_of_links_are_noticed(text: str) -> None:
    """An answer with one must in the end be rendered in one piece."""
    assert has_references(text)
