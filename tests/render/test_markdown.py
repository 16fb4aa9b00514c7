"""Markdown becomes small, plain HTML; formulas and prices are told apart."""

import pytest

from claude_magic.render.markdown import to_html, to_markdown

MATHS = '<span class="mathjax_process tex2jax_process">{}</span>'
LINK = '<a href="{}" target="_blank" rel="noopener noreferrer">'


def body(text: str) -> str:
    """The HTML of one paragraph without the paragraph."""
    return to_html(text).removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ~~c~~ `d<e`", "<strong>a</strong> <em>b</em> <s>c</s> <code>d&lt;e</code>"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("snake_case_name", "snake_case_name"),
        ("&copy; &lt;b&gt;", "© &lt;b&gt;"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("one  \ntwo\nthree", "one<br>\ntwo\nthree"),
        ("one<br>two<BR />three", "one<br>\ntwo<br>\nthree"),
        ("[x](http://y.org 't')", LINK.format("http://y.org") + "x</a>"),
        ('[x](http://y.org/?a=1&b="c)', LINK.format("http://y.org/?a=1&amp;b=%22c") + "x</a>"),
        ("<a@b.org>", LINK.format("mailto:a@b.org") + "a@b.org</a>"),
        ("![x](http://y.org/z.png)", LINK.format("http://y.org/z.png") + "x</a>"),
        ("![x](data:image/png;base64,AA)", "![x](data:image/png;base64,AA)"),
        ("[![x](http://y.org)](http://z.org)", LINK.format("http://z.org") + "x</a>"),
    ],
)
def test_running_text(text: str, html: str) -> None:
    """Each thing a paragraph can hold."""
    assert body(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A\n\nB\n===", "<h1>A</h1>\n<h1>B</h1>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("- [ ] a", '<ul>\n<li style="list-style:none">☐ a</li>\n</ul>\n'),
        ("- [x] *a*", '<ul>\n<li style="list-style:none">☑ <em>a</em></li>\n</ul>\n'),
        ("> a", "<blockquote><p>a</p>\n</blockquote>\n"),
        ("***", "<hr>\n"),
    ],
)
def test_blocks(text: str, html: str) -> None:
    """Each kind of block, without classes or styles where none are needed."""
    assert to_html(text) == html


def test_tables_scroll_and_align() -> None:
    """JupyterLab aligns the cells of HTML tables right unless each says otherwise."""
    html = to_html("| a | b |\n|---|--:|\n| c | d |")

    assert html.startswith('<div style="overflow-x:auto"><table>')
    assert '<td style="text-align:left">c</td><td style="text-align:right">d</td>' in html


def test_code_is_coloured_sparingly() -> None:
    """Only tokens that have a colour of their own cost bytes."""
    html = to_html("```python\nfor x in y:  # z\n    f('a', 1)\n```")

    assert '<span class="k">for</span> x <span class="ow">in</span> y:' in html
    assert '<span class="c"># z</span>\n    f(<span class="s">\'a\'</span>, ' in html


@pytest.mark.parametrize("language", ["", "nonsense", 'py"thon', "<b>", "x" * 1000])
def test_unknown_languages_are_plain_code(language: str) -> None:
    """The name of the language never reaches the HTML."""
    html = to_html(f"```{language}\nfor x <b>\n```")

    assert html.endswith(">for x &lt;b&gt;\n</pre></div>\n")
    assert language == "" or language not in html


@pytest.mark.parametrize("code", ["x = 1\n" * 20_000, "x = " + "1" * 2_000, "x\n\n\n  y"])
def test_code_keeps_every_character(code: str) -> None:
    """Long code and long lines are shown, without colours rather than late."""
    html = to_html(f"```python\n{code}\n```")

    assert f"{code}\n</pre></div>" in html


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        (r"\(x_1*y_2*z\)", r"\(x_1*y_2*z\)"),
        ("$a<b$", r"\(a&lt;b\)"),
        ("$$x$$", r"\[x\]"),
        ("\\[\n- a\n= b\n\\]", "\\[\n- a\n= b\n\\]"),
        (
            "\\begin{align}\na &= b \\\\\n- c\n\\end{align}",
            "\\begin{align}\na &amp;= b \\\\\n- c\n\\end{align}",
        ),
        (r"$\text{\$5}$", r"\(\text{\$5}\)"),
    ],
)
def test_formulas_are_typeset(text: str, tex: str) -> None:
    """In every delimiter, before Markdown could read them as lists, emphasis or headings."""
    assert body(text) == MATHS.format(tex)


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $6",
        "US$5 or C$ 6",
        "from $5-$10",
        "$ x $",
        "$HOME and $PATH",
        r"\$5 and $6",
        "$6, which `is` or `$`",
        "`$x$`",
        "``\\(x\\)``",
        "    $x$",
        "```\n\\[x\\]\n```",
        r"\\(x\\)",
        "[x](http://y.org/\\(z\\))",
    ],
)
def test_prices_and_code_are_not_formulas(text: str) -> None:
    """Dollars and backslashes that mean themselves stay."""
    assert "mathjax_process" not in to_html(text)


def test_a_formula_does_not_swallow_the_next_paragraph() -> None:
    """Without its end it is text."""
    assert to_html("\\[ a\n\n- b \\]").count("<li>") == 1


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        (r"\( x \) and \[y\]", "$x$ and $$y$$"),
        ("> \\[\n> x\n> \\]\n", "> $$\n> x\n> $$\n"),
        ("`\\(x\\)`\r\n\r\n\\(y\\)\r\n", "`\\(x\\)`\r\n\r\n$y$\r\n"),
        ("```\n\\(x\\)\n```\n\n- a\n\n      \\(y\\)\n", None),
        (r"[a](b\(c\)) \\(x\\) $y$ costs $5", None),
        (r"\(\text{$x$}\) \(\href{javascript:x}{y}\)", None),
        ("| \\(x\\) | `\\(y\\)` |\n|--|--|\n", "| $x$ | `\\(y\\)` |\n|--|--|\n"),
    ],
)
def test_markdown_keeps_all_but_the_delimiters(text: str, markdown: str | None) -> None:
    """Only formulas that front ends would not see are rewritten."""
    assert to_markdown(text) == (text if markdown is None else markdown)


def test_html_stays_small() -> None:
    """An ordinary section costs about twice its own bytes."""
    text = (
        "## Results\n\nThe **spline** fits best, see [docs](https://x.org), but it needs more data "
        "than the others, and it is harder to explain to people who have not met one before.\n\n"
        "1. Fit the model with `sm.OLS(y, X)` and keep what it returns.\n"
        "2. Plot the residuals against the fitted values; look for a *funnel*.\n\n"
        "| model | AIC |\n|---|--:|\n| linear | 1203.5 |\n| spline | 1131.9 |\n\n"
        "```python\ndef fit(X, y):\n    X = sm.add_constant(np.asarray(X))\n"
        "    model = sm.OLS(y, X, missing='drop')\n    return model.fit()  # small samples\n```\n\n"
    )

    assert len(to_html(text)) <= 2.5 * len(text)


@pytest.mark.parametrize(
    "deep",
    [
        "> " * 70 + "deep",
        "- " * 70 + "deep",
        "\n".join("  " * level + "- item" for level in range(70)) + " deep",
        "\n\n".join("   " * level + "1. item" for level in range(70)) + " deep",
    ],
)
def test_what_stands_far_in_is_there_and_so_is_what_follows(deep: str) -> None:
    """The library leaves out all that is left of a text from some level on."""
    html = to_html(f"{deep}\n\n| after |\n|---|")

    assert "deep" in html
    assert "after</th>" in html
