"""The exchange of one question: requests go out, and what comes back fills the growing answer."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from claude_magic.api.client import Client
from claude_magic.api.line import HungUp, Line
from claude_magic.api.reply import Reply
from claude_magic.api.server_tools import container_of
from claude_magic.content.growing import Growing
from claude_magic.content.history import answered, so_far
from claude_magic.content.message import Message, write_message
from claude_magic.content.turn import Ending
from claude_magic.content.wire import Json
from claude_magic.errors import BrokenOff, ClaudeMagicError, NotUnderstood

if TYPE_CHECKING:  # imported with the first tool, not with the first question
    from claude_magic.tools.toolbox import Toolbox

_MOST_PAUSES = 20
_AFTER_THE_END = 1.0  # seconds a server has to close a stream whose answer is whole


class _LeftOpen(Exception):
    """The stream was not ended by the server, though all of the answer had come."""


Fit = Callable[[Json, int], Json]


def answer(
    client: Client,
    line: Line,
    body: Json,
    growing: Growing,
    tools: "Toolbox | None" = None,
    fit: Fit = lambda body, sent: body,
) -> None:
    """Read the answer into `growing`; however that ends, `growing` learns of it.

    `tools` makes the calls that the answer asks for; `fit` makes a request that goes on with it one
    that the API takes and the budget allows; it is told how many messages were sent already.
    """
    try:
        _exchange(client, line, body, growing, tools, fit)
    except HungUp:
        growing.end(Ending.INTERRUPTED)
    except Exception as error:  # whatever it is, the person who waits must be told
        growing.end(Ending.CUT, _with_what_is_kept(error, growing))
    if growing.complete:
        client.free(line)
    else:
        client.drop(line)


def _exchange(
    client: Client, line: Line, body: Json, growing: Growing, tools: "Toolbox | None", fit: Fit
) -> None:
    """Ask, and go on asking while the model pauses in the middle of its work, or calls tools."""
    asked, pauses = body, 0  # `asked`: without the parts of an answer that is being continued
    while True:
        with suppress(_LeftOpen), client.ask(body, line, growing.retry) as reply:
            growing.begin(reply.request_id)
            _read(reply, growing, line, tools)
        if growing.ended:
            return
        if growing.paused:
            pauses += 1
            if pauses == _MOST_PAUSES or growing.look().message.is_blank:
                growing.end(Ending.COMPLETE)
                return
            body = fit(_with(asked, so_far(growing.go_on())), len(asked["messages"]))
        elif tools is not None and growing.want(partial(tools.make_calls, growing)):
            more = tools.limited(_with(asked, *answered(*growing.after())))
            body = asked = fit(more, len(asked["messages"]))
        else:
            raise HungUp


def _with(body: Json, *messages: Message) -> Json:
    """Return the request with messages at its end, and the container in which their code ran."""
    container = next(filter(None, map(container_of, messages)), "")
    named = {"container": container} if container else {}
    return {**body, **named, "messages": [*body["messages"], *map(write_message, messages)]}


def _goes_on(growing: Growing, tools: "Toolbox | None") -> bool:
    """Whether the answer is only a part of what is to come."""
    return growing.paused or (tools is not None and not tools.is_closed and bool(growing.calls))


def _read(reply: Reply, growing: Growing, line: Line, tools: "Toolbox | None") -> None:
    """Read to the end of the stream: a connection that was read to its end serves again."""
    patience = threading.Timer(_AFTER_THE_END, line.cut)
    try:
        for events in reply.events():
            growing.feed(events, reply.notice)
            if growing.broken:
                raise reply.failure(growing.broken)
            if growing.finished and patience.ident is None:
                patience.start()
                if not _goes_on(growing, tools):
                    growing.end(Ending.COMPLETE)
    except Exception as error:
        if growing.finished and not growing.ended:
            raise _LeftOpen from error
        raise
    finally:
        patience.cancel()
    if not growing.begun:
        raise NotUnderstood(
            "the server sent a stream, but none of the Messages API.",
            hint="Check ANTHROPIC_BASE_URL: it may name another API.",
        )
    if not growing.finished:
        raise BrokenOff("the stream ended before the answer did.", hint="Run the cell again.")


def _with_what_is_kept(error: Exception, growing: Growing) -> Exception:
    """Say in the hint that something was kept, if something was."""
    if isinstance(error, ClaudeMagicError) and not growing.look().message.is_blank:
        error.hint = f"What came is kept. {error.hint}"
    return error
