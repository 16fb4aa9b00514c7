"""Answers to measure with: the same on every machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

DELTAS = 2_000
_LONG = 40_000  # bytes
_PARAGRAPH = 12_000
_VOCABULARY = """
the a model sample variance of in is with which estimate residual we when to that data
and small large under assumption regression mean test each group value rises falls evidence
interval prior observed random it because result shows between often distribution error null
hypothesis treatment effect people measure simple careful weight table column plot naïve
"""
_WORDS = _VOCABULARY.split()
_FORMULAS = (
    r"\(\hat\beta = (X^\top X)^{-1} X^\top y\)",
    r"\(\alpha < 0.05\)",
    r"$\sigma^2 / n$",
    r"\(p(\theta \mid x)\)",
)
_DISPLAYED = r"""\[
\operatorname{Var}(\hat\beta) = \sigma^2 (X^\top X)^{-1}
= \frac{1}{n} \sum_{i=1}^{n} (x_i - \bar x)^2
\]"""
_CODE = '''```python
def fit_{n}(frame, outcome, *, robust=True):
    """Fit {n} models and return the best."""
    best = None
    for degree in range(1, {n}):
        X = np.vander(frame["x"], degree)  # one column a power
        result = sm.OLS(frame[outcome], X).fit(cov_type="HC3" if robust else "nonrobust")
        if best is None or result.aic < best.aic - 2.0:
            best = result
        print(f"degree {{degree}}: AIC {{result.aic:.1f}}")
    return best


results = fit_{n}(df.dropna(), "outcome_{n}")
```'''


@dataclass(frozen=True)
class Answer:
    """An answer: its top-level Markdown blocks in order, and the deltas it comes in."""

    blocks: Sequence[str]

    @property
    def text(self) -> str:
        return "\n\n".join(self.blocks)

    @property
    def size(self) -> int:
        return len(self.text.encode())

    @property
    def deltas(self) -> list[str]:
        """The text in 2,000 pieces of nearly the same length."""
        text = self.text
        cuts = [round(i * len(text) / DELTAS) for i in range(DELTAS + 1)]
        return [text[a:b] for a, b in pairwise(cuts)]


def ordinary() -> Answer:
    """40 kB of headings, paragraphs, lists, tables and code."""
    kinds = (_heading, _paragraph, _paragraph, _list, _paragraph, _table, _paragraph, _code)
    return _of(_LONG, kinds)


def with_maths() -> Answer:
    """The same with formulas in running text and on lines of their own."""
    kinds = (_heading, _with_formulas, _displayed, _list, _with_formulas, _table, _paragraph, _code)
    return _of(_LONG, kinds)


def one_paragraph() -> Answer:
    """12 kB without a break."""
    random = Random(3)
    text = ""
    while len(text.encode()) < _PARAGRAPH:
        text += _sentence(random) + " "
    return Answer([text.strip()])


def _of(size: int, kinds: Sequence[Callable[[Random], str]]) -> Answer:
    random, blocks = Random(2), list[str]()
    while sum(len(block.encode()) + 2 for block in blocks) < size:
        blocks.append(kinds[len(blocks) % len(kinds)](random))
    return Answer(blocks)


def _sentence(random: Random) -> str:
    words = random.choices(_WORDS, k=random.randint(9, 18))
    mark = random.choice(("{}", "{}", "{}", "**{}**", "*{}*", "`{}`"))
    words[4] = mark.format(words[4])
    return " ".join(words).capitalize() + "."


def _paragraph(random: Random) -> str:
    return " ".join(_sentence(random) for _ in range(random.randint(3, 6)))


def _with_formulas(random: Random) -> str:
    sentences = (f"{_sentence(random)[:-1]} {random.choice(_FORMULAS)}." for _ in range(4))
    return " ".join(sentences)


def _displayed(random: Random) -> str:
    return _DISPLAYED


def _heading(random: Random) -> str:
    return f"## {' '.join(random.choices(_WORDS, k=4)).capitalize()}"


def _list(random: Random) -> str:
    return "\n".join(f"- {_sentence(random)}" for _ in range(random.randint(4, 7)))


def _table(random: Random) -> str:
    rows = (_row(random) for _ in range(random.randint(4, 7)))
    return "\n".join(("| model | R² | comment |", "|:---|---:|---|", *rows))


def _row(random: Random) -> str:
    comment = " ".join(random.choices(_WORDS, k=4))
    return f"| {random.choice(_WORDS)} | {random.random():.3f} | {comment} |"


def _code(random: Random) -> str:
    return _CODE.format(n=random.randint(3, 90))
