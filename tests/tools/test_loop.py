"""Claims about the loop of calls: whatever a call comes to, the conversation goes on."""

import asyncio
import contextlib
import itertools
import json
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from conftest import KEY
from loopback import START, Loopback, Reply, answer, block, ending, sse, stay_silent, text_block
from playing import call, calls, results
from sdk_types import faults

from claude_magic import Claude, Interrupted, claude_tool
from claude_magic.engine import Engine
from claude_magic.errors import BrokenOff, BudgetSpent
from claude_magic.store.store import Store


@pytest.fixture
def claude(api: Loopback) -> Iterator[Claude]:
    """Claude for a script, whose questions go to `api`; each body is one the SDK could send."""
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY})
    yield Claude(engine=engine)
    engine.close()
    for asked in api.requests:
        counted = {"stream": True, "max_tokens": 1}  # what counting tokens goes without
        body = counted | asked.body
        assert faults(body, MessageCreateParamsStreaming) == []


def add(a: int, b: int = 2) -> int:
    """Add two numbers."""
    return a + b


def words(result: dict[str, Any]) -> str:
    """The words of a result."""
    content = result.get("content", "")
    if isinstance(content, str):
        return content
    return "\n".join(one.get("text", "") for one in content)


def outcome(claude: Claude, api: Loopback, function: Callable[..., Any], **given: Any) -> Any:
    """What one call of `function` comes to, as Claude is told."""
    api.will(calls((function.__name__, given)))
    claude.ask("Go.", tools=[function])
    (result,) = results(api.bodies[-1])
    return result


def test_claude_calls_and_goes_on_until_it_answers(claude: Claude, api: Loopback) -> None:
    """Each answer that calls is sent on as it came, with the results of all its calls."""
    api.will(calls(("add", {"a": 1})), calls(("add", {"a": 3}), first=2), answer("Five."))

    asked = claude.ask("What is 1 + 2, and 2 more?", tools=[add])

    assert asked.text == "Five."
    assert asked.usage.output_tokens == 21
    first, second = api.bodies[-1]["messages"][1:3]
    assert first["content"] == [
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}}
    ]
    assert second == {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "3"}],
    }
    assert [tool["name"] for tool in api.bodies[0]["tools"]] == ["add"]


def test_all_calls_of_one_answer_are_made_in_order(claude: Claude, api: Loopback) -> None:
    """Their results come in one message, in the order of the calls."""
    order: list[int] = []

    def note(n: int) -> None:
        order.append(n)

    api.will(calls(("note", {"n": 3}), ("note", {"n": 1}), ("note", {"n": 2})))
    claude.ask("Go.", tools=[note])

    assert order == [3, 1, 2]
    assert [one["tool_use_id"] for one in results(api.bodies[-1])] == [
        "toolu_1",
        "toolu_2",
        "toolu_3",
    ]


def test_thread_safe_tools_run_at_the_same_time(claude: Claude, api: Loopback) -> None:
    """They meet: each waits for the other, which it could not one after the other."""
    meeting = threading.Barrier(2, timeout=20)

    @claude_tool(parallel=True)
    def meet(name: str) -> str:
        meeting.wait()
        return f"{name} came"

    api.will(calls(("meet", {"name": "A"}), ("meet", {"name": "B"})))
    claude.ask("Go.", tools=[meet])

    assert [words(one) for one in results(api.bodies[-1])] == ["A came", "B came"]


def test_tools_run_on_the_thread_that_asks(claude: Claude, api: Loopback) -> None:
    """In a notebook that is the main thread, where plots and signals work."""
    where: list[threading.Thread] = []

    def here() -> None:
        where.append(threading.current_thread())

    outcome(claude, api, here)

    assert where == [threading.current_thread()]


def test_wrong_arguments_are_told_so_that_the_call_can_be_mended(
    claude: Claude, api: Loopback
) -> None:
    """What is wrong, and what the arguments are; the function does not run."""
    result = outcome(claude, api, add, a="one", c=3)

    assert result["is_error"]
    assert "`c` was not asked for" in words(result) or "`a` is" in words(result)
    assert '"required": ["a"]' in words(result)


def test_an_unknown_tool_is_told_with_those_that_are_there(claude: Claude, api: Loopback) -> None:
    """Models misremember names."""
    api.will(calls(("ad", {"a": 1})))
    claude.ask("Go.", tools=[add])
    (result,) = results(api.bodies[-1])

    assert result["is_error"]
    assert "'ad'" in words(result)
    assert "Did you mean add?" in words(result)


def test_an_exception_is_told_with_the_lines_of_the_persons_code(
    claude: Claude, api: Loopback
) -> None:
    """Nothing of libraries or of this package is in it, and no path of the machine."""

    def load(path: str) -> None:
        import json

        json.loads(path)

    result = outcome(claude, api, load, path="{")

    assert result["is_error"]
    assert "json.loads(path)" in words(result)
    assert "JSONDecodeError" in words(result)
    assert "decoder.py" not in words(result)
    assert "claude_magic" not in words(result)
    assert "/" not in words(result)


def endless(n: int) -> None:
    endless(n + 1)


def long_winded() -> None:
    raise ValueError("x" * 100_000)


def leaves() -> None:
    raise SystemExit(3)


class Ugly(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def ugly() -> None:
    raise Ugly


@pytest.mark.parametrize("function", [endless, long_winded, leaves, ugly])
def test_any_failure_is_told_in_bounds(
    claude: Claude, api: Loopback, function: Callable[..., Any]
) -> None:
    """Endless recursion, a huge message, an exit, an error that cannot be told."""
    given = {"n": 1} if function is endless else {}

    result = outcome(claude, api, function, **given)

    assert result["is_error"]
    assert 0 < len(words(result)) < 6_000


def test_a_tool_that_takes_too_long_is_stopped(claude: Claude, api: Loopback) -> None:
    """On the main thread also when it sleeps, as a coroutine, and left alone on another thread."""
    held = threading.Event()

    @claude_tool(timeout=0.05)
    def sleeps() -> None:
        time.sleep(60)

    @claude_tool(timeout=0.05)
    async def dreams() -> None:
        await asyncio.sleep(60)

    @claude_tool(timeout=0.05, parallel=True)
    def waits() -> None:
        held.wait(60)

    tools = [sleeps, dreams, waits]
    api.will(calls(("sleeps", {}), ("dreams", {}), ("waits", {}), ("waits", {})))
    began = time.monotonic()
    claude.ask("Go.", tools=tools)
    held.set()

    assert time.monotonic() - began < 30
    told = results(api.bodies[-1])
    assert all(one["is_error"] and "0.05 seconds" in words(one) for one in told)
    assert "may still be running" in words(told[-1])


def test_a_tool_that_returns_nothing_is_told_so(claude: Claude, api: Loopback) -> None:
    """An empty result would leave Claude guessing."""

    def nothing() -> None: ...

    assert words(outcome(claude, api, nothing)) == "It ran to its end; it returned nothing."


def test_what_is_returned_is_bounded(claude: Claude, api: Loopback) -> None:
    """The middle of what is too long is left out, and the rest says how much."""

    def much() -> str:
        print("y" * 50_000)
        return "x" * 200_000

    told = words(outcome(claude, api, much))

    assert len(told) < 27_000
    assert "characters are left out" in told
    assert "Printed:" in told


def test_what_a_function_yields_comes_as_a_list(claude: Claude, api: Loopback) -> None:
    """Of a generator without end, its beginning; of an asynchronous one, too."""
    ended: list[str] = []

    def count() -> Iterator[int]:
        try:
            yield from itertools.count(1)
        finally:
            ended.append("count")

    async def wait() -> AsyncIterator[str]:
        for word in ("a", "b"):
            await asyncio.sleep(0)
            yield word

    assert words(outcome(claude, api, count)).startswith("[1, 2, 3,")
    assert words(outcome(claude, api, wait)) == '["a", "b"]'
    assert ended == ["count"]


def test_data_comes_as_json(claude: Claude, api: Loopback) -> None:
    """Dataclasses, dictionaries and lists of them; what JSON does not know as its text."""

    @dataclass
    class Price:
        city: str
        paid: complex

    def prices() -> list[Price]:
        return [Price("Bern", 1j)]

    assert words(outcome(claude, api, prices)) == '[{"city": "Bern", "paid": "1j"}]'


def test_pictures_come_as_image_blocks(claude: Claude, api: Loopback) -> None:
    """Also within lists and dictionaries, beside words."""
    from PIL import Image

    def paint() -> dict[str, Any]:
        return {"red": Image.new("RGB", (8, 8), "red"), "note": "small"}

    content = outcome(claude, api, paint)["content"]

    assert [one["type"] for one in content] == ["text", "image", "text"]
    assert content[0]["text"] == "red:"
    assert content[1]["source"]["media_type"].startswith("image/")


def test_the_key_is_masked_in_results(claude: Claude, api: Loopback) -> None:
    """A tool that reads the environment does not give it away."""

    def leak() -> str:
        print(f"printed {KEY}")
        return f"the key is {KEY}"

    def fail() -> None:
        raise ValueError(KEY)

    for function in (leak, fail):
        assert KEY not in str(outcome(claude, api, function))
    assert KEY not in str(claude._engine.conversation)


def test_thinking_and_signatures_go_back_unchanged(claude: Claude, api: Loopback) -> None:
    """Within the loop, and with the whole exchange in the next turn while nothing has changed."""
    thinking = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Hm."},
        {"type": "signature_delta", "signature": "c2ln"},
    )
    made = Reply([sse(START, *thinking, *call("add", {"a": 1}), *ending("tool_use"))])
    last = Reply([sse(START, *thinking, *text_block("Three.", index=1), *ending())])
    api.will(made, last)
    claude.ask("Go.", tools=[add])
    claude.ask("And now?", tools=[add])
    kept = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}

    assert api.bodies[1]["messages"][1]["content"][0] == kept
    said = api.bodies[2]["messages"]
    assert [m["role"] for m in said] == ["user", "assistant", "user", "assistant", "user"]
    assert said[1]["content"][0] == said[3]["content"][0] == kept


def test_the_whole_exchange_is_one_turn(claude: Claude, api: Loopback) -> None:
    """Question, calls, results and answer; the next question carries all of it."""
    api.will(calls(("add", {"a": 1})), answer("Three."))
    claude.ask("Go.", tools=[add])
    (turn,) = claude._engine.conversation.turns

    assert [message.role for message in turn.messages] == ["user", "assistant", "user", "assistant"]
    assert turn.answer.text == "Three."


def test_what_came_so_far_is_written_while_tools_run(api: Loopback, tmp_path: Path) -> None:
    """A kernel that dies in the middle has lost nothing of what was done."""
    store = Store(tmp_path)
    engine = Engine({"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}, store)
    written: list[list[str]] = []

    def look(n: int) -> int:
        give_up = time.monotonic() + 20
        while len(found := roles_in(tmp_path)) < 4 and n == 2:
            assert time.monotonic() < give_up, found
            time.sleep(0.01)
        written.append(found)
        return n

    api.will(calls(("look", {"n": 1})), calls(("look", {"n": 2}), first=2), answer("Done."))
    Claude(engine=engine).ask("Go.", tools=[look])
    engine.close()

    assert written[1] == ["user", "assistant"] * 2
    assert roles_in(tmp_path) == ["user", "assistant"] * 3


def roles_in(folder: Path) -> list[str]:
    """The roles of the messages that are written by now."""
    file = folder / "conversations.sqlite"
    if not file.exists():
        return []
    with contextlib.closing(sqlite3.connect(file)) as rows:
        try:
            found = rows.execute("SELECT body FROM messages ORDER BY turn, number").fetchall()
        except sqlite3.OperationalError:  # it is just being made
            return []
    return [json.loads(text)["role"] for (text,) in found]


def test_the_calls_of_a_question_are_limited(claude: Claude, api: Loopback) -> None:
    """Beyond the limit nothing runs, and Claude is made to answer with what it knows."""
    api.will(calls(("add", {"a": 1})), calls(("add", {"a": 2}), ("add", {"a": 3}), first=2))
    api.will(answer("Enough."))

    asked = claude.ask("Go.", tools=[add], max_calls=2)

    assert asked.text == "Enough."
    assert [one.get("is_error", False) for one in results(api.bodies[-1])] == [False, True]
    assert "this question's 2 calls are used up" in words(results(api.bodies[-1])[1])
    assert [body.get("tool_choice") for body in api.bodies] == [None, None, {"type": "none"}]


def test_a_server_that_calls_on_beyond_the_limit_is_not_followed(
    claude: Claude, api: Loopback
) -> None:
    """The turn ends, and the next question is one the API takes."""
    api.will(calls(("add", {"a": 1})), calls(("add", {"a": 2}), first=2))

    claude.ask("Go.", tools=[add], max_calls=1)
    claude.ask("And?", tools=[add])

    assert "toolu_2" not in str(api.bodies[-1]["messages"])


def test_a_call_cut_by_the_limit_of_tokens_is_a_partial_turn(claude: Claude, api: Loopback) -> None:
    """Half a call is not made; what came is kept, and nothing of the call is sent again."""
    half = call("add", '{"a": 1')[:-1]
    api.will(Reply([sse(START, *text_block("Let me see."), *half, *ending("max_tokens"))]))

    asked = claude.ask("Go.", tools=[add])
    claude.ask("Go on.")

    assert asked.stop_reason == "max_tokens"
    assert len(api.bodies) == 2
    assert api.bodies[1]["messages"][1]["content"] == "Let me see."


def test_a_stream_cut_after_calls_keeps_what_happened(claude: Claude, api: Loopback) -> None:
    """The results stay in the conversation, and the next question carries them."""
    cut = Reply([sse(START, *text_block("Half"))], drop=True)
    api.will(calls(("add", {"a": 1})), cut)

    with pytest.raises(BrokenOff):
        claude.ask("Go.", tools=[add])
    claude.ask("Go on.")

    said = api.bodies[-1]["messages"]
    assert [message["role"] for message in said] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert said[3]["content"] == "Half"


def test_an_interrupt_stops_the_function_and_the_loop(claude: Claude, api: Loopback) -> None:
    """What was done stays, every call has a result, and the conversation goes on from there."""
    done: list[str] = []

    def first() -> str:
        done.append("first")
        return "fine"

    def second() -> None:
        raise KeyboardInterrupt

    def third() -> None:
        done.append("third")

    api.will(calls(("first", {}), ("second", {}), ("third", {})))
    with pytest.raises((Interrupted, KeyboardInterrupt)):
        claude.ask("Go.", tools=[first, second, third])
    claude.ask("What happened?", tools=[first, second, third])

    assert done == ["first"]
    question = api.bodies[-1]["messages"][-1]["content"]
    assert [one["type"] for one in question] == ["tool_result"] * 3 + ["text"]
    assert [one.get("is_error", False) for one in question[:3]] == [False, True, True]
    assert "stopped it" in words(question[1])
    assert "Not run" in words(question[2])


def test_an_answer_stopped_between_calls_is_kept(claude: Claude, api: Loopback) -> None:
    """The next answer was silent; its question's results are there for the next."""
    api.will(calls(("add", {"a": 1})), Reply([sse(START), stay_silent]))
    pieces = claude.stream("Go.", tools=[add])

    def stop() -> None:
        api.wait_for(2)
        for growing in list(claude._engine._active):
            growing.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Interrupted):
        list(pieces)
    thread.join()
    claude.ask("Go on.")

    assert [m["role"] for m in api.bodies[-1]["messages"]] == ["user", "assistant", "user"]
    assert words(api.bodies[-1]["messages"][-1]["content"][0]) == "3"


def test_a_stream_that_is_never_closed_does_not_hold_the_calls_up(
    claude: Claude, api: Loopback
) -> None:
    """Some servers keep the connection open behind a whole answer."""
    made = calls(("add", {"a": 1}))
    api.will(Reply([*made.steps, stay_silent]), answer("Three."))

    assert claude.ask("Go.", tools=[add]).text == "Three."


def test_async_tools_share_one_loop(claude: Claude, api: Loopback) -> None:
    """A client that one call opens serves the next."""
    opened: list[asyncio.AbstractEventLoop] = []

    async def fetch(n: int) -> bool:
        await asyncio.sleep(0)
        opened.append(asyncio.get_running_loop())
        return opened[0] is opened[-1]

    api.will(calls(("fetch", {"n": 1})), calls(("fetch", {"n": 2}), first=2), answer("Done."))
    claude.ask("Go.", tools=[fetch])

    assert words(results(api.bodies[-1])[0]) == "true"


def test_a_budget_holds_for_the_whole_loop(claude: Claude, api: Loopback) -> None:
    """Each request of it is held to what is left; what was done until then is kept."""
    api.will_serve("/v1/messages/count_tokens", b'{"input_tokens": 1000}')
    claude._engine.budget = 0.02

    raised = ending("tool_use")
    raised[0]["usage"]["output_tokens"] = 2_000_000
    api.will(Reply([sse(START, *call("add", {"a": 1}), *raised)]))
    with pytest.raises(BudgetSpent):
        claude.ask("Go.", tools=[add])

    (turn,) = claude._engine.conversation.turns
    assert len(turn.messages) == 3


def test_twenty_calls_with_pictures_errors_and_an_interrupt(claude: Claude, api: Loopback) -> None:
    """The long way round: whatever happens in it, each request is one the API takes."""
    from PIL import Image

    count = 0

    def step(n: int) -> Any:
        nonlocal count
        count += 1
        if n == 15 and count == 15:
            raise KeyboardInterrupt
        if n % 3 == 0:
            raise ValueError(f"step {n}")
        return Image.new("RGB", (4, 4), (n, 0, 0)) if n % 2 else {"n": n}

    api.will(*(calls(("step", {"n": n}), first=n) for n in range(1, 21)), answer("Done."))
    with pytest.raises((Interrupted, KeyboardInterrupt)):
        claude.ask("Go.", tools=[step])
    claude.ask("Go on.", tools=[step])

    assert count == 20
    last = api.bodies[-1]["messages"]
    roles = [message["role"] for message in last]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
    for said, brought in zip(last[1::2], last[2::2], strict=True):
        made = [one["id"] for one in said["content"] if one["type"] == "tool_use"]
        assert [one["tool_use_id"] for one in brought["content"][: len(made)]] == made


def test_pictures_of_tools_leave_those_before_them_as_they_were(
    claude: Claude, api: Loopback
) -> None:
    """The twenty-first would make all smaller, and the thinking between would be refused."""
    from PIL import Image

    wide = Image.new("RGB", (2400, 30), "navy")

    def draw() -> Image.Image:
        return wide

    api.will(calls(("draw", {})), calls(("draw", {}), first=2), answer("Done."))
    claude.ask("What?", *[wide] * 19, tools=[draw], model="opus")

    bodies = [asked["messages"] for asked in api.bodies]
    assert bodies[2][0] == bodies[1][0] == bodies[0][0]
    brought = [results(body)[0]["content"] for body in api.bodies[1:]]
    assert [content[0]["type"] for content in brought] == ["image", "text"]
