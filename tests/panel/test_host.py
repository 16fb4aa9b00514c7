"""Claims about the panel's side in the kernel: what it asks, what it tells, how much travels."""

import base64
import io
import json
import threading
from collections.abc import Iterator

import PIL.Image
import pytest
from loopback import (
    START,
    Handler,
    Loopback,
    Reply,
    answer,
    block,
    ending,
    error,
    sse,
    text_block,
)
from panel.beside import Page
from shell import Notebook

from claude_magic.render.markdown import to_html


@pytest.fixture
def page(notebook: Notebook) -> Iterator[Page]:
    opened = Page(notebook)
    yield opened
    opened.panel.close()


def test_a_question_of_the_panel_is_history_for_the_next_cell(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """One conversation, two doors."""
    api.will(answer("It is a probability."), answer("Yes."))
    page.ask("What is a p-value?")
    notebook.run("%%claude\nReally?")

    sent = api.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[0]["content"] == "What is a p-value?"


def test_a_cells_question_appears_in_the_panel_as_it_happens(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """It is told when it is asked, and grows as the panel's own do."""
    api.will(answer("A **mean**."))
    notebook.run("%%claude\nWhat is that?")
    asked = page.wait("asked")
    page.wait("end")

    assert asked["turn"]["cell"]
    assert asked["turn"]["question"]["text"] == "What is that?"
    assert page.answer(asked["turn"]["id"]) == "<p>A <strong>mean</strong>.</p>\n"


def test_the_steps_add_up_to_what_a_cell_would_show(page: Page, api: Loopback) -> None:
    """Whatever comes in whatever pieces: emoji too, which JavaScript counts as two."""
    words = (
        "# Hé 😀\n\nSome *words* 😀 and `code`.\n\n```python\nx = '😀'\n```\n\n- a\n- b\n\nEnd 😀."
    )
    api.will(answer(*[words[i : i + 3] for i in range(0, len(words), 3)]))
    end = page.ask("Why?")

    assert page_answer_in_units(page, end["turn"]) == to_html(words)


def page_answer_in_units(page: Page, turn: str) -> str:
    """As a browser adds them up: in units of UTF-16."""
    open_end, final = b"", b""
    for step in page.of("grow", turn):
        whole = open_end[: 2 * step["keep"]] + step["add"].encode("utf-16-le")
        final, open_end = final + whole[: 2 * step["final"]], whole[2 * step["final"] :]
    return (final + open_end).decode("utf-16-le")


def test_only_deltas_travel(page: Page, api: Loopback) -> None:
    """An answer of 40 kB in 2,000 deltas takes at most twice its bytes, however it is sent."""
    from benchmarks import answers
    from benchmarks.replies import paced

    long = answers.ordinary()
    api.will(paced(long, 2.0))
    end = page.ask("Tell me all.")
    travelled = sum(
        len(json.dumps(message)) for message in page.got if message.get("turn") == end["turn"]
    )

    assert travelled <= 2 * long.size
    assert page.answer(end["turn"]) == to_html(long.text)


def test_stop_keeps_what_came(page: Page, notebook: Notebook, api: Loopback) -> None:
    """The turn is kept as interrupted, and the server sees the end."""
    api.will(Reply([sse(START, *text_block("Half an answer")[:-1]), hold_forever]))
    page.send("ask", ref="r1", text="Why?", attachments=[])
    turn = page.wait("asked")["turn"]["id"]
    page.wait("grow", lambda m: "Half" in m["add"])
    page.send("stop", turn=turn)
    end = page.wait("end")

    assert end["kept"]
    assert "Interrupted" in end["answer"]["notes"][0]
    assert api.client_left.wait(10)
    assert notebook.engine.conversation.turns[0].answer.text == "Half an answer"


def hold_forever(handler: Handler) -> None:
    handler.hold(threading.Event(), timeout=30)


def test_expressions_are_filled_in_and_their_errors_told(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """As in cells: a value goes along, a slip is refused before anything is sent."""
    notebook.run("x = 41")
    api.will(answer("Yes."))
    page.ask("Is it {{ x + 1 }}?")
    page.send("ask", ref="r2", text="{{ nope }}", attachments=[])
    refused = page.wait("refused")

    assert api.requests[-1].body["messages"][-1]["content"] == "Is it 42?"
    assert "nope" in refused["words"]
    assert refused["ref"] == "r2"


def test_an_error_is_told_with_what_to_do(page: Page, api: Loopback) -> None:
    """The question stays in the page, unkept, with the words a cell would show."""
    api.will(error(401, "authentication_error", "invalid x-api-key"))
    end = page.ask("Why?")

    assert not end["kept"]
    assert end["error"]["message"]
    assert end["error"]["hint"]


def test_retrying_is_told_with_its_reason(page: Page, api: Loopback) -> None:
    """And how many seconds it takes."""
    api.will(error(529, "overloaded_error", "Overloaded", retry_after="1"), answer("Done."))
    page.ask("Why?")
    phases = [m["phase"] for m in page.got if m["kind"] == "phase"]
    (retrying,) = [phase for phase in phases if phase["name"] == "retrying"]

    assert "overloaded" in retrying["why"]
    assert 0 < retrying["in"] <= 2


def test_asked_again_a_question_keeps_its_place(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """The answer replaces the old one, and the request carries only what stands before it."""
    api.will(answer("One."), answer("Two."), answer("One, better."))
    first = page.ask("First?", "r1")
    page.ask("Second?", "r2")
    page.ask("First, better?", "r3", again=first["turn"])

    turns = notebook.engine.conversation.turns
    assert [turn.answer.text for turn in turns] == ["One, better.", "Two."]
    assert len(api.requests[-1].body["messages"]) == 1


def test_a_page_that_opens_late_gets_the_latest_and_loads_the_rest(
    page: Page, notebook: Notebook
) -> None:
    """A conversation of 100 turns opens with the last 20."""
    for number in range(100):
        notebook.run(f"%%claude --as user\nNote {number}")
    page.send("hello")
    state = page.wait("state", lambda m: len(m["turns"]) == 20)
    page.send("earlier", before=state["turns"][0]["id"])
    earlier = page.wait("earlier")

    assert state["more"] == 80
    assert state["turns"][-1]["question"]["text"] == "Note 99"
    assert earlier["turns"][-1]["question"]["text"] == "Note 79"
    assert earlier["more"] == 60


def test_variables_are_offered_with_their_kinds(page: Page, notebook: Notebook) -> None:
    """What a person made, not what IPython keeps; nothing of the values."""
    notebook.run("data = [1, 2]\ndo = len\n_data = 3")
    page.send("names", ref="n1", prefix="d")
    names = page.wait("names")["names"]

    assert names == [{"name": "data", "kind": "list, 2"}, {"name": "do", "kind": "function"}]


def test_a_file_comes_in_pieces_and_goes_along(page: Page, api: Loopback) -> None:
    """A text becomes a document with its name; its size and tokens are told before sending."""
    api.will(answer("Read."))
    page.send("attach", ref="a1", name="notes.txt", size=10)
    page.send("piece", (b"hello",), ref="a1")
    page.send("piece", (b"world",), ref="a1")
    attached = page.wait("attached")
    page.send("ask", ref="r1", text="What does it say?", attachments=["a1"])
    page.wait("end")
    document, words = api.requests[-1].body["messages"][-1]["content"]

    assert (attached["name"], attached["size"]) == ("notes.txt", 10)
    assert attached["tokens"] > 0
    assert document["title"] == "notes.txt"
    assert document["source"]["data"] == "helloworld"
    assert words["text"] == "What does it say?"


def test_a_file_that_claude_cannot_read_is_refused_by_name(page: Page) -> None:
    """Nothing is sent, and the page learns which file it was."""
    page.send("attach", ref="a1", name="odd.bin", size=4)
    page.send("piece", (b"\0\xff\xfe\x01",), ref="a1")

    assert page.wait("refused")["ref"] == "a1"


def test_choices_of_the_panel_hold_for_its_questions_alone(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """The notebook's defaults stay as they are."""
    api.will(answer("A."), answer("B."))
    page.send("choose", choices={"model": "haiku", "system": "Be brief.", "nonsense": 1})
    page.wait("chosen")
    page.ask("Why?")
    notebook.run("%%claude\nWhy?")

    own, cells = (request.body for request in api.requests[-2:])
    assert own["model"].startswith("claude-haiku")
    assert own["system"]
    assert cells["model"] == "claude-opus-4-6"
    assert "system" not in cells


def test_what_is_chosen_holds_for_what_is_asked_after_it_and_for_nothing_before(
    page: Page, api: Loopback
) -> None:
    """However fast the three come one after another."""
    page.send("ask", ref="a", text="{{ 1 }} Before?", attachments=[])
    page.send("choose", choices={"model": "haiku"})
    page.ask("After?", ref="b")
    models = {body["messages"][-1]["content"]: body["model"] for body in api.bodies}

    assert models == {"1 Before?": "claude-opus-4-6", "After?": "claude-haiku-5-5"}


def test_a_change_of_the_notebooks_settings_is_told(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """The models are those that the server it asks lists, once it has been asked for them."""
    listed = {"data": [{"id": "tiny", "max_input_tokens": 8000}, {"id": "small"}]}
    api.will_serve("/v1/models", json.dumps(listed).encode())
    page.send("hello")
    assert "claude-opus-4-6" in page.wait("state", lambda m: "defaults" in m)["defaults"]["models"]
    notebook.run(f"%claude connect {api.url}")
    told = page.wait("chosen", lambda m: m["defaults"]["model"] == "tiny")

    assert told["defaults"]["models"] == ["tiny", "small"]
    assert told["foot"]["context"] == 8000


def test_another_conversation_shows_its_own_turns(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """A new one is empty; going back shows what was there."""
    api.will(answer("One."))
    page.ask("First?")
    before = notebook.engine.conversation.id
    page.got.clear()
    page.send("use", conversation="")
    page.wait("state", lambda m: m["turns"] == [])
    page.got.clear()
    page.send("use", conversation=before)
    state = page.wait("state")

    assert [turn["question"]["text"] for turn in state["turns"]] == ["First?"]


def test_what_the_notebook_keeps_follows_the_conversation(page: Page, api: Loopback) -> None:
    """For readers without a kernel."""
    api.will(answer("One."))
    page.ask("First?")

    kept = page.wait_for_kept("One.")

    assert kept["text/markdown"] == "**You**\n\n> First?\n\n**Claude**\n\nOne."
    assert '<p dir="auto">First?</p>' in kept["text/html"]
    assert '<div dir="auto"><p>One.</p>' in kept["text/html"]


def test_a_question_is_asked_again_as_it_was_with_all_that_was_attached(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """In its place; expressions have the value of now."""
    notebook.run("x = 1")
    api.will(answer("One."), answer("Two."))
    attach(page, "a1", "notes.txt", b"hello")
    first = page.ask("Is it {{ x }}?", "r1", attachments=["a1"])
    notebook.run("x = 2")
    page.ask_again(first["turn"], "r2")

    (message,) = api.requests[-1].body["messages"]
    assert [block["type"] for block in message["content"]] == ["document", "text"]
    assert message["content"][1]["text"] == "Is it 2?"
    assert [turn.answer.text for turn in notebook.engine.conversation.turns] == ["Two."]


def test_a_cells_question_asked_again_in_the_panel_leaves_the_cell_alone(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """It becomes a turn of the panel, after the others."""
    api.will(answer("One."), answer("Two."))
    notebook.run("%%claude\nWhy?")
    turn = page.wait("end")["turn"]
    page.ask_again(turn, "r1")

    assert [t.answer.text for t in notebook.engine.conversation.turns] == ["One.", "Two."]
    assert len(api.requests[-1].body["messages"]) == 3


def test_a_failed_question_is_not_lost(page: Page, notebook: Notebook, api: Loopback) -> None:
    """A page that opens later sees it with its error, and can ask it again with its file."""
    api.will(error(400, "invalid_request_error", "No."), answer("Yes."))
    attach(page, "a1", "notes.txt", b"hello")
    failed = page.ask("Why?", "r1", attachments=["a1"])
    page.send("hello")
    (seen,) = page.wait("state", lambda m: bool(m["failed"]))["failed"]
    page.ask_again(failed["turn"], "r2")

    assert seen["error"]["message"]
    assert seen["question"]["text"] == "Why?"
    assert len(api.requests[-1].body["messages"][0]["content"]) == 2
    assert page.wait("drop")["turn"] == failed["turn"]


def test_a_question_comes_back_to_be_edited_with_what_was_attached(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """As typed; and changed, it takes the place of the old one."""
    notebook.run("x = 1")
    api.will(answer("One."), answer("Two."))
    attach(page, "a1", "notes.txt", b"hello")
    first = page.ask("Is it {{ x }}?", "r1", attachments=["a1"])
    page.send("reuse", ref="e1", turn=first["turn"])
    again = page.wait("reused")
    (attached,) = again["all"]
    page.ask("Really?", "r2", attachments=[attached["ref"]], again=first["turn"])

    assert again["text"] == "Is it {{ x }}?"
    assert (attached["name"], attached["size"]) == ("notes.txt", 5)
    (message,) = api.requests[-1].body["messages"]
    assert message["content"][0]["title"] == "notes.txt"
    assert len(notebook.engine.conversation.turns) == 1


def test_values_of_a_cells_question_are_not_evaluated_in_the_box(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """Braces that a value brought along stay braces."""
    notebook.run("x = '{{ secret }}'")
    api.will(answer("One."))
    notebook.run("%%claude\nWhat is {{ x }}?")
    page.send("reuse", ref="e1", turn=page.wait("end")["turn"])

    assert page.wait("reused")["text"] == "What is \\{{ secret }}?"


def test_an_answer_on_its_way_is_still_there_after_a_look_at_another_conversation(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """It grows on when one comes back."""
    gate = threading.Event()
    pieces = text_block("Half", " and half.")
    api.will(Reply([sse(START, *pieces[:2]), lambda handler: handler.hold(gate), sse(*pieces[2:])]))
    first = notebook.engine.conversation.id
    page.send("ask", ref="r1", text="Why?", attachments=[])
    turn = page.wait("asked")["turn"]["id"]
    page.wait("grow", lambda m: "Half" in m["add"])
    page.got.clear()
    page.send("use", conversation="")
    page.wait("state")
    page.got.clear()
    page.send("use", conversation=first)
    (live,) = page.wait("state")["live"]
    gate.set()

    assert live["id"] == turn
    assert "Half" in live["html"] + live["open"]
    assert page.wait("end")["turn"] == turn


def attach(page: Page, ref: str, name: str, data: bytes) -> None:
    page.send("attach", ref=ref, name=name, size=len(data))
    page.send("piece", (data,), ref=ref)
    page.wait("attached", lambda m: m["ref"] == ref)


PNG = """from IPython.display import display, Image
import base64
display(Image(data=base64.b64decode('{}')))"""


def png(size: tuple[int, int], colour: str) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


RED = base64.b64encode(png((8, 6), "red")).decode()
BLUE = base64.b64encode(png((9, 6), "blue")).decode()


def test_a_displayed_picture_is_offered_and_goes_along(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """The newest first, small; the chosen one with its tokens."""
    notebook.run(PNG.format(RED))
    notebook.run(PNG.format(BLUE))
    page.send("pictures", ref="p1")
    blue, red = page.wait("pictures")["all"]
    page.send("attach_picture", ref="a1", picture=red["id"])
    attached = page.wait("attached")
    page.ask("What is it?", attachments=["a1"])

    assert [one["name"].split(", ")[1] for one in (blue, red)] == ["9 × 6", "8 × 6"]
    assert red["small"].startswith("data:image/webp;base64,")
    assert attached["tokens"] > 0
    picture, words = api.requests[-1].body["messages"][-1]["content"]
    assert (picture["type"], words["text"]) == ("image", "What is it?")


def test_a_picture_that_is_gone_is_refused(page: Page) -> None:
    """With what to do."""
    page.send("attach_picture", ref="a1", picture="77")

    assert "Run its cell again" in page.wait("refused")["hint"]


def test_the_last_picture_goes_along_where_that_was_chosen(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """Without one the question is asked as it is; asked again, the newest goes along, once."""
    page.send("choose", choices={"plot": True})
    page.wait("chosen")
    first = page.ask("Before?")
    notebook.run(PNG.format(BLUE))
    page.ask_again(first["turn"], "r2")

    before, after = (request.body["messages"][-1]["content"] for request in api.requests[-2:])
    assert before == "Before?"
    assert [block["type"] for block in after] == ["image", "text"]


def test_a_tool_that_a_cell_lets_run_is_told_and_shown_folded(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """While it runs, and in the answer: the call, and below it what it came to."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "double", "input": {}}
    given = {"type": "input_json_delta", "partial_json": '{"x": 21}'}
    api.will(Reply([sse(START, *block(0, call, given), *ending("tool_use"))]), answer("It is 42."))
    notebook.run('def double(x: int) -> int:\n    """Double it."""\n    return 2 * x')
    notebook.run("%%claude --tools double\nDouble 21.")
    end = page.wait("end")
    page.send("hello")
    (turn,) = page.wait("state", lambda m: len(m["turns"]) == 1)["turns"]

    assert end["kept"]
    assert "<details" in turn["answer"]["html"]
    assert "double" in turn["answer"]["html"]
    assert "It is 42." in turn["answer"]["html"]
    assert page.answer(end["turn"]) == turn["answer"]["html"]


def test_a_cell_is_a_cell_whatever_its_id(page: Page, notebook: Notebook, api: Loopback) -> None:
    """No id that a notebook may give makes the panel take a cell's question for its own."""
    api.will(answer("One."), answer("Two."))
    notebook.run("%%claude\nWhy?", cell_id="panel-01")
    turn = page.wait("end")["turn"]
    page.send("hello")
    state = page.wait("state", lambda m: len(m["turns"]) == 1)

    assert state["turns"][0]["cell"]
    page.ask_again(turn, "r1")
    assert len(notebook.engine.conversation.turns) == 2


def test_messages_of_any_thread_are_only_put_down(
    page: Page, notebook: Notebook, api: Loopback
) -> None:
    """While one waits for an expression, none holds up the thread that brought it."""
    notebook.run("import threading\ngate = threading.Event()")
    gate = notebook.shell.user_ns["gate"]
    page.send("ask", ref="r1", text="{{ gate.wait(20) }}", attachments=[])
    page.wait("got")
    asks = [
        threading.Thread(target=page.send, args=("names",), kwargs={"ref": f"n{n}", "prefix": "g"})
        for n in range(20)
    ]
    for thread in asks:
        thread.start()
    for thread in asks:
        thread.join(10)
    page.send("hello")
    page.wait("state", lambda m: "choices" in m)  # what needs no waiting is answered meanwhile
    waiting = [m for m in page.got if m["kind"] == "names"]
    gate.set()
    page.wait("names", lambda m: sum(one["kind"] == "names" for one in page.got) == 20)

    assert waiting == []


def test_where_the_page_has_no_notebook_a_cell_is_offered(page: Page, notebook: Notebook) -> None:
    """By the kernel: it comes with the next cell that runs."""
    page.send("insert", source="print(1)")
    page.send("names", ref="n1", prefix="zz")  # the same worker: behind it
    page.wait("names")
    offered, notebook.shell.rl_next_input = notebook.shell.rl_next_input, None

    assert offered == "print(1)"
