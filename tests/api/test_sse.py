"""Claims about the stream's bytes: however they are cut, the events are the same."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_magic.api.sse import Decoder, NotAnEvent

texts = st.text(st.sampled_from('ab \u2028\u2029\u0085\x0b\x0c\x1cé漢😀"\\:\n\r'), max_size=12)
events = st.lists(st.fixed_dictionaries({"type": st.just("x"), "text": texts}), max_size=5)
ends = st.sampled_from(["\n", "\r", "\r\n"])
# Not CR then LF: that pair is one line end.
double_ends = st.tuples(ends, ends).filter(lambda two: two != ("\r", "\n")).map("".join)
extras = st.sampled_from(
    ["", ": comment", "id: 7", "retry: 10", "event: x", "data-like: no", "odd"]
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[i:j] for i, j in itertools.pairwise(at)]


def decoded(chunks: list[bytes]) -> list[object]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + list(decoder.close())


@given(st.data(), events, st.lists(st.integers(0, 10_000), max_size=30), st.booleans())
def test_any_cut_and_any_line_ends_give_the_same_events(
    data: st.DataObject, given: list[dict[str, str]], places: list[int], marked: bool
) -> None:
    """CR, LF and CRLF in any mix, comments, other fields, a byte order mark, split characters."""
    stream = "\ufeff" if marked else ""
    for event in given:
        extra = data.draw(extras)
        stream += extra + data.draw(ends) if extra else ""
        stream += "data: " + json.dumps(event, ensure_ascii=False) + data.draw(double_ends)

    assert decoded(cut(stream.encode(), places)) == given


def test_characters_that_text_splitters_take_for_line_ends_stay() -> None:
    """U+2028, U+2029 and U+0085 may stand raw inside an event."""
    event = {"type": "x", "text": "a\u2028b\u2029c\u0085d"}

    assert decoded([f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()]) == [event]


def test_data_on_several_lines_is_one_event() -> None:
    """Lines of data are joined by a line feed."""
    assert decoded([b'data: {"type":\ndata:"x"}\n\n']) == [{"type": "x"}]


def test_the_name_of_an_event_stands_in_for_a_missing_type() -> None:
    """Some servers name an event only beside its data."""
    assert decoded([b"event: ping\ndata: {}\n\n"]) == [{"type": "ping"}]


def test_a_last_event_without_its_blank_line_counts_and_half_an_event_does_not() -> None:
    """At the end of the stream a whole event is taken, a cut one is not."""
    assert decoded([b'data: {"type": "message_stop"}']) == [{"type": "message_stop"}]
    assert decoded([b'data: {"type": "mess']) == []


@pytest.mark.parametrize(
    "data",
    [b"data: oops\n\n", b"data: [1]\n\n", b'data: "\xff"\n\n', b"data: {} {}\n\n"],
)
def test_data_that_is_no_object_is_an_error(data: bytes) -> None:
    """Words may be missing then, so it is not passed over."""
    with pytest.raises(NotAnEvent):
        decoded([data])


def test_the_closing_mark_of_another_api_is_passed_over() -> None:
    """Gateways that translate from other APIs send `[DONE]`."""
    assert decoded([b"data: [DONE]\n\n"]) == []
