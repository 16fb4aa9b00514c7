"""Claims about `{{ expressions }}` in a text."""

from collections.abc import Callable

import pytest

from claude_magic.capture.fill import Value, fill
from claude_magic.errors import BadInput


def filled(text: str, **names: object) -> str:
    parts = fill(text, lambda code: eval(code, dict(names)))
    return "".join(str(part.value) if isinstance(part, Value) else part for part in parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{ x }} b", "a 7 b"),
        ("{{x}}{{x}}", "77"),
        ("{{ {'a': {'b': x}} }}", "{'a': {'b': 7}}"),
        ("{{ '}}' + str(x) }}", "}}7"),
        ("{{ [i for i in range(x)] }}", "[0, 1, 2, 3, 4, 5, 6]"),
        ("{{ (\n x\n) }}", "7"),
        ("{{ f'{x:>3}' }}", "  7"),
        (r"\{{ x }}", "{{ x }}"),
        (r"a \{{ {{ x }}", "a {{ 7"),
        ("{x} } { {x: 1}", "{x} } { {x: 1}"),
        (r"\frac{1}{2} } }}", r"\frac{1}{2} } }}"),
        ("$HOME %s {0}", "$HOME %s {0}"),
        ("", ""),
    ],
)
def test_expressions_become_their_values(text: str, expected: str) -> None:
    """Double braces hold an expression; all else is left as it is."""
    assert filled(text, x=7) == expected


def test_a_value_is_never_evaluated_again() -> None:
    """A variable that holds braces goes as it stands."""
    assert filled("{{ x }}", x="{{ secret }} \\{{ y }}", secret="!") == "{{ secret }} \\{{ y }}"


def test_each_expression_is_evaluated_once() -> None:
    """An expression may have effects."""
    calls: list[int] = []
    tick: Callable[[], int] = lambda: calls.append(1) or len(calls)  # type: ignore[func-returns-value] # noqa: E731

    assert filled("{{ tick() }} {{ tick() }}", tick=tick) == "1 2"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ nobody }}", "nobody"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ x. }}", "{{ x. }}"),
        ("{{ }}", "{{ }}"),
        ("{{ x", "{{ x"),
        ("{{ import os }}", "import os"),
        ("{{ d['k'] }}", "KeyError"),
        ("{{ await x }}", "'await' outside function"),
    ],
)
def test_what_cannot_be_evaluated_is_named(text: str, named: str) -> None:
    """The error names the expression and says that nothing was sent."""
    with pytest.raises(BadInput) as caught:
        filled(text, x=7, d={})

    assert named in str(caught.value)
    assert "nothing was sent" in str(caught.value)
    assert caught.value.hint
