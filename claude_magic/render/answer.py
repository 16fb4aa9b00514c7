"""An answer as a person holds it: knows its parts, shows itself."""

import html
from dataclasses import dataclass
from typing import Any

from claude_magic.content.blocks import Block
from claude_magic.content.growing import Look
from claude_magic.content.message import Usage
from claude_magic.content.turn import Ending
from claude_magic.render.markdown import to_html, to_markdown, wrap
from claude_magic.render.notices import notices
from claude_magic.render.pieces import Kind, Piece, pieces_of

Bundle = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What Claude answered: its text, blocks, and how it came about.

    `cost` is in US dollars, None where the price is not known; `seconds` from question to end.
    """

    look: Look
    cost: float | None = None

    @property
    def text(self) -> str:
        """The words of all text blocks, joined."""
        return self.look.message.text

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The content blocks in the order they came."""
        return self.look.message.content

    @property
    def stop_reason(self) -> str:
        """Why the model stopped, in the API's word; "" when the answer was cut before."""
        return self.look.message.stop_reason

    @property
    def stop_sequence(self) -> str:
        """The stop sequence that was met, or ""."""
        return self.look.message.stop_sequence

    @property
    def usage(self) -> Usage:
        """Tokens in and out."""
        return self.look.message.usage

    @property
    def model(self) -> str:
        """The model that answered."""
        return self.look.message.model

    @property
    def id(self) -> str:
        """The message's id."""
        return self.look.message.id

    @property
    def role(self) -> str:
        """Always `assistant`."""
        return self.look.message.role

    @property
    def request_id(self) -> str:
        """What to quote to the server's support."""
        return self.look.request_id

    @property
    def seconds(self) -> float:
        """From the question to the end of the answer."""
        return self.look.seconds

    @property
    def complete(self) -> bool:
        """Whether the answer came to its own end."""
        return self.look.ending is Ending.COMPLETE

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        words = f"{self.text[:60]}…" if len(self.text) > 60 else self.text
        return f"<Answer {words!r}, {self.stop_reason or self.look.ending}, {self.model}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return bundle(self.look)


def bundle(
    look: Look, *, footer: str = "", html_parts: list[str] | None = None, html_shown: bool = True
) -> Bundle:
    """Return a whole answer for a notebook: safe HTML first, then Markdown, then plain text.

    `footer` is shown in small print and is no part of the text. `html_parts` are pieces already
    rendered. Without `html_shown` (front ends that render Markdown safely themselves) the footer
    goes under the Markdown.
    """
    told = [small_print(line) for line in notices(look)]
    text = to_markdown(look.message.text)
    marked = "\n\n".join([text, *(f"> {line}" for line in notices(look))]).strip()
    under = f"\n\n<sub>{html.escape(footer)}</sub>" if footer and not html_shown else ""
    data = {"text/markdown": marked + under, "text/plain": marked}
    if not html_shown:
        return data
    parts = [piece_html(piece) for piece in pieces_of(look)] if html_parts is None else html_parts
    return {"text/html": wrap("".join([*parts, *told, small_print(footer)])), **data}


def piece_html(piece: Piece) -> str:
    """Return a piece as HTML that runs nothing."""
    match piece.kind:
        case Kind.WORDS:
            return to_html(piece.source)
        case Kind.THINKING:
            return f"<details><summary>Thinking</summary>{to_html(piece.source)}</details>"
        case Kind.NOTE:
            return small_print(piece.source)


def small_print(line: str) -> str:
    """Return a line of our own in small print, as HTML."""
    return f"<p><small><em>{html.escape(line)}</em></small></p>" if line else ""
