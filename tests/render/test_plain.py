"""Plain blocks come out as the parser would have them, and plain answers never reach it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.rules_block import StateBlock
from render.fragments import FORMULAS, NASTY, ORDINARY, documents

from claude_magic.render import grammar, plain, tags
from claude_magic.render.lines import Lines
from claude_magic.render.markdown import to_html
from tests.benchmarks.answers import ordinary

# What stands beside a mark, or in it, decides what it is.
MARKED = (
    *("*a*", "**a**", "***a***", "*a **b* c**", "**a *b***", "* a*", "*a *", "a*b*", "*a*b"),
    *("(*a*)", "**Note:** x", "**a.**b", "*a.*", "*(a)*", "**a!**", "*é*", "é*a*", "*a*é"),
    *("“*a*”", "*a*,", "`a`", "``a`b``", "` a `", "`  `", "`a`b`", "*`a`*", "`*a*`", "**a `b` c**"),
    *("\\*a*", "\\`a`", "_a_", "__a__", "*a_b*", "a_b*c*", "~~*a*~~", "*~~a~~*", "**", "*", "`"),
    *("[*a*](http://x)", "b", "5", ".", ")", "(", "!", "“", "\\", "$a$", "$5", "<br>", "&amp;"),
    *("![", "a  ", "é", "\u2028", "*x b*a* y", "*x *a*", "a\xa0", "\xa0a", "a & b", "a < b"),
    *("**a:**\x85b", "*a*\u3000", "```a```", "```a `b`"),
)
# What stands above a block, or below it, decides where it ends.
BLOCKS = (
    *("A", "A b.", "**A** b", '"A"', "`a` b", "A\nb", "A  ", "A\\", "9 a", "9. a", "9) a", "01. a"),
    *(
        "# A",
        "## A #",
        "#A",
        "# ",
        "####### A",
        "# A\nb",
        "A\n===",
        "A\n---",
        "---",
        "***",
        "A\n--",
    ),
    *(
        "- a",
        "- a\n- b",
        "* a",
        "+ a\n+ b",
        "- a\n* b",
        "-",
        "- ",
        "-a",
        "- # a",
        "- a\n  b",
        "- a\nb",
    ),
    *(
        "- a\n\n- b",
        "- a\n  - b",
        "- [ ] a",
        "1. a",
        "1. a\n2. b",
        "2. a\n3) b",
        "1.",
        "0. a\n7. b",
    ),
    *(
        "  b",
        "    b",
        "\tb",
        " ",
        "\t",
        "> A",
        "> A\n> - b",
        "A\n- b",
        "A\n1. b",
        "A\n2. b",
        "A\n> b",
    ),
    *("```\nc\n```", "```py\nx = 1\n\n# y\n```", "```\nc", "```", "~~~\nc\n~~~", "```a b\nc\n```"),
    *(
        "````\n```\n````",
        " ```\nc\n ```",
        "```\n ```\n```",
        "A\n```\nc\n```",
        "```\nc\n```\nb",
        "``` a",
    ),
    *(
        "| A | b |\n|---|:-:|\n| c | `d` |",
        "|A|\n|-|",
        "| A |\n|---|\n| b | c |",
        "A | b\n-|-",
        "|a|b|",
    ),
    *(
        "| A |\n|---|\n| b |\nc",
        "| A |\n|--:|\n| b \\| c |\n|",
        "| A\n|---\n| b",
        "|-|\n|-|\n||\n|\xa0a|",
    ),
    *("A\n```b```", "```b``", "# A | b\n--|--", "# A |", "--", " -|-", "2. a\n\n   \u3000", "\x85"),
    *(
        "\\[\n- a\n\\]",
        "$$\nx\n\n- y\n$$",
        "A \\(x\n- b\\)",
        "<b>\n\n- c",
        "[a]: http://x",
        "[a]",
        "a:",
    ),
)


def long_way(text: str) -> str:
    """The HTML of a text that is parsed as a whole."""
    return tags.html(grammar.tokens(text))


def refused(text: str) -> str:
    raise AssertionError(f"this was parsed: {text!r}")


@pytest.mark.parametrize("gap", ["", " ", "\n"])
def test_any_two_marks_beside_each_other_are_the_same(gap: str) -> None:
    """In the same line, and in two lines of a paragraph."""
    for pair in product(MARKED, repeat=2):
        text = "A " + gap.join(pair)
        assert to_html(text) == long_way(text)


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n", "\n  \n", "\r", "\r\n\r\n"])
def test_any_two_blocks_below_each_other_are_the_same(gap: str) -> None:
    """Whether the second one goes on with the first, interrupts it, or stands apart."""
    for pair in product(BLOCKS, repeat=2):
        text = gap.join(pair)
        assert to_html(text) == long_way(text)


def test_any_three_blocks_are_the_same() -> None:
    """What the first one began, the third may go on with."""
    for three in product(BLOCKS[::4], BLOCKS[1::3], BLOCKS[::3]):
        text = "\n\n".join(three)
        assert to_html(text) == long_way(text)


@settings(max_examples=600)
@given(
    documents(*MARKED, *BLOCKS)
    | documents(*MARKED, *BLOCKS, *ORDINARY, *FORMULAS, *NASTY)
    | st.text()
)
def test_whole_documents_are_the_same(text: str) -> None:
    """Whatever else stands there."""
    assert to_html(text) == long_way(text)


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("*_`~[]()a. !\n\\é"), max_size=24)
    | st.text(st.sampled_from("-=|:>#`1. \ta\n"), max_size=24)
)
def test_signs_in_any_order_are_the_same(text: str) -> None:
    """Marks that open, close, cross and stay open; blocks that begin, go on and break off."""
    assert to_html(text) == long_way(text)


def test_a_flood_of_empty_lines_is_the_same() -> None:
    """Looked at once; each of them again from where it stands would take long."""
    flood = "- a" + "\n" * 40_000 + "  b"

    assert to_html(flood) == long_way(flood)


@given(st.text(st.sampled_from("a \t\n\x0b\xa0"), max_size=12))
def test_lines_are_those_of_the_parser(text: str) -> None:
    """Where they begin and end, and how far they stand in."""
    found, usual = (kind(text, grammar.parser(), {}, []) for kind in (Lines, StateBlock))

    for marks in ("src", "bMarks", "eMarks", "tShift", "sCount", "bsCount", "lineMax"):
        assert getattr(found, marks) == getattr(usual, marks)


@pytest.mark.parametrize(
    "text",
    [
        ordinary().text,
        "A line.\n- **Name:** words\n- `code` and words\n\n\nThen:\n1. One\n2. Two\n\n",
        '# 1. What?\n"Words", he *said*.\n\n```\nx\n\ny\n```\n\n| A | b |\n|:--|---|\n| 1 | `c` |',
    ],
)
def test_plain_answers_are_never_parsed(text: str) -> None:
    """So that the short way is the one that is taken."""
    plain.to_html(text, refused)
