"""Claims about the words after `%claude` that look after the conversation."""

from collections.abc import Mapping
from typing import Any

import pytest
from loopback import START, Loopback, Reply, answer, sse, text_block
from shell import Notebook


def said(body: Mapping[str, Any]) -> list[str]:
    return [message["content"] for message in body["messages"]]


def cut(*pieces: str) -> Reply:
    """An answer that breaks off."""
    return Reply([sse(START, *text_block(*pieces)[:-1])])


def test_use_goes_to_another_conversation_and_back(api: Loopback, notebook: Notebook) -> None:
    """A new one begins; the old one goes on where it was."""
    notebook.run("%%claude\nOne?")
    assert "new conversation" in notebook.run("%claude use other")
    notebook.run("%%claude\nTwo?")
    assert "1 turn" in notebook.run("%claude use main")
    notebook.run("%%claude\nThree?")

    assert [len(body["messages"]) for body in api.bodies] == [1, 1, 3]
    rows = notebook.run("%claude conversations").splitlines()
    assert [row.split()[:-3] for row in rows] == [["→", "main"], ["other"]]


def test_a_name_may_be_quoted_as_it_is_shown(notebook: Notebook) -> None:
    """After `use` and `purge`, as after `-c`."""
    assert "'my talk'" in notebook.run('%claude use "my talk"')
    notebook.run("%%claude -c 'my talk'\nOne?")
    assert "'my talk' now: 1 turn" in notebook.run("%claude use 'my talk'")
    assert "lists them" in notebook.fail("%claude purge nobody")
    assert "is no name" in notebook.fail("%claude use ''")
    assert "'my talk' is removed" in notebook.run("%claude purge 'my talk'")


def test_reset_keeps_the_old_conversation_and_says_how_to_have_it(
    api: Loopback, notebook: Notebook
) -> None:
    """Under a name of its own."""
    notebook.run("%%claude\nOne?")
    assert "%claude use main-1" in notebook.run("%claude reset")
    notebook.run("%%claude\nTwo?")
    notebook.run("%claude use main-1")
    notebook.run("%%claude\nThree?")

    assert [said(body)[0::2] for body in api.bodies] == [["One?"], ["Two?"], ["One?", "Three?"]]
    assert "%claude use" not in notebook.run("%claude use fresh\n%claude reset")


def test_undo_leaves_the_last_turn_out(api: Loopback, notebook: Notebook) -> None:
    """One after the other; running its cell brings a turn back in its place."""
    for cell in ("a", "b", "c"):
        notebook.run(f"%%claude\n{cell}?", cell)
    assert "“c?”" in notebook.run("%claude undo")
    assert "“b?”" in notebook.run("%claude undo")
    notebook.run("%%claude\nd?", "d")
    assert said(api.bodies[-1])[0::2] == ["a?", "d?"]

    notebook.run("%%claude\nb?", "b")
    notebook.run("%%claude\nd?", "d")
    assert said(api.bodies[-1])[0::2] == ["a?", "b?", "d?"]


def test_retry_asks_the_last_question_again(api: Loopback, notebook: Notebook) -> None:
    """In its place, with the same options."""
    api.will(answer("1"), answer("2"), answer("2b"))
    notebook.run("%%claude\nOne?")
    notebook.run("%%claude -m opus -n 50\nTwo?")
    shown = notebook.run("%claude retry")

    assert "2b" in shown
    assert "asked again, turn 2 of 2" in shown
    assert api.bodies[2] == api.bodies[1]
    assert [turn.answer.text for turn in notebook.engine.conversation.turns] == ["1", "2b"]


def test_retry_asks_again_what_was_asked_last_wherever_it_stands(
    api: Loopback, notebook: Notebook
) -> None:
    """So that a cell which says so does the same each time when all is run."""
    cells = {"a": "%%claude\nOne?", "b": "%claude retry", "c": "%%claude\nTwo?"}
    for _ in range(2):
        for cell, code in cells.items():
            notebook.run(code, cell)

    assert [said(body)[-1] for body in api.bodies] == ["One?", "One?", "Two?"] * 2


def test_each_question_has_its_own_options(api: Loopback, notebook: Notebook) -> None:
    """Also when others were asked since; all else is as the notebook has it now."""
    notebook.run("%claude tutor hints")
    notebook.run("%%claude -m haiku -s Briefly. -n 50\nOne?", "a")
    notebook.run("%%claude --once\nAside?", "b")
    notebook.run("%%claude\nTwo?", "c")
    notebook.run("%claude undo")
    notebook.run("%claude retry")
    assert api.bodies[3] == api.bodies[0]

    notebook.run("%%claude\nThree?", "d")
    notebook.run("%claude tutor off")
    notebook.run("%claude model sonnet")
    notebook.run("%claude retry")
    assert "system" not in api.bodies[-1]
    assert "sonnet" in api.bodies[-1]["model"]


def test_what_looks_like_a_key_is_no_option_that_is_kept(notebook: Notebook) -> None:
    """Asked again, the question goes without it; long names with digits are no keys."""
    notebook.run('%%claude -n 50 -s "It is sk-ant-1." --stop a1b2c3d4e5f6g7h8i9j0\nOne?', "a")
    notebook.run("%%claude --stop AIzaS-9tSrke72Pou_QMnMX\nTwo?", "b")
    notebook.run("%%claude -s station_2024_measurements-v2\nThree?", "c")
    one, two, three = notebook.engine.conversation.turns

    assert (one.asked_with, two.asked_with) == ({"max_tokens": 50}, {})
    assert three.asked_with == {"system": "station_2024_measurements-v2"}


def test_continue_goes_on_with_a_user_message(api: Loopback, notebook: Notebook) -> None:
    """It quotes the end of what came (Messages API, streaming: models from 4.6 on)."""
    api.will(cut("It began ", "well and"), answer(" ended."))
    notebook.fail("%%claude\nTell.")
    notebook.run("%claude continue")

    assert said(api.bodies[1])[:2] == ["Tell.", "It began well and"]
    assert "> It began well and" in said(api.bodies[1])[2]


def test_a_cell_that_continues_does_so_in_its_place(api: Loopback, notebook: Notebook) -> None:
    """It goes on with what stands before it; where that is whole by now, its turn is left out."""
    api.will(answer("It beg", stop_reason="max_tokens"), answer("an."), answer("an and ended."))
    notebook.run("%%claude\nTell.", "a")
    notebook.run("%claude continue", "b")
    notebook.run("%claude continue", "b")
    assert said(api.bodies[2]) == said(api.bodies[1])
    notebook.run("%%claude\nMore?", "c")
    assert said(api.bodies[3])[1::2] == ["It beg", "an and ended."]

    notebook.run("%%claude\nTell.", "a")
    assert "nothing to continue" in notebook.run("%claude continue", "b")
    notebook.run("%%claude\nMore?", "c")
    assert said(api.bodies[-1]) == ["Tell.", "Hello there.", "More?"]


def test_continue_goes_on_with_a_prefill_where_the_model_takes_one(
    api: Loopback, notebook: Notebook
) -> None:
    """The turn becomes whole in its place (models of the 4.5 generation)."""
    api.will(cut("It began well and "), answer(" ended."))
    notebook.fail("%%claude -m claude-haiku-4-5\nTell.")
    shown = notebook.run("%claude continue")

    assert said(api.bodies[1]) == ["Tell.", "It began well and"]
    assert "It began well and ended." in shown
    (turn,) = notebook.engine.conversation.turns
    assert turn.answer.text == "It began well and ended."

    notebook.run("%claude retry")
    assert said(api.bodies[2]) == ["Tell."]


def test_continue_says_when_there_is_nothing_to_go_on_with(
    api: Loopback, notebook: Notebook
) -> None:
    """A whole answer is no error: Run All goes on."""
    notebook.run("%%claude\nOne?")

    assert "nothing to continue" in notebook.run("%claude continue")
    assert len(api.bodies) == 1


def test_compact_sends_a_summary_in_place_of_earlier_turns(
    api: Loopback, notebook: Notebook
) -> None:
    """The turns are kept, and `undo` sends them again."""
    api.will(answer("1"), answer("2"), answer("In short."), answer("3"))
    notebook.run("%%claude\nOne?")
    notebook.run("%%claude\nTwo?")
    notebook.run("%claude compact names")
    assert said(api.bodies[2])[:4] == ["One?", "1", "Two?", "2"]
    assert "names" in said(api.bodies[2])[4]
    notebook.run("%%claude\nThree?")
    assert said(api.bodies[3])[1:] == ["In short.", "Three?"]

    notebook.run("%claude undo\n%claude undo")
    notebook.run("%%claude\nFour?")
    assert said(api.bodies[4]) == ["One?", "1", "Two?", "2", "Four?"]


def test_a_cell_that_compacts_does_so_in_its_place(api: Loopback, notebook: Notebook) -> None:
    """Run All makes the summary anew, of the turns before it, and no second one."""
    cells = {"a": "%%claude\nOne?", "b": "%claude compact", "c": "%%claude\nTwo?"}
    api.will(*(answer(f"{number}") for number in range(6)))
    for _ in range(2):
        for cell, code in cells.items():
            shown = notebook.run(code, cell)
            assert cell != "b" or "The summary is sent" in shown

    assert said(api.bodies[4])[:2] == ["One?", "3"]
    assert said(api.bodies[5])[1:] == ["4", "Two?"]
    assert len(notebook.engine.conversation.turns) == 3


@pytest.mark.parametrize("reply", [cut("In sh"), answer("In sh", stop_reason="max_tokens")])
def test_half_a_summary_stands_for_nothing(api: Loopback, notebook: Notebook, reply: Reply) -> None:
    """The conversation stays as it was."""
    api.will(answer("1"), reply)
    notebook.run("%%claude\nOne?")
    notebook.attempt("%claude compact")
    notebook.run("%%claude\nTwo?")

    assert said(api.bodies[2]) == ["One?", "1", "Two?"]


@pytest.mark.parametrize("word", ["undo", "retry", "continue", "compact"])
def test_an_empty_conversation_has_nothing_to_look_after(
    api: Loopback, notebook: Notebook, word: str
) -> None:
    """It is said, and nothing is sent."""
    assert "no turns yet" in notebook.fail(f"%claude {word}")
    assert api.requests == []


def test_practice_and_claude_have_conversations_of_their_own(
    api: Loopback, notebook: Notebook
) -> None:
    """Neither takes the other's words for its own; each goes on where it was."""
    notebook.run("%config ClaudeMagics.pace = 0")
    notebook.run("%%claude\nOne?")
    assert "new conversation" in notebook.run("%claude practice on")
    notebook.run("%%claude\nTwo?")
    assert "goes on" in notebook.run("%claude practice off")
    notebook.run("%%claude\nThree?")
    assert said(api.bodies[1])[0::2] == ["One?", "Three?"]

    notebook.run("%claude practice on")
    assert [turn.messages[0].text for turn in notebook.engine.conversation.turns] == ["Two?"]
