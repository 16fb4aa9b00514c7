"""Claims about questions asked at the same time."""

import threading
from typing import Any

import pytest
from conftest import KEY
from loopback import START, Handler, Loopback, Reply, answer, ending, sse, stay_silent, text_block

from claude_magic.api.request import Options
from claude_magic.asking import Changed, Standing
from claude_magic.content.blocks import Text
from claude_magic.content.growing import Growing
from claude_magic.content.message import Message
from claude_magic.content.turn import Place
from claude_magic.engine import Engine
from claude_magic.render.notices import status
from claude_magic.settings import Settings

OPTIONS = Options("claude-opus-4-6")


@pytest.fixture
def engine(api: Loopback) -> Any:
    """An engine whose questions go to the loopback server."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
    yield engine
    engine.close()


def ask(engine: Engine, words: str, **more: Any) -> Growing:
    question = Message("user", (Text(words),))
    return engine.ask(engine.prepare(question, OPTIONS, Settings(), **more))


def texts(body: Any) -> list[str]:
    return [message["content"] for message in body["messages"]]


def held(gate: threading.Event) -> Reply:
    """An answer whose end comes when the gate opens."""

    def hold(handler: Handler) -> None:
        handler.hold(gate)

    first, *rest = text_block("First.")
    return Reply([sse(START, first), hold, sse(*rest, *ending())])


def test_a_second_question_waits_and_hears_the_first_answer(api: Loopback, engine: Engine) -> None:
    """Visibly: its status says what it waits for."""
    gate = threading.Event()
    api.will(held(gate), answer("Second."))
    first = ask(engine, "One?")
    second = ask(engine, "Two?")
    api.wait_for(1)
    assert "earlier question" in status(second.look())
    gate.set()

    assert first.wait_for_end(10)
    assert second.wait_for_end(10)
    assert second.look().error is None
    assert texts(api.bodies[1]) == ["One?", "First.", "Two?"]
    turns = engine.conversation.turns
    assert [turn.answer.text for turn in turns] == ["First.", "Second."]


def test_questions_outside_or_elsewhere_do_not_wait(api: Loopback, engine: Engine) -> None:
    """Only the same conversation makes them wait."""
    gate = threading.Event()
    other = engine.conversations.begin("other")
    api.will(held(gate))
    first = ask(engine, "One?")
    api.wait_for(1)
    for more in ({"once": True}, {"standing": Standing(conversation=other.id)}):
        assert ask(engine, "Aside?", **more).wait_for_end(10)
    assert not first.ended
    gate.set()
    assert first.wait_for_end(10)


def test_a_question_that_waits_can_be_stopped(api: Loopback, engine: Engine) -> None:
    """It is never sent, and the third goes on."""
    gate = threading.Event()
    api.will(held(gate))
    ask(engine, "One?")
    api.wait_for(1)
    second, third = ask(engine, "Two?"), ask(engine, "Three?")
    second.stop()
    gate.set()

    assert third.wait_for_end(10)
    assert [texts(body)[-1] for body in api.bodies] == ["One?", "Three?"]


def test_stopping_the_first_lets_the_second_go(api: Loopback, engine: Engine) -> None:
    """What came of it is heard."""
    api.will(Reply([sse(START, *text_block("Half")[:-1]), stay_silent]))
    first = ask(engine, "One?")
    second = ask(engine, "Two?")
    while not first.look().message.text:
        first.wait(first.look().number, 5)
    first.stop()

    assert second.wait_for_end(10)
    assert texts(api.bodies[1]) == ["One?", "Half", "Two?"]


def test_the_same_place_asked_twice_at_once_is_one_turn(api: Loopback, engine: Engine) -> None:
    """The second replaces the first."""
    standing = Standing(place=Place("a"))
    pair = [ask(engine, words, standing=standing) for words in ("One?", "One, edited?")]
    assert all(growing.wait_for_end(10) for growing in pair)

    (turn,) = engine.conversation.turns
    assert turn.messages[0].text == "One, edited?"
    assert len(api.bodies[1]["messages"]) == 1


def test_many_threads_lose_nothing(api: Loopback, engine: Engine) -> None:
    """Each question becomes a turn, and each request holds all turns before it."""

    def work(name: str) -> None:
        for number in range(5):
            ask(engine, f"{name}{number}").wait_for_end(30)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    asked = [turn.messages[0].text for turn in engine.conversation.turns]
    assert sorted(asked) == [f"{name}{number}" for name in "abcd" for number in range(5)]
    assert [len(body["messages"]) for body in api.bodies] == list(range(1, 41, 2))


def test_what_cannot_be_kept_does_not_block_the_next_question(
    api: Loopback, engine: Engine
) -> None:
    """Whatever went wrong when an answer had ended."""

    def fail(event: object) -> None:
        if isinstance(event, Changed):
            raise RuntimeError("a fault")

    api.will(answer("First."), answer("Second."))
    unwatch = engine.watch(fail)
    first = ask(engine, "One?")
    assert first.wait_for_end(10)
    unwatch()
    second = ask(engine, "Two?")

    assert second.wait_for_end(10)
    assert second.look().message.text == "Second."
