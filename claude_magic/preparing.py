"""A question -> the request that asks it where it stands, within all limits."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from claude_magic.api.files import Uploads
from claude_magic.api.models import Model
from claude_magic.api.own import own_options
from claude_magic.api.refusals import checked
from claude_magic.api.request import Options, asked_for, cached, head, request_body
from claude_magic.api.server_tools import container_of
from claude_magic.asking import AT_THE_END, Request, Standing, asked_before, tokens_of, turns_before
from claude_magic.content.binding import Digest, bound
from claude_magic.content.blocks import Text
from claude_magic.content.history import messages_for
from claude_magic.content.message import Message, write_message
from claude_magic.content.steady import steady
from claude_magic.content.turn import Conversation, Turn
from claude_magic.content.window import bounded, heard, window
from claude_magic.content.window import standing as standing_turns
from claude_magic.content.wire import Json
from claude_magic.conversations import Conversations
from claude_magic.encode.fitting import Fitter
from claude_magic.errors import BadInput
from claude_magic.server import Server, no_key
from claude_magic.servers import Servers
from claude_magic.settings import Settings
from claude_magic.teaching.policy import policy_of

if TYPE_CHECKING:  # imported with the first tool, not with the first question
    from claude_magic.tools.toolbox import Toolbox

# Shorter secrets may be words of their own ("lm-studio"), which a prompt may well contain.
_SURELY_A_KEY = 20
_MOST_OF_A_TOKEN = 8  # characters; of long texts none has more on average


class Preparing:
    """Makes requests of questions, with the turns of `conversations` that stand before them."""

    def __init__(self, conversations: Conversations, servers: Servers) -> None:
        self.uploads = Uploads()
        self._conversations = conversations
        self._servers = servers
        self._fitter = Fitter()

    def prepare(
        self,
        question: Message,
        options: Options,
        settings: Settings,
        *,
        once: bool = False,
        standing: Standing = AT_THE_END,
        upload: bool = False,
        tools: "Toolbox | None" = None,
    ) -> Request:
        """Return the request of `question` after the conversation so far (or alone: `once`).

        Asked where a question stands already, it is asked again there: after the turns before it.
        With `upload` its pictures are uploaded, those that are not yet, and go as files. `tools`
        are those that Claude may call.

        Raises
        ------
        BadInput: the model or the API would refuse an option, the lesson forbids it, or a text
            holds the key.
        """
        server, lesson = self._servers.chosen(settings), policy_of(settings)
        own = own_options(options, settings, server.hide)
        options = options._replace(tools=tools.definitions if tools else ())
        options = lesson.options(options, settings)
        model = self._servers.model(options.model, server)
        checked(options, model, server.api_version)
        _refuse_length(question, model)
        parts = [write_message(question), head(options, model), options.stop_sequences]
        _refuse_key(server, parts)
        _refuse_key(server, [options.prefill, options.extra])
        request = Request(
            *(server, {}, question, options, model, "", not once, standing),
            limit=settings.history_tokens,
            upload=upload,
            lesson=lesson,
            tools=tools,
            own=own,
        )
        request = self.after(self._conversations.get(standing.conversation), request)
        return replace(request, kept_answer=self._kept_answer(request))

    def earlier(self, standing: Standing, settings: Settings) -> tuple[Turn, ...]:
        """Return the turns that a question which stands there takes along."""
        before = turns_before(self._conversations.get(standing.conversation), standing)
        return window(before, standing.last, settings.history_tokens, tokens_of)

    def after(self, conversation: Conversation, request: Request) -> Request:
        """Return the request with the turns of `conversation` that stand before it."""
        options, model, last = request.options, request.model, request.standing.last
        earlier = asked_before(conversation, request.standing)
        seen = standing_turns(turns_before(conversation, request.standing))
        turns = bounded(seen, last, request.limit, tokens_of) if request.kept else ()
        whole = self._conversations.whole(turns, sent=True)
        cite = not options.schema  # a form and citations exclude each other
        said = messages_for(whole, request.question, cite=cite)
        messages, asked_under = [message for message, _ in said], [under for _, under in said]
        containers = map(container_of, (turn.answer for turn in reversed(turns)))
        body = request_body(options, model, messages, next(filter(None, containers), ""))
        fitted, first = self.fit(body, request), head(options, model)
        as_sent, digest = bound(fitted["messages"], asked_under, first)
        words = [_steady(message) for message in body["messages"][: len(said)]]
        asked = digest if as_sent == words else str(Digest(first, words))  # mostly the first
        return replace(
            request,
            body=cached(options, model, {**fitted, "messages": as_sent}),
            digest=digest,
            asked_for=asked_for(options, model, asked),
            conversation=conversation,
            again=earlier,
            heard=heard(turns),
            carried=(len(turns), len(seen)),
        )

    def fit(self, body: Json, request: Request, sent: int = 0) -> Json:
        """Return the body with its pictures as the model takes them, within the API's limits.

        Its first `sent` messages were sent already, and thinking that answered them comes after.
        """
        model = request.model
        as_file = self._as_file(request)
        return self._fitter.fit(body, model.sight, model.most_pictures, as_file, sent)

    def _as_file(self, request: Request) -> Callable[[Json], Json | None]:
        """What names the file of a picture; a recording holds the pictures themselves."""
        server = request.server
        if server.taped.record or server.taped.replay:
            return lambda source: None
        if not request.upload:
            return partial(self.uploads.known, server)
        if server.lacks_key:
            raise no_key()
        return partial(self.uploads.put, self._servers.client(server))

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
        self._servers.client(request.server)
        holds = (
            taped.replay
            and self._servers.tape
            and self._servers.tape.holds(request.body, turn.answer)
        )
        return turn.answer if holds else None


def _refuse_length(question: Message, model: Model) -> None:
    """Words that no counting makes fit (`{{ a_whole_file }}`) would travel for nothing."""
    length = sum(len(block.text) for block in question.content if isinstance(block, Text))
    if model.known and length > model.context * _MOST_OF_A_TOKEN:
        raise BadInput(
            f"the question has {length:,} characters, and {model.id} takes {model.context:,} "
            "tokens in all, of about 4 characters each.",
            hint="Send a part of it, as in `{{ text[:100_000] }}`, or what sums it up.",
        )


def _steady(message: Json) -> Json:
    """A message by which another run of its cell is known to say the same."""
    content: Any = message["content"]
    calm: Any = steady(content) if isinstance(content, str) else [_calm(one) for one in content]
    return message if calm == content else {**message, "content": calm}


def _calm(block: Json) -> Json:
    text = block.get("text")
    return {**block, "text": steady(text)} if isinstance(text, str) else block


def _refuse_key(server: Server, sent: object) -> None:
    """A key that slipped into a prompt (`{{ os.environ }}`) would go to the model and the store."""
    words = json.dumps(sent, ensure_ascii=False)
    if any(secret in words for secret in server.secrets if len(secret) >= _SURELY_A_KEY):
        raise BadInput(
            "the text to send contains your API key, so nothing was sent.",
            hint="Take it out, and give the variable that held it another value.",
        )
