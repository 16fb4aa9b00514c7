"""Claims about code in an answer: its colours, and that it is always the code that was written."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import PythonLexer

from claude_magic.render.code import _by_pygments, _coloured, _python, code_html

PIECES = st.sampled_from(
    [
        "#",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\n",
        " ",
        "f",
        "rb",
        "if",
        "in",
        "None",
        "x",
        "1",
        ".5e-3j",
    ]
)
ORDINARY = '''import numpy as np
from math import pi as π

@dataclass(frozen=True)
class Model(Base):
    """What it is; it's `quoted`."""

    rate: float = 1_000.5e-3
    name: str | None = None

    async def fit(self, *args, robust=True, **more):
        if self.rate not in (0x1F, 0, 2e5) and args is not None:  # a comment, "quoted"
            return [x ** 2 for x in args if x or not x]
        raise ValueError(r"no\\d" + b"bytes".decode() + 'it''s' + "a \\" b")
        lambda: (yield)


print(inner.index, notation, x1, ifs, "# no comment")
'''


def words(html: str) -> str:
    """What a reader sees of it: a browser skips a line break directly behind `<pre>`."""
    return unescape(re.sub(r"<pre[^>]*>\n?|<[^>]+>", "", html))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_colours_never_change_the_code(code: str) -> None:
    """However odd or half-written it is."""
    assert words(code_html(code, "python")) == f"{code}\n"


def test_python_has_the_colours_pygments_gives_it() -> None:
    """Its own lexer is slower by more than ten times."""
    assert _coloured(_python(ORDINARY)) == _coloured(_by_pygments(ORDINARY, PythonLexer()))


@pytest.mark.parametrize("language", ["r", "sql", "bash", "json", "C++", "no such language"])
def test_other_languages_are_left_to_pygments(language: str) -> None:
    """An unknown one is shown plain."""
    code = 'select "a" -- 1\n'

    assert words(code_html(code, language)) == f"{code}\n"
    assert ("<span" in code_html(code, language)) == (language != "no such language")


@pytest.mark.parametrize("code", ['"""' * 3000, "'" * 9000, "\\'" * 4500, "f" * 9000, "1_" * 4500])
def test_no_code_takes_long(code: str) -> None:
    """What is tried at one place is not tried again at each of the next ones."""
    lines = "\n".join(code[i : i + 900] for i in range(0, len(code), 900))

    assert words(code_html(lines, "python")).strip() == lines
