"""Claims about the history: whatever happened before, the next request is one the API takes."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from claude_magic.content.binding import bound
from claude_magic.content.blocks import (
    Block,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    write_block,
)
from claude_magic.content.body import messages_of
from claude_magic.content.history import messages_for
from claude_magic.content.message import Message, read_message, write_message
from claude_magic.content.turn import Ending, Turn

HEAD = {"model": "claude-opus-5-5"}
ASK = Message("user", (Text("Next?"),))


def turn(*blocks: Block, stop_reason: str = "end_turn", asked_under: str = "") -> Turn:
    question = Message("user", (Text("Q"),))
    answer = Message("assistant", blocks, stop_reason=stop_reason)
    return Turn((question, answer), asked_under=asked_under)


def sent(*turns: Turn, head: dict[str, str] = HEAD) -> list[object]:
    messages, _ = as_sent(turns, ASK, head)
    return [message["content"] for message in messages]


def as_sent(
    turns: Sequence[Turn], question: Message, head: dict[str, str] = HEAD, *, cite: bool = True
) -> tuple[list[Any], str]:
    """The messages of a request, and its digest, which its answer is asked under."""
    said = messages_for(turns, question, cite=cite)
    written = [write_message(message) for message, _ in said]
    messages, digest = bound(written, [under for _, under in said], head)
    return json.loads(json.dumps(messages)), digest


def test_complete_turns_go_along_in_order() -> None:
    """The API is stateless: the full history is sent every time."""
    assert sent(turn(Text("A")), turn(Text("B"))) == ["Q", "A", "Q", "B", "Next?"]


def test_a_turn_that_brought_nothing_is_left_out() -> None:
    """Neither its question nor an empty answer is sent."""
    assert sent(turn(), turn(Text(" \n")), turn(Text("B"))) == ["Q", "B", "Next?"]


def test_a_refused_turn_is_left_out() -> None:
    """The API asks to discard what came before a refusal."""
    assert sent(turn(Text("Well"), stop_reason="refusal")) == ["Next?"]


def test_an_unanswered_tool_call_is_left_out() -> None:
    """The API refuses a tool use without its result."""
    call = ToolUse("toolu_1", "run", {})

    assert sent(turn(Text("Let me see."), call)) == ["Q", "Let me see.", "Next?"]
    assert sent(turn(call)) == ["Next?"]


def test_a_server_tool_call_goes_along_only_with_its_result() -> None:
    """A paused or cut search has a call without a result."""
    call = Opaque(
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    )
    result = Opaque({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []})

    assert sent(turn(call, result, Text("A")))[1] == [
        call.json,
        result.json,
        {"type": "text", "text": "A"},
    ]
    assert sent(turn(Text("A"), call)) == ["Q", "A", "Next?"]
    assert sent(turn(result, Text("A"))) == ["Q", "A", "Next?"]


def test_what_bears_no_type_or_no_id_is_left_out() -> None:
    """The API takes no such block, whatever a server sent."""
    odd = [{"x": 1}, {"type": ["text"]}, {"type": {}}, {"type": "server_tool_use", "id": [1]}]
    odd += [{"type": "server_tool_use", "name": "web_search", "input": {}}]
    odd += [{"type": "web_search_tool_result", "tool_use_id": {}, "content": []}]

    assert sent(turn(Text("A"), *map(Opaque, odd))) == ["Q", "A", "Next?"]


def test_thinking_goes_back_while_all_before_it_is_unchanged() -> None:
    """The same model and the same words before: thinking is sent as it came."""
    thinking = Thinking("Hm", "c2ln")
    _, digest = as_sent([], Message("user", (Text("Q"),)))
    kept = turn(thinking, Text("A"), asked_under=digest)

    assert sent(kept)[1] == [
        {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
        {"type": "text", "text": "A"},
    ]
    assert sent(kept, head={"model": "claude-sonnet-5-5"})[1] == "A"
    assert sent(kept, head={**HEAD, "system": "New."})[1] == "A"
    assert sent(turn(Text("Before")), kept)[3] == "A"


def test_thinking_that_was_cut_is_left_out() -> None:
    """Without its signature the API does not take it back."""
    _, digest = as_sent([], Message("user", (Text("Q"),)))

    assert sent(turn(Thinking("Hm", ""), Text("A"), asked_under=digest))[1] == "A"


def exchange(*messages: Message, ending: Ending = Ending.COMPLETE, asked_under: str = "") -> Turn:
    question = Message("user", (Text("Q"),))
    return Turn((question, *messages), ending, asked_under=asked_under)


CALL = ToolUse("toolu_1", "run", {})
RESULT = Message("user", (ToolResult("toolu_1", (Text("42"),)),))


def test_a_whole_exchange_of_calls_goes_along() -> None:
    """Calls, their results, and what was said after them, in their order."""
    whole = exchange(
        Message("assistant", (Text("Let me see."), CALL), stop_reason="tool_use"),
        RESULT,
        Message("assistant", (Text("42."),), stop_reason="end_turn"),
    )
    messages = [message for message, _ in messages_for([whole], ASK)]

    assert [m.role for m in messages] == ["user", "assistant", "user", "assistant", "user"]
    assert messages[1].content[-1] == CALL
    assert messages[2] == RESULT


def test_results_that_were_not_answered_stand_before_the_next_question() -> None:
    """The API wants them first, in the message right behind the call."""
    stopped = exchange(Message("assistant", (CALL,), stop_reason="tool_use"), RESULT)

    _, said, last = [message for message, _ in messages_for([stopped], ASK)]

    assert last.content == (*RESULT.content, *ASK.content)
    assert said.content == (CALL,)


def test_of_several_calls_only_the_answered_ones_go_along() -> None:
    """A kernel that died among them left the others without a result."""
    other = ToolUse("toolu_2", "run", {})
    half = ToolUse("toolu_3", "run", {}, unfinished='{"a"')
    turn_ = exchange(Message("assistant", (CALL, other, half), stop_reason="tool_use"), RESULT)

    messages = [message for message, _ in messages_for([turn_], ASK)]

    assert messages[1].content == (CALL,)
    assert messages[2].content == (*RESULT.content, *ASK.content)


def test_thinking_within_an_exchange_goes_back_while_nothing_before_it_is_left_out() -> None:
    """Also behind the results, and no more once a call before it is gone."""
    thinking = Thinking("Hm", "c2ln")
    _, digest = as_sent([], Message("user", (Text("Q"),)))
    said = Message("assistant", (thinking, CALL), stop_reason="tool_use")
    last = Message("assistant", (thinking, Text("42.")), stop_reason="end_turn")
    whole = exchange(said, RESULT, last, asked_under=digest)
    lost = exchange(
        Message("assistant", (thinking, CALL, ToolUse("toolu_2", "run", {}))),
        RESULT,
        last,
        asked_under=digest,
    )

    assert ["c2ln" in str(one) for one in sent(whole)] == [False, True, False, True, False]
    assert "c2ln" not in str(sent(lost)[2:])
    assert "c2ln" not in str(sent(whole, head={"model": "claude-sonnet-5-5"}))


def test_an_answer_that_is_only_thinking_is_left_out_where_that_may_not_go_back() -> None:
    """After the results of a tool: the API takes no empty message."""
    thinking = Thinking("Hm", "c2ln")
    _, digest = as_sent([], Message("user", (Text("Q"),)))
    said = Message("assistant", (thinking, CALL), stop_reason="tool_use")
    last = Message("assistant", (thinking,), stop_reason="end_turn")
    whole = exchange(said, RESULT, last, asked_under=digest)

    assert [len(content) for content in sent(whole)[1:-1]] == [2, 1, 1]
    _, call, question = sent(whole, head={"model": "m"})
    assert call == [write_block(CALL)]
    assert question == [write_block(RESULT.content[0]), {"type": "text", "text": "Next?"}]
    assert [len(message["content"]) for message in messages_of([whole])[1:]] == [1, 1]


blocks = st.one_of(
    st.builds(Text, st.text(max_size=3)),
    st.builds(Thinking, st.text(max_size=3), st.sampled_from(["", "c2ln"])),
    st.builds(RedactedThinking, st.just("data")),
    st.builds(
        lambda id, cut: ToolUse(id, "run", {}, unfinished=cut),
        st.sampled_from(["toolu_1", "toolu_2"]),
        st.sampled_from(["", "{"]),
    ),
    st.sampled_from(["1", "2"]).map(
        lambda n: Opaque({"type": "server_tool_use", "id": n, "name": "web_search", "input": {}})
    ),
    st.sampled_from(["1", "2"]).map(
        lambda n: Opaque({"type": "web_search_tool_result", "tool_use_id": n, "content": []})
    ),
)
rounds = st.tuples(
    st.lists(blocks, max_size=4), st.lists(st.sampled_from(["toolu_1", "toolu_2"]), max_size=3)
)
turns = st.builds(
    lambda earlier, content, reason, ending, asked_under: Turn(
        (
            Message("user", (Text("Q"),)),
            *(
                message
                for said, brought in earlier
                for message in (
                    Message("assistant", tuple(said), stop_reason="tool_use"),
                    Message("user", tuple(ToolResult(one, (Text("R"),)) for one in brought)),
                )
            ),
            *([Message("assistant", tuple(content), stop_reason=reason)] if content else []),
        ),
        ending,
        asked_under,
    ),
    st.lists(rounds, max_size=2),
    st.lists(blocks, max_size=5),
    st.sampled_from(["end_turn", "max_tokens", "refusal", "pause_turn", "tool_use", ""]),
    st.sampled_from(list(Ending)),
    st.sampled_from(["", "of another request"]),
)


def blockwise(messages: list[Any]) -> list[Any]:
    """Words alone as the block that they stand for."""
    plain = [m for m in messages if isinstance(m["content"], str)]
    for message in plain:
        message["content"] = [{"type": "text", "text": message["content"]}]
    return messages


@given(st.lists(turns, max_size=5))
def test_no_history_can_block_a_conversation(history: list[Turn]) -> None:
    """Roles take turns, nothing is empty, every call has its result, the last word is a user's."""
    messages = [read_message(message) for message in blockwise(as_sent(history, ASK)[0])]

    assert [m.role for m in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"]
    for message in messages:
        assert message.content
        wire = [block.json for block in message.content if isinstance(block, Opaque)]
        calls = {json["id"] for json in wire if json["type"] == "server_tool_use"}
        assert calls == {json["tool_use_id"] for json in wire if "tool_use_id" in json}
        assert all(block.text.strip() for block in message.content if isinstance(block, Text))
    for message, after in zip(messages, [*messages[1:], ASK], strict=True):
        made = [block for block in message.content if isinstance(block, ToolUse)]
        brought = [block for block in after.content if isinstance(block, ToolResult)]
        assert not any(block.unfinished for block in made)
        assert sorted(b.id for b in made) == sorted(b.tool_use_id for b in brought)
        assert tuple(after.content[: len(brought)]) == tuple(brought)


def document(**more: object) -> Opaque:
    source = {"type": "text", "media_type": "text/plain", "data": "Seeds."}
    return Opaque({"type": "document", "source": source, **more})


def test_documents_are_cited_all_or_not_at_all() -> None:
    """The API refuses a mixture; an uncited document may have come by import."""
    cited = document(citations={"enabled": True})
    quoted = Text("214 seeds.", citations=({"type": "char_location", "cited_text": "Seeds."},))
    first = Turn((Message("user", (cited, Text("Q"))), Message("assistant", (quoted,))))
    asked = Message("user", (document(), Text("And now?")))

    both = [m.content for m, _ in messages_for([first], Message("user", (cited, Text("Q"))))]
    assert both[1:] == [(quoted,), (cited, Text("Q"))]
    mixed = [m.content for m, _ in messages_for([first], asked)]
    assert mixed[:2] == [(document(), Text("Q")), (Text("214 seeds."),)]


def test_thinking_does_not_go_back_behind_documents_that_cannot_be_cited_now() -> None:
    """What stood before it is another request then (a form and citations exclude each other)."""
    cited = document(citations={"enabled": True})
    question = Message("user", (cited, Text("Q")))
    _, digest = as_sent([], question)
    thought = Thinking("Hm.", "sig")
    earlier = Turn((question, Message("assistant", (thought, Text("A")))), asked_under=digest)

    as_it_was, _ = as_sent([earlier], ASK)
    with_a_form, _ = as_sent([earlier], ASK, cite=False)
    assert [block["type"] for block in as_it_was[1]["content"]] == ["thinking", "text"]
    assert with_a_form[1]["content"] == "A"


def test_thinking_is_bound_to_pictures_as_they_were_sent() -> None:
    """They are made smaller when many come together: then it was written after something else."""
    picture = {"type": "image", "source": {"type": "base64", "data": "large"}}
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "sig"}
    question = {"role": "user", "content": [picture]}
    answer = {"role": "assistant", "content": [thought, {"type": "text", "text": "A"}]}
    _, digest = bound([question], [], HEAD)
    smaller = {**picture, "source": {"type": "base64", "data": "small"}}

    assert bound([question, answer], ["", digest], HEAD)[0] == [question, answer]
    changed, _ = bound([{**question, "content": [smaller]}, answer], ["", digest], HEAD)
    assert changed[1] == {"role": "assistant", "content": "A"}
