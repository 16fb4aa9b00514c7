"""Messages of the page -> questions; what the engine tells -> messages to the page.

Messages of the page may come on any thread, and so may what the engine tells; both are only put
down here. One worker tells the page what happens, so that all comes in order; the other does what
may take a while: filling in expressions, reading files, asking.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from claude_magic.content.blocks import Block
from claude_magic.content.growing import Growing, Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Place, Turn
from claude_magic.content.window import stale
from claude_magic.engine import Asked, Changed, Engine, Request, Standing
from claude_magic.errors import Told
from claude_magic.panel.attachments import Attachment, Attachments
from claude_magic.panel.choices import Choices
from claude_magic.panel.growth import Growth
from claude_magic.panel.transcript import Transcript
from claude_magic.panel.turns import (
    foot,
    is_panels,
    look_of,
    panel_cell,
    shown,
    shown_answer,
    shown_question,
)
from claude_magic.panel.worker import Worker

Json = dict[str, Any]
Send = Callable[[Json], None]
Keep = Callable[[dict[str, str], int], None]
Act = Callable[[Json], None]

_TICK = 0.15  # seconds
_SETTLED = 1.0  # seconds without a change, after which the notebook keeps what there is
_PAGE = 20  # turns that are shown at once, unless they are long
_LARGEST_PAGE = 150_000  # characters


@dataclass(frozen=True)
class Live:
    """A question whose answer grows."""

    growth: Growth
    question: Message
    again: str = ""  # the turn in whose place it is asked


class Notebook(Protocol):
    """What the panel needs of the notebook it stands beside."""

    engine: Engine

    def ask(self, question: Message, choices: Choices, standing: Standing) -> None:
        """Ask; what comes of it is told by the engine."""

    def filled(self, text: str) -> tuple[Block, ...]:
        """Return the blocks of a text, its `{{ expressions }}` evaluated."""

    def attachment(self, name: str, data: bytes) -> Attachment:
        """Return what a file becomes."""

    def pictures(self) -> list[Json]:
        """Return what the notebook displayed lately, newest first: `id`, `name`, `small`."""

    def picture(self, name: str) -> Attachment:
        """Return what the picture with this `id` becomes.

        Raises
        ------
        BadInput: it is not there any more.
        """

    def names(self, prefix: str) -> list[Json]:
        """Return the variables that begin so: `name`, `kind`."""

    def defaults(self) -> Json:
        """Return what holds where nothing is chosen: `models`, `model`, `system`, `practice`."""

    def conversations(self) -> list[Json]:
        """Return those that can be chosen: `id`, `name`, `when`, `turns`, `current`."""

    def use(self, conversation: str) -> None:
        """Go on with another conversation; "" begins a new one."""

    def insert(self, source: str) -> None:
        """Offer `source` as a new cell where the page has no notebook to put it into."""


class Panel:
    """One panel: what it shows is the engine's conversation.

    `keep` is called, off the kernel's main thread, with what is to be read without a kernel, and
    how many times it has changed.
    """

    def __init__(self, notebook: Notebook, send: Send, keep: Keep = lambda data, n: None) -> None:
        self._notebook = notebook
        self._send = send
        self._keep = keep
        self._choices = Choices()
        self._attachments = Attachments(notebook.attachment)
        self._conversation = Conversation()
        self._turns: tuple[Turn, ...] = ()  # those that are shown
        self._stale: frozenset[str] = frozenset()
        self._live: dict[str, Live] = {}
        self._transcript = Transcript()
        self._refs: dict[int, str] = {}  # of a question by its id(): what the page calls it
        self._typed: dict[str, str] = {}  # by turn: the words before they were filled in
        self._changes = 0
        self._keep_at: float | None = None
        self._telling = Worker(self._tick)
        self._asking = Worker()
        engine = notebook.engine
        self._unwatch = engine.watch(lambda event: self._telling.put(partial(self._told, event)))
        self._telling.put(lambda: self._take_in(engine.conversation))

    def transcript(self) -> tuple[dict[str, str], int]:
        """Return what is to be read without a kernel, and how many times it has changed."""
        return self._transcript.of(self._turns), self._changes

    def close(self) -> None:
        """Stop telling; questions that are being asked go on."""
        self._unwatch()
        self._telling.stop()
        self._asking.stop()

    def receive(self, message: Json, buffers: Sequence[Any]) -> None:
        """Put down a message of the page; called on any thread, it returns at once."""
        kind = str(message.get("kind"))
        pieces = [bytes(buffer) for buffer in buffers or ()]
        at_once: dict[str, Act] = {
            "hello": self._hello,
            "earlier": self._earlier,
            "stop": self._stop,
            "source": self._source,
            "kept": self._tell_kept,
            "choose": self._choose,
        }
        may_wait: dict[str, Act] = {
            "ask": self._ask,
            "names": self._names,
            "attach": self._attach,
            "piece": partial(self._piece, pieces),
            "detach": self._detach,
            "attached": self._reattach,
            "attach_picture": self._attach_picture,
            "pictures": self._pictures,
            "conversations": self._conversations,
            "use": self._use,
            "insert": self._insert,
        }
        if kind in at_once:
            self._telling.put(partial(self._guarded, at_once[kind], message))
        elif kind in may_wait:
            self._asking.put(partial(self._guarded, may_wait[kind], message))

    def _guarded(self, act: Act, message: Json) -> None:
        """What goes wrong is told where the page asked for it."""
        try:
            act(message)
        except Told as error:
            self._refuse(message, str(error), error.hint)
        except Exception as error:
            words = f"{type(error).__name__} in the panel."
            self._refuse(message, words, "If it happens again, this is a fault of claude_magic.")

    def _refuse(self, message: Json, words: str, hint: str) -> None:
        self._reply(message, "refused", what=message.get("kind"), words=words, hint=hint)

    # What the page asks to know

    def _hello(self, message: Json) -> None:
        self._reply(message, "state", **self._state())

    def _state(self) -> Json:
        turns = self._page_before(len(self._turns))
        return {
            "turns": turns,
            "more": len(self._turns) - len(turns),
            "live": [self._live_json(live) for live in self._live.values()],
            "choices": self._choices.json(),
            "defaults": self._notebook.defaults(),
            "foot": self._foot(),
            "name": self._conversation.name,
        }

    def _live_json(self, live: Live) -> Json:
        asked = self._question_json(live.question, live.growth.turn)
        return {"id": live.growth.turn, "question": asked, "again": live.again, **live.growth.now()}

    def _earlier(self, message: Json) -> None:
        ids = [turn.id for turn in self._turns]
        before = message.get("before")
        end = ids.index(before) if before in ids else 0
        turns = self._page_before(end)
        self._reply(message, "earlier", turns=turns, more=end - len(turns))

    def _page_before(self, end: int) -> list[Json]:
        """The turns before the one at `end`, as many as make a page; at least one."""
        found: list[Json] = []
        size = 0
        for turn in reversed(self._turns[max(0, end - _PAGE) : end]):
            one = self._turn_json(turn)
            size += len(str(one))
            if found and size > _LARGEST_PAGE:
                break
            found.append(one)
        return found[::-1]

    def _source(self, message: Json) -> None:
        """The Markdown of an answer, for copying and for a cell."""
        turn = next((turn for turn in self._turns if turn.id == message.get("turn")), None)
        text = look_of(turn).message.text if turn else ""
        self._reply(message, "source", text=text)

    def _tell_kept(self, message: Json) -> None:
        """What the notebook keeps, for a page that has to put it there itself."""
        self._reply(message, "bundle", data=self._transcript.of(self._turns))

    def _names(self, message: Json) -> None:
        self._reply(message, "names", names=self._notebook.names(str(message.get("prefix", ""))))

    def _conversations(self, message: Json) -> None:
        self._reply(message, "conversations", all=self._notebook.conversations())

    def _pictures(self, message: Json) -> None:
        self._reply(message, "pictures", all=self._notebook.pictures())

    def _reply(self, message: Json, kind: str, **told: Any) -> None:
        """Answer the page that asked, under the name it gave its question."""
        address = {"to": message.get("from"), "ref": message.get("ref")}
        self._send({"kind": kind, **address, **told})

    # What the page asks to have done

    def _ask(self, message: Json) -> None:
        refs = [ref for ref in message.get("attachments", []) if isinstance(ref, str)]
        ref, text = str(message.get("ref")), str(message.get("text", ""))
        self._send({"kind": "got", "ref": ref})
        attached = self._attachments.blocks(refs)
        question = Message("user", (*attached, *self._notebook.filled(text)))
        self._refs[id(question)] = ref
        self._typed[ref] = text
        try:
            self._notebook.ask(question, self._choices, self._standing(message.get("again")))
        except BaseException:
            self._refs.pop(id(question), None)
            raise
        for used in refs:
            self._attachments.drop(used)

    def _standing(self, again: object) -> Standing:
        """Asked again, a question of the panel is asked in its place; a cell's stays its cell's."""
        turn = next((turn for turn in self._turns if turn.id == again), None)
        own = turn is not None and is_panels(turn.cell)
        return Standing(place=turn.place if turn and own else Place(panel_cell()))

    def _stop(self, message: Json) -> None:
        if live := self._live.get(str(message.get("turn"))):
            live.growth.growing.stop()

    def _choose(self, message: Json) -> None:
        self._choices = self._choices.with_changes(dict(message.get("choices", {})))
        told = {"choices": self._choices.json(), "foot": self._foot()}
        self._send({"kind": "chosen", **told, "defaults": self._notebook.defaults()})

    def _attach(self, message: Json) -> None:
        name, size = str(message.get("name", ""))[:200], message.get("size")
        self._attachments.begin(str(message.get("ref")), name, size if type(size) is int else 0)

    def _piece(self, pieces: list[bytes], message: Json) -> None:
        ref = str(message.get("ref"))
        for piece in pieces:
            if made := self._attachments.take(ref, piece):
                self._reply(message, "attached", **made.json())

    def _attach_picture(self, message: Json) -> None:
        made = self._notebook.picture(str(message.get("picture", "")))
        self._attachments.add(str(message.get("ref")), made)
        self._reply(message, "attached", **made.json())

    def _detach(self, message: Json) -> None:
        self._attachments.drop(str(message.get("ref")))

    def _reattach(self, message: Json) -> None:
        """A page that was loaded anew asks which attachments of its draft are still here."""
        refs = [ref for ref in message.get("refs", []) if isinstance(ref, str)]
        self._reply(message, "reattached", all=self._attachments.known(refs))

    def _use(self, message: Json) -> None:
        self._notebook.use(str(message.get("conversation", "")))

    def _insert(self, message: Json) -> None:
        self._notebook.insert(str(message.get("source", "")))

    # What the engine tells

    def _told(self, event: Asked | Changed) -> None:
        current = self._notebook.engine.conversation.id
        if isinstance(event, Changed):
            if event.conversation.id == current:
                self._take_in(event.conversation)
        elif event.request.kept and event.request.conversation.id == current:
            self._begin(event.request, event.growing)

    def _begin(self, request: Request, growing: Growing) -> None:
        ref = self._refs.pop(id(request.question), "")
        again = request.again.id if request.again else ""
        live = Live(Growth(request.turn, growing), request.question, again)
        self._live[request.turn] = live
        if ref in self._typed:
            self._typed[request.turn] = self._typed.pop(ref)
        told = self._live_json(live) | {"cell": not is_panels(request.standing.place.cell)}
        self._send({"kind": "asked", "ref": ref, "turn": told})

    def _take_in(self, conversation: Conversation) -> None:
        """Tell the page how the conversation differs from the one it shows."""
        before = {turn.id: turn for turn in self._turns}
        other = conversation.id != self._conversation.id
        grown = conversation.turns[: len(self._conversation.turns)] == self._conversation.turns
        self._conversation = conversation
        self._turns = tuple(turn for turn in conversation.turns if not turn.hidden)
        if other:
            self._live.clear()
            self._stale = stale(conversation)
            self._send({"kind": "state", **self._state()})
        else:
            marked, self._stale = self._stale, self._stale if grown else stale(conversation)
            self._tell_changes(before, marked ^ self._stale)
        self._send({"kind": "foot", "foot": self._foot()})
        self._keep_at = time.monotonic() + _SETTLED

    def _tell_changes(self, before: dict[str, Turn], marked: frozenset[str]) -> None:
        for turn_id in before.keys() - {turn.id for turn in self._turns}:
            self._send({"kind": "drop", "turn": turn_id})
        previous = ""
        for turn in self._turns:
            if before.get(turn.id) is not turn or turn.id in marked:
                self._put(turn, previous)
            previous = turn.id

    def _put(self, turn: Turn, previous: str) -> None:
        live = self._live.pop(turn.id, None)
        if live is None:
            self._send({"kind": "put", "after": previous, "turn": self._turn_json(turn)})
            return
        look = live.growth.growing.look()
        self._step(live.growth, look)
        answer = shown_answer(turn, whole=not live.growth.is_whole(look))
        told: Json = {"kind": "end", "turn": turn.id, "kept": True, "answer": answer}
        self._send(told | _failure(look))

    def _tick(self) -> float | None:
        """Tell the page what has grown; called again until nothing grows."""
        for turn, live in list(self._live.items()):
            look = live.growth.growing.look()
            self._step(live.growth, look)
            if look.ending is not None:  # a change that tells of it is on its way, if one comes
                self._telling.put(partial(self._left, turn, look))
        return _TICK if self._live else self._kept()

    def _kept(self) -> float | None:
        """Let the notebook keep what there is, once it is settled; else the seconds until then."""
        if self._keep_at is None:
            return None
        left = self._keep_at - time.monotonic()
        if left > 0:
            return left
        self._keep_at = None
        self._changes += 1
        self._keep(self._transcript.of(self._turns), self._changes)
        self._send({"kind": "kept", "changes": self._changes})
        return None

    def _step(self, growth: Growth, look: Look) -> None:
        for message in growth.step(look):
            self._send(message)

    def _left(self, turn_id: str, look: Look) -> None:
        """An answer ended, and no turn was kept of it."""
        live = self._live.pop(turn_id, None)
        if live is None:
            return
        self._send({"kind": "end", "turn": turn_id, "kept": False, **_failure(look)})
        earlier = [turn.id for turn in self._turns]
        if live.again in earlier:  # what stood in its place stays
            number = earlier.index(live.again)
            self._put(self._turns[number], earlier[number - 1] if number else "")

    def _turn_json(self, turn: Turn) -> Json:
        told = shown(turn) | {"stale": turn.id in self._stale}
        if told["question"] and turn.id in self._typed:
            told["question"]["typed"] = self._typed[turn.id]
        return told

    def _question_json(self, question: Message, live: str) -> Json:
        typed = self._typed.get(live)
        return shown_question(question) | ({} if typed is None else {"typed": typed})

    def _foot(self) -> Json:
        model = self._choices.model or str(self._notebook.defaults().get("model", ""))
        return foot(self._conversation, model)


def _failure(look: Look) -> Json:
    """Why an answer did not come whole, in the words a cell would show."""
    if look.error is None:
        return {}
    hint = look.error.hint if isinstance(look.error, Told) else ""
    return {"error": {"message": str(look.error), "hint": hint}}
