"""A call of one of our tools and what it came to -> a line, and what is folded below it."""

import json
from collections.abc import Iterator
from typing import Any

from claude_magic.content.blocks import Block, Image, Text, ToolResult, ToolUse, write_block
from claude_magic.content.counting import counted
from claude_magic.content.wire import Json
from claude_magic.render.links import one_line
from claude_magic.render.piece import Code, Kind, Picture, Piece, code_of

_LONGEST_VALUE, _LONGEST_LINE = 40, 100
_CODE = ("code",)  # arguments that hold Python


def call_piece(use: ToolUse, result: ToolResult | None, took: float, *, ended: bool) -> Piece:
    """Return what is shown of a call; `took` is in seconds, 0 where it is not known."""
    line = f"{one_line(use.name)}({_in_line(use)})"
    asked = tuple(_asked(use))
    if use.unfinished:
        return Piece(Kind.RESULT, f"{line}: not called, the answer was cut within it", asked)
    if result is None:
        return Piece(Kind.RESULT, f"{line}: not called" if ended else f"{line} …", asked)
    told = f"{line}: {_outcome(result)}" + (f" · {_seconds(took)}" if took else "")
    return Piece(Kind.RESULT, told, (*asked, *_brought(result)))


def result_piece(result: ToolResult) -> Piece:
    """Return what is shown of a result whose call stands elsewhere."""
    return Piece(Kind.RESULT, f"Result of a tool: {_outcome(result)}", tuple(_brought(result)))


def _in_line(use: ToolUse) -> str:
    """The arguments as in a call, shortened."""
    if use.unfinished:
        return "…"
    given = ", ".join(f"{name}={_short(value)}" for name, value in use.input.items())
    return given if len(given) <= _LONGEST_LINE else f"{given[:_LONGEST_LINE]}…"


def _short(value: Any) -> str:
    text = one_line(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _asked(use: ToolUse) -> Iterator[Code]:
    """What the tool was given, code as such."""
    rest: Json = dict(use.input)
    for name in _CODE:
        if (isinstance(code := use.input.get(name), str) and "\n" in code) or use.name == "python":
            rest = {other: value for other, value in rest.items() if other != name}
            yield code_of(str(code), "python")
    if use.unfinished:
        yield code_of(use.unfinished, label="Arguments, as far as they came")
    elif rest:
        yield code_of(json.dumps(rest, indent=2, ensure_ascii=False), "json", "Arguments")


def _outcome(result: ToolResult) -> str:
    """How a call went, in a few words."""
    words = _words(result)
    pictures = sum(isinstance(block, Image) for block in result.content)
    if result.is_error:
        return f"failed, {one_line(_last_line(words))}"
    lines = words.strip().splitlines()
    told = [one_line(lines[0], _LONGEST_LINE)] if lines else []
    told[:1] = [f"{told[0]} \u2026"] if len(lines) > 1 else told
    told += [counted(pictures, "picture")] if pictures else []
    return ", ".join(told) or "done"


def _last_line(words: str) -> str:
    """Of a traceback, the line that names the error."""
    if "Traceback" not in words:
        return words
    lines = [line for line in words.partition("\n\nPrinted:\n")[0].splitlines() if line.strip()]
    return lines[-1] if lines else words


def _brought(result: ToolResult) -> Iterator[Code | Picture]:
    if words := _words(result):
        yield code_of(words, label="Error" if result.is_error else "Result")
    for block in result.content:
        if isinstance(block, Image):
            yield Picture(block.source)


def _words(result: ToolResult) -> str:
    return "\n\n".join(_said(block) for block in result.content if not isinstance(block, Image))


def _said(block: Block) -> str:
    return block.text if isinstance(block, Text) else f"[{write_block(block)['type']}]"


def _seconds(took: float) -> str:
    if took < 0.1:
        return f"{max(1, round(took * 1000))} ms"
    return f"{took:.1f} s" if took < 60 else f"{took / 60:.1f} min"
