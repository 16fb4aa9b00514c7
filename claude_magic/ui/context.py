"""What `--context` asks for: the cells above a question go along with it."""

from collections.abc import Sequence
from typing import NamedTuple

from claude_magic.api.estimate import estimated_tokens
from claude_magic.capture.above import blocks_of, version, versions_in
from claude_magic.capture.cells import CellRun
from claude_magic.content.blocks import Block, write_block
from claude_magic.content.counting import counted
from claude_magic.content.turn import Turn
from claude_magic.errors import BadInput


class Context(NamedTuple):
    """The blocks of the cells above, and the line that tells of them."""

    blocks: tuple[Block, ...] = ()
    line: str = ""


def context(wanted: str, cells: Sequence[CellRun], turns: Sequence[Turn], limit: int) -> Context:
    """Return what goes along of `cells`, the last so many (or `all`) of which are `wanted`.

    What `turns`, the earlier ones that go along, took along and is unchanged is not sent again. The
    oldest are dropped where all would pass `limit` tokens.

    Raises
    ------
    BadInput: `wanted` is neither a number nor `all`.
    """
    chosen = _chosen(wanted, cells)
    known = versions_in(turns)
    new = [cell for cell in chosen if version(cell) not in known]
    kept, used = _within(new, limit)
    blocks = tuple(block for cell in kept for block in blocks_of(cell))
    return Context(blocks, _line(kept, used, len(chosen) - len(new), len(new) - len(kept)))


def _chosen(wanted: str, cells: Sequence[CellRun]) -> Sequence[CellRun]:
    if wanted == "all":
        return cells
    if not wanted.isdecimal():
        raise BadInput(
            f"--context is {wanted!r}.", hint="It takes how many of the cells above, or `all`."
        )
    return cells[max(0, len(cells) - int(wanted)) :]


def _within(cells: Sequence[CellRun], limit: int) -> tuple[list[CellRun], int]:
    """The last cells that fit, and about how many tokens they are."""
    kept: list[CellRun] = []
    used = 0
    for cell in reversed(cells):
        tokens = estimated_tokens([write_block(block) for block in blocks_of(cell)])
        if used + tokens > limit:
            break
        kept.insert(0, cell)
        used += tokens
    return kept, used


def _line(kept: list[CellRun], tokens: int, unchanged: int, dropped: int) -> str:
    if not (kept or unchanged or dropped):
        return "No cell above has run in this kernel."
    pictures = sum(len(shown.pictures) for cell in kept for shown in cell.outputs)
    named = ", ".join("a cell" if c.number is None else f"In [{c.number}]" for c in kept)
    shown = f"{counted(pictures, 'picture')}, " if pictures else ""
    parts = [f"Sent along: {named} ({shown}about {tokens:,} tokens)."]
    parts = parts if kept else []
    parts += [f"{counted(unchanged, 'cell')} unchanged since sent before."] if unchanged else []
    parts += [f"{counted(dropped, 'older cell')} left out: over the limit."] if dropped else []
    return " ".join(parts)
