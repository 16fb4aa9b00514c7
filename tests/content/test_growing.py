"""Claims about an answer on its way."""

import threading

from loopback import START, ending, text_block

from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.turn import Ending


def test_only_the_first_end_counts() -> None:
    """After the person's stop, what still arrives changes nothing, and it is kept once."""
    kept: list[Look] = []
    growing = Growing(on_end=kept.append)
    growing.feed([START, *text_block("Half")])
    growing.stop()
    growing.feed([*text_block(" more", index=1), *ending()])
    growing.end(Ending.COMPLETE)

    look = growing.look()
    assert (look.message.text, look.ending) == ("Half", Ending.INTERRUPTED)
    assert [one.message.text for one in kept] == ["Half"]


def test_stopping_an_answer_that_has_ended_hangs_nobody_up() -> None:
    """The connection may serve another question by then."""
    calls: list[str] = []
    growing = Growing(hang_up=lambda: calls.append("hung up"))
    growing.end(Ending.COMPLETE)
    growing.stop()

    assert calls == []


def test_whoever_waits_is_woken_by_a_change() -> None:
    """A change on one thread ends the wait on another."""
    growing = Growing()
    number = growing.look().number
    threading.Timer(0.01, growing.feed, [[START]]).start()

    assert growing.wait(number, timeout=10)
    assert not growing.wait(growing.look().number, timeout=0)
