"""Which earlier turns a question is asked after, and whether an answer has heard them as they are.

A turn that is hidden, brought nothing or was refused stays at home; a summary stands for all before
it. What is left can be held to a number of turns or of tokens, in whole turns.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b, sha256
from itertools import accumulate
from math import ceil

from claude_magic.content.blocks import Block, Image, Text, ToolResult
from claude_magic.content.history import goes_along
from claude_magic.content.kept import essence
from claude_magic.content.remembered import remembered
from claude_magic.content.turn import Conversation, Turn

# Older turns leave in steps of this share of the limit: were the beginning of the request another
# for each question, the prompt cache would never be met.
_STEP = 1 / 4


def standing(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the turns that a question after `turns` can carry, from the last summary on."""
    seen = [turn for turn in turns if not turn.hidden and goes_along(turn)]
    summaries = [number for number, turn in enumerate(seen) if turn.summary]
    return tuple(seen[summaries[-1] if summaries else 0 :])


def window(
    turns: Sequence[Turn],
    last: int | None = None,
    limit: int | None = None,
    tokens: Callable[[Turn], int] = lambda turn: 0,
) -> tuple[Turn, ...]:
    """Return the turns that go along: the `last` so many, and no more than `limit` tokens.

    The newest go along longest. `tokens` says about how many a turn takes.
    """
    return bounded(standing(turns), last, limit, tokens)


def bounded(
    turns: tuple[Turn, ...],
    last: int | None,
    limit: int | None,
    tokens: Callable[[Turn], int],
) -> tuple[Turn, ...]:
    """Return those of the `standing` turns that go along; see `window`."""
    kept = turns if last is None else turns[max(0, len(turns) - last) :]
    return kept if limit is None else _within(kept, limit, tokens)


def _within(turns: tuple[Turn, ...], limit: int, tokens: Callable[[Turn], int]) -> tuple[Turn, ...]:
    ends = list(accumulate(map(tokens, turns)))
    over = (ends[-1] if ends else 0) - limit
    if over <= 0:
        return turns
    step = max(1.0, limit * _STEP)
    dropped = ceil(over / step) * step
    starts = [0, *ends[:-1]]
    return tuple(
        turn for turn, start in zip(turns, starts, strict=True) if start >= min(dropped, ends[-1])
    )


def heard(turns: Iterable[Turn]) -> str:
    """Return what tells later whether the turns a question was asked after are still the same."""
    return _digest(map(fingerprint, turns))


def stale(conversation: Conversation) -> frozenset[str]:
    """Return the ids of the turns that answered an older text than what stands before them now."""
    found: set[str] = set()
    before: list[bytes] = []  # the fingerprints of what stands before a turn
    for turn in conversation.turns:
        if turn.hidden:
            continue
        if turn.heard and _digest(before[_first_heard(turn, before) :]) != turn.heard:
            found.add(turn.id)
        if goes_along(turn):
            before = [*([] if turn.summary else before), fingerprint(turn)]
    return frozenset(found)


def _first_heard(turn: Turn, before: Sequence[bytes]) -> int:
    """It heard the last so many of what stood before it, as far as they are still there."""
    return max(0, len(before) - int(turn.heard.partition(":")[0]))


def _digest(fingerprints: Iterable[bytes]) -> str:
    prints = list(fingerprints)
    return f"{len(prints)}:{blake2b(b''.join(prints), digest_size=12).hexdigest()}"


@remembered
def fingerprint(turn: Turn) -> bytes:
    """Return a digest of what a turn says, whether its pictures are in memory or kept elsewhere."""
    digest = blake2b(digest_size=12)
    for message in turn.messages:
        digest.update(message.role.encode())
        for block in message.content:
            digest.update(_essence(block))
    return digest.digest()


def _essence(block: Block) -> bytes:
    match block:
        case Text(text=text):
            return text.encode(errors="replace")
        case Image(source={"type": "kept", "hash": str(kept)}):
            return kept.encode()
        case Image(source={"type": "base64", "data": str(data)}):
            return sha256(b64decode(data)).hexdigest().encode()
        case ToolResult(tool_use_id=call, content=content):
            return b"".join([call.encode(), *map(_essence, content)])
    return json.dumps(essence(block), sort_keys=True, default=str).encode()
