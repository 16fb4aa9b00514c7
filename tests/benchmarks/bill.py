"""Row 9: what a conversation's input is billed at with the prompt cache, against without.

The server on loopback plays the cache by the rules of the Messages API (prompt caching): it
remembers each prefix that ends at a breakpoint, and finds one again where it is the same bytes. The
bill comes from the usage figures it sends, as the notebook's variables hold them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tests.benchmarks import answers, cells
from tests.benchmarks.kernel import Bench
from tests.benchmarks.table import Row
from tests.loopback import START, Handler, Reply, ending, sse, text_block

Json = Mapping[str, Any]

_TURNS = 20
_SYSTEM_TOKENS = 5_000
_ANSWER_TOKENS = 200
_BYTES_PER_TOKEN = 4
_WRITE, _READ = 1.25, 0.1  # of the price of an input token

_LEAST = 4_096  # tokens: the default model does not cache less
_MOST_BREAKPOINTS = 4
_LOOK_BACK = 20  # blocks that are tried, from a breakpoint back
_NEVER_MARKED = ("thinking", "redacted_thinking")
_BEFORE_MESSAGES = ("tool_choice", "thinking", "output_config")  # a change of them forgets messages


@dataclass(frozen=True)
class Input:
    """Tokens of a request's input: read from the cache, written to it, and neither."""

    read: int
    written: int
    plain: int

    @property
    def whole(self) -> int:
        return self.read + self.written + self.plain

    @property
    def billed(self) -> float:
        """The bill, in tokens at full price."""
        return self.plain + _WRITE * self.written + _READ * self.read


@dataclass(frozen=True)
class Block:
    """A block of a prompt: what it is to the cache, and whether a breakpoint stands on it."""

    data: bytes
    tokens: int
    marked: bool
    markable: bool


def conversation(at: Bench, runs: int) -> Iterator[Row]:
    """Row 9: questions and answers of a paragraph, in one kernel."""
    cache = PromptCache()
    at.server.will(*(Reply([cache.answer]) for _ in range(_TURNS)))
    system = answers.ordinary().text[: _SYSTEM_TOKENS * _BYTES_PER_TOKEN]
    with at.kernel(cells.LOAD, f"system, turns = {system!r}, []") as kernel:
        for turn in range(1, _TURNS + 1):
            kernel.run(f"%%claude -s '{{{{ system }}}}' -o answer\n{cells.WORDS} Part {turn}.")
            kernel.run("turns.append(answer.usage)")
        told = kernel.run(
            "print([[u.cache_read_input_tokens, u.cache_creation_input_tokens, u.input_tokens]"
            " for u in turns])"
        )
    yield _row([Input(*figures) for figures in json.loads(told.printed)])


class PromptCache:
    """Answers requests, and knows the prefixes that were written before."""

    def __init__(self) -> None:
        self._written: set[bytes] = set()

    def answer(self, handler: Handler) -> None:
        """A step of a reply: a paragraph, with what the cache did in its usage."""
        body = handler.server.loopback.requests[-1].body
        taken = self.take(body)
        usage = {
            "input_tokens": taken.plain,
            "cache_creation_input_tokens": taken.written,
            "cache_read_input_tokens": taken.read,
            "output_tokens": 1,
        }
        start = {**START, "message": {**START["message"], "usage": usage}}
        words = answers.one_paragraph().text[len(body["messages"]) :]
        paragraph = words[: _ANSWER_TOKENS * _BYTES_PER_TOKEN]
        handler.chunk(sse(start, *text_block(paragraph), *ending()))

    def take(self, body: Json) -> Input:
        """Return what is read of a request, what is written, and what is neither."""
        blocks = _blocks(body)
        breakpoints = [place for place, block in enumerate(blocks) if block.marked]
        if len(breakpoints) > _MOST_BREAKPOINTS:
            raise ValueError(f"the API takes {_MOST_BREAKPOINTS} breakpoints: {len(breakpoints)}")
        prefixes = _prefixes(body["model"], blocks)
        tokens = list(accumulate(block.tokens for block in blocks))
        cached = [place for place in breakpoints if tokens[place] >= _LEAST]
        tried = {place - back for place in cached for back in range(_LOOK_BACK) if back <= place}
        read = max((tokens[p] for p in tried if prefixes[p] in self._written), default=0)
        reached = max((tokens[place] for place in cached), default=0)
        self._written.update(prefixes[place] for place in cached)
        return Input(read, reached - read, tokens[-1] - reached)


def _blocks(body: Json) -> list[Block]:
    """The blocks of a request in the order that the cache sees: tools, system prompt, messages."""
    chosen = [body.get(name) for name in _BEFORE_MESSAGES]
    blocks = [
        *(_block(tool, "tools") for tool in body.get("tools", [])),
        *(_block(one, "system") for one in _listed(body.get("system", []))),
        *(
            _block(one, [chosen, message["role"]])
            for message in body["messages"]
            for one in _listed(message["content"])
        ),
    ]
    return _with_automatic(blocks) if "cache_control" in body else blocks


def _listed(content: str | list[Json]) -> list[Json]:
    """A plain string is one block of text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _block(wire: Json, place: object) -> Block:
    bare = {name: value for name, value in wire.items() if name != "cache_control"}
    data = json.dumps(bare, ensure_ascii=False).encode()
    return Block(
        json.dumps(place).encode() + data,
        tokens=-(-len(data) // _BYTES_PER_TOKEN),
        marked="cache_control" in wire,
        markable=wire["type"] not in _NEVER_MARKED,
    )


def _with_automatic(blocks: list[Block]) -> list[Block]:
    """The breakpoint of the request itself stands on the last block that can have one."""
    last = max(place for place, block in enumerate(blocks) if block.markable)
    marked = Block(blocks[last].data, blocks[last].tokens, marked=True, markable=True)
    return [*blocks[:last], marked, *blocks[last + 1 :]]


def _prefixes(model: str, blocks: list[Block]) -> list[bytes]:
    """A digest of all that stands before the end of each block, the model included."""
    digest = hashlib.sha256(model.encode())
    prefixes = []
    for block in blocks:
        digest.update(len(block.data).to_bytes(8) + block.data)
        prefixes.append(digest.digest())
    return prefixes


def _row(inputs: list[Input]) -> Row:
    billed, whole = sum(one.billed for one in inputs), sum(one.whole for one in inputs)
    parts = ", ".join(
        f"{sum(getattr(one, name) for one in inputs):,} {name}"
        for name in ("read", "written", "plain")
    )
    what = (
        f"billed input of {len(inputs)} turns under a 5,000-token system prompt, against uncached"
    )
    measured = f"{billed / whole:.3f} × ({billed:,.0f} : {whole:,} tokens; {parts})"
    return Row(9, what, "≤ 0.25 ×", measured, billed / whole <= 0.25)
