"""How large a model sees a picture, and what that costs in tokens (Messages API, vision)."""

from math import ceil
from typing import NamedTuple

Size = tuple[int, int]

_PATCH = 28  # pixels; a visual token is a square of them
LONGEST_SIDE = 8000  # pixels, of any picture
CROWD, CROWD_SIDE = 20, 2000  # with more pictures than this in a request, the longest side


class Sight(NamedTuple):
    """What a model keeps of a picture: its longest side in pixels, its most visual tokens."""

    edge: int
    tokens: int


SHARP = Sight(2576, 4784)  # the highest there is: pictures are kept as it sees them
USUAL = Sight(1568, 1568)


def visual_tokens(size: Size) -> int:
    """Return the tokens of a picture of `size` pixels.

    >>> visual_tokens((1000, 1000))
    1296
    """
    return ceil(size[0] / _PATCH) * ceil(size[1] / _PATCH)


def seen_tokens(size: Size, sight: Sight) -> int:
    """Return the tokens of a picture of `size` pixels once the model has made it smaller.

    >>> seen_tokens((3840, 2160), USUAL)
    1560
    """
    return visual_tokens(fitted(size, *sight))


def fitted(size: Size, edge: int, tokens: int) -> Size:
    """Return the largest size of the same shape within `edge` and `tokens`, never a larger one.

    >>> fitted((1920, 1080), edge=1568, tokens=1568)
    (1456, 819)
    >>> fitted((3840, 2160), edge=2576, tokens=4784)
    (2576, 1449)
    """
    longest, shortest = max(size), min(size)
    for long in range(min(edge, longest), 0, -1):
        short = max(1, int(shortest * long / longest + 0.5))
        if visual_tokens((long, short)) <= tokens:
            break
    return (long, short) if size[0] >= size[1] else (short, long)
