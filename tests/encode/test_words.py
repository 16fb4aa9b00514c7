"""Claims about the words that stand for a value."""

import pandas as pd
import polars as pl
import pytest

from claude_magic.encode.words import words_of

FRAME = pd.DataFrame({"a": [1, 2], "b": [0.123456789, None], "c": ["x|y", "two\nlines"]})


def test_a_data_frame_is_a_compact_table_with_shape_and_types() -> None:
    """Shape first, a type in each head; signs that would break the table are escaped."""
    assert words_of(FRAME) == (
        "DataFrame of pandas, 2 rows × 3 columns\n\n"
        f"|  | a (int64) | b (float64) | c ({FRAME.dtypes['c']}) |\n"
        "|---|---|---|---|\n"
        "| 0 | 1 | 0.123456789 | x\\|y |\n"
        "| 1 | 2 | nan | two lines |"
    )


def test_a_polars_frame_and_a_series_read_the_same_way() -> None:
    """Other libraries' frames are tables too."""
    assert "| a (Int64) |" in words_of(pl.DataFrame({"a": [1]}))
    assert "| 0 | 5 |" in words_of(pd.Series([5], name="n"))
    assert "| 5 |" in words_of(pl.Series("n", [5]))


@pytest.mark.parametrize("rows", [20, 21, 100_000])
def test_long_frames_show_both_ends(rows: int) -> None:
    """At most twenty rows are sent, and it is said how many are not."""
    text = words_of(pd.DataFrame({"n": range(rows)}))

    assert f"{rows:,} rows" in text
    assert f"| {rows - 1} | {rows - 1} |" in text
    assert ("left out" in text) == (rows > 20)
    assert len(text.splitlines()) <= 2 + 2 + 20 + 1


def test_wide_frames_show_both_ends() -> None:
    """At most twenty-four columns are sent."""
    text = words_of(pd.DataFrame([range(1000)]))

    assert "976 more" in text
    assert "999 (int64)" in text
    assert len({line.count(" | ") for line in text.splitlines()[2:] if "---" not in line}) == 1


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("x", 1)])),
        FRAME.set_index(["a", "c"]),
    ],
)
def test_odd_frames_are_tables_too(frame: pd.DataFrame) -> None:
    """Empty ones, names twice, names and rows of several levels."""
    assert words_of(frame).startswith("DataFrame of pandas, ")


def test_an_exception_is_its_traceback() -> None:
    """With the lines of the person's own code."""
    try:
        [1].index(2)
    except ValueError as error:
        text = words_of(error)

    assert text.startswith("Traceback (most recent call last):")
    assert text.endswith("ValueError: 2 is not in list")
    assert "[1].index(2)" in text


@pytest.mark.parametrize(
    ("value", "words"), [("a\nb", "a\nb"), (7, "7"), (None, "None"), ([1], "[1]")]
)
def test_anything_else_is_its_text(value: object, words: str) -> None:
    """As `print` would show it."""
    assert words_of(value) == words


class Formula:
    def _repr_latex_(self) -> str:
        return r"$x^{2}$"


class Page:
    def __init__(self, html: str, told: str = "") -> None:
        self.html, self.told = html, told

    def _repr_html_(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.told or super().__str__()


def test_formulas_are_latex() -> None:
    """As libraries of mathematics show them."""
    assert words_of(Formula()) == r"$x^{2}$"


def test_tables_in_html_are_tables() -> None:
    """Where the object tells nothing else; styles and scripts are no words."""
    html = (
        "<style>th {color: red}</style><p>Measured &amp; checked</p><table><thead><tr>"
        "<th colspan=2>a|b</th><th>c</th></tr></thead><tr><td>1<td>2</td><td><b>3</b></td></tr>"
        "</table><script>alert(1)</script>after"
    )
    assert words_of(Page(html)) == (
        "Measured & checked\n\n| a\\|b | | c |\n|---|---|---|\n| 1 | 2 | 3 |\n\nafter"
    )
    assert words_of(Page(html, "a table of mine")) == "a table of mine"
    assert words_of(pd.DataFrame({"x": [1.5]}).style).startswith("| | x |\n|---|---|\n| 0 | 1.5")
    assert words_of(Page("<table>" * 500 + "<td>x" * 500)).strip()
    assert "left out" in words_of(Page(f"<table>{'<tr><td>1</td></tr>' * 500}</table>"))


def test_a_repr_that_fails_is_passed_over() -> None:
    class Fails(Page):
        def _repr_html_(self) -> str:
            raise RuntimeError

    assert "Fails object" in words_of(Fails(""))
