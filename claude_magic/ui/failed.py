"""`--fix`: the last error, with its cell, goes along with a question."""

from collections.abc import Sequence

from claude_magic.capture.above import blocks_of
from claude_magic.capture.cells import CellRun
from claude_magic.content.blocks import Block, Text
from claude_magic.errors import BadInput

ASK_FOR_REPAIR: tuple[Block, ...] = (
    Text("This cell failed. Say what is wrong, and give the whole cell as it should be."),
)


def blocks_of_failure(cells: Sequence[CellRun]) -> tuple[Block, ...]:
    """Return the last cell that failed, with what it printed and its traceback.

    Raises
    ------
    BadInput: none has failed.
    """
    failed = next((cell for cell in reversed(cells) if cell.failed), None)
    if failed is None:
        raise BadInput(
            "--fix sends the last error along, but no cell has failed in this kernel.",
            hint="Run the cell that fails first, then this one.",
        )
    return blocks_of(failed)
