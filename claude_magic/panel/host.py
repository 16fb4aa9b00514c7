"""Messages of the page -> questions, and what the page asks to know.

Messages of the page may come on any thread, and so may what the engine tells; both are only put
down here. One worker tells the page what happens, so that all comes in order; the other does what
may take a while: filling in expressions, reading files, asking.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from claude_magic.asking import Asked, Changed, Standing
from claude_magic.content.blocks import Block, Text
from claude_magic.content.message import Message
from claude_magic.content.turn import Place
from claude_magic.content.wire import Json
from claude_magic.errors import BadInput, Told
from claude_magic.panel.attachments import Attachments, attached_again
from claude_magic.panel.choices import Choices
from claude_magic.panel.mirror import Mirror, Question, Typed
from claude_magic.panel.notebook import Notebook
from claude_magic.panel.transcript import Transcript
from claude_magic.panel.turns import advice, foot, is_panels, panel_cell, words_again
from claude_magic.panel.worker import Worker

Send = Callable[[Json], None]
Keep = Callable[[dict[str, str], int], None]
Act = Callable[[Json], None]

_TICK = 0.15  # seconds
_SETTLED = 1.0  # seconds without a change, after which the notebook keeps what there is


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
        self._mirror = Mirror(notebook.engine, send)
        self._transcript = Transcript()
        self._changes = 0
        self._keep_at: float | None = None
        self._closed = False
        self._telling = Worker(self._tick)
        self._asking = Worker()
        engine = notebook.engine
        self._unwatch = engine.watch(lambda event: self._telling.put(partial(self._told, event)))
        self._unobserve = notebook.when_defaults_change(
            lambda: self._telling.put(self._tell_choices)
        )
        self._telling.put(lambda: self._told(Changed(engine.conversation)))

    def transcript(self) -> tuple[dict[str, str], int]:
        """Return what is to be read without a kernel, and how many times it has changed."""
        return self._transcript.of(self._mirror.turns), self._changes

    def close(self) -> None:
        """Stop telling; questions that are being asked go on. Twice does no harm."""
        if self._closed:
            return
        self._closed = True
        self._unwatch()
        self._unobserve()
        self._telling.stop()
        self._asking.stop()

    def settle(self, seconds: float = 10.0) -> None:
        """Wait until the notebook keeps all that is shown, at most so many seconds."""
        until, told = time.monotonic() + seconds, threading.Event()
        self._telling.put(told.set)
        told.wait(seconds)
        while (self._keep_at is not None or self._mirror.grows) and time.monotonic() < until:
            time.sleep(_TICK)

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
        }
        may_wait: dict[str, Act] = {  # among them what is chosen, which holds for later questions
            "choose": self._choose,
            "ask": self._ask,
            "again": self._ask_again,
            "reuse": self._reuse,
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
            self._refuse(message, str(error), advice(error.hint))
        except Exception as error:
            words = f"{type(error).__name__} in the panel."
            self._refuse(message, words, "If it happens again, this is a fault of claude_magic.")

    def _refuse(self, message: Json, words: str, hint: str) -> None:
        self._reply(message, "refused", what=message.get("kind"), words=words, hint=hint)

    # What the page asks to know

    def _hello(self, message: Json) -> None:
        defaults = self._notebook.defaults()
        self._reply(
            message,
            "state",
            **self._mirror.state(),
            choices=self._choices.json(),
            defaults=defaults,
            foot=self._foot(),
        )

    def _earlier(self, message: Json) -> None:
        self._reply(message, "earlier", **self._mirror.before(message.get("before")))

    def _source(self, message: Json) -> None:
        """The Markdown of an answer, for copying and for a cell."""
        self._reply(message, "source", text=self._mirror.answer_of(message.get("turn")))

    def _tell_kept(self, message: Json) -> None:
        """What the notebook keeps, for a page that has to put it there itself."""
        self._reply(message, "bundle", data=self.transcript()[0])

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

    # Questions

    def _ask(self, message: Json) -> None:
        """Ask what was typed; with `again`, in the place of that turn."""
        refs = [ref for ref in message.get("attachments", []) if isinstance(ref, str)]
        ref, text = str(message.get("ref")), str(message.get("text", ""))
        self._send({"kind": "got", "ref": ref})
        attached = self._attachments.blocks(refs)
        question = self._question(attached, text)
        typed = Typed(ref, text, len(attached))
        self._put(question, typed, self._standing(message.get("again")), message)
        for used in refs:
            self._attachments.drop(used)

    def _ask_again(self, message: Json) -> None:
        """Ask a turn's question once more, as it was; its expressions are evaluated anew."""
        ref = str(message.get("ref"))
        self._send({"kind": "got", "ref": ref})
        asked = self._asked(message)
        question = asked.typed and self._question(asked.attached, asked.typed.text)
        typed = asked.typed and replace(asked.typed, ref=ref)
        unknown = Typed(ref, words_again(asked.message), 0)
        standing = self._standing(message.get("turn"))
        self._put(question or replace(asked.message), typed or unknown, standing, message)

    def _question(self, attached: tuple[Block, ...], text: str) -> Message:
        """What is attached, the last picture where that was chosen, and the words filled in."""
        last = self._notebook.last_picture() if self._choices.plot else ()
        pictures = (block for block in last if block not in attached)
        return Message("user", (*attached, *pictures, *self._notebook.filled(text)))

    def _put(self, question: Message, typed: Typed, standing: Standing, message: Json) -> None:
        self._mirror.expect(question, typed)
        try:
            self._notebook.ask(question, self._choices, standing)
        except BaseException:
            self._mirror.dismiss(question)
            raise
        replaced = str(message.get("again") or message.get("turn") or "")
        self._telling.put(lambda: self._mirror.forget(replaced))

    def _standing(self, again: object) -> Standing:
        """Asked again, a question of the panel is asked in its place; a cell's stays its cell's."""
        asked = self._mirror.question_of(again)
        own = asked is not None and is_panels(asked.standing.place.cell)
        return Standing(place=asked.standing.place if asked and own else Place(panel_cell()))

    def _asked(self, message: Json) -> Question:
        asked = self._mirror.question_of(message.get("turn"))
        if asked is None:
            raise BadInput("that question is not in the conversation any more.", hint="Type it.")
        return asked

    def _reuse(self, message: Json) -> None:
        """Give a question back to the box: its words, and what was attached to it."""
        asked = self._asked(message)
        other = [block for block in asked.message.content if not isinstance(block, Text)]
        made = [attached_again(block) for block in (asked.attached if asked.typed else other)]
        refs = [f"{message.get('ref')}-{number}" for number in range(len(made))]
        for ref, one in zip(refs, made, strict=True):
            self._attachments.add(ref, one)
        text = asked.typed.text if asked.typed else words_again(asked.message)
        self._reply(message, "reused", text=text, all=self._attachments.known(refs))

    def _stop(self, message: Json) -> None:
        self._mirror.stop(message.get("turn"))

    def _choose(self, message: Json) -> None:
        self._choices = self._choices.with_changes(dict(message.get("choices", {})))
        self._tell_choices()

    def _tell_choices(self) -> None:
        told = {"choices": self._choices.json(), "foot": self._foot()}
        self._send({"kind": "chosen", **told, "defaults": self._notebook.defaults()})

    def _use(self, message: Json) -> None:
        self._notebook.use(str(message.get("conversation", "")))

    def _insert(self, message: Json) -> None:
        self._notebook.insert(str(message.get("source", "")))

    # Attachments

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

    # What the engine tells

    def _told(self, event: Asked | Changed) -> None:
        if self._mirror.take(event):
            self._send({"kind": "foot", "foot": self._foot()})
            self._keep_at = time.monotonic() + _SETTLED

    def _tick(self) -> float | None:
        """Tell the page what has grown; called again until nothing grows."""
        for turn, look in self._mirror.grow():
            # A change that tells of its end is on its way, if one comes.
            self._telling.put(partial(self._mirror.leave, turn, look))
        return _TICK if self._mirror.grows else self._kept()

    def _kept(self) -> float | None:
        """Let the notebook keep what there is, once it is settled; else the seconds until then."""
        if self._keep_at is None:
            return None
        left = self._keep_at - time.monotonic()
        if left > 0:
            return left
        self._keep_at = None
        self._changes += 1
        self._keep(*self.transcript())
        self._send({"kind": "kept", "changes": self._changes})
        return None

    def _foot(self) -> Json:
        model = self._choices.model or str(self._notebook.defaults().get("model", ""))
        return foot(self._mirror.conversation, self._notebook.context(model))
