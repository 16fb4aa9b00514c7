"""The loop: one question in, a growing answer out, both kept."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from claude_magic.api.budget import longest_within
from claude_magic.api.client import Client
from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.files import Uploads
from claude_magic.api.line import Line
from claude_magic.asking import (
    AT_THE_END,
    Asked,
    Changed,
    Request,
    Standing,
    Watcher,
    asked_before,
    is_kept,
    spent,
    turn_of,
    turn_so_far,
    turns_before,
)
from claude_magic.content.growing import Growing
from claude_magic.content.history import messages_for
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Turn
from claude_magic.content.window import standing as standing_turns
from claude_magic.content.wire import Json
from claude_magic.conversations import Conversations
from claude_magic.encode.pictures import Pictures
from claude_magic.errors import BadInput
from claude_magic.exchange import answer
from claude_magic.preparing import Preparing
from claude_magic.server import Taped, no_key
from claude_magic.servers import Servers
from claude_magic.store.store import Store
from claude_magic.waiting import Waiting

if TYPE_CHECKING:
    from claude_magic.recording.tape import Tape


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
        self.pictures = Pictures()
        self.servers = Servers(environ, tapes, self._stop_all)
        self._preparing = Preparing(self.conversations, self.servers)
        self.prepare, self.earlier = self._preparing.prepare, self._preparing.earlier
        self._active: dict[Growing, Request] = {}
        self._waiting = Waiting()
        self._watchers: list[Watcher] = []

    @property
    def uploads(self) -> Uploads:
        """The pictures that servers have as files."""
        return self._preparing.uploads

    @property
    def conversation(self) -> Conversation:
        """The conversation that questions go to."""
        return self.conversations.current

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
        client = self.servers.client(request.server)
        request = replace(request, body=self._affordable(request, request.body, client))
        if request.tools is not None:
            request.tools.open(self.pictures, client.server.hide)
        line = client.line()

        def keep(look: Look) -> None:
            try:
                self._keep(self._active.pop(growing), look)
            finally:
                self._waiting.leave(queue, growing)

        growing = Growing(client.server.hide, line.hang_up, keep, request.options.prefill)
        queue = request.conversation.id if request.kept else request.turn
        self._active[growing] = request
        self._waiting.join(queue, growing)
        self._follow(request, growing)
        self._tell(Asked(request, growing))
        work = (client, line, queue, growing)
        threading.Thread(target=self._answer, args=work, daemon=True).start()
        return growing

    def stop(self, request: Request) -> None:
        """Stop the answer to `request`, if it is under way: `ask` itself may be interrupted."""
        for growing, asked in list(self._active.items()):
            if asked.turn == request.turn:
                growing.stop()

    def _follow(self, request: Request, growing: Growing) -> None:
        """Have the turn kept while it grows, so that a killed kernel loses nothing."""
        if request.kept and not request.standing.summary:
            now = partial(turn_so_far, request, growing)
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
            request = self._preparing.after(now, request)
            request = replace(request, body={**request.body, "max_tokens": most})
            self._active[growing] = request
        asked = request

        def fit(body: Json, sent: int) -> Json:
            """The request that brings results of tools, within the limits of the API and ours."""
            body = self._preparing.fit(body, asked, sent)
            body = self._affordable(asked, body, client, growing)
            if growing in self._active:  # it may have been stopped meanwhile
                self._active[growing] = replace(self._active[growing], body=body)
            return body

        answer(client, line, request.body, growing, request.tools, fit)

    def _serve(self, request: Request, kept: Message) -> Growing:
        """Let a kept answer be the answer: its turn stays, and was asked just now."""
        turn = replace(request.again or Turn(()), asked=request.asked, hidden=False)
        self.conversations.put(request.conversation.id, turn, request.again)
        growing = Growing()
        growing.serve([kept])
        return growing

    def add(self, message: Message, standing: Standing = AT_THE_END) -> None:
        """Put a message of the person's own making into the conversation; nothing is sent.

        Raises
        ------
        BadInput: it would be an assistant's, and no user's that is sent stands before it.
        """
        conversation = self.conversations.get(standing.conversation)
        earlier = asked_before(conversation, standing)
        before = standing_turns(turns_before(conversation, standing))
        if message.role == "assistant" and not messages_for(before, None):
            raise BadInput(
                "a conversation begins with a user's message.",
                hint="Put one in first, with `--as user`, or ask a question.",
            )
        place = standing.place
        turn = Turn((message,), synthetic=True, cell=place.cell, number=place.number)
        self.conversations.put(conversation.id, turn, earlier)

    def close(self) -> None:
        """Stop what is being answered, let connections go, and write what is not written yet."""
        self.servers.close()
        self.conversations.close()

    def _stop_all(self) -> None:
        for growing in list(self._active):
            growing.stop()

    def reset(self) -> str:
        """Begin a new conversation; return the name under which the old one is kept, or ""."""
        return self.conversations.reset()

    def purge(self, only: Conversation | None = None, *, all_of_it: bool = False) -> bool:
        """Stop what is being answered, and remove conversations for good.

        Which, and what is returned, is as `Conversations.purge` says.
        """
        self._stop_all()
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
        if look.error is not None:
            self.uploads.forget(str(look.error))
        price = spent(request, look.message)
        self.spent += price or 0.0
        if not request.kept:
            return
        if is_kept(request, look):
            turn = turn_of(request, look, price)
            self.conversations.put(request.conversation.id, turn, request.again)
            return
        self.conversations.dropped(request.conversation.id, request.turn)
        if request.again:  # nothing came: the old turn stays, and its cell was seen
            self.conversations.show(request.conversation.id, request.again)


def _within(left: float, request: Request, body: Json, client: Client) -> Json:
    """Return the body with its length held to what is left, or say that it would pass it."""
    if request.model.price is None or request.server.is_practice:
        return body
    tokens = client.count(body) or estimated_tokens(body)
    return {**body, "max_tokens": longest_within(left, body, request.model, tokens)}
