"""A conversation -> a readable transcript: Markdown with pictures between."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import TypeGuard

from claude_magic.content.blocks import Block, Image, Text, ToolResult, ToolUse, write_block
from claude_magic.content.history import goes_along
from claude_magic.content.message import Message, seconds_taken
from claude_magic.content.turn import Conversation, Ending, Turn
from claude_magic.content.window import stale
from claude_magic.render.answer import PICTURES, piece_html
from claude_magic.render.calls import call_piece, result_piece
from claude_magic.render.links import literal
from claude_magic.render.markdown import to_html, to_markdown, wrap
from claude_magic.render.piece import Code, Picture, Piece

_WHO = {"user": "You", "assistant": "Claude"}
# A cell that went along: its code is no Markdown. Around a picture it comes in two pieces.
_CELL = re.compile(r'<cell [^>]*version="|.*</cell>\s*\Z', re.DOTALL)
_NONE = "The conversation has no turns yet."

Part = str | Image | Piece
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
        for message in turn.messages if len(turn.messages) < 3 else (turn.messages[0], turn.whole):
            yield from _message(message)
    if not conversation.turns:
        yield _NONE


def as_markdown(parts: Iterable[Part], source: Source = lambda image: "") -> str:
    """Return a transcript as Markdown; pictures point to where they are."""
    return "\n\n".join(_as_markdown(part, source) for part in parts)


def as_html(parts: Iterable[Part], source: Source) -> str:
    """Return a transcript as HTML that runs nothing."""
    return wrap("".join(_as_html(part, source) for part in parts))


def _as_markdown(part: Part, source: Source) -> str:
    match part:
        case str():
            return part
        case Image():
            return _linked(source(part))
    codes = [_fenced(one) for one in part.details if isinstance(one, Code)]
    pictures = [_linked(source(Image(one.source))) for one in part.details if _is_picture(one)]
    told = "\n\n".join([literal(part.source), *codes])
    return "\n\n".join(["\n".join(f"> {line}".rstrip() for line in told.splitlines()), *pictures])


def _as_html(part: Part, source: Source) -> str:
    match part:
        case str():
            return to_html(part)
        case Image():
            return _shown(source(part))
    words = tuple(one for one in part.details if not _is_picture(one))
    pictures = [_shown(source(Image(one.source))) for one in part.details if _is_picture(one)]
    return piece_html(replace(part, details=words)) + "".join(pictures)


def _is_picture(detail: object) -> TypeGuard[Picture]:
    return isinstance(detail, Picture)


def _fenced(code: Code) -> str:
    """Code in a fence that nothing in it can close."""
    longest = max(map(len, re.findall("`{3,}", code.text)), default=2)
    fence = "`" * (longest + 1)
    label = f"{code.label}:\n\n" if code.label else ""
    return f"{label}{fence}{code.language}\n{code.text.rstrip()}\n{fence}"


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
    """The words quoted under their speaker, a line for what has no words, and the pictures.

    Between them stand the calls of tools, each with its result.
    """
    who = f"{_WHO.get(message.role, message.role)}:"
    results = {one.tool_use_id: one for one in message.content if isinstance(one, ToolResult)}
    took = seconds_taken([message])
    pictures = [block for block in message.content if isinstance(block, Image)]
    rest = [block for block in message.content if not isinstance(block, Image)]
    for is_call, group in groupby(rest, lambda block: isinstance(block, ToolUse | ToolResult)):
        if not is_call:
            quoted = "\n\n".join(map(_words, group)).splitlines()
            yield "\n".join([*([who, ""] if who else []), *(f"> {one}".rstrip() for one in quoted)])
        elif who:
            yield who
        who = ""
        for block in group if is_call else ():
            if isinstance(block, ToolUse):
                result = results.pop(block.id, None)
                yield call_piece(block, result, took.get(block.id, 0.0), ended=True)
            elif isinstance(block, ToolResult) and block.tool_use_id in results:
                yield result_piece(block)
    if who:
        yield who
    yield from pictures


def _words(block: Block) -> str:
    if not isinstance(block, Text):
        return f"*[{write_block(block)['type']}]*"
    return _fenced(Code(block.text)) if _CELL.match(block.text) else to_markdown(block.text)
