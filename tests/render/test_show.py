"""Claims about how often a growing answer is drawn."""

import pytest
from loopback import text_block

from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.turn import Ending
from claude_magic.render.show import show


class Arriving(Growing):
    """Brings `size` more characters after each drawing, nine times; notes the pauses."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._size = size

    def wait(self, number: int, timeout: float) -> bool:
        self.feed(text_block("x" * self._size, index=len(self.pauses)))
        return True

    def wait_for_end(self, timeout: float) -> bool:
        self.pauses.append(timeout)
        if len(self.pauses) == 9:
            self.end(Ending.COMPLETE)
        return self.ended


class Blank:
    """A screen on which drawing takes no time."""

    def draw(self, look: Look) -> None: ...

    def pause(self) -> None: ...

    def finish(self, look: Look) -> None: ...


@pytest.mark.parametrize(("size", "longest"), [(20, 0.1), (900, 0.2)])
def test_words_that_nobody_can_follow_are_drawn_half_as_often(size: int, longest: float) -> None:
    """Ten times a second while one can read along: drawing is work for the reader's browser."""
    growing = Arriving(size)
    show(growing, Blank())

    assert longest / 2 < max(growing.pauses) <= longest
