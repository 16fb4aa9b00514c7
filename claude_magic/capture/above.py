"""Cells that ran -> content blocks that tell Claude what stands above a question."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from claude_magic.capture.cells import CellRun, Shown
from claude_magic.content.blocks import Block, Image, Text
from claude_magic.content.steady import steady
from claude_magic.content.turn import Turn

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_MARK = re.compile(r'<cell [^>]*version="([0-9a-f]{12})">')


def above(
    cells: Sequence[CellRun], order: Sequence[str] = (), asking: str = ""
) -> tuple[CellRun, ...]:
    """Return the cells that stand above the one that asks, in the order of the notebook.

    `order` is the order of cells in the notebook, as far as it is known; a cell that it does not
    name stands after the one that ran before it.
    """
    place = {cell: number for number, cell in enumerate(order)}
    ranked: list[tuple[int, int, CellRun]] = []
    rank = -1
    for number, cell in enumerate(cells):
        rank = place.get(cell.run.cell, rank)
        ranked.append((rank, number, cell))
    end = place.get(asking, len(place))
    return tuple(cell for rank, _, cell in sorted(ranked, key=lambda one: one[:2]) if rank < end)


def version(cell: CellRun) -> str:
    """Return what tells a cell, as it stands now, from what it was and from others."""
    digest = blake2b(cell.code.encode(errors="replace"), digest_size=6)
    for shown in cell.outputs:
        for kind in sorted(shown.data):
            data = str(shown.data[kind])
            data = steady(data) if kind == "text/plain" else data
            digest.update(data.encode(errors="replace"))
    digest.update(steady(cell.error).encode(errors="replace"))
    return digest.hexdigest()


def versions_in(turns: Iterable[Turn]) -> frozenset[str]:
    """Return the versions of cells that the questions of `turns` took along."""
    return frozenset(
        found
        for turn in turns
        for block in turn.messages[0].content
        if isinstance(block, Text)
        for found in _MARK.findall(block.text)
    )


def blocks_of(cell: CellRun) -> tuple[Block, ...]:
    """Return a cell's code, what it printed and showed, and its error."""
    number = f'number="{cell.number}" ' if cell.number is not None else ""
    blocks: list[Block] = []
    words = [f'<cell {number}version="{version(cell)}">', cell.code.strip("\n")]
    if cell.outputs or cell.error:
        words.append("<output>")
    for shown in cell.outputs:
        for kind, data in shown.pictures:
            blocks += [Text("\n".join(words)), _image(kind, data)]
            words = []
        if not shown.pictures and (text := _text(shown)):
            words.append(text)
    words += [cell.error] if cell.error else []
    words += ["</output>"] if cell.outputs or cell.error else []
    return (*blocks, Text("\n".join([*words, "</cell>"])))


def _image(kind: str, data: str | bytes) -> Image:
    coded = b64encode(data).decode() if isinstance(data, bytes) else data.replace("\n", "")
    return Image({"type": "base64", "media_type": kind, "data": coded})


def _text(shown: Shown) -> str:
    """The words as a reader sees them: without colours, and with the last state of a bar."""
    text = _ESCAPE.sub("", str(shown.data.get("text/plain", "")))
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip().split("\n"))
