"""Claims about an answer that grows in a cell."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback import START, block, ending, text_block

from claude_magic.content.growing import Growing
from claude_magic.content.look import Look, Retrying
from claude_magic.content.turn import Ending
from claude_magic.render.answer import Answer
from claude_magic.render.cell import CellScreen


class Cell:
    """A publisher that keeps outputs as a front end does, and counts what was sent."""

    def __init__(self) -> None:
        self.outputs: list[tuple[str, dict[str, str]]] = []
        self.sent = 0
        self.clearing = False

    def publish(
        self, data: Any, *, transient: Mapping[str, str] | None = None, update: bool = False
    ) -> None:
        self.sent += sum(len(text) for text in data.values())
        name = (transient or {}).get("display_id", "")
        if update:
            self.outputs = [(i, data if i == name else old) for i, old in self.outputs]
            return
        if self.clearing:
            self.outputs, self.clearing = [], False
        self.outputs.append((name, data))

    def clear_output(self, wait: bool = False) -> None:
        self.clearing = wait
        if not wait:
            self.outputs = []

    @property
    def shown(self) -> str:
        return "".join(data.get("text/html", "") for _, data in self.outputs)


def grow(cell: Cell, *events: Any, end: Ending | None = Ending.COMPLETE, **how: Any) -> Growing:
    """Draw after each event."""
    growing, screen = Growing(), CellScreen(cell, **how)
    for event in events:
        growing.feed([event])
        screen.draw(growing.look())
    if end is not None:
        growing.end(end)
        screen.finish(growing.look())
    return growing


def test_finished_stretches_are_sent_once_and_merged_in_the_end() -> None:
    """While it grows there are several outputs; the saved notebook holds one."""
    long = "First. " * 300
    events = [START, *text_block(f"{long}\n\n", "Second.\n\n", "Third")]
    growing, cell = Growing(), Cell()
    screen = CellScreen(cell)
    for event in events:
        growing.feed([event])
        screen.draw(growing.look())
    assert len(cell.outputs) == 2
    growing.feed(ending())
    growing.end(Ending.COMPLETE)
    screen.finish(growing.look())

    ((_, data),) = cell.outputs
    assert data["text/markdown"] == f"{long}\n\nSecond.\n\nThird"
    assert data["text/html"].count("Second.") == 1


def test_a_very_long_answer_stays_below_the_outputs_jupyterlab_shows() -> None:
    """It hides all but the first fifty of a cell."""
    cell = Cell()
    pieces = [f"Paragraph {i}. " + "word " * 40 + "\n\n" for i in range(2000)]
    grow(cell, START, *text_block(*pieces), end=None)

    assert len(cell.outputs) < 50


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["a ", "b\n", "\n", "- c\n", "```\n", "| d |", "# e\n", "\\(x\\)"]))
)
def test_growing_ends_in_what_showing_at_once_gives(pieces: list[str]) -> None:
    """However the words came, the last output is the same."""
    grown, whole = Cell(), Cell()
    grow(grown, START, *text_block(*pieces), *ending())
    grow(whole, START, *text_block("".join(pieces)), *ending(), live=False)

    assert [data for _, data in grown.outputs] == [data for _, data in whole.outputs]


def test_a_long_paragraph_costs_a_fixed_multiple_of_its_size() -> None:
    """The tail is drawn again less often as it grows."""
    pieces = ["word " for _ in range(2400)]
    cell = Cell()
    grow(cell, START, *text_block(*pieces), *ending())

    assert cell.sent <= 15 * len("".join(pieces))


def test_links_find_their_address_wherever_it_stands() -> None:
    """`[name]: address` may come long after the link was shown."""
    cell = Cell()
    grow(
        cell,
        START,
        *text_block("See [a].\n\n", "More.\n\n", "[a]: https://example.org/x"),
        *ending(),
    )

    assert 'href="https://example.org/x"' in cell.shown


def test_thinking_is_folded_and_not_part_of_the_words() -> None:
    """It is shown in HTML, and the Markdown holds the answer alone."""
    thinking = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hmm <b>"},
    )
    cell = Cell()
    grow(cell, START, *thinking, *text_block("Yes.", index=1), *ending())

    assert "<details><summary>Thinking</summary>" in cell.shown
    assert "<b>" not in cell.shown
    assert cell.outputs[0][1]["text/markdown"] == "Yes."


@pytest.mark.parametrize(
    ("ending_", "told"),
    [(Ending.INTERRUPTED, "Interrupted here"), (Ending.CUT, "Cut off here")],
)
def test_an_answer_that_did_not_end_by_itself_is_marked(ending_: Ending, told: str) -> None:
    """In HTML, in Markdown and in plain text alike."""
    cell = Cell()
    grow(cell, START, *text_block("Half"), end=ending_)

    assert all(told in text and "Half" in text for text in cell.outputs[0][1].values())


def test_what_it_waits_for_is_shown_and_gone_in_the_end() -> None:
    """A reason and a countdown while it waits, only words when they came."""
    cell, growing = Cell(), Growing()
    screen = CellScreen(cell)
    growing.retry(Retrying("overloaded (529)", growing.look().seconds))
    screen.draw(growing.look())
    assert "overloaded (529); asking again in" in cell.shown
    growing.begin("req_1")
    growing.feed([START, *text_block("Yes."), *ending()])
    growing.end(Ending.COMPLETE)
    screen.finish(growing.look())

    assert "asking again" not in cell.shown
    assert len(cell.outputs) == 1


def test_a_question_without_any_answer_leaves_no_output() -> None:
    """The error alone stands there."""
    cell, growing = Cell(), Growing()
    screen = CellScreen(cell)
    growing.retry(Retrying("overloaded (529)", 0.0))
    screen.draw(growing.look())
    growing.end(Ending.CUT, RuntimeError())
    screen.finish(growing.look())

    assert cell.outputs == []


def test_an_answer_shows_itself_safely() -> None:
    """The same three forms as in a cell."""
    growing = Growing()
    growing.feed([START, *text_block("*a* <script>x</script>"), *ending()])
    growing.end(Ending.COMPLETE)
    look: Look = growing.look()
    data = Answer(look)._repr_mimebundle_()

    assert set(data) == {"text/html", "text/markdown", "text/plain"}
    assert "<script>" not in data["text/html"]
    assert repr(Answer(look)) == "<Answer '*a* <script>x</script>', end_turn, claude-opus-4-6>"


def test_no_answer_moves_the_cursor_where_it_is_shown_as_text() -> None:
    """A console of Jupyter prints plain text as it comes."""
    growing = Growing()
    growing.feed([START, *text_block("A\x1b[2J\x07\x9b2J.\r\n\tB"), *ending("\x1b]0;owned")])
    growing.end(Ending.COMPLETE)
    shown = Answer(growing.look())

    assert shown._repr_mimebundle_()["text/plain"].startswith("A[2J2J.\n\tB\n\n> Stopped")
    assert "\x1b" not in shown._repr_mimebundle_()["text/plain"] + repr(shown)
