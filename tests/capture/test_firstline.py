"""Claims about the first line of a cell."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_magic.capture.firstline import Takes, split_options
from claude_magic.errors import BadInput

TAKES: dict[str, Takes] = {
    **dict.fromkeys(("-m", "--model", "-n", "-s"), "value"),
    "--once": "nothing",
    "--think": "perhaps",
    "-p": re.compile(r"cell|#\d+"),
}


@pytest.mark.parametrize(
    ("line", "options", "rest"),
    [
        ("", [], ""),
        ("What's up?", [], "What's up?"),
        ("-m opus What's up -n 5?", ["-m=opus"], "What's up -n 5?"),
        ("--model=opus -n5 --once", ["--model=opus", "-n=5", "--once"], ""),
        ("-s 'be \"brief\"' Hi", ['-s=be "brief"'], "Hi"),
        (r'-s "say \"hi\"" x', ['-s=say "hi"'], "x"),
        ("-s {{ rules['a b'] }} Hi", ["-s={{ rules['a b'] }}"], "Hi"),
        ("--once -- -m is an option", ["--once"], "-m is an option"),
        ("-5 degrees", [], "-5 degrees"),
        ("- a point", [], "- a point"),
        ("-n -1 x", ["-n=-1"], "x"),
        ("--think --once Hi", ["--think", "--once"], "Hi"),
        ("--think 2000 Hi", ["--think=2000"], "Hi"),
        ("--think=off", ["--think=off"], ""),
        ("--think -- Hi", ["--think"], "Hi"),
        ("--think", ["--think"], ""),
        ("-p #4 Hi", ["-p=#4"], "Hi"),
        ("-p '#4' --once", ["-p=#4", "--once"], ""),
        ("-p 'cell' of what?", ["-p=cell"], "of what?"),
        ("-p 'cell is it?'", ["-p"], "'cell is it?'"),
    ],
)
def test_only_leading_options_are_taken(line: str, options: list[str], rest: str) -> None:
    """What follows them is the question's, untouched."""
    assert split_options(line, TAKES) == (options, rest)


@given(st.text().filter(lambda text: not text.lstrip().startswith("-")))
def test_words_without_options_are_never_changed(words: str) -> None:
    """Apostrophes, braces, backslashes: all stay."""
    assert split_options(words, TAKES) == ([], words.lstrip())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--modle x", "--model"),
        ("--mod x", "Did you mean --model? "),
        ("-x 1", "-x"),
        ("-m", "-m needs a value"),
        ("-s 'never closed", "never closed"),
        ("--once=yes", "takes no value"),
    ],
)
def test_options_that_cannot_be_read_are_named(line: str, named: str) -> None:
    """The error says which, and the nearest right one."""
    with pytest.raises(BadInput) as caught:
        split_options(line, TAKES)

    assert named in f"{caught.value} {caught.value.hint}"
