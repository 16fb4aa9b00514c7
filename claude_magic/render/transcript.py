"""A conversation -> a readable transcript: Markdown with pictures between."""

from collections.abc import Callable, Iterable, Iterator

from claude_magic.content.blocks import Block, Image, Text, write_block
from claude_magic.content.history import goes_along
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Ending, Turn
from claude_magic.content.window import stale
from claude_magic.render.markdown import to_html, to_markdown, wrap

_WHO = {"user": "You", "assistant": "Claude"}
_NONE = "The conversation has no turns yet."
# Whatever a file or a server calls a picture, nothing else becomes one in the page.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")

Part = str | Image
Source = Callable[[Image], str]  # where a picture is to be had: an address, or "" for nowhere


def transcript(conversation: Conversation, last: int | None = None) -> Iterator[Part]:
    """Yield the turns as they will be sent; what will not be sent is marked with its reason.

    `last`: so many of the last turns, or all.
    """
    old = stale(conversation)
    covered = _covered(conversation)
    turns = list(enumerate(conversation.turns, 1))
    for number, turn in turns if last is None else turns[max(0, len(turns) - last) :]:
        marks = _marks(turn, stale=turn.id in old, covered=turn.id in covered)
        yield f"**{number}.**" + "".join(f" *({mark})*" for mark in marks)
        if turn.hidden:
            continue
        for message in turn.messages:
            yield from _message(message)
    if not conversation.turns:
        yield _NONE


def as_markdown(parts: Iterable[Part], source: Source = lambda image: "") -> str:
    """Return a transcript as Markdown; pictures point to where they are."""
    return "\n\n".join(part if isinstance(part, str) else _linked(source(part)) for part in parts)


def as_html(parts: Iterable[Part], source: Source) -> str:
    """Return a transcript as HTML that runs nothing."""
    pieces = (to_html(part) if isinstance(part, str) else _shown(source(part)) for part in parts)
    return wrap("".join(pieces))


def _linked(source: str) -> str:
    return f"![picture]({source})" if source else "*[picture]*"


def _shown(source: str) -> str:
    if not source.startswith(tuple(f"data:{kind};base64," for kind in PICTURES)):
        return to_html(_linked(""))
    return f'<p><img alt="picture" style="max-width:320px;max-height:240px" src="{source}"></p>\n'


def _covered(conversation: Conversation) -> frozenset[str]:
    """The turns that a summary stands for."""
    ids = [turn.id for turn in conversation.turns]
    summaries = [n for n, turn in enumerate(conversation.turns) if turn.summary and not turn.hidden]
    return frozenset(ids[: summaries[-1]] if summaries else ())


def _marks(turn: Turn, *, stale: bool, covered: bool) -> list[str]:
    if turn.hidden:
        return ["left out: its cell is gone, or it was undone"]
    marks = ["put there by you"] if turn.synthetic else []
    marks += ["a summary of all before it"] if turn.summary else []
    marks += ["kept; a summary is sent instead"] if covered else []
    marks += ["answered an older text than what stands before it now"] if stale else []
    if turn.ending is not Ending.COMPLETE:
        marks.append(f"{turn.ending}; sent as far as it came")
    if turn.answer.stop_reason == "max_tokens":
        marks.append("stopped at the limit of tokens")
    if not goes_along(turn):
        marks.append("refused" if turn.answer.stop_reason == "refusal" else "empty")
        marks.append("left out of what is sent")
    return marks


def _message(message: Message) -> Iterator[Part]:
    """The words quoted under their speaker, a line for what has no words, and the pictures."""
    who = _WHO.get(message.role, message.role)
    pictures = [block for block in message.content if isinstance(block, Image)]
    words = [_words(block) for block in message.content if not isinstance(block, Image)]
    quoted = "\n".join(f"> {line}".rstrip() for line in "\n\n".join(words).splitlines())
    yield f"{who}:\n\n{quoted}" if quoted else f"{who}:"
    yield from pictures


def _words(block: Block) -> str:
    return (
        to_markdown(block.text) if isinstance(block, Text) else f"*[{write_block(block)['type']}]*"
    )
