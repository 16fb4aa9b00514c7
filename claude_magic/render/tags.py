"""Markdown tokens -> HTML. All tags and attributes an answer can have are here and in `plain`."""

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from claude_magic.render.code import code_html
from claude_magic.render.maths import formula_html

if TYPE_CHECKING:
    from markdown_it.token import Token

TAGS = {
    "paragraph_open": "<p>",
    "paragraph_close": "</p>\n",
    "blockquote_open": "<blockquote>",
    "blockquote_close": "</blockquote>\n",
    "bullet_list_open": "<ul>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_close": "</li>\n",
    "table_open": '<div style="overflow-x:auto"><table>\n',
    "table_close": "</table></div>\n",
    "thead_open": "<thead>",
    "thead_close": "</thead>\n",
    "tbody_open": "<tbody>\n",
    "tbody_close": "</tbody>",
    "tr_open": "<tr>",
    "tr_close": "</tr>\n",
    "th_close": "</th>",
    "td_close": "</td>",
    "hr": "<hr>\n",
    "em_open": "<em>",
    "em_close": "</em>",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "s_open": "<s>",
    "s_close": "</s>",
    "softbreak": "\n",
    "hardbreak": "<br>\n",
}
# http: without // would be relative to the page, that is to the notebook server
LINK = re.compile(r"https?://[^/]|mailto:", re.IGNORECASE)
TASK = re.compile(r"\[([ xX])\]\s")


def is_link(url: str) -> bool:
    """Is `url` of the kinds an answer may link to: http, https, mailto?

    >>> is_link("https://x.org"), is_link("javascript:alert(1)"), is_link("/lab?reset")
    (True, False, False)
    """
    return LINK.match(url) is not None


def html(tokens: "Sequence[Token]") -> str:
    """HTML of parsed blocks; what this module does not know appears as escaped text."""
    out: list[str] = []
    for index, token in enumerate(tokens):
        if token.hidden:
            continue
        if token.type == "inline":
            inline(token.children or (), out)
        elif token.type == "list_item_open":
            out.append(_list_item(tokens[index + 1 : index + 3]))
        else:
            out.append(TAGS.get(token.type) or _block(token))
    return "".join(out)


def _block(token: "Token") -> str:
    match token.type:
        case "fence" | "code_block":
            return code_html(token.content, (token.info.split() or [""])[0])
        case "td_open" | "th_open":
            # JupyterLab aligns cells of HTML tables right unless told otherwise
            return f'<{token.tag} style="{token.attrs.get("style", "text-align:left")}">'
        case "heading_open":
            return f"<{token.tag}>"
        case "heading_close":
            return f"</{token.tag}>\n"
        case "ordered_list_open":
            start = token.attrs.get("start")
            return f'<ol start="{int(start)}">\n' if start is not None else "<ol>\n"
        case _:
            return escape(token.content)


def _list_item(following: "Sequence[Token]") -> str:
    """An item that opens with ``[ ]`` or ``[x]`` is a task; its first text then shows a box."""
    text = following[-1].children if following and following[-1].type == "inline" else None
    if text and (task := TASK.match(text[0].content)) and text[0].type == "text":
        box = "☐" if task[1] == " " else "☑"
        text[0].content = f"{box} {text[0].content[task.end() :]}"
        return '<li style="list-style:none">'
    return "<li>"


def inline(tokens: "Sequence[Token]", out: list[str]) -> None:
    """Append the HTML of running text to `out`."""
    linked = False
    for token in tokens:
        match token.type:
            case "text":
                out.append(escape(token.content, quote=False))
            case "code_inline":
                out.append(f"<code>{escape(token.content, quote=False)}</code>")
            case "formula":
                out.append(formula_html(token.meta["formula"]))
            case "link_open":
                linked = is_link(str(token.attrs["href"]))
                out.append(_anchor(str(token.attrs["href"])) if linked else "")
            case "link_close":
                out.append("</a>" if linked else "")
                linked = False
            case "image":
                out.append(_image(token, linked=linked))
            case kind:
                out.append(TAGS.get(kind) or escape(token.content))


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">'


def _image(token: "Token", *, linked: bool) -> str:
    """A picture is only linked to: fetching it would tell its server what Claude was told."""
    url = str(token.attrs["src"])
    words = escape(token.content or (url if is_link(url) else "image"), quote=False)
    return f"{_anchor(url)}{words}</a>" if is_link(url) and not linked else words
