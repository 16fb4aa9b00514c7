"""Code in an answer -> HTML with the few colours notebooks have."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 100_000  # characters; longer code is shown without colours
# Many lexers take quadratic time on one long line, and some on other strange code.
LONG_LINE = re.compile(r"[^\n]{1000}")
PATIENCE = 0.5  # seconds; then the rest is shown without colours
# What notebooks hold most of all is split here: Pygments takes 1.5 ms for each kB of it, too long
# for an answer that grows, and for one that is stopped.
PYTHON = ("python", "py", "python3", "py3", "ipython", "ipython3")
PYTHON_TOKEN = re.compile(
    r"""
    [\#"'\w] (?:
        (?<= \#) (?P<c> [^\n]* )
        | (?P<s> (?: (?<= ["']) | (?<= [bBfFrRtTuU]) [bBfFrRtTuU]? ["'] ) (?:
            (?<= ") "" (?: [^\\] | \\. )*? (?: \"{3} | \Z )
            | (?<= ') '' (?: [^\\] | \\. )*? (?: '{3} | \Z )
            | (?<= ") (?: [^"\\\n] | \\. )* "? | (?<= ') (?: [^'\\\n] | \\. )* '?
        ))
        | (?<= [0-9]) (?P<m>
            (?<= 0) [xXoObB] [\da-fA-F_]+ | [\d_]* (?: \.[\d_]* )? (?: [eE][+-]?\d+ )? j?
        )
        | \w*
    )
    """,
    re.VERBOSE | re.DOTALL,
)
PYTHON_WORDS = dict.fromkeys(("and", "or", "not", "in", "is"), "ow") | dict.fromkeys(
    (
        *("False", "None", "True", "as", "assert", "async", "await", "break", "class", "continue"),
        *("def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if"),
        *("import", "lambda", "nonlocal", "pass", "raise", "return", "try", "while", "with"),
        "yield",
    ),
    "k",
)
# JupyterLab breaks long lines anywhere and sets code apart by nothing; nbconvert forgets the font.
STYLE = (
    "background:var(--jp-cell-editor-background);font-family:var(--jp-code-font-family,monospace);"
    "margin:0 0 1em;padding:.5em 1em;overflow-x:auto;white-space:pre;direction:ltr"
)


def code_html(code: str, language: str = "") -> str:
    """`code` as a block that carries token classes JupyterLab and nbconvert have colours for.

    An unknown `language` is no error: the code is shown plain.

    >>> code_html("x = 1\\n", "python")  # doctest: +ELLIPSIS
    '<div class="highlight"><pre style="...">x = <span class="m">1</span>\\n</pre></div>\\n'
    """
    body = escape(code, quote=False)
    if language and _is_ordinary(code):
        body = _coloured(_tokens(code, language[:40].lower())) or body
    # A first newline directly after <pre> would be swallowed by the browser.
    gap = "\n" if body.startswith("\n") else ""
    return f'<div class="highlight"><pre style="{STYLE}">{gap}{body}</pre></div>\n'


def _is_ordinary(code: str) -> bool:
    return len(code) <= LONGEST and not LONG_LINE.search(code)


def _tokens(code: str, language: str) -> Iterable[tuple[str, str]]:
    """Each token's colour ("" for none) and text; nothing where the language is not known."""
    if language in PYTHON:
        return _python(code)
    lexer = _lexer(language)
    return _by_pygments(code, lexer) if lexer else ()


def _python(code: str) -> Iterator[tuple[str, str]]:
    end = 0
    for found in PYTHON_TOKEN.finditer(code):
        if colour := found.lastgroup or PYTHON_WORDS.get(found[0], ""):
            yield "", code[end : found.start()]
            yield colour, found[0]
            end = found.end()
    yield "", code[end:]


def _by_pygments(code: str, lexer: "Lexer") -> Iterator[tuple[str, str]]:
    end, deadline = 0, monotonic() + PATIENCE
    for start, kind, text in lexer.get_tokens_unprocessed(code):
        if monotonic() > deadline:
            break
        yield _colour(kind), text
        end = start + len(text)
    yield "", code[end:]


@lru_cache(maxsize=64)
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _coloured(tokens: Iterable[tuple[str, str]]) -> str:
    """Neighbours of one colour share a span; tokens without a colour get none."""
    out: list[str] = []
    open_colour = space = ""
    for colour, text in tokens:
        if not text or text.isspace():
            space += text
            continue
        if colour != open_colour:
            out += "</span>" * bool(open_colour), space, f'<span class="{colour}">' * bool(colour)
        else:
            out.append(space)
        out.append(escape(text, quote=False))
        open_colour, space = colour, ""
    return "".join(out) + "</span>" * bool(open_colour) + space


@lru_cache(maxsize=512)
def _colour(kind: "tuple[str, ...]") -> str:
    """The Pygments class of the colour group `kind` belongs to, or nothing.

    Names, punctuation and operators look like plain text in JupyterLab or would cost more bytes
    than they are worth.
    """
    from pygments.token import Comment, Keyword, Number, Operator, String

    groups = ((Comment, "c"), (Keyword, "k"), (Operator.Word, "ow"), (String, "s"), (Number, "m"))
    return next((name for group, name in groups if kind in group), "")
