"""Names and addresses from outside -> links that are safe to show."""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from claude_magic.render.marks import without_signs

_WEB = re.compile(r"https?://[^/\s]\S*", re.IGNORECASE)
_URL_SIGNS = "!#$%&'*+,/:;=?@[]~"
# What turns the direction of text around, or could move a terminal's cursor.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# Front ends see formulas in `\(` and in `\\(` alike: a backslash must not be there at all.
_LITERAL = {ord(sign): f"\\{sign}" for sign in "`*_~"} | {
    ord(sign): f"&#{ord(sign)};" for sign in "\\$[]<>&"
}
_LONGEST_TITLE = 120


@dataclass(frozen=True)
class Link:
    """What something is called, and its address if it may be opened: http or https, else ""."""

    title: str
    url: str = ""


def link_to(title: object, url: object = "") -> Link:
    """Return a link, named by its address if it has no title.

    >>> link_to(" A\\n\\x1b title ", "https://x.org/a b"), link_to("A", "javascript:x")
    (Link(title='A title', url='https://x.org/a%20b'), Link(title='A', url=''))
    """
    address = url.strip() if isinstance(url, str) else ""
    name = one_line(title if isinstance(title, str) and title.strip() else address)
    address = quote(address, safe=_URL_SIGNS, errors="replace")
    return Link(name, address if _WEB.fullmatch(address) else "")


def link_html(link: Link) -> str:
    """Return a link as HTML, opened apart and told nothing of the notebook."""
    words = escape(link.title, quote=False)
    if not link.url:
        return words
    return f'<a href="{escape(link.url)}" target="_blank" rel="noopener noreferrer">{words}</a>'


def link_markdown(link: Link) -> str:
    """Return a link as Markdown."""
    words = literal(link.title)
    return f"[{words}](<{link.url}>)" if link.url else words


def link_words(link: Link) -> str:
    """Return a link as plain words."""
    return f"{link.title} <{link.url}>" if link.url not in ("", link.title) else link.title


def literal(text: str) -> str:
    """Return one line of text as Markdown that shows just that.

    >>> literal("<b> *1* \\\\(x\\\\)")
    '&#60;b&#62; \\\\*1\\\\* &#92;(x&#92;)'
    """
    return text.translate(_LITERAL)


def one_line(text: str, longest: int = _LONGEST_TITLE) -> str:
    """Return words from outside in one line of at most `longest` characters.

    >>> one_line("So\\n much  to say", 9)
    'So much…'
    """
    line = " ".join(without_signs(_UNSEEN.sub(" ", text)).split())
    if len(line) <= longest:
        return line
    short = line[: longest - 1]
    return (short.rpartition(" ")[0] or short) + "…"
