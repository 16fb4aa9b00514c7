"""Markdown text -> HTML that runs nothing."""

import re

from claude_magic.render import grammar, maths, plain, tags

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
REFERENCE = re.compile(r"^[ \t>*+\-\d.)]*\[(?:[^\[\]\\]|\\.)+\]:", re.MULTILINE | re.DOTALL)
# A line that begins so cannot belong to what stood before the blank line above it.
FRESH = re.compile(r"[^\s\d*+\-]|\*\*\w|\d+[^\d.)]")


def to_html(text: str) -> str:
    """The HTML of a whole or growing answer: nothing in it runs or is fetched.

    >>> to_html("Is **a < b**?")
    '<p>Is <strong>a &lt; b</strong>?</p>\\n'
    >>> to_html("<script>alert(1)</script> [x](javascript:alert(1))")
    '<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>\\n'
    """
    return plain.to_html(text, _parsed)


def _parsed(text: str) -> str:
    return tags.html(grammar.tokens(text))


def wrap(html: str) -> str:
    """`html` as one output, read as its first letter is, in which only marked formulas are typeset.

    >>> wrap("<p>$5</p>")
    '<div class="claude-magic mathjax_ignore tex2jax_ignore" dir="auto"><p>$5</p></div>'
    """
    return f'<div class="claude-magic mathjax_ignore tex2jax_ignore" dir="auto">{html}</div>'


def to_markdown(text: str) -> str:
    r"""`text` with ``\( \)`` and ``\[ \]`` as dollars outside code, and otherwise unchanged.

    >>> to_markdown(r"Where \(x\) is, not `\(y\)`: \[z\]")
    'Where $x$ is, not `\\(y\\)`: $$z$$'
    """
    if r"\(" not in text and r"\[" not in text:
        return text
    lines = LINE.findall(text)
    out: list[str] = []
    done = 0
    for start, end in _running_text(text):
        if start >= done:
            out += lines[done:start]
            out.append(_with_dollars("".join(lines[start:end])))
            done = end
    return "".join(out + lines[done:])


def has_references(text: str) -> bool:
    """May `text` define links by name, so that blocks rendered apart would miss them?

    >>> has_references("See [docs].\\n\\n[docs]: https://x.org"), has_references("See [docs].")
    (True, False)
    """
    return "]:" in text and REFERENCE.search(text) is not None


def split(text: str) -> tuple[str, str]:
    """Cut `text` after the leading blocks that no later text can change: (finished, rest).

    Blocks finished at different times and rendered apart give the HTML of the whole, unless a
    link is defined after its use (`has_references`).

    >>> split("# Title\\n\\nOne.\\n\\nTwo")
    ('# Title\\n\\nOne.\\n\\n', 'Two')
    >>> split("- a\\n- b\\n")
    ('', '- a\\n- b\\n')
    """
    cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
    whole, last = text[:cut], text[cut:]
    lines = LINE.findall(whole)
    cut = sum(map(len, lines[: _first_open_line(whole, lines, last)]))
    return text[:cut], text[cut:]


def _first_open_line(whole: str, lines: list[str], last: str) -> int:
    """The first of the ended `lines` that a longer `last` line, or more of them, could change."""
    tokens, defined = grammar.blocks(whole, growing=True)
    blocks = [token for token in tokens if token.level == 0 and token.map]
    if not blocks:
        return 0
    start, end = blocks[-1].map or (0, 0)
    if defined is not None:
        # What uses a link stays with its definition.
        return max((b.map[0] for b in blocks if b.map and b.map[0] <= defined), default=0)
    is_open_code = blocks[-1].type == "fence" and end == len(lines)
    is_closed = not lines[-1].strip(" \t\r\n") and FRESH.match(last) and not is_open_code
    return len(lines) if is_closed else start


def _running_text(text: str) -> list[tuple[int, int]]:
    """The lines of each stretch of text that is not code, in order."""
    tokens, _ = grammar.blocks(text)
    return sorted((t.map[0], t.map[1]) for t in tokens if t.type == "inline" and t.map)


def _with_dollars(text: str) -> str:
    out: list[str] = []
    done = 0
    for formula in maths.formulas(text):
        out += text[done : formula.start], maths.with_dollars(formula)
        done = formula.end
    return "".join(out) + text[done:]
