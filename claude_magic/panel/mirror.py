"""What the engine tells -> what the page lacks of it: the conversation as the page holds it.

All but `expect` and `dismiss` is called on one thread, which tells the page what happens in order.
"""

from collections.abc import Callable
from dataclasses import dataclass

from claude_magic.asking import Asked, Changed, Request, Standing
from claude_magic.content.blocks import Block
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Turn
from claude_magic.content.window import stale
from claude_magic.content.wire import Json
from claude_magic.engine import Engine
from claude_magic.errors import Told
from claude_magic.panel.growth import Growth
from claude_magic.panel.turns import advice, is_panels, look_of, shown, shown_answer, shown_question

Send = Callable[[Json], None]

_PAGE = 20  # turns that are shown at once, unless they are long
_LARGEST_PAGE = 150_000  # characters


@dataclass(frozen=True)
class Typed:
    """A question as it was put in the panel: its words before they were filled in.

    `attached`: how many of its blocks were attached to it.
    """

    ref: str
    text: str
    attached: int


@dataclass(frozen=True)
class Live:
    """A question whose answer grows."""

    growth: Growth
    request: Request

    @property
    def again(self) -> str:
        """The turn in whose place it is asked, or ""."""
        return self.request.again.id if self.request.again else ""


@dataclass(frozen=True)
class Failed:
    """A question of which no turn was kept, and what the page shows of it."""

    request: Request
    shown: Json


@dataclass(frozen=True)
class Question:
    """A question that was asked: what it says, as it was typed, and where it stands."""

    message: Message
    standing: Standing
    typed: Typed | None

    @property
    def attached(self) -> tuple[Block, ...]:
        """The blocks that were attached to it."""
        return self.message.content[: self.typed.attached if self.typed else 0]


class Mirror:
    """Follows the engine's current conversation and tells the page how it changes."""

    def __init__(self, engine: Engine, send: Send) -> None:
        self._engine = engine
        self._send = send
        self._conversation = Conversation()
        self.turns: tuple[Turn, ...] = ()  # those that are shown
        self._stale: frozenset[str] = frozenset()
        self._live: dict[str, Live] = {}
        self._failed: dict[str, Failed] = {}
        self._expected: dict[int, Typed] = {}  # of a question by its id()
        self._typed: dict[str, Typed] = {}  # of a turn

    # What the page wants to know

    @property
    def conversation(self) -> Conversation:
        """The conversation that is shown."""
        return self._conversation

    @property
    def grows(self) -> bool:
        """Whether an answer is on its way."""
        return bool(self._live)

    def state(self) -> Json:
        """Return all that a page needs to begin with: the last turns, and what is on its way."""
        turns = self._page_before(len(self.turns))
        return {
            "turns": turns,
            "more": len(self.turns) - len(turns),
            "failed": [one.shown for one in self._failed.values() if self._is_here(one.request)],
            "live": [
                self._live_json(one) for one in self._live.values() if self._is_here(one.request)
            ],
            "name": self._conversation.name,
        }

    def before(self, turn_id: object) -> Json:
        """Return the turns before one that the page has, and how many there are still before."""
        ids = [turn.id for turn in self.turns]
        end = ids.index(turn_id) if turn_id in ids else 0
        turns = self._page_before(end)
        return {"turns": turns, "more": end - len(turns)}

    def answer_of(self, turn_id: object) -> str:
        """Return the Markdown of an answer."""
        turn = self._turn(turn_id)
        return look_of(turn).message.text if turn else ""

    def question_of(self, turn_id: object) -> Question | None:
        """Return what a turn asked, whether it is kept or failed."""
        typed = self._typed.get(str(turn_id))
        if failed := self._failed.get(str(turn_id)):
            return Question(failed.request.question, failed.request.standing, typed)
        turn = self._turn(turn_id)
        if turn is None or turn.messages[0].role != "user":
            return None
        (whole,) = self._engine.conversations.whole([turn])
        return Question(whole.messages[0], Standing(place=turn.place), typed)

    def stop(self, turn_id: object) -> None:
        """Stop an answer; what came of it is kept."""
        if live := self._live.get(str(turn_id)):
            live.growth.growing.stop()

    def _turn(self, turn_id: object) -> Turn | None:
        return next((turn for turn in self.turns if turn.id == turn_id), None)

    def _page_before(self, end: int) -> list[Json]:
        """The turns before the one at `end`, as many as make a page; at least one."""
        found: list[Json] = []
        size = 0
        for turn in reversed(self.turns[max(0, end - _PAGE) : end]):
            one = self._turn_json(turn)
            size += len(str(one))
            if found and size > _LARGEST_PAGE:
                break
            found.append(one)
        return found[::-1]

    # Questions of the panel

    def expect(self, question: Message, typed: Typed) -> None:
        """The panel is about to ask this question."""
        self._expected[id(question)] = typed

    def dismiss(self, question: Message) -> None:
        """It was not asked."""
        self._expected.pop(id(question), None)

    # What the engine tells

    def take(self, event: Asked | Changed) -> bool:
        """Take in what the engine tells; return whether the conversation changed."""
        if isinstance(event, Changed):
            if event.conversation.id == self._engine.conversation.id:
                self.show(event.conversation)
                return True
            for turn in event.conversation.turns:
                self._live.pop(turn.id, None)
        elif event.request.kept:
            self._begin(event.request, event.growing)
        return False

    def _begin(self, request: Request, growing: Growing) -> None:
        typed = self._expected.pop(id(request.question), None)
        live = self._live[request.turn] = Live(Growth(request.turn, growing), request)
        if typed:
            self._typed[request.turn] = typed
        if self._is_here(request):
            ref = typed.ref if typed else ""
            self._send({"kind": "asked", "ref": ref, "turn": self._live_json(live)})

    def _is_here(self, request: Request) -> bool:
        return request.conversation.id == self._conversation.id

    def forget(self, turn_id: str) -> None:
        """A failed question is asked again: what is left of it goes."""
        if self._failed.pop(turn_id, None):
            self._send({"kind": "drop", "turn": turn_id})

    def show(self, conversation: Conversation) -> None:
        """Tell the page how the conversation differs from the one it shows."""
        before = {turn.id: turn for turn in self.turns}
        other = conversation.id != self._conversation.id
        grown = conversation.turns[: len(self._conversation.turns)] == self._conversation.turns
        self._conversation = conversation
        self.turns = tuple(turn for turn in conversation.turns if not turn.hidden)
        if other:
            self._stale = stale(conversation)
            self._send({"kind": "state", **self.state()})
        else:
            marked, self._stale = self._stale, self._stale if grown else stale(conversation)
            self._tell_changes(before, marked ^ self._stale)

    def _tell_changes(self, before: dict[str, Turn], marked: frozenset[str]) -> None:
        for turn_id in before.keys() - {turn.id for turn in self.turns}:
            self._send({"kind": "drop", "turn": turn_id})
        previous = ""
        for turn in self.turns:
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

    # Answers that grow

    def grow(self) -> list[tuple[str, Look]]:
        """Tell the page what has grown; return the answers that have ended."""
        ended = []
        for turn, live in list(self._live.items()):
            look = live.growth.growing.look()
            if self._is_here(live.request):
                self._step(live.growth, look)
            if look.ending is not None:
                ended.append((turn, look))
        return ended

    def _step(self, growth: Growth, look: Look) -> None:
        for message in growth.step(look):
            self._send(message)

    def leave(self, turn_id: str, look: Look) -> None:
        """An answer ended; unless a change has told of it by now, no turn was kept of it."""
        live = self._live.pop(turn_id, None)
        if live is None:
            return
        ending: Json = {"kept": False, **_failure(look)}
        shown = self._asked_json(live.request) | ending
        self._failed[turn_id] = Failed(live.request, shown)
        if not self._is_here(live.request):
            return
        self._send({"kind": "end", "turn": turn_id, **ending})
        earlier = [turn.id for turn in self.turns]
        if live.again in earlier:  # what stood in its place stays
            number = earlier.index(live.again)
            self._put(self.turns[number], earlier[number - 1] if number else "")

    # What the page takes

    def _turn_json(self, turn: Turn) -> Json:
        (whole,) = self._engine.conversations.whole([turn])
        told = shown(whole) | {"stale": turn.id in self._stale}
        if told["question"] and turn.id in self._typed:
            told["question"]["typed"] = self._typed[turn.id].text
        return told

    def _live_json(self, live: Live) -> Json:
        return {**self._asked_json(live.request), "again": live.again, **live.growth.now()}

    def _asked_json(self, request: Request) -> Json:
        question = shown_question(request.question)
        if typed := self._typed.get(request.turn):
            question["typed"] = typed.text
        cell = not is_panels(request.standing.place.cell)
        return {"id": request.turn, "question": question, "asked": request.asked, "cell": cell}


def _failure(look: Look) -> Json:
    """Why an answer did not come whole, in the words a cell would show."""
    if look.error is None:
        return {}
    hint = advice(look.error.hint) if isinstance(look.error, Told) else ""
    return {"error": {"message": str(look.error), "hint": hint}}
