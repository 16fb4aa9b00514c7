"""A shortcut of the parser leads where the long way does: to the same tokens."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.token import Token
from render.fragments import FORMULAS, NASTY, ORDINARY, documents

from claude_magic.render import grammar

LONG_WAY = grammar.made_of(ParserInline(), ParserBlock())
# What stands beside a mark, or in it, decides what it is.
MARKED = (
    *(
        "*a*",
        "**a**",
        "***a***",
        "*a **b* c**",
        "**a *b***",
        "* a*",
        "*a *",
        "a*b*",
        "*a*b",
        "(*a*)",
    ),
    *("**Note:** x", "**a.**b", "*a.*", "*(a)*", "**a!**", "*é*", "é*a*", "*a*é", "“*a*”", "*a*,"),
    *(
        "`a`",
        "``a`b``",
        "` a `",
        "`  `",
        "`a`b`",
        "*`a`*",
        "`*a*`",
        "**a `b` c**",
        "\\*a*",
        "\\`a`",
    ),
    *("_a_", "__a__", "*a_b*", "a_b*c*", "~~*a*~~", "*~~a~~*", "**", "*", "`", "[*a*](http://x)"),
    *(
        "b",
        "5",
        ".",
        ")",
        "(",
        "!",
        "“",
        "\\",
        "$a$",
        "$5",
        "<br>",
        "&amp;",
        "![",
        "a  ",
        "é",
        "\u2028",
    ),
    *(
        "A | b\n--- | ---",
        "A\n---",
        "A\n===",
        "A\nb\n===",
        "A\n- b",
        "A\n> b",
        "A\n1. b",
        "A\n    b",
    ),
    *(
        "*x b*a* y",
        "*x *a*",
        "A\n--",
        "A |\n---",
        "A\n- - -",
        "A \\[\n- b\n\\]",
        "A\n***",
        "A\n--- b",
        "A\n ---",
        "A\n---  ",
    ),
    *("- A\n- B", "- A\n  b", "> A\nb", "> A\n> ---", "1. A\n2. B", "A\n\tb", "- A\n|-|", "$a$\nb"),
)


def parsed(parser: MarkdownIt, text: str) -> list[Token]:
    """The tokens of `text`, without those of no words that the long way leaves beside marks."""
    tokens = parser.parse(text, {"formulas": grammar.has_formulas(text), "defined": True})
    for token in tokens:
        children = token.children or []
        token.children = [part for part in children if part.type != "text" or part.content]
    return tokens


@pytest.mark.parametrize("gap", ["", " ", "\n", "\n\n"])
def test_any_two_beside_each_other_are_the_same(gap: str) -> None:
    """What stands before a mark, behind it, above it and below it."""
    for pair in product(MARKED, repeat=2):
        text = gap.join(pair)
        assert parsed(grammar.parser(), text) == parsed(LONG_WAY, text)


@settings(max_examples=600)
@given(documents(*MARKED) | documents(*MARKED, *ORDINARY, *FORMULAS, *NASTY) | st.text())
def test_whole_documents_are_the_same(text: str) -> None:
    """Whatever else stands there."""
    assert parsed(grammar.parser(), text) == parsed(LONG_WAY, text)


@given(st.text(st.sampled_from("*_`~[]()a. !\n\\é"), max_size=24))
def test_signs_in_any_order_are_the_same(text: str) -> None:
    """Marks that open, close, cross and stay open."""
    assert parsed(grammar.parser(), text) == parsed(LONG_WAY, text)


@given(st.text(st.sampled_from("-=|:>#`1. \ta\n"), max_size=24))
def test_lines_in_any_order_are_the_same(text: str) -> None:
    """Blocks that begin, go on and break off."""
    assert parsed(grammar.parser(), text) == parsed(LONG_WAY, text)


@pytest.mark.parametrize("text", ["", "\n", "  ", "a\n  ", "\ta", " \t a\n\n \n", "a\n\x0b", "\0"])
def test_empty_and_unfinished_lines_are_the_same(text: str) -> None:
    """What follows the last line end is a line only if something stands in it."""
    assert parsed(grammar.parser(), text) == parsed(LONG_WAY, text)
