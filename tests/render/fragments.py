"""Pieces of Markdown that mean something to each other, put together at random."""

from hypothesis import strategies as st

ORDINARY = (
    *(
        "some words",
        "**bold**",
        "*em*",
        "`code`",
        "~~gone~~",
        "2023 was",
        "-5 degrees",
        "snake_case",
    ),
    *("- a", "- b", "* c", "+ d", "  - nested", "    deep", "-", "1. one", "2. two", "10) x", "1."),
    *("# H", "## H2", "---", "===", "***", "___", "> q", "> - x", "- [ ] task", "- [x] done"),
    *("```", "```python", "~~~", "``", "    indented", "\ttab", "  ", "text  ", "x\\", "<br>"),
    *("|a|b|", "|-|-|", "|1|2|", "a | b", "--- | ---", ":-: | -", "| `x|y` | $z$ |"),
    *("[l](http://x.org)", "![i](http://y.org)", "<http://z.org>", "[a]", "[a][b]", "&amp;"),
)
FORMULAS = (
    *(r"\[", r"\]", r"\(x", r"y\)", r"\(z\)", r"\[ z \]", "$$", "$$x$$", "$a$", "$5", "$", "= b"),
    *(r"\begin{align}", r"\end{align}", r"a \\[2pt] b", "- \\[", "  \\]", "> \\[", "1. \\(a"),
)
NASTY = (
    *(
        "<script>",
        "</script>",
        "<img src=x onerror=y>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?x",
        "<div",
        ">",
    ),
    *('"', "'", '" onclick="', "javascript:x", "[x](javascript:x)", "](", "data:text/html,x", "\0"),
    *('[x](http://x.org"onclick="y)', '```" onclick="', "\\href{javascript:x}{y}", "&lt;", "&#60;"),
    *(
        "\u2028",
        "\xa0",
        "\x0b",
        "\u202e",
        "\ufeff",
        "</p></div>",
        "<svg/onload=x>",
        "http:x",
        "//x",
    ),
)
GAPS = ("", " ", "\n", "\n", "\n\n", "\n\n", "\r\n", "\n \n")


def documents(*pieces: str, longest: int = 14) -> st.SearchStrategy[str]:
    """Documents made of `pieces`."""
    piece = st.tuples(st.sampled_from(pieces), st.sampled_from(GAPS)).map("".join)
    return st.lists(piece, max_size=longest).map("".join)
