"""The exchange of one question: requests go out, and what comes back fills the growing answer."""

import threading

from claude_magic.api.client import Client
from claude_magic.api.line import HungUp, Line
from claude_magic.api.reply import Reply
from claude_magic.api.server_tools import container_of
from claude_magic.content.growing import Growing
from claude_magic.content.message import write_message
from claude_magic.content.turn import Ending
from claude_magic.content.wire import Json
from claude_magic.errors import BrokenOff, ClaudeMagicError, NotUnderstood

_MOST_PAUSES = 20
_AFTER_THE_END = 1.0  # seconds a server has to close a stream whose answer is whole
_GO_ON = "Run the cell again, or go on with `%claude continue`."


def answer(client: Client, line: Line, body: Json, growing: Growing) -> None:
    """Read the answer into `growing`; however that ends, `growing` learns of it."""
    try:
        _exchange(client, line, body, growing)
    except HungUp:
        growing.end(Ending.INTERRUPTED)
    except Exception as error:  # whatever it is, the person who waits must be told
        growing.end(Ending.CUT, _with_what_is_kept(error, growing))
    if growing.complete:
        client.free(line)
    else:
        client.drop(line)


def _exchange(client: Client, line: Line, body: Json, growing: Growing) -> None:
    """Ask, and go on asking while the model pauses in the middle of its own tools' work."""
    for _ in range(_MOST_PAUSES):
        with client.ask(body, line, growing.retry) as reply:
            growing.begin(reply.request_id)
            _read(reply, growing, line)
        if growing.complete:
            return
        so_far = growing.go_on()
        body = {**body, "messages": [*body["messages"], write_message(so_far)]}
        if container := container_of(so_far):
            body = {**body, "container": container}
    growing.end(Ending.COMPLETE)


def _read(reply: Reply, growing: Growing, line: Line) -> None:
    """Read to the end of the stream: a connection that was read to its end serves again."""
    patience = threading.Timer(_AFTER_THE_END, line.hang_up)
    try:
        for events in reply.events():
            growing.feed(events, reply.notice)
            if growing.broken:
                raise reply.failure(growing.broken)
            if growing.finished and not growing.paused and growing.end(Ending.COMPLETE):
                patience.start()
    finally:
        patience.cancel()
    if not growing.begun:
        raise NotUnderstood(
            "the server sent a stream, but none of the Messages API.",
            hint="Check ANTHROPIC_BASE_URL: it may name another API.",
        )
    if not growing.finished:
        raise BrokenOff("the stream ended before the answer did.", hint=_GO_ON)


def _with_what_is_kept(error: Exception, growing: Growing) -> Exception:
    """Say in the hint that something was kept, if something was."""
    if isinstance(error, ClaudeMagicError) and not growing.look().message.is_blank:
        error.hint = f"What came is kept. {error.hint}"
    return error
