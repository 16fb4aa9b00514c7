"""Rows 21 to 23: what it costs that conversations are kept."""

import time
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from os import urandom
from pathlib import Path

from claude_magic.content.blocks import Block, Image, Text
from claude_magic.content.message import Message
from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import Turn
from claude_magic.conversations import Conversations
from claude_magic.holding import Space
from claude_magic.store.store import Store
from tests.benchmarks.kernel import Bench
from tests.benchmarks.table import Pair, Row, later, times

_WORDS = "What is a p-value? " * 50
_PICTURES, _PICTURE = 20, 2**20  # how many turns with a picture, of so many bytes


def appending(at: Bench, runs: int) -> Iterator[Row]:
    """Row 21: a turn more, until it is on disk, in a long and in a short conversation."""
    long, short = (_filled(at.home / f"append-{turns}", turns) for turns in (10_000, 10))
    pairs = [Pair(_append(long), _append(short)) for _ in range(30 * runs)]
    long.close()
    short.close()
    what = "a turn more on disk: conversation of 10,000 turns, against one of 10"
    yield times(21, what, pairs, 1.5)


def restoring(at: Bench, runs: int) -> Iterator[Row]:
    """Row 22: a conversation of 1,000 turns comes back, against one of none."""
    for turns in (1_000, 0):
        _filled(at.home / f"restore-{turns}", turns).close()
    pairs = [
        Pair(_restore(at.home / "restore-1000"), _restore(at.home / "restore-0"))
        for _ in range(runs)
    ]
    yield later(22, "1,000 turns restored, against none", pairs, 0.2)


def holding(at: Bench, runs: int) -> Iterator[Row]:
    """Row 23: memory for turns with pictures that are not sent."""
    one = _conversations(at.home / "pictures")
    one.put(one.current.id, _pictured())  # with what is imported at the first
    tracemalloc.start()
    for _ in range(_PICTURES):
        one.put(one.current.id, _pictured())
        one.settle()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    one.close()
    share = held / (_PICTURES * _PICTURE)
    what = f"{_PICTURES} turns with 1 MB pictures that are not sent: memory, against their bytes"
    yield Row(23, what, "≤ 0.05 ×", f"{share:.3f} × ({held / 1e6:.1f} MB)", share <= 0.05)


def _conversations(home: Path) -> Conversations:
    found = Conversations(store=Store(home))
    notebook = Notebook(kernel="k", path="/n.ipynb", key="/n.ipynb")
    found.enter(Space(found.notebook_id(notebook)))
    return found


def _filled(home: Path, turns: int) -> Conversations:
    found = _conversations(home)
    for _ in range(turns):
        found.put(found.current.id, _turn(Text(_WORDS)))
    while found.store and found.store.is_behind:
        found.settle()
    return found


def _turn(*question: Block) -> Turn:
    return Turn((Message("user", question), Message("assistant", (Text(_WORDS),))))


def _pictured() -> Turn:
    data = b64encode(urandom(_PICTURE)).decode()
    return _turn(Image({"type": "base64", "media_type": "image/png", "data": data}))


def _append(conversations: Conversations) -> float:
    turn = _turn(Text(_WORDS))
    began = time.perf_counter()
    conversations.put(conversations.current.id, turn)
    conversations.settle()
    return time.perf_counter() - began


def _restore(home: Path) -> float:
    began = time.perf_counter()
    found = _conversations(home)
    _ = found.current.turns
    taken = time.perf_counter() - began
    found.close()
    return taken
