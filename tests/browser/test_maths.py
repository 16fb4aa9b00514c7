"""Formulas become MathJax and prices stay prose, in both front ends and both themes."""

import pytest
from browser.jupyter_server import Door, Jupyter
from browser.opened import notebook_in

pytestmark = pytest.mark.browser

ANSWER = r"""## Least squares

A ticket costs $5 and a meal $6, which `\(is not\)` maths, nor is `$x$`. The estimator is
\(\hat\beta = (X^\top X)^{-1} X^\top y\) for $n < 100$, and where $a_1 * b_1 * c_1$ is finite:

\[
\operatorname{Var}(\hat\beta)
= \sigma^2 (X^\top X)^{-1}
- \frac{1}{2} \begin{pmatrix} a & b \\ c & d \end{pmatrix}
\]

1. First fit the **model**:
   $$\sum_{i=1}^n (y_i - x_i^\top \beta)^2$$
2. Then look at *residuals*
   - a funnel means the variance grows
   - [ ] try a logarithm
   - [x] look at [the docs](https://example.org)

| model | R² | comment |
|:------|---:|:-------:|
| linear | 0.71 | easy to explain |
| spline with $k$ knots | 0.81 | needs more data<br>and patience |

```python
def fit(X, y, *, robust=True):
    "Fit by least squares."
    model = sm.OLS(y, X)
    return model.fit(cov_type="HC3") if robust else model.fit()  # robust for small samples
```

> A high R² says little about whether the model is right.

\begin{align}
a &= b + c \\
- d &< e
\end{align}

\(\href{javascript:alert(1)}{no link}\) costs \$7.
"""
SHOW = f"""from claude_magic.render.markdown import to_html, wrap
from IPython.display import HTML
HTML(wrap(to_html({ANSWER!r})))"""
FORMULAS = 7


@pytest.mark.parametrize("door", ["lab", "notebook"])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_formulas_are_typeset_and_prices_are_not(
    browser, jupyter: Jupyter, door: Door, theme: str
) -> None:
    """Every formula is MathJax, none is an error, and text with dollars is as written."""
    jupyter.write("maths.ipynb", SHOW)
    jupyter.use_theme(f"JupyterLab {theme}")

    with notebook_in(browser, jupyter, "maths.ipynb", door, height=1700) as notebook:
        notebook.run_all()
        output = notebook.page.locator(".claude-magic")
        output.locator("mjx-container").nth(FORMULAS - 1).wait_for()
        notebook.screenshot(f"maths-{door}-{theme.lower()}")

        assert output.locator("mjx-container").count() == FORMULAS
        assert output.locator("mjx-merror, [data-mjx-error]").count() == 0
        assert "costs $5 and a meal $6" in output.inner_text()
        assert r"\(is not\)" in output.inner_text()
        assert r"\href{javascript:alert(1)}" in output.locator("code").last.inner_text()
