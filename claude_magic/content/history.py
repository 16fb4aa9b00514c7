"""Turns -> the messages of the next request, whatever happened before.

The API refuses empty text, unanswered tool calls and thinking that is cut or was written after
something else. So that no accident can block a conversation, a request carries only what it takes:

* a turn that brought nothing, or was refused, is left out (the API asks to discard refusals);
* words put into Claude's mouth are left out where no user's message stands before them any more;
* empty text, unanswered tool calls and unresolved server tool calls are left out, and so is the
  result of a call that is not there;
* results after which Claude said no more stand before the words of the next question;
* thinking that was cut, or stands beside something left out, is left out (see `binding`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import dropwhile, zip_longest

from claude_magic.content.binding import CONTINUED
from claude_magic.content.blocks import (
    Block,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    is_known,
)
from claude_magic.content.citing import cited_alike, without_citations
from claude_magic.content.message import Message
from claude_magic.content.remembered import remembered
from claude_magic.content.turn import Turn


def messages_for(
    turns: Sequence[Turn], question: Message | None, *, cite: bool = True
) -> list[tuple[Message, str]]:
    """Return the messages to send, `question` last if there is one.

    Each goes with what its thinking is `bound` to: the digest of the request that it answered,
    CONTINUED for further answers of one exchange, "" where none may go back. `cite`: whether
    answers may cite; they may not where only some documents are meant to be cited.
    """
    turns = list(dropwhile(_begins_with_an_answer, filter(goes_along, turns)))
    said = [message for turn in turns for message in turn.messages]
    cite = cite and cited_alike([*said, *([question] if question else ())])
    sent: list[tuple[Message, str]] = []
    waiting: tuple[Block, ...] = ()  # results that Claude has not answered

    def send(message: Message, under: str = "") -> None:
        nonlocal waiting
        if waiting:
            message, waiting = replace(message, content=(*waiting, *message.content)), ()
        if sent and sent[-1][0].role == message.role == "assistant":
            before, under = sent.pop()
            message = replace(message, content=(*before.content, *message.content))
        sent.append((message if cite else without_citations(message), under))

    for turn in turns:
        if turn.messages[0].role == "user":
            send(turn.messages[0])
        for message, under in _said(turn):
            send(message, under)
        if sent and sent[-1][0].role == "user" and not _is_put_there(turn):
            waiting = sent.pop()[0].content
    if question is not None:
        send(question)
    return sent


@remembered
def _said(turn: Turn) -> list[tuple[Message, str]]:
    """What a turn has after its question, as it goes along."""
    asked, *said = turn.messages
    return list(_exchange(said if asked.role == "user" else turn.messages, turn.asked_under))


@remembered
def goes_along(turn: Turn) -> bool:
    """Whether later requests carry `turn`: it was answered, and not refused."""
    if turn.synthetic:
        return True
    if turn.answer.stop_reason == "refusal":
        return False
    said = turn.answer
    if said.role == "assistant" and any(
        isinstance(b, Text) and b.text.strip() for b in said.content
    ):
        return True
    return any(message.role == "assistant" for message, _ in _exchange(turn.messages[1:]))


def so_far(said: Message) -> Message:
    """Return an answer that pauses as it is sent back for Claude to go on with it."""
    kept = [block for block in said.content if not _is_blank(block)]
    return replace(said, content=tuple(map(_plain, kept)))


def answered(said: Message, results: Message) -> tuple[Message, Message]:
    """Return an answer that calls tools and their results as the same exchange sends them on.

    Unlike in later turns, thinking and calls of the server's tools go back as they came.
    """
    said, brought = _each_call_once(said), _brought(results)
    kept = [block for block in said.content if not _is_blank(block) and _is_whole(block, brought)]
    calls = {block.id for block in kept if isinstance(block, ToolUse)}
    return replace(said, content=tuple(map(_plain, kept))), _of_calls(results, calls)


def _begins_with_an_answer(turn: Turn) -> bool:
    return turn.messages[0].role == "assistant"


def _is_put_there(turn: Turn) -> bool:
    """Whether a turn is no more than a user's message that the person put there."""
    return turn.synthetic and len(turn.messages) == 1


def _exchange(messages: Sequence[Message], under: str = "") -> Iterator[tuple[Message, str]]:
    """The messages after a question that the API takes back, with what their thinking is bound to.

    `under` is the digest of the request that the first one answered. What is left out anywhere
    changes what the thinking after it was written after.
    """
    results: Message | None = None
    for message, after in zip_longest(messages, messages[1:]):
        if message.role == "user":
            if results is not None:
                yield results, ""
            results = None
            continue
        if _is_words(message):  # mostly so: nothing can be left out
            yield message, under
            results, under = None, CONTINUED if under else ""
            continue
        message, brought = _each_call_once(message), _brought(after)
        clean = _clean(message, brought, thinking=bool(under))
        calls = {block.id for block in clean.content if isinstance(block, ToolUse)}
        results = _of_calls(after, calls) if after is not None and calls else None
        if clean.content:
            yield clean, under
        under = CONTINUED if under and _is_as_sent(message, clean, brought) else ""


def _is_as_sent(message: Message, clean: Message, brought: frozenset[str]) -> bool:
    """Whether the exchange itself sent an answer on as it is sent now."""
    kept = [block for block in message.content if not _is_blank(block)]
    return len(clean.content) == len([block for block in kept if _is_whole(block, brought)])


def _clean(
    answer: Message, brought: frozenset[str] = frozenset(), *, thinking: bool = False
) -> Message:
    """Return `answer` with the blocks that the API takes back; thinking only beside all of them.

    `brought`: the calls that have their result in the message after it.
    """
    paired = _paired(answer.content)
    said = [block for block in answer.content if not isinstance(block, Thinking | RedactedThinking)]
    said = [block for block in said if not _is_blank(block)]
    fit = [block for block in said if _fits(block, paired, brought)]
    whole = thinking and len(fit) == len(said)
    kept = [block for block in answer.content if block in fit or (whole and _signed(block))]
    return replace(answer, content=tuple(map(_plain, kept)))


def _each_call_once(answer: Message) -> Message:
    """The answer without calls whose id another has: some local servers number them all alike."""
    seen: set[str] = set()
    kept: list[Block] = []
    for block in answer.content:
        if isinstance(block, ToolUse):
            if block.id in seen:
                continue
            seen.add(block.id)
        kept.append(block)
    return answer if len(kept) == len(answer.content) else replace(answer, content=tuple(kept))


def _of_calls(results: Message, calls: set[str]) -> Message:
    """The results of these calls, each once; nothing else may stand between call and answer."""
    found: dict[str, Block] = {}
    for block in results.content:
        if isinstance(block, ToolResult) and block.tool_use_id in calls:
            found.setdefault(block.tool_use_id, block)
    return replace(results, content=tuple(found.values()))


def _brought(results: Message | None) -> frozenset[str]:
    """The calls whose results a message brings."""
    blocks = results.content if results is not None and results.role == "user" else ()
    return frozenset(block.tool_use_id for block in blocks if isinstance(block, ToolResult))


def _plain(block: Block) -> Block:
    """Words without what only answers have besides their text and citations."""
    return replace(block, rest={}) if isinstance(block, Text) and block.rest else block


def _is_words(message: Message) -> bool:
    """Whether a message goes back as it came: words, with nothing that only answers have."""
    return bool(message.content) and all(
        isinstance(block, Text) and not block.rest and block.text.strip()
        for block in message.content
    )


def _is_blank(block: Block) -> bool:
    return isinstance(block, Text) and not block.text.strip()


def _is_whole(block: Block, brought: frozenset[str]) -> bool:
    """Whether a call was written to its end and answered; all else is."""
    return not isinstance(block, ToolUse) or (block.id in brought and not block.unfinished)


def _fits(block: Block, paired: frozenset[str], brought: frozenset[str]) -> bool:
    match block:
        case ToolUse():
            return _is_whole(block, brought)
        case ToolResult():  # they stand in messages of their own
            return False
        case Opaque(json={"type": "server_tool_use"} as json):
            return str(json.get("id")) in paired
        case Opaque(json={"tool_use_id": call}):
            return str(call) in paired
        case Opaque(json=json):  # what bears no type is no block to the server
            kind = json.get("type")
            return isinstance(kind, str) and not is_known(kind)
        case _:
            return True


def _signed(block: Block) -> bool:
    match block:
        case Thinking(signature=signature):
            return bool(signature)
        case _:
            return isinstance(block, RedactedThinking)


def _paired(blocks: Iterable[Block]) -> frozenset[str]:
    """The ids of server tool calls that have their result."""
    objects = [block.json for block in blocks if isinstance(block, Opaque)]
    calls = {str(json.get("id")) for json in objects if json.get("type") == "server_tool_use"}
    results = {str(json["tool_use_id"]) for json in objects if "tool_use_id" in json}
    return frozenset(calls & results)
