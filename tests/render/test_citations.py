"""Claims about citations: marks in the words, footnotes below them."""

import io
import re
from time import perf_counter
from typing import Any

import pytest
from browser.hostile import corpus
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from loopback import START, block, ending
from render.fragments import FORMULAS, NASTY, ORDINARY, documents
from render.markup import Reader
from render.test_cell import Cell, grow

from claude_magic.content.blocks import Block, Text, Thinking
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Ending
from claude_magic.render.answer import bundle
from claude_magic.render.cell import CellScreen
from claude_magic.render.markdown import to_html
from claude_magic.render.terminal import TerminalScreen

SMALL_PRINT = {"sup", "small", "details", "summary"}
WRAPPED = "claude-magic mathjax_ignore tex2jax_ignore"
MARK = re.compile(r"<sup>\[\d+\]</sup>")
MARKS_ALONE = re.compile(r"<p>(?:<sup>\[\d+\]</sup>)+</p>\n")
ATTACKS = [attack.answer for attack in corpus("http://127.0.0.1:9")]


def page(number: int, title: str | None = "Tides", words: str = "Twice a day.") -> dict[str, Any]:
    """A citation of one page."""
    return {
        "type": "page_location",
        "cited_text": words,
        "document_index": 0,
        "document_title": title,
        "start_page_number": number,
        "end_page_number": number + 1,
    }


def web(url: str, title: str = "A page", words: str = "Words.") -> dict[str, Any]:
    return {
        "type": "web_search_result_location",
        "url": url,
        "title": title,
        "encrypted_index": "SECRET",
        "cited_text": words,
    }


def cited(text: str, *citations: dict[str, Any]) -> Text:
    return Text(text, citations=citations)


def look(*blocks: Block, end: Ending | None = Ending.COMPLETE) -> Look:
    message = Message("assistant", blocks, stop_reason="end_turn")
    return Look(1, message, 1.0, ending=end)


def shown(*blocks: Block) -> dict[str, str]:
    return bundle(look(*blocks))


def words_html(*blocks: Block) -> str:
    """The HTML without its wrapping and its footnotes."""
    html = shown(*blocks)["text/html"]
    return html.partition(">")[2].removesuffix("</div>").partition("<p><small>[1] ")[0]


def events(*blocks: Text) -> list[dict[str, Any]]:
    """A stream of text blocks, each in two pieces, its citations at its end."""
    out: list[dict[str, Any]] = [START]
    for index, one in enumerate(blocks):
        middle = len(one.text) // 2
        pieces = (one.text[:middle], one.text[middle:])
        deltas = [{"type": "text_delta", "text": piece} for piece in pieces]
        found = [{"type": "citations_delta", "citation": each} for each in one.citations]
        out += block(index, {"type": "text", "text": ""}, *deltas, *found)
    return [*out, *ending()]


class Seen(Reader):
    """Allows small print and folding as well, which only our own lines have."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_wrap = tag == "div" and attrs == [("class", WRAPPED), ("dir", "auto")]
        if is_wrap or (tag in SMALL_PRINT and not attrs):
            self.open.append(tag)
        else:
            super().handle_starttag(tag, attrs)


def wrong_in(html: str) -> list[str]:
    reader = Seen()
    reader.feed(html)
    reader.close()
    return reader.wrong + reader.open


def test_cited_words_bear_a_number_and_the_place_stands_below() -> None:
    """In HTML, Markdown and plain text alike."""
    data = shown(Text("High water comes "), cited("twice a day", page(3)), Text("."))

    assert "<p>High water comes twice a day<sup>[1]</sup>.</p>" in data["text/html"]
    assert "[1] Tides, page 3: “Twice a day.”" in data["text/html"]
    assert data["text/markdown"] == (
        "High water comes twice a day[1].\n\n- [1] Tides, page 3: “Twice a day.”"
    )
    assert data["text/plain"] == (
        "High water comes twice a day[1].\n\n[1] Tides, page 3: “Twice a day.”"
    )


def test_the_same_place_has_one_number() -> None:
    """Another page of the same source has another, and a block may have several."""
    first, second = page(3), page(4)
    text = shown(
        cited("A", first, first), cited(" B", second, first), cited(" C", web("https://x"))
    )

    assert text["text/plain"].startswith("A[1] B[2][1] C[3]\n")
    assert text["text/plain"].count("\n[") == 3


def test_blocks_that_follow_each_other_are_one_text() -> None:
    """The API cuts a paragraph, a list, a table at each citation."""
    parts = ["Tides are **ve", "ry** high:\n\n- a", "\n- b\n", "\n| x |\n|---|", "\n| 1 |", "\n"]

    assert words_html(*map(Text, parts)) == to_html("".join(parts))


def test_other_blocks_part_the_text() -> None:
    """Words before and after thinking are paragraphs of their own."""
    data = shown(Text("One."), Thinking("Hm", "sig"), Text("Two."))

    assert data["text/markdown"] == "One.\n\nTwo."
    assert "<p>One.</p>" in data["text/html"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Words.\n\n", "Words.[1]"),
        ("# Head\n", "# Head[1]"),
        ("- a\n- b\n", "- a\n- b[1]"),
        ("**bold.**", "**bold.**[1]"),
        ("| a |\n|---|\n| b |\n", "| a |\n|---|\n| b[1] |"),
        ("```\nx\n```\n", "```\nx\n```\n\n[1]"),
        ("- a\n\n  ```\n  x\n  ```\n", "- a\n\n  ```\n  x\n  ```\n\n[1]"),
        ("A\n\n---\n\n", "A\n\n---\n\n[1]"),
        ("\\(x\\)", "$x$[1]"),
        ("`x`", "`x`[1]"),
    ],
)
def test_a_mark_stands_behind_the_words_and_breaks_nothing(text: str, marked: str) -> None:
    """Before blank space, within the last cell of a row, below code."""
    assert shown(cited(text, page(3)))["text/plain"].partition("\n\n[1] Tides")[0] == marked


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("see `a", "b` now", "see `ab` now[1]"),
        ("see \\(a", "b\\) now", "see $ab$ now[1]"),
        ("see [a](http://x", ".org) now", "see [a](http://x.org) now[1]"),
        ("| a |\n|--", "-|\n| b |\n", "| a |\n|---|\n| b[1] |"),
        ("```\na\n", "b\n```\n", "```\na\nb\n```\n\n[1]"),
        ("in 2020", "(and later)", "in 2020[1] (and later)"),
        ("in 2020", "[sic]", "in 2020[1] [sic]"),
    ],
)
def test_a_mark_that_would_break_something_stands_behind_it(
    before: str, after: str, marked: str
) -> None:
    """Behind the code, formula, link or row that a block ends in the midst of."""
    data = shown(cited(before, page(3)), Text(after))

    assert data["text/plain"].partition("\n\n[1] Tides")[0] == marked


def test_code_without_an_end_takes_no_mark() -> None:
    """The code is as it was; the footnote stands nevertheless."""
    data = shown(cited("```\nx", page(3)))

    assert "<sup>" not in data["text/html"]
    assert "[1] Tides, page 3" in data["text/html"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(documents(*ORDINARY, *FORMULAS, longest=5), st.booleans()), min_size=1, max_size=5
    )
)
def test_marks_change_nothing_else(parts: list[tuple[str, bool]]) -> None:
    """Whatever the blocks, the text reads as it would without citations."""
    assume(any(text.strip() for text, _ in parts))  # without words, a line says so instead
    with_marks = [cited(text, page(3)) if is_cited else Text(text) for text, is_cited in parts]
    html = MARK.sub("", MARKS_ALONE.sub("", words_html(*with_marks)))

    assert html == to_html("".join(text for text, _ in parts))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(documents(*ORDINARY, *FORMULAS, longest=4), st.lists(st.integers(1, 4))),
        max_size=6,
    )
)
def test_growing_blocks_end_in_what_showing_at_once_gives(
    parts: list[tuple[str, list[int]]],
) -> None:
    """However the blocks came, with and without citations, the last output is the same."""
    stream = events(*(cited(text, *map(page, pages)) for text, pages in parts))
    grown, whole = Cell(), Cell()
    grow(grown, *stream)
    grow(whole, *stream, live=False)

    assert [data for _, data in grown.outputs] == [data for _, data in whole.outputs]


def test_what_is_final_is_shown_with_its_marks_while_the_rest_grows() -> None:
    """Marks are there at once, the list at the end."""
    stream = events(cited("First.\n\n", page(3)), Text("Second"))
    growing, cell = Growing(), Cell()
    screen = CellScreen(cell)
    for event in stream[:-2]:
        growing.feed([event])
        screen.draw(growing.look())

    assert "First.<sup>[1]</sup>" in cell.shown
    assert "Tides" not in cell.shown


@pytest.mark.parametrize(
    ("citation", "line"),
    [
        (page(3), "Tides, page 3: “Twice a day.”"),
        (page(3) | {"end_page_number": 6}, "Tides, pages 3–5: “Twice a day.”"),
        (page(3, None), "Document 1, page 3: “Twice a day.”"),
        (
            {
                "type": "char_location",
                "document_title": "Log",
                "cited_text": "x",
                "start_char_index": 10,
                "end_char_index": 40,
            },
            "Log, characters 10–40: “x”",
        ),
        (
            {
                "type": "content_block_location",
                "document_index": 1,
                "cited_text": "x",
                "start_block_index": 1,
                "end_block_index": 2,
            },
            "Document 2, block 2: “x”",
        ),
        (
            {
                "type": "search_result_location",
                "source": "https://x.org/a",
                "title": "A",
                "cited_text": "x",
                "start_block_index": 0,
                "end_block_index": 2,
            },
            "A <https://x.org/a>, blocks 1–2: “x”",
        ),
        (web("https://x.org/a b"), "A page <https://x.org/a%20b>: “Words.”"),
        (web("https://x.org/", title=""), "https://x.org/: “Words.”"),
        ({"type": "dream_location"}, "Document"),
        ({}, "Document"),
    ],
)
def test_a_footnote_names_source_place_and_words(citation: dict[str, Any], line: str) -> None:
    """For each kind of citation, and for one that is not known."""
    assert shown(cited("x", citation))["text/plain"] == f"x[1]\n\n[1] {line}"


def test_long_quotations_are_shortened() -> None:
    """To about three hundred characters, in one line."""
    text = shown(cited("x", page(3, words="many\nwords " * 500)))["text/plain"]

    assert text.endswith("many words…”")
    assert len(text) < 350


def test_what_is_encrypted_is_never_shown() -> None:
    """Not in any form."""
    assert "SECRET" not in "".join(shown(cited("x", web("https://x.org"))).values())


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "http:lab", "//x.org", "/lab", "mailto:a@b"]
)
def test_only_addresses_of_the_web_are_links(url: str) -> None:
    """Others stay words."""
    data = shown(cited("x", web(url), page(3, url)))

    assert "<a" not in data["text/html"]
    assert "](" not in data["text/markdown"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ATTACKS) | documents(*NASTY))
def test_hostile_sources_are_harmless(attack: str) -> None:
    """In the title, the address and the cited words; in HTML and rendered from Markdown."""
    notes = (page(3, attack, attack), web(attack, attack, attack), web("https://x/" + attack, "y"))
    data = shown(cited("x", *notes))
    footnotes = data["text/markdown"].partition("\n\n")[2]

    assert wrong_in(data["text/html"]) == []
    assert data["text/html"].count("<p>") == 2
    assert len(re.findall(r"<li>", to_html(footnotes))) == len(footnotes.splitlines()) == 3
    assert "mathjax_process" not in to_html(footnotes) + data["text/html"]
    assert not re.search(r"<(?!https?://[^>\s]*>)", footnotes)


def test_words_cannot_pretend_to_be_a_mark() -> None:
    """The signs that make one are taken out of the answer's own words."""
    data = shown(Text("a[\ufdd07]\ufdd1 &#xFDD0; [1]"), cited("b", page(3, "[\ufdd07]\ufdd1")))

    assert re.findall(r"<sup>.*?</sup>", data["text/html"]) == ["<sup>[1]</sup>"]


@pytest.mark.parametrize("citations", ["x", {"type": "x"}, [None, "x", 7], [[]], 5])
def test_citations_of_no_known_shape_are_passed_over(citations: Any) -> None:
    """A server may send anything."""
    assert shown(Text("Words.", citations=citations))["text/plain"] == "Words."


def test_a_terminal_shows_marks_and_footnotes() -> None:
    """As plain lines."""
    file = io.StringIO()
    growing = Growing()
    growing.feed(events(Text("High water "), cited("twice.\n", page(3, "T\x1b[2J"))))
    growing.end(Ending.COMPLETE)
    TerminalScreen(file).finish(growing.look())

    assert "High water twice.[1]\n" in file.getvalue()
    assert "[1] T [2J, page 3: “Twice a day.”" in file.getvalue()


def test_many_citations_take_little_time() -> None:
    """Even five hundred rows of one table, each of whose marks would break a span of code."""
    rows = [(cited(f"| {n} | `a", page(n)), Text("b` |\n")) for n in range(500)]
    begun = perf_counter()
    shown(Text("| a | b |\n|---|---|\n"), *(block for row in rows for block in row))

    assert perf_counter() - begun < 10
