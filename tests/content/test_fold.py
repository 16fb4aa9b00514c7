"""Claims about the fold: events become the message the server meant."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import START, block, ending, text_block

from claude_magic.content.blocks import Opaque, Text, Thinking, ToolUse
from claude_magic.content.fold import Event, Fold
from claude_magic.content.message import Message, read_message, write_message, write_response


def folded(*events: Event) -> Fold:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold


@given(st.lists(st.text(), max_size=20))
def test_text_is_joined_in_order(pieces: list[str]) -> None:
    """However the words are cut into deltas, the text is their sum."""
    assert folded(START, *text_block(*pieces)).message().text == "".join(pieces)


def test_what_came_with_the_message_is_all_there() -> None:
    """Id, role, model, stop reason, stop sequence and usage are those of the stream."""
    fold = folded(START, *text_block("C"), *ending("stop_sequence", stop_sequence="END"))
    message = fold.message()

    assert fold.finished
    assert (message.id, message.role, message.model) == ("msg_t1", "assistant", "claude-opus-4-6")
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "END")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (9, 7)


def test_usage_is_overwritten_and_never_added() -> None:
    """Later totals replace earlier ones; a null leaves what was known."""
    first = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5}}
    second = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 8, "input_tokens": None, "cache_read_input_tokens": 4},
    }
    usage = folded(START, first, second).message().usage

    assert (usage.input_tokens, usage.output_tokens) == (9, 8)
    assert (usage.cache_read_input_tokens, usage.whole_input) == (4, 13)


@pytest.mark.parametrize(
    ("events", "tokens"),
    [
        ([START, *text_block("x" * 350)[:-1]], 100),
        ([START], 1),
        ([START, *text_block("x" * 350), *ending()[:1]], 7),
    ],
)
def test_an_answer_that_breaks_off_is_billed_for_what_came(
    events: list[Event], tokens: int
) -> None:
    """About so many output tokens came, where the server could tell no total any more."""
    fold = folded(*events)
    fold.break_off()

    assert fold.message().usage.output_tokens == tokens


def test_thinking_keeps_its_signature() -> None:
    """Thinking deltas are joined, a signature is set; omitted thinking is empty."""
    shown = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hm"},
        {"type": "thinking_delta", "thinking": "m"},
        {"type": "signature_delta", "signature": "c2ln"},
    )
    omitted = [shown[0], shown[3], shown[4]]

    assert folded(START, *shown).message().content == (Thinking("Hmm", "c2ln"),)
    assert folded(START, *omitted).message().content == (Thinking("", "c2ln"),)


def test_a_tools_input_is_parsed_when_whole_and_kept_when_cut() -> None:
    """Half an input is text, not an error."""
    start = {"type": "tool_use", "id": "toolu_1", "name": "run", "input": {}}
    pieces = [{"type": "input_json_delta", "partial_json": p} for p in ("", '{"code":', ' "1"}')]

    (whole,) = folded(START, *block(0, start, *pieces)).message().content
    assert whole == ToolUse("toolu_1", "run", {"code": "1"})
    (cut,) = folded(START, *block(0, start, *pieces[:2])).message().content
    assert cut == ToolUse("toolu_1", "run", {}, unfinished='{"code":')


def test_citations_gather_on_their_text() -> None:
    """Each citation is kept as the server sent it."""
    citation = {"type": "char_location", "cited_text": "x", "document_index": 0}
    deltas = (
        {"type": "text_delta", "text": "a"},
        {"type": "citations_delta", "citation": citation},
    )
    start = {"type": "text", "text": "", "citations": None}

    assert folded(START, *block(0, start, *deltas)).message().content == (
        Text("a", citations=(citation,)),
    )


def test_unknown_blocks_go_back_as_they_came() -> None:
    """A kind of block the server adds tomorrow survives the round trip."""
    strange = {"type": "hologram", "data": {"x": [1, None]}}
    message = folded(START, *block(0, strange)).message()

    assert message.content == (Opaque(strange),)
    assert write_message(message)["content"] == [strange]


def test_unknown_fields_of_known_blocks_go_back_too() -> None:
    """What we do not know of a text block is not lost."""
    given = {"type": "text", "text": "a", "mood": "calm"}

    assert write_message(read_message({"role": "assistant", "content": [given]}))["content"] == [
        given
    ]


HALF = "\ud83d"


def test_half_a_character_is_shown_as_one_that_is_missing_wherever_it_stands() -> None:
    """Neither a front end nor the server takes it: not even the whole message around it."""
    search = {"type": "server_tool_use", "id": "s", "name": HALF, "input": {HALF: [HALF]}}
    call = {"type": "tool_use", "id": HALF, "name": HALF, "input": {}}
    given = {"type": "input_json_delta", "partial_json": f'{{"{HALF}": "\\ud83d"}}'}
    cited = {"type": "citations_delta", "citation": {"cited_text": HALF}}
    signed = {"type": "signature_delta", "signature": HALF}
    message = folded(
        {**START, "message": {**START["message"], "id": HALF, "model": HALF}},
        *block(0, search),
        *block(1, {"type": HALF, HALF: HALF, "data": HALF, "encrypted_content": HALF}),
        *block(2, call, given),
        *block(3, {"type": "text", "text": HALF}, cited),
        *block(4, {"type": "thinking", "thinking": HALF, "signature": ""}, signed),
        *ending(HALF, stop_details={"explanation": HALF}),
    ).message()

    assert len(message.content) == 5
    assert json.dumps(write_response(message), ensure_ascii=False).encode().count(b"\xef\xbf\xbd")
    assert message.stop_reason == "\ufffd"


def test_a_type_that_is_no_word_changes_nothing() -> None:
    """In events, blocks and deltas; what comes beside them is there."""
    odd: list[Any] = [["text"], {"type": "text"}, None, 7]
    events = [e for kind in odd for e in block(1, {"type": kind}, {"type": kind, "text": "x"})]
    message = folded({"type": odd[0]}, START, *events, *text_block("a"), *ending()).message()

    assert message.text == "a"


def test_tokens_that_cannot_be_counted_are_none() -> None:
    """So that they can be added up, paid for and stored."""
    for odd in (-5, 10**4000, 1.5, float("nan"), float("inf"), True, [1], "9"):
        usage = {"input_tokens": odd, "server_tool_use": {"web_search_requests": odd}}
        message = read_message({"role": "assistant", "content": [], "usage": usage})

        assert message.usage.whole_input == message.usage.web_searches == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
blocks = ("content_block_start", "content_block_delta", "content_block_stop")
names = st.sampled_from([*blocks, "message_delta", "ping", "brand_new_event"])
noise = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    names,
    st.dictionaries(st.sampled_from(["delta", "usage", "x"]), json_values, max_size=3),
)


@given(st.lists(noise, max_size=6), st.lists(noise, max_size=6))
def test_events_of_no_known_shape_change_no_words(before: list[Any], after: list[Any]) -> None:
    """Unknown events, deltas and shapes pass through harmlessly."""
    first, *rest = text_block("Hello ", "there")
    message = folded(START, first, *before, *rest, *after).message()

    assert message.text == "Hello there"


def test_a_secret_is_hidden_though_it_comes_in_pieces() -> None:
    """Hiding looks at the joined words."""
    fold = Fold(hide=lambda text: text.replace("secret", "***"))
    for event in (START, *text_block("a sec", "ret b")):
        fold.add(event)

    assert fold.message().text == "a *** b"


def test_words_alone_are_sent_as_a_string() -> None:
    """The shorter of the two forms the API takes."""
    assert json.dumps(write_message(Message("user", (Text("Hi"),)))) == (
        '{"role": "user", "content": "Hi"}'
    )
