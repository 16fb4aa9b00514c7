"""An answer as a person holds it: knows its parts, shows itself."""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from claude_magic.content.blocks import Block, Text
from claude_magic.content.look import Look
from claude_magic.content.message import Usage
from claude_magic.content.turn import Ending
from claude_magic.errors import BadInput, without_control
from claude_magic.render.citations import Footnote, footnotes_html, footnotes_markdown, line_of
from claude_magic.render.code import code_html
from claude_magic.render.links import Link, link_html, link_markdown, link_words, literal
from claude_magic.render.markdown import to_html, to_markdown, wrap
from claude_magic.render.marks import marks_as_html, marks_as_words
from claude_magic.render.notices import notices
from claude_magic.render.piece import Code, Kind, Picture, Piece
from claude_magic.render.pieces import pieces_of
from claude_magic.render.small_print import NO_HEADER, Header, small_print

Bundle = dict[str, str]
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")
# Whatever a tool or a server calls a picture, nothing else becomes one in the page.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Answer:
    """What Claude answered: its text, blocks, and how it came about.

    `cost` is in US dollars, None where the price is not known; `seconds` from question to end.
    """

    look: Look
    cost: float | None = None
    value: object = None  # with a schema: the object asked for

    @property
    def text(self) -> str:
        """The words of all text blocks, joined; where tools were called, what was said at last."""
        return self.look.answer.text

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

    def with_value_of(self, read: Callable[[str], object]) -> "Answer":
        """Return the answer with the object its words hold, if it is whole.

        One that was cut or refused holds none; words about searches and tools may stand before it
        (Messages API, structured outputs).

        Raises
        ------
        BadInput: the answer is whole, but not of the form asked for.
        """
        if not self.complete or self.stop_reason not in ("end_turn", "stop_sequence"):
            return self
        try:
            return replace(self, value=self._read_last(read))
        except ValueError as error:
            raise BadInput(
                f"the answer is not of the form asked for: {error}",
                hint="Not every server knows structured output; its words are kept.",
            ) from error

    def _read_last(self, read: Callable[[str], object]) -> object:
        """The object in the last text block, or else in all of them."""
        last = next((b.text for b in reversed(self.blocks) if isinstance(b, Text)), "")
        try:
            return read(last)
        except ValueError:
            return read(self.text)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        words = f"{self.text[:60]}…" if len(self.text) > 60 else self.text
        ended = self.stop_reason or self.look.ending
        return without_control(f"<Answer {words!r}, {ended}, {self.model}>")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return bundle(self.look)


def bundle(
    look: Look,
    *,
    header: Header = NO_HEADER,
    footer: str = "",
    html_parts: list[str] | None = None,
    html_shown: bool = True,
) -> Bundle:
    """Return a whole answer for a notebook: safe HTML first, then Markdown, then plain text.

    `header` and `footer` are shown in small print and are no part of the text. `html_parts` are
    pieces already rendered. Without `html_shown` (front ends that render Markdown safely
    themselves) header and footer go around the Markdown.
    """
    told = notices(look)
    above, under = (_small(header.text), _small(footer)) if not html_shown else ("", "")
    pieces = pieces_of(look)
    kept = [
        (piece, piece_markdown(piece, seen=not html_shown)) for piece in pieces if _is_answer(piece)
    ]
    text = _text((marked for _, marked in kept), told)
    plain = _text((_plain(piece, marked) for piece, marked in kept), told)
    data = {
        "text/markdown": "\n\n".join(filter(None, [above, text, under])),
        "text/plain": without_control(plain),
    }
    if not html_shown:
        return data
    parts = [piece_html(piece) for piece in pieces] if html_parts is None else html_parts
    small = [small_print(line) for line in [*told, footer]]
    return {"text/html": wrap("".join([header.html, *parts, *small])), **data}


def _small(line: str) -> str:
    return f"<sub>{html.escape(line)}</sub>" if line else ""


def piece_html(piece: Piece) -> str:
    """Return a piece as HTML that runs nothing."""
    match piece.kind:
        case Kind.WORDS:
            return marks_as_html(to_html(piece.source))
        case Kind.THINKING:
            return f"<details><summary>Thinking</summary>{to_html(piece.source)}</details>"
        case Kind.FOOTNOTES:
            return footnotes_html(_footnotes(piece))
        case Kind.RESULT if piece.details:
            line = f"<small><em>{html.escape(piece.source)}</em></small>"
            folded = f"<details><summary>{line}</summary>{_details_html(piece)}</details>"
            return folded + "".join(map(picture_html, _pictures(piece)))
        case _:
            return small_print(piece.source)


def piece_markdown(piece: Piece, *, seen: bool = False) -> str:
    """Return a piece as Markdown; what a tool did takes a line and its sources.

    Pictures are in it where the Markdown is what is `seen`; else the HTML beside it has them.
    """
    match piece.kind:
        case Kind.FOOTNOTES:
            return footnotes_markdown(_footnotes(piece))
        case Kind.RESULT:
            sources = "".join(f"\n> - {link_markdown(link)}" for link in _links(piece))
            told = f"> {literal(piece.source)}" + ("\n>" + sources if sources else "")
            shown = [_picture_markdown(one) if seen else "*[picture]*" for one in _pictures(piece)]
            return told + "".join(f"\n>\n> {one}" for one in shown)
        case _:
            return marks_as_words(to_markdown(piece.source))


def piece_words(piece: Piece) -> str:
    """Return a piece as plain words; those of Claude as they were written."""
    match piece.kind:
        case Kind.FOOTNOTES:
            return "\n".join(map(line_of, _footnotes(piece)))
        case Kind.RESULT:
            return "\n".join([piece.source, *(f"- {link_words(link)}" for link in _links(piece))])
        case _:
            return marks_as_words(piece.source)


def _is_answer(piece: Piece) -> bool:
    """Whether a piece belongs to what is kept as text."""
    return piece.kind in (Kind.WORDS, Kind.RESULT, Kind.FOOTNOTES)


def _text(parts: Iterable[str], told: list[str]) -> str:
    stretches = [part.strip("\n") for part in parts]
    return "\n\n".join([*stretches, *(f"> {line}" for line in told)]).strip()


def _plain(piece: Piece, marked: str) -> str:
    return marked if piece.kind is Kind.WORDS else piece_words(piece)


def _footnotes(piece: Piece) -> list[Footnote]:
    return [note for note in piece.details if isinstance(note, Footnote)]


def _links(piece: Piece) -> list[Link]:
    return [link for link in piece.details if isinstance(link, Link)]


def _pictures(piece: Piece) -> list[Picture]:
    return [one for one in piece.details if isinstance(one, Picture)]


def picture_html(picture: Picture) -> str:
    """Return a picture that is at hand; of others, that there is one."""
    if not (address := _address(picture)):
        return small_print("a picture")
    shown = f'<img alt="picture of a tool" style="max-width:100%" src="{address}">'
    return f"<p>{shown}</p>\n"


def _picture_markdown(picture: Picture) -> str:
    address = _address(picture)
    return f"![picture]({address})" if address else "*[picture]*"


def _address(picture: Picture) -> str:
    """A picture that is at hand as an address; "" for others, and for what is no picture."""
    source = picture.source
    data = str(source.get("data"))
    known = source.get("type") == "base64" and source.get("media_type") in PICTURES
    return f"data:{source['media_type']};base64,{data}" if known and _BASE64.fullmatch(data) else ""


def _details_html(piece: Piece) -> str:
    """What is folded: code and what it printed, then sources."""
    codes = [code for code in piece.details if isinstance(code, Code)]
    shown = [small_print(code.label) + code_html(code.text, code.language) for code in codes]
    links = "".join(f"<li>{link_html(link)}</li>\n" for link in _links(piece))
    return "".join(shown) + (f"<ul>\n{links}</ul>\n" if links else "")
