"""While an answer grows, nothing is shown that is taken back a moment later."""

import re
from collections import Counter
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render.fragments import FORMULAS, NASTY, ORDINARY, documents
from render.markup import wrong_in

from claude_magic.render.begun import as_if_whole
from claude_magic.render.markdown import to_html
from tests.benchmarks.answers import ordinary, with_maths

REALISTIC = r"""## What the data shows

The **main points** about `df` and *its* columns ([documented](https://example.org/a?b=c) there):

- **Price:** rises with `area`, by ~~3~~ 2.1 %
- see ![the plot](https://example.org/p.png) and \(\hat\beta = (X^\top X)^{-1}\)
  1. nested, with **bold *and* both**
- it costs $5, or $$y = x^2$$ more

| model | R² | comment |
|:------|---:|:-------:|
| *linear* | 0.71 | `n=5` |
| **forest** | 0.83 | see [it](https://example.org) |

Then:
- one
- two

```python
x = "**not bold**"  # `really` [no](link
```

\[
a + b = c
\]

1. First
2. Second
"""


def seen(text: str) -> str:
    """The words that are shown of a text, without gaps between them."""
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", to_html(text))))


@pytest.mark.parametrize(
    "text",
    [REALISTIC, ordinary().text[:2500], with_maths().text[:2500]],
    ids=("all", "words", "tex"),
)
def test_what_is_seen_only_grows(text: str) -> None:
    """At each character of an answer, what is seen is the beginning of what is seen at its end."""
    whole = seen(text)

    for end in range(len(text)):
        assert whole.startswith(seen(as_if_whole(text[:end])))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2 * 3 and 2*3", "2 * 3 and 2*3"),
        ("*args " + "and words " * 20, "*args " + "and words " * 20),
        ("`a` and **b**", "`a` and **b**"),
        ("no formula: \\( " + "and words " * 120, "no formula: \\( " + "and words " * 120),
        ("costs $5 or", "costs $5 or"),
        ("a\n\n    **code", "a\n\n    **code"),
        ("```\n**code", "```\n**code"),
        ("", ""),
    ],
)
def test_what_is_not_open_stays(text: str, shown: str) -> None:
    """Signs that mark nothing, marks that are whole, code."""
    assert as_if_whole(text) == shown


@settings(max_examples=300)
@given(documents(*ORDINARY, *FORMULAS, *NASTY) | st.text(), st.integers(0, 200))
def test_any_text_can_end_anywhere(text: str, end: int) -> None:
    """Nothing is added but the ends of marks, and nothing becomes what must not be shown."""
    begun = text[:end]
    shown = as_if_whole(begun)

    assert set(Counter(shown) - Counter(begun)) <= set("*`~")
    assert wrong_in(to_html(shown)) == []
