"""What is asked: a question where it stands, made ready as a request, and the turn it becomes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.models import Model, cost, model_named
from claude_magic.api.request import Options
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message, is_replayed, write_message
from claude_magic.content.turn import (
    NOWHERE,
    Conversation,
    Ending,
    Place,
    Turn,
    new_id,
)
from claude_magic.content.wire import Json
from claude_magic.server import Server
from claude_magic.teaching.policy import NO_POLICY, Policy

if TYPE_CHECKING:  # imported with the first tool, not with the first question
    from claude_magic.tools.toolbox import Toolbox


class Standing(NamedTuple):
    """Where a question stands: its conversation (an id; "": the current one), its place there.

    `turn`: the id of a turn that it asks again, wherever that stands. `append`: as a new turn,
    though one was asked at its place. `last`: the most earlier turns that go along. `summary`: its
    answer stands for all before it. `reuse`: if it was asked there before and all that is asked is
    unchanged, its kept answer serves again. `goes_on`: its answer begins with that of the turn.
    """

    conversation: str = ""
    place: Place = NOWHERE
    turn: str = ""
    summary: bool = False
    append: bool = False
    last: int | None = None
    reuse: bool = False
    goes_on: bool = False


AT_THE_END = Standing()


@dataclass(frozen=True)
class Request:
    """A question made ready: its body, and what is needed to keep its turn."""

    server: Server
    body: Json
    question: Message
    options: Options
    model: Model
    digest: str
    kept: bool
    standing: Standing = AT_THE_END
    conversation: Conversation = field(default_factory=Conversation)  # as it was then
    again: Turn | None = None  # the turn in whose place it is asked
    asked_for: str = ""  # the digest of all that it asks
    kept_answer: Message | None = None  # what that turn was answered, if that serves again
    heard: str = ""
    carried: tuple[int, int] = (0, 0)  # how many earlier turns it carries, of how many
    limit: int | None = None  # the most tokens of earlier turns
    upload: bool = False  # its pictures go as files of the server
    lesson: Policy = NO_POLICY
    tools: "Toolbox | None" = None
    own: Json = field(default_factory=dict)  # the options that are its own
    turn: str = field(default_factory=new_id)  # the id of the turn that it becomes
    asked: float = field(default_factory=time.time)


class Asked(NamedTuple):
    """A question was sent; its answer grows in `growing`."""

    request: Request
    growing: Growing


class Changed(NamedTuple):
    """The conversation is another than before."""

    conversation: Conversation


Watcher = Callable[[Asked | Changed], None]


def asked_before(conversation: Conversation, standing: Standing) -> Turn | None:
    """The turn in whose place a question is asked."""
    if standing.turn:
        return next((turn for turn in conversation.turns if turn.id == standing.turn), None)
    return None if standing.append else conversation.at(standing.place)


def turns_before(conversation: Conversation, standing: Standing) -> tuple[Turn, ...]:
    """The turns that stand before a question."""
    earlier = asked_before(conversation, standing)
    return conversation.before(earlier.id) if earlier else conversation.turns


def tokens_of(turn: Turn) -> int:
    """About how many tokens a turn takes of a request."""
    return estimated_tokens([write_message(message) for message in turn.messages])


def is_kept(request: Request, look: Look) -> bool:
    """Whether anything was answered; half a summary cannot stand for a whole conversation."""
    if request.standing.summary:
        return look.ending is Ending.COMPLETE and look.message.stop_reason == "end_turn"
    return bool(look.message.content) or look.ending is Ending.COMPLETE


def turn_of(request: Request, look: Look, price: float | None) -> Turn:
    """The turn that a request and its answer make; `price` in US dollars."""
    again = request.again
    place = again.place if again else request.standing.place
    return Turn(
        (request.question, *look.messages),
        ending=look.ending or Ending.CUT,  # should nothing more come of it
        asked_under=request.digest,
        request_id=look.request_id,
        cost=price,
        id=request.turn,
        cell=place.cell,
        number=place.number,
        asked=request.asked,
        heard=request.heard,
        asked_for=request.asked_for,
        summary=request.standing.summary,
        asked_with=again.asked_with if again and request.standing.goes_on else request.own,
    )


def turn_so_far(request: Request, growing: Growing) -> Turn:
    """The turn as far as its answer has come."""
    look = growing.look()
    return turn_of(request, look, spent(request, look.message))


def spent(request: Request, answer: Message) -> float | None:
    """Return what `answer` cost in US dollars, or None where the price is not known."""
    if request.server.is_practice or is_replayed(answer) or request.kept_answer:
        return None
    if answer.stop_reason == "refusal" and not answer.content:
        return 0.0  # refused before a word: not billed
    answering = model_named(answer.model)
    return cost(answering if answering.known else request.model, answer.usage)
