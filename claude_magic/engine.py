"""The loop: one question in, a growing answer out, both kept."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from claude_magic.api.budget import longest_within
from claude_magic.api.catalogue import Catalogue, is_claude
from claude_magic.api.client import Client
from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.files import Uploads
from claude_magic.api.line import Line
from claude_magic.api.models import Model, cost, model_named
from claude_magic.api.refusals import checked
from claude_magic.api.reply import OnWire
from claude_magic.api.request import Options, asked_for, cached, head, request_body
from claude_magic.api.server_tools import container_of
from claude_magic.content.binding import Digest, bound
from claude_magic.content.growing import Growing, Look
from claude_magic.content.history import messages_for
from claude_magic.content.message import Message, is_replayed, write_message
from claude_magic.content.turn import (
    NOWHERE,
    Conversation,
    Ending,
    Place,
    Turn,
    new_id,
)
from claude_magic.content.window import heard, window
from claude_magic.content.wire import Json
from claude_magic.conversations import Conversations
from claude_magic.encode.fitting import Fitter
from claude_magic.encode.pictures import Pictures
from claude_magic.errors import BadInput
from claude_magic.exchange import answer
from claude_magic.server import Server, Taped, no_key, server_from
from claude_magic.settings import Settings
from claude_magic.store.store import Store
from claude_magic.teaching.policy import NO_POLICY, Policy, policy_of
from claude_magic.tools.toolbox import Toolbox
from claude_magic.waiting import Waiting

if TYPE_CHECKING:
    from httpx import BaseTransport

    from claude_magic.practice.files import Files as PracticeFiles
    from claude_magic.recording.playing import Around
    from claude_magic.recording.tape import Tape

# Shorter secrets may be words of their own ("lm-studio"), which a prompt may well contain.
_SURELY_A_KEY = 20


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a question stands: its conversation (an id; "": the current one), its place there.

    `turn`: the id of a turn that it asks again, wherever that stands. `append`: as a new turn,
    though one was asked at its place. `last`: the most earlier turns that go along. `summary`: its
    answer stands for all before it. `reuse`: if it was asked there before and all that is asked is
    unchanged, its kept answer serves again.
    """

    conversation: str = ""
    place: Place = NOWHERE
    turn: str = ""
    summary: bool = False
    append: bool = False
    last: int | None = None
    reuse: bool = False


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
    standing: Standing = Standing()
    conversation: Conversation = field(default_factory=Conversation)  # as it was then
    again: Turn | None = None  # the turn in whose place it is asked
    asked_for: str = ""  # the digest of all that it asks
    kept_answer: Message | None = None  # what that turn was answered, if that serves again
    heard: str = ""
    carried: tuple[int, int] = (0, 0)  # how many earlier turns it carries, of how many
    limit: int | None = None  # the most tokens of earlier turns
    upload: bool = False  # its pictures go as files of the server
    lesson: Policy = NO_POLICY
    tools: Toolbox | None = None
    turn: str = field(default_factory=new_id)  # the id of the turn that it becomes
    asked: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Asked:
    """A question was sent; its answer grows in `growing`."""

    request: Request
    growing: Growing


@dataclass(frozen=True)
class Changed:
    """The conversation is another than before."""

    conversation: Conversation


Watcher = Callable[[Asked | Changed], None]


class Engine:
    """Asks, and owns the conversation and the connection.

    `environ` is read at each question, so that a key set in one cell serves the next. `store` is
    where conversations are kept; without one they end with the engine. `tapes` are the recordings
    in use, which engines may share.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        store: Store | None = None,
        tapes: "dict[Taped, Tape] | None" = None,
    ) -> None:
        self.conversations = Conversations(
            lambda conversation: self._tell(Changed(conversation)), store
        )
        self.last: tuple[Request, Look] | None = None  # the last request and what came of it
        self.spent = 0.0  # US dollars, in or outside the conversation, where the price is known
        self.budget: float | None = None  # US dollars that `spent` must not pass
        self.tape: Tape | None = None  # what is recorded or replayed
        self.tapes = {} if tapes is None else tapes
        self.pictures = Pictures()
        self.uploads = Uploads()
        self._fitter = Fitter()
        self._environ = environ
        self._client: Client | None = None
        self._practice_files: PracticeFiles | None = None
        self._catalogues: dict[str, Catalogue] = {}  # by the server's address
        self._active: dict[Growing, Request] = {}
        self._waiting = Waiting()
        self._watchers: list[Watcher] = []

    def server(self, settings: Settings) -> Server:
        """Return the server the next question goes to.

        Raises
        ------
        BadInput: as `server_from` says.
        """
        return server_from(settings, self._environ)

    @property
    def conversation(self) -> Conversation:
        """The conversation that questions go to."""
        return self.conversations.current

    def prepare(
        self,
        question: Message,
        options: Options,
        settings: Settings,
        *,
        once: bool = False,
        standing: Standing = Standing(),
        upload: bool = False,
        tools: Toolbox | None = None,
    ) -> Request:
        """Return the request of `question` after the conversation so far (or alone: `once`).

        `tools` are those that Claude may call.

        Asked where a question stands already, it is asked again there: after the turns before it.
        With `upload` its pictures are uploaded, those that are not yet, and go as files.

        Raises
        ------
        BadInput: the model or the API would refuse an option, the lesson forbids it, or a text
            holds the key.
        """
        server, lesson = self.server(settings), policy_of(settings)
        options = replace(options, tools=tools.definitions if tools else ())
        options = lesson.options(options, settings)
        model = self.model(options.model, server)
        checked(options, model, server.api_version)
        parts = [write_message(question), head(options, model), options.stop_sequences]
        _refuse_key(server, parts)
        _refuse_key(server, [options.prefill, options.extra])
        request = Request(
            *(server, {}, question, options, model, "", not once, standing),
            limit=settings.history_tokens,
            upload=upload,
            lesson=lesson,
            tools=tools,
        )
        request = self._after(self.conversations.get(standing.conversation), request)
        return replace(request, kept_answer=self._kept_answer(request))

    def earlier(self, standing: Standing, settings: Settings) -> tuple[Turn, ...]:
        """Return the turns that a question which stands there takes along."""
        before = _before(self.conversations.get(standing.conversation), standing)
        return window(before, standing.last, settings.history_tokens, _tokens)

    def _after(self, conversation: Conversation, request: Request) -> Request:
        """Return the request with the turns of `conversation` that stand before it."""
        standing, options, model = request.standing, request.options, request.model
        earlier = _earlier(conversation, standing)
        before = _before(conversation, standing)
        turns = window(before, standing.last, request.limit, _tokens) if request.kept else ()
        whole = self.conversations.whole(turns, sent=True)
        cite = not options.schema  # a form and citations exclude each other
        said = messages_for(whole, request.question, cite=cite)
        messages, asked_under = [message for message, _ in said], [under for _, under in said]
        containers = map(container_of, (turn.answer for turn in reversed(turns)))
        body = request_body(options, model, messages, next(filter(None, containers), ""))
        fitted, first = self._fit(body, model, request), head(options, model)
        as_sent, digest = bound(fitted["messages"], asked_under, first)
        asked = Digest(first, map(write_message, messages))
        return replace(
            request,
            body=cached(options, model, {**fitted, "messages": as_sent}),
            digest=digest,
            asked_for=asked_for(options, model, str(asked)),
            conversation=conversation,
            again=earlier,
            heard=heard(turns),
            carried=(len(turns), len(window(before))),
        )

    def _fit(self, body: Json, model: Model, request: Request) -> Json:
        as_file = self._as_file(request)
        return self._fitter.fit(body, model.sight, model.most_pictures, as_file=as_file)

    def _as_file(self, request: Request) -> Callable[[Json], Json | None]:
        """What names the file of a picture; a recording holds the pictures themselves."""
        server = request.server
        if server.taped.record or server.taped.replay:
            return lambda source: None
        if not request.upload:
            return partial(self.uploads.known, server)
        if server.lacks_key:
            raise no_key()
        return partial(self.uploads.put, self.client(server))

    def ask(self, request: Request) -> Growing:
        """Send `request` and return its answer, which grows on a thread of its own.

        While another question of the same conversation is being answered, it waits.

        Raises
        ------
        NoKey, BudgetSpent: nothing was sent.
        """
        if request.kept_answer:
            return self._serve(request, request.kept_answer)
        if request.server.lacks_key and not request.server.taped.replay:
            raise no_key()
        client = self.client(request.server)
        request = replace(request, body=self._affordable(request, request.body, client))
        if request.tools is not None:
            request.tools.open(self.pictures, client.server.hide)
        line = client.line()

        def keep(look: Look) -> None:
            self._keep(self._active.pop(growing), look)
            self._waiting.leave(queue, growing)

        growing = Growing(client.server.hide, line.hang_up, keep, request.options.prefill)
        queue = request.conversation.id if request.kept else request.turn
        self._waiting.join(queue, growing)
        self._active[growing] = request
        self._follow(request, growing)
        self._tell(Asked(request, growing))
        work = (client, line, queue, growing)
        threading.Thread(target=self._answer, args=work, daemon=True).start()
        return growing

    def _follow(self, request: Request, growing: Growing) -> None:
        """Have the turn kept while it grows, so that a killed kernel loses nothing."""
        if request.kept and not request.standing.summary:
            now = partial(_now, request, growing)
            self.conversations.grows(request.conversation.id, request.turn, now, request.again)

    def _answer(self, client: Client, line: Line, queue: str, growing: Growing) -> None:
        """Wait until it is this question's turn, and read its answer."""
        request = self._active.get(growing)
        if not self._waiting.wait(queue, growing) or request is None:
            client.drop(line)
            return
        now = self.conversations.get(request.conversation.id)
        if request.kept and now is not request.conversation:  # another answer came meanwhile
            most = request.body["max_tokens"]
            request = self._after(now, request)
            request = replace(request, body={**request.body, "max_tokens": most})
            self._active[growing] = request
        asked = request

        def fit(body: Json) -> Json:
            """The request that brings results of tools, within the limits of the API and ours."""
            body = self._affordable(asked, self._fit(body, asked.model, asked), client, growing)
            if growing in self._active:  # it may have been stopped meanwhile
                self._active[growing] = replace(self._active[growing], body=body)
            return body

        answer(client, line, request.body, growing, request.tools, fit)

    def _kept_answer(self, request: Request) -> Message | None:
        """The answer that was given to the same question in the same place, if it serves again.

        In a replay that is one that the recording still holds; while recording, none: what is not
        asked would not be recorded.
        """
        turn, taped = request.again, request.server.taped
        most = request.body["max_tokens"]
        if not (turn and request.standing.reuse and turn.answers(request.asked_for, most)):
            return None
        if len(turn.messages) > 2:  # tools do something, so they run again
            return None
        if not taped.record and not taped.replay:
            return turn.answer
        self.client(request.server)
        holds = taped.replay and self.tape and self.tape.holds(request.body, turn.answer)
        return turn.answer if holds else None

    def _serve(self, request: Request, kept: Message) -> Growing:
        """Let a kept answer be the answer: its turn stays, and was asked just now."""
        turn = replace(request.again or Turn(()), asked=request.asked, hidden=False)
        self.conversations.put(request.conversation.id, turn, request.again)
        growing = Growing()
        growing.serve([kept])
        return growing

    def add(self, message: Message, standing: Standing = Standing()) -> None:
        """Put a message of the person's own making into the conversation; nothing is sent.

        Raises
        ------
        BadInput: it would be an assistant's before any user's.
        """
        conversation = self.conversations.get(standing.conversation)
        earlier = _earlier(conversation, standing)
        before = _before(conversation, standing)
        if message.role == "assistant" and not before:
            raise BadInput(
                "a conversation begins with a user's message.",
                hint="Put one in first, with `--as user`, or ask a question.",
            )
        place = standing.place
        turn = Turn((message,), synthetic=True, cell=place.cell, number=place.number)
        self.conversations.put(conversation.id, turn, earlier)

    def client(self, server: Server) -> Client:
        """Return the client of `server`, the same one while the server is the same."""
        if self._client is None or self._client.server != server:
            self._hang_up()
            transport = self._practice(server.pace) if server.is_practice else None
            self.tape, around = _tape(server, self.tapes)
            self._client = Client(server, transport, _wire(self._environ), around)
        return self._client

    def _practice(self, pace: float) -> "BaseTransport":
        """The practice model, which keeps its files for as long as the kernel runs."""
        from claude_magic.practice.files import Files
        from claude_magic.practice.transport import PracticeTransport

        if self._practice_files is None:
            self._practice_files = Files()
        return PracticeTransport(pace, self._practice_files)

    def models(self, server: Server) -> list[Model]:
        """Return what the server lists; empty where it lists nothing, or a key is missing."""
        if server.lacks_key:
            return []
        return self._catalogue(server).learn(self.client(server).models())

    def reached(self, server: Server) -> list[Model]:
        """Return what a server lists that was not asked before.

        Raises
        ------
        Unreachable: nothing answers there.
        NotAllowed: it wants a key, or another one.
        """
        return self._catalogue(server).learn(self.client(server).greeting())

    def model(self, name: str, server: Server) -> Model:
        """Return the model of a name: as the server told, else as is known.

        Where nothing is known of a Claude model, the server is asked, once.
        """
        catalogue = self._catalogue(server)
        if not catalogue.named(name).known and is_claude(name) and not catalogue.asked:
            self.models(server)
        return catalogue.named(name)

    def _catalogue(self, server: Server) -> Catalogue:
        return self._catalogues.setdefault(server.base_url, Catalogue())

    def rewind(self) -> None:
        """Record, or replay, from the beginning."""
        if self._client is not None:
            self._client.close()
        self._client = self.tape = None
        self.tapes.clear()

    def close(self) -> None:
        """Stop what is being answered, let connections go, and write what is not written yet."""
        self._hang_up()
        self.conversations.close()

    def _hang_up(self) -> None:
        for growing in list(self._active):
            growing.stop()
        if self._client is not None:
            self._client.close()

    def reset(self) -> str:
        """Begin a new conversation; return the name under which the old one is kept, or ""."""
        return self.conversations.reset()

    def purge(self, only: Conversation | None = None, *, all_of_it: bool = False) -> bool:
        """Stop what is being answered, and remove conversations for good.

        Which, and what is returned, is as `Conversations.purge` says.
        """
        for growing in list(self._active):
            growing.stop()
        self.last = None
        return self.conversations.purge(only, all_of_it=all_of_it)

    def watch(self, watcher: "Watcher") -> Callable[[], None]:
        """Tell `watcher` of each question as it is asked and of each change to the conversation.

        It is called on whichever thread that happens on, and must return at once. Calling what is
        returned ends it.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def _tell(self, event: "Asked | Changed") -> None:
        for watcher in list(self._watchers):
            watcher(event)

    def _affordable(
        self, request: Request, body: Json, client: Client, growing: Growing | None = None
    ) -> Json:
        """Return the body with its length held to what the budgets have left.

        Raises
        ------
        BudgetSpent: it would pass one of them.
        """
        spent_now = (spent(request, growing.look().message) if growing else None) or 0.0
        for budget in (self.budget, request.lesson.budget):
            if budget is not None:
                body = _within(budget - self.spent - spent_now, request, body, client)
        return body

    def _keep(self, request: Request, look: Look) -> None:
        """Keep the turn, unless nothing at all was answered."""
        self.last = request, look
        price = spent(request, look.message)
        self.spent += price or 0.0
        if not request.kept:
            return
        if _is_kept(request, look):
            turn = _turn(request, look, price)
            self.conversations.put(request.conversation.id, turn, request.again)
            return
        self.conversations.dropped(request.conversation.id, request.turn)
        if request.again:  # nothing came: the old turn stays, and its cell was seen
            self.conversations.show(request.conversation.id, request.again)


def _earlier(conversation: Conversation, standing: Standing) -> Turn | None:
    """The turn in whose place a question is asked."""
    if standing.turn:
        return next((turn for turn in conversation.turns if turn.id == standing.turn), None)
    return None if standing.append else conversation.at(standing.place)


def _before(conversation: Conversation, standing: Standing) -> tuple[Turn, ...]:
    """The turns that stand before a question."""
    earlier = _earlier(conversation, standing)
    return conversation.before(earlier.id) if earlier else conversation.turns


def _tokens(turn: Turn) -> int:
    return estimated_tokens([write_message(message) for message in turn.messages])


def _is_kept(request: Request, look: Look) -> bool:
    """Whether anything was answered; half a summary cannot stand for a whole conversation."""
    if request.standing.summary:
        return look.ending is Ending.COMPLETE and look.message.stop_reason == "end_turn"
    return bool(look.message.content) or look.ending is Ending.COMPLETE


def _within(left: float, request: Request, body: Json, client: Client) -> Json:
    """Return the body with its length held to what is left, or say that it would pass it."""
    if request.model.price is None or request.server.is_practice:
        return body
    tokens = client.count(body) or estimated_tokens(body)
    return {**body, "max_tokens": longest_within(left, body, request.model, tokens)}


def _turn(request: Request, look: Look, price: float | None) -> Turn:
    place = request.again.place if request.again else request.standing.place
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
    )


def _now(request: Request, growing: Growing) -> Turn:
    """The turn as far as its answer has come."""
    look = growing.look()
    return _turn(request, look, spent(request, look.message))


def spent(request: Request, answer: Message) -> float | None:
    """Return what `answer` cost in US dollars, or None where the price is not known."""
    if request.server.is_practice or is_replayed(answer) or request.kept_answer:
        return None
    if answer.stop_reason == "refusal" and not answer.content:
        return 0.0  # refused before a word: not billed
    answering = model_named(answer.model)
    return cost(answering if answering.known else request.model, answer.usage)


def _refuse_key(server: Server, sent: object) -> None:
    """A key that slipped into a prompt (`{{ os.environ }}`) would go to the model and the store."""
    words = json.dumps(sent, ensure_ascii=False)
    if any(secret in words for secret in server.secrets if len(secret) >= _SURELY_A_KEY):
        raise BadInput(
            "the text to send contains your API key, so nothing was sent.",
            hint="Take it out, and give the variable that held it another value.",
        )


def _tape(server: Server, tapes: "dict[Taped, Tape]") -> "tuple[Tape | None, Around | None]":
    """What is recorded or replayed, and what does it around a connection."""
    if not (server.taped.record or server.taped.replay):
        return None, None
    from claude_magic.recording.playing import playing

    return playing(server, tapes)


def _wire(environ: Mapping[str, str]) -> OnWire:
    """Where what goes over the wire is shown: only when CLAUDE_MAGIC_SHOW_WIRE asks for it."""
    if environ.get("CLAUDE_MAGIC_SHOW_WIRE", "") in ("", "0"):
        return None
    return lambda text: print(text, file=sys.stderr)
