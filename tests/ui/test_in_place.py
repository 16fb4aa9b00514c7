"""Claims about cells that are run again: the conversation follows the notebook."""

from typing import Any

import pytest
from loopback import START, Loopback, Reply, answer, error, sse
from shell import Notebook

from claude_magic.content.window import stale

CELLS = {"a": "%%claude\nOne?", "b": "%%claude\nTwo?", "c": "%%claude\nThree?"}


def words(body: Any) -> list[str]:
    """The questions and answers of a request, in order."""
    return [message["content"] for message in body["messages"]]


@pytest.fixture
def asked(api: Loopback, notebook: Notebook) -> Notebook:
    """A notebook that asked three questions."""
    api.will(answer("1"), answer("2"), answer("3"))
    for cell, code in CELLS.items():
        notebook.run(code, cell)
    api.requests.clear()
    return notebook


def history(notebook: Notebook) -> list[str]:
    turns = notebook.engine.conversation.turns
    return [m.text for turn in turns if not turn.hidden for m in turn.messages]


def test_a_rerun_cell_asks_again_in_its_place(api: Loopback, asked: Notebook) -> None:
    """After the turns before it only; the answer replaces the old one, and later turns stay."""
    api.will(answer("2b"))
    shown = asked.run("%%claude\nTwo, edited?", "b")

    assert words(api.bodies[0]) == ["One?", "1", "Two, edited?"]
    assert history(asked) == ["One?", "1", "Two, edited?", "2b", "Three?", "3"]
    assert "asked again, turn 2 of 3" in shown


def test_later_turns_are_marked_as_older(api: Loopback, asked: Notebook) -> None:
    """Until they are asked again; turns that heard the same words are not marked."""
    assert not stale(asked.engine.conversation)
    asked.run("%%claude\nTwo, edited?", "b")
    third = asked.engine.conversation.turns[2].id
    assert stale(asked.engine.conversation) == {third}

    asked.run(CELLS["c"], "c")
    assert not stale(asked.engine.conversation)


def test_run_all_gives_the_same_conversation(api: Loopback, asked: Notebook) -> None:
    """Not twice its length."""
    api.will(answer("1"), answer("2"), answer("3"))
    for cell, code in CELLS.items():
        asked.run(code, cell)

    assert history(asked) == ["One?", "1", "Two?", "2", "Three?", "3"]
    assert [len(body["messages"]) for body in api.bodies] == [1, 3, 5]


@pytest.mark.parametrize(
    "reply", [error(400, "invalid_request_error"), Reply([sse(START)])], ids=["refused", "cut"]
)
def test_the_old_turn_stays_when_nothing_came(api: Loopback, asked: Notebook, reply: Reply) -> None:
    """A failure takes nothing away."""
    api.will(reply)
    asked.fail("%%claude\nTwo, edited?", "b")

    assert history(asked) == ["One?", "1", "Two?", "2", "Three?", "3"]


def test_several_questions_of_a_cell_are_numbered(api: Loopback, notebook: Notebook) -> None:
    """Run again, each replaces its own; what the cell no longer asks is left out."""
    code = "from claude_magic import Claude\nfor q in {}: Claude(shared=True).ask(q)"
    api.will(*(answer(text) for text in "123456"))
    notebook.run(code.format(["a?", "b?", "c?"]), "loop")
    notebook.run("%%claude\nd?", "d")
    notebook.run(code.format(["A?", "B?"]), "loop")
    notebook.run("%%claude\nd?", "d")

    assert words(api.bodies[6]) == ["A?", "5", "B?", "6", "d?"]
    assert len(api.bodies[4]["messages"]) == 1


def test_without_a_cell_each_run_is_new(api: Loopback, notebook: Notebook) -> None:
    """Terminals and headless runs name no cell."""
    notebook.run("%%claude\nOne?")
    notebook.run("%%claude\nOne?")

    assert len(api.bodies[1]["messages"]) == 3


def test_append_asks_as_a_new_turn(api: Loopback, asked: Notebook) -> None:
    """The old one stays; from then on the cell's question is the new one."""
    api.will(answer("1b"), answer("1c"))
    asked.run("%%claude --append\nOne, more?", "a")
    assert words(api.bodies[0])[-1] == "One, more?"
    assert len(api.bodies[0]["messages"]) == 7
    asked.run("%%claude\nOne, again?", "a")

    expected = ["One?", "1", "Two?", "2", "Three?", "3", "One, again?", "1c"]
    assert history(asked) == expected


def test_a_cell_that_asks_no_more_is_left_out(api: Loopback, asked: Notebook) -> None:
    """Its question is not in the notebook any more; asked again, it is back in its place."""
    asked.run("x = 1", "b")
    asked.run(CELLS["c"], "c")
    assert words(api.bodies[0]) == ["One?", "1", "Three?"]

    asked.run(CELLS["b"], "b")
    assert words(api.bodies[1]) == ["One?", "1", "Two?"]
    assert history(asked)[2] == "Two?"


@pytest.mark.parametrize("code", ["%%claude --dry-run\nOne?", "%%claude\n{{ nothing }}", "1/0"])
def test_a_cell_that_only_looks_or_fails_keeps_its_turn(asked: Notebook, code: str) -> None:
    """Nothing was asked instead."""
    asked.attempt(code, "b")
    asked.run(CELLS["c"], "c")

    assert history(asked)[:4] == ["One?", "1", "Two?", "2"]


def test_last_sends_the_last_turns_only(api: Loopback, asked: Notebook) -> None:
    """Whole turns; what was not sent does not make an answer older."""
    asked.run("%%claude --last 1\nFour?", "d")
    assert words(api.bodies[0]) == ["Three?", "3", "Four?"]
    asked.run("%%claude --last 0\nFive?", "e")
    assert words(api.bodies[1]) == ["Five?"]

    asked.run("%%claude\nOne, edited?", "a")
    old = stale(asked.engine.conversation)
    assert [turn.id in old for turn in asked.engine.conversation.turns] == [
        *(False, True, True),
        *(False, False),
    ]


def test_a_named_conversation_is_its_own(api: Loopback, asked: Notebook) -> None:
    """`-c` asks there and nowhere else; `--branch` takes the turns so far along."""
    asked.run("%%claude -c aside\nAside?", "x")
    asked.run("%%claude -c aside\nMore?", "y")
    asked.run("%%claude --branch other\nTwo, otherwise?", "b")
    asked.run("%%claude\nGoes on?", "z")

    assert [words(body)[0::2] for body in api.bodies] == [
        ["Aside?"],
        ["Aside?", "More?"],
        ["One?", "Two, otherwise?"],
        ["One?", "Two, otherwise?", "Goes on?"],
    ]
    assert asked.engine.conversations.named("other") is asked.engine.conversation


@pytest.mark.parametrize("leave", ["%claude reset", "%claude use other"])
def test_a_conversation_that_was_left_stays_as_it_is(
    api: Loopback, asked: Notebook, leave: str
) -> None:
    """Though its cells ask in another one meanwhile."""
    old = asked.engine.conversation.id
    asked.run(leave, "x")
    api.will(answer("1b"), answer("2b"), answer("3b"), answer("4"))
    for cell, code in CELLS.items():
        asked.run(code, cell)
    assert words(api.bodies[0]) == ["One?"]

    back = asked.engine.conversations.get(old).name
    assert "3 turns" in asked.run(f"%claude use {back}", "y")
    asked.run("%%claude\nFour?", "d")
    assert words(api.bodies[3]) == ["One?", "1", "Two?", "2", "Three?", "3", "Four?"]


def test_a_branch_leaves_the_old_conversation_as_it_is(api: Loopback, asked: Notebook) -> None:
    """With the question that its cell asked there before."""
    api.will(answer("3b"), answer("3c"), answer("4"))
    for _ in range(2):
        asked.run("%%claude --branch bold\nThree, boldly?", "c")
    assert words(api.bodies[1]) == ["One?", "1", "Two?", "2", "Three, boldly?"]

    asked.run("%claude use main", "x")
    asked.run("%%claude\nFour?", "d")
    assert words(api.bodies[2]) == ["One?", "1", "Two?", "2", "Three?", "3", "Four?"]


def test_a_cell_that_asks_elsewhere_is_left_out(api: Loopback, asked: Notebook) -> None:
    """By the name of another conversation, or without one again."""
    asked.run("%%claude -c other\nTwo?", "b")
    asked.run("%%claude\nFour?", "d")
    assert words(api.bodies[-1])[-3:] == ["Three?", "3", "Four?"]
    assert "Two?" not in words(api.bodies[-1])

    asked.run(CELLS["b"], "b")
    asked.run("%%claude -c other\nFive?", "e")
    assert words(api.bodies[-1]) == ["Five?"]


@pytest.mark.parametrize(
    "options",
    ["--once -c a", "--once --last 2", "-c a --branch b", "--last -1", "-c ''", "-c ' '"],
)
def test_what_cannot_go_together_is_said(api: Loopback, asked: Notebook, options: str) -> None:
    """Before anything is sent."""
    shown = asked.fail(f"%%claude {options}\nHi")

    assert "BadInput" in shown
    assert api.requests == []
