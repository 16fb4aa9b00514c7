"""What we say ourselves above and below an answer, in small print: what went along, and more."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_SHOWN = 12
_ROW = "display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center"
_ITEM = "display:inline-flex;align-items:center;gap:6px"
# White behind what can be seen through, as the model sees it; the frame shows on light and dark.
_PICTURE = "width:auto;background:#fff;border:1px solid rgba(128,128,128,.5)"


@dataclass(frozen=True)
class Sent:
    """A picture that went along: what it is called, what it costs, how it looks.

    `small` is a `data:` address, or "" where the kernel does not hold the picture.
    """

    name: str
    cost: str
    small: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.cost})"


@dataclass(frozen=True)
class Header:
    """Pictures that went along, and what else is told above an answer."""

    pictures: Sequence[Sent] = ()
    line: str = ""

    def __bool__(self) -> bool:
        return bool(self.pictures or self.line)

    @property
    def text(self) -> str:
        """All of it as words."""
        named = ", ".join(map(str, self.pictures))
        return " ".join(filter(None, [f"Sent along: {named}." if named else "", self.line]))

    @property
    def html(self) -> str:
        """All of it as HTML that runs nothing and loads nothing."""
        if not any(one.small for one in self.pictures):
            return small_print(self.text)
        shown = "".join(map(_item, self.pictures[:_MOST_SHOWN]))
        more = len(self.pictures) - _MOST_SHOWN
        shown += f"<span>and {more} more</span>" if more > 0 else ""
        row = f'<p style="{_ROW}"><small><em>Sent along:</em></small>{shown}</p>'
        return row + small_print(self.line)


NO_HEADER = Header()


def small_print(line: str) -> str:
    """Return a line of our own in small print, as HTML."""
    return f"<p><small><em>{html.escape(line)}</em></small></p>" if line else ""


def _item(sent: Sent) -> str:
    name, cost = html.escape(sent.name), html.escape(sent.cost)
    words = f"<small><em>{name}<br>{cost}</em></small>"
    return f'<span style="{_ITEM}">{small_picture(sent.small, sent.name)}{words}</span>'


def small_picture(address: str, name: str, side: int = 48) -> str:
    """Return the HTML of a small picture at a `data:` address, `side` pixels high; "" for none."""
    if not address.startswith("data:image/"):
        return ""
    named = html.escape(name)
    style = f"max-height:{side}px;{_PICTURE}"
    return f'<img src="{html.escape(address)}" alt="{named}" height="{side}" style="{style}">'
