"""The loop: one question in, a growing answer out, both kept."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claude_magic.api.client import Client, HungUp, Line, Reply
from claude_magic.api.models import cost, model_named
from claude_magic.api.request import Options, checked, head, request_body
from claude_magic.content.growing import Growing, Look
from claude_magic.content.history import messages_for
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Ending, Turn
from claude_magic.content.wire import Json
from claude_magic.errors import BadInput, BrokenOff
from claude_magic.server import Server, no_key, server_from
from claude_magic.settings import Settings

if TYPE_CHECKING:
    from httpx import BaseTransport

# Shorter secrets may be words of their own ("lm-studio"), which a prompt may well contain.
_SURELY_A_KEY = 20


@dataclass(frozen=True)
class Request:
    """A question made ready: its body, and what is needed to keep its turn."""

    server: Server
    body: Json
    question: Message
    options: Options
    digest: str
    kept: bool


class Engine:
    """Asks, and owns the conversation and the connection.

    `environ` is read at each question, so that a key set in one cell serves the next.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self.conversation = Conversation()
        self._environ = environ
        self._client: Client | None = None

    def server(self, settings: Settings) -> Server:
        """Return the server the next question goes to.

        Raises
        ------
        BadInput: as `server_from` says.
        """
        return server_from(settings, self._environ)

    def prepare(
        self, question: Message, options: Options, settings: Settings, *, once: bool = False
    ) -> Request:
        """Return the request of `question` after the conversation so far (or alone: `once`).

        Raises
        ------
        BadInput: the model or the API would refuse an option, or a text holds the key.
        """
        server = self.server(settings)
        checked(options, server.api_version)
        _refuse_key(server, question.text + options.system)
        turns = () if once else self.conversation.turns
        messages, digest = messages_for(turns, question, head(options))
        return Request(server, request_body(options, messages), question, options, digest, not once)

    def ask(self, request: Request) -> Growing:
        """Send `request` and return its answer, which grows on a thread of its own.

        Raises
        ------
        NoKey: the server needs a key; nothing was sent.
        """
        if request.server.lacks_key:
            raise no_key()
        client = self._client_for(request.server)
        line = client.line()
        growing = Growing(client.server.hide, line.hang_up, lambda look: self._keep(request, look))
        work = (client, line, request.body, growing)
        threading.Thread(target=_answer, args=work, daemon=True).start()
        return growing

    def close(self) -> None:
        """Let connections go."""
        if self._client is not None:
            self._client.close()

    def reset(self) -> None:
        """Begin a new conversation."""
        self.conversation = Conversation()

    def _client_for(self, server: Server) -> Client:
        if self._client is None or self._client.server != server:
            self.close()
            self._client = Client(server, _practice(server.pace) if server.is_practice else None)
        return self._client

    def _keep(self, request: Request, look: Look) -> None:
        """Keep the turn, unless nothing at all was answered."""
        answered = look.message.content or look.ending is Ending.COMPLETE
        if request.kept and answered:
            turn = Turn(
                question=request.question,
                answer=look.message,
                ending=look.ending or Ending.COMPLETE,
                asked_under=request.digest,
                request_id=look.request_id,
                cost=spent(request, look.message),
            )
            self.conversation = self.conversation.plus(turn)


def spent(request: Request, answer: Message) -> float | None:
    """Return what `answer` cost in US dollars, or None where the price is not known."""
    return (
        None
        if request.server.is_practice
        else cost(model_named(request.options.model), answer.usage)
    )


def _answer(client: Client, line: Line, body: Json, growing: Growing) -> None:
    """Read the answer into `growing`; however that ends, `growing` learns of it."""
    try:
        with client.ask(body, line, growing.retry) as reply:
            growing.begin(reply.request_id, reply.notice)
            _read(reply, growing)
    except HungUp:
        growing.end(Ending.INTERRUPTED)
    except Exception as error:  # whatever it is, the person who waits must be told
        growing.end(Ending.CUT, error)


def _read(reply: Reply, growing: Growing) -> None:
    for events in reply.events():
        growing.feed(events)
        if growing.finished:  # read on: a connection read to its end serves the next question
            growing.end(Ending.COMPLETE)
        elif growing.broken:
            raise reply.failure(growing.broken)
    if not growing.finished:
        raise BrokenOff(
            "the stream ended before the answer did.",
            hint="What came is kept. Run the cell again, or ask Claude to continue.",
        )


def _refuse_key(server: Server, words: str) -> None:
    """A key that slipped into a prompt (`{{ os.environ }}`) would go to the model and the store."""
    if any(secret in words for secret in server.secrets if len(secret) >= _SURELY_A_KEY):
        raise BadInput(
            "the text to send contains your API key, so nothing was sent.",
            hint="Take it out, and give the variable that held it another value.",
        )


def _practice(pace: float) -> "BaseTransport":
    from claude_magic.practice.transport import PracticeTransport

    return PracticeTransport(pace)
