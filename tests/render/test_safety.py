"""Nothing but a few tags and attributes ever comes out, whatever goes in."""

import pytest
from browser.hostile import corpus
from hypothesis import given
from hypothesis import strategies as st
from render.fragments import FORMULAS, NASTY, ORDINARY, documents
from render.markup import links_in, wrong_in

from claude_magic.render.markdown import split, to_html, wrap
from claude_magic.render.maths import formula_at, is_safe

ATTACKS = [attack.answer for attack in corpus("http://127.0.0.1:9")]


@given(st.text())
def test_any_text_is_harmless(text: str) -> None:
    """Any characters at all."""
    assert wrong_in(to_html(text)) == []


@given(documents(*NASTY, *ORDINARY, *FORMULAS))
def test_any_mixture_of_nasty_fragments_is_harmless(text: str) -> None:
    """Half-open tags, links, code and formulas in any order."""
    assert wrong_in(to_html(text)) == []


@given(st.sampled_from(ATTACKS), st.integers(0, 400), st.sampled_from(ATTACKS))
def test_attacks_are_harmless_when_cut_and_joined(one: str, cut: int, other: str) -> None:
    """A stream shows each beginning of an answer."""
    assert wrong_in(to_html(one[:cut] + other)) == []


def test_every_hostile_answer_is_harmless() -> None:
    """The corpus that the browser tests open, without a browser."""
    assert len(ATTACKS) >= 250
    for attack in ATTACKS:
        assert wrong_in(to_html(attack)) == []


@pytest.mark.parametrize("piece", ["[x]: http://x.org\n", "> [x]: y\n", "`", "$(", "| ", "*a "])
def test_a_flood_of_one_piece_is_harmless(piece: str) -> None:
    """It takes a moment, not minutes in which the kernel does nothing else."""
    flood = piece * (40_000 // len(piece))

    assert wrong_in(to_html(flood)) == []
    assert "".join(split(flood)) == flood


def test_what_is_wrapped_stays_inside() -> None:
    """No answer closes the element that keeps MathJax out."""
    for attack in ATTACKS:
        html = wrap(to_html(attack))

        assert html.startswith('<div class="claude-magic mathjax_ignore')
        assert html.count("<div") == html.count("</div>")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&Tab;script:alert(1)",
        "&#106;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "http:lab",
        "//x.org",
        "/lab?reset",
        "lab",
        "#x",
    ],
)
@pytest.mark.parametrize(
    "form", ["[x]({})", "[x](<{}> 't')", "[r]\n\n[r]: <{}>", "<{}>", "![x]({})"]
)
def test_links_lead_only_to_the_web_and_to_mail(url: str, form: str) -> None:
    """Other schemes, and addresses relative to the notebook server, stay text."""
    assert links_in(to_html(form.format(url))) == []


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:x}{y}",
        r"\text{\href {x}{y}}",
        r"\class{a}{b}",
        r"\cssId{a}{b}",
        r"\style{color:red}{b}",
        r"\bbox[background:url(x)]{y}",
        r"\require{html}",
        r"\data{a=b}{c}",
        r"\mmlToken{mi}[href=x]{y}",
        r"\def\x{y}",
        r"\let\x\href",
        r"\newcommand{\x}{y}",
        r"\renewcommand{\x}{y}",
        r"\DeclareMathOperator{\x}{y}",
        r"\unicode[font]{x41}",
        r"\enclose{box}[href=x]{y}",
        r"\frac{1}{" * 40 + "x" + "}" * 40,
        r"\left(" * 40 + "x" + r"\right)" * 40,
    ],
)
def test_formulas_that_do_more_than_draw_are_code(tex: str) -> None:
    """They are shown as they were written, and MathJax never sees them."""
    assert "mathjax_process" not in to_html(rf"\({tex}\)")
    assert "<code>" in to_html(rf"\({tex}\)")


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{a}{b} \le \left( \mathbb{E}[x] \right) \text{ if } \operatorname{Var} > 0",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \quad \displaystyle \mathcal{L}",
        r"\color{red}{x} \hat\beta \xrightarrow{n \to \infty} \underbrace{y}_{z}",
        r"\begin{cases} 1 & x \\ 0 & y \end{cases} \label{a} \tag{1} \hline \leftarrow \define",
    ],
)
def test_formulas_that_only_draw_are_typeset(tex: str) -> None:
    """What models write all day is not mistaken for an attack."""
    assert is_safe(tex)
    assert formula_at(rf"\[{tex}\]", 0) is not None
