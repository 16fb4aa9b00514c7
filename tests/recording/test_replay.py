"""Claims about recordings: what was asked once is answered again, without key or network."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import KEY
from loopback import START, Loopback, Reply, answer, block, ending, error, sse
from PIL import Image, ImageDraw, PngImagePlugin
from shell import Notebook

from claude_magic.content.blocks import Text
from claude_magic.encode.picture import picture_block
from claude_magic.errors import NotRecorded
from claude_magic.ui.door import Claude


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Where the recording is kept."""
    return tmp_path / "lesson.claude"


@pytest.fixture
def recording(notebook: Notebook, tape: Path) -> Notebook:
    """A notebook that records."""
    notebook.run(f"%claude record {tape}")
    return notebook


def replay(notebook: Notebook, tape: Path, *options: str) -> None:
    """Take the key and the server away, and answer from the recording."""
    notebook.environ.clear()
    notebook.run("%claude reset")
    notebook.run(f"%claude replay {tape} --instant {' '.join(options)}")


def lines(tape: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in tape.read_text("utf-8").splitlines()]


def rewritten(tape: Path, number: int, **changed: Any) -> None:
    """Change a line as by hand; the first is line 1."""
    every = lines(tape)
    every[number - 1] |= changed
    tape.write_text("".join(json.dumps(line) + "\n" for line in every), "utf-8")


def test_what_was_recorded_is_replayed(api: Loopback, recording: Notebook, tape: Path) -> None:
    """The same words and tokens under the answer, with nobody asked; it says that it is old."""
    api.will(answer("One *fine* answer."), answer("Another."))
    recording.run("%%claude\nHi")
    recording.run("%%claude -o second\nAgain")
    replay(recording, tape)
    shown = recording.run("%%claude\nHi")
    recording.run("%%claude -o again\nAgain")

    assert len(api.requests) == 2
    assert "One *fine* answer." in shown
    assert "replayed" in shown
    assert recording["again"].text == "Another."
    assert recording["again"].usage == recording["second"].usage
    assert recording["again"].cost is None
    assert recording.engine.spent == pytest.approx(recording["second"].cost * 2)


def test_seconds_are_those_of_the_recording(api: Loopback, recording: Notebook, tape: Path) -> None:
    """So that two replays give the same bytes."""
    recording.run("%%claude\nHi")
    rewritten(tape, 3, pace=[[1500, 6, 500, 6]], end=250)
    replay(recording, tape)
    recording.run("%%claude -o first\nHi")

    assert recording["first"].seconds == 2.25


def test_nothing_secret_is_recorded(api: Loopback, recording: Notebook, tape: Path) -> None:
    """No key, even where an answer echoes it; no header; no id of the account."""
    start = {**START, "message": {**START["message"], "container": {"id": "container_011"}}}
    echo = [block(0, {"type": "text", "text": ""}, *deltas("My key is ", KEY[:12], KEY[12:]))]
    api.will(Reply([sse(start, *echo[0], *ending())]))
    api.will(error(404, "not_found_error", f"no model for {KEY}"))
    recording.run("%%claude\nHi")
    recording.fail("%%claude -m nobody\nHi")
    words = tape.read_text("utf-8")

    assert "My key is" in words
    assert "no model for" in words
    for secret in (KEY, KEY[:14], "x-api-key", "req_", "msg_t1", "container_011", api.url):
        assert secret not in words


def deltas(*pieces: str) -> list[dict[str, str]]:
    return [{"type": "text_delta", "text": piece} for piece in pieces]


def test_the_same_question_gives_its_answers_in_order(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """And after the last the first again, so that a second Run All is like the first."""
    api.will(answer("heads"), answer("tails"))
    for _ in range(2):
        recording.run("%%claude --once\nToss a coin.")
    replay(recording, tape)
    shown = [recording.run("%%claude --once\nToss a coin.") for _ in range(3)]

    assert ["heads" in one for one in shown] == [True, False, True]
    assert "tails" in shown[1]


def test_recording_again_brings_the_file_up_to_date(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """A cell that is recorded anew replaces its answer; what was not asked stays."""
    api.will(answer("old"), answer("other"))
    recording.run("%%claude --once\nHi")
    recording.run("%%claude --once\nHo")
    recording.run(f"%claude record {tape}")
    api.will(answer("new"))
    recording.run("%%claude --once\nHi")

    said = [line["content"][0]["text"] for line in lines(tape) if "content" in line]
    assert said == ["new", "other"]


def test_an_unknown_question_shows_the_nearest_and_what_differs(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """Model, words and system prompt are named, each in a line."""
    recording.run("%%claude --once -s 'Be brief.'\nWhat is a p-value?")
    recording.run("%%claude --once\nWhat is a median?")
    replay(recording, tape)
    told = recording.fail("%%claude --once -m sonnet -s 'Be brief.'\nWhat is the p-value?")

    assert told.startswith("NotRecorded: lesson.claude holds no answer to this question")
    assert "question 1 (line 2): 'What is a p-value?'" in told
    assert "'What is a p-value?' is recorded, 'What is the p-value?' was asked" in told
    assert "model: 'claude-opus-4-6' is recorded, 'claude-sonnet-5-5' was asked" in told
    assert "system" not in told
    assert len(api.requests) == 2

    recording.run("%%claude -s 'Be brief.'\nWhat is a p-value?")
    told = recording.fail("%%claude -s 'Be brief.'\nWhat is the p-value?")
    assert "'What is a p-value?' is recorded, 'What is the p-value?' was asked" in told
    assert "conversation: 0 turns before it when recorded, 1 turn now" in told


def test_a_recording_that_cannot_be_read_is_told_before_something_is_sent(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """Named in the settings, or spoilt by hand since; it stays as it is."""
    tape.write_text("spoilt")
    assert "line 1: not JSON" in recording.fail("%%claude\nHi")
    tape.unlink()
    recording.run("%%claude\nHi")
    tape.write_text("spoilt again")
    assert "line 1: not JSON" in recording.fail("%%claude\nMore?")

    assert len(api.requests) == 1
    assert tape.read_text() == "spoilt again"


def test_an_unknown_question_can_go_to_the_practice_model(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """It says who answered."""
    recording.run("%%claude\nHi")
    replay(recording, tape, "--unrecorded practice")
    known, unknown = recording.run("%%claude\nHi"), recording.run("%%claude\nHo")

    assert "replayed" in known
    assert "replayed" not in unknown
    assert "practice model" in unknown


def test_an_unknown_question_can_be_asked_and_recorded(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """Once: then it is known."""
    recording.run("%%claude --once\nHi")
    recording.run(f"%claude replay {tape} --instant --unrecorded ask")
    for _ in range(2):
        recording.run("%%claude --once\nHi")
        recording.run("%%claude --once\nHo")

    assert [body["messages"][0]["content"] for body in api.bodies] == ["Hi", "Ho"]
    assert [line["question"] for line in lines(tape) if "question" in line] == [1, 2]


def test_what_would_be_asked_without_a_key_is_told(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """What is recorded needs none; the rest names the ways on."""
    recording.run("%%claude --once\nHi")
    replay(recording, tape, "--unrecorded", "ask")

    assert "Hello" in recording.run("%%claude --once\nHi")
    assert "no API key was found" in recording.fail("%%claude --once\nHo")


def test_the_file_stays_where_it_is(
    api: Loopback, notebook: Notebook, tape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the notebook goes to another folder."""
    elsewhere = tape.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tape.parent)
    notebook.run("%config ClaudeMagics.record = 'lesson.claude'")
    notebook.run("%%claude --once\nHi")
    monkeypatch.chdir(elsewhere)
    notebook.run("%%claude --once\nHo")

    assert [line["question"] for line in lines(tape) if "question" in line] == [1, 2]
    assert list(elsewhere.iterdir()) == []


def test_another_file_is_not_written_over(api: Loopback, notebook: Notebook, tape: Path) -> None:
    """Nor is anything sent whose answer could not be kept."""
    tape.write_text("my notes", "utf-8")

    assert "line 1: not JSON" in notebook.fail(f"%claude record {tape}")
    assert "line 1: not JSON" in notebook.fail(f"%claude record {tape} --fresh")
    assert tape.read_text("utf-8") == "my notes"


def test_questions_from_python_are_recorded_too(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """In a conversation of their own, in the same file; a replay counts them as asked."""
    python = "from claude_magic import Claude\ntext = Claude(model='haiku').ask('Hi').text"
    named = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        recording.run(python)
    recording.run("%%claude\nHi")
    replay(recording, tape)
    recording.run(python)

    assert len(api.requests) == 2
    assert recording["text"] == "Hello there."
    assert "Not asked yet:\n    2  Hi" in recording.run("%claude replay")


def test_the_model_may_differ_if_one_says_so(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """By default it must not: another model would answer otherwise."""
    recording.run("%%claude --once --think\nHi")
    replay(recording, tape)
    recording.fail("%%claude --once -m haiku --think\nHi")
    replay(recording, tape, "--any-model")

    assert "replayed" in recording.run("%%claude --once -m haiku --think\nHi")


def test_the_limit_of_tokens_counts_where_it_would_cut(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """A model does not know its limit: a whole answer is the same under any that it fits in."""
    recording.run("%%claude --once\nHi")  # 7 tokens
    replay(recording, tape)

    recording.run("%%claude --once -n 7\nHi")
    assert "limit of tokens" in recording.fail("%%claude --once -n 6\nHi")


def test_a_conversation_stands_in_the_file_once(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """Each question has only its new words, and names the one it goes on with."""
    for number in range(3):
        recording.run(f"%%claude\nQuestion {number}")
    questions = [line for line in lines(tape) if "question" in line]

    assert [line.get("after") for line in questions] == [None, 1, 2]
    assert [len(line["messages"]) for line in questions] == [1, 1, 1]


def test_an_answer_mended_by_hand_is_replayed_as_mended(
    api: Loopback, recording: Notebook, tape: Path
) -> None:
    """And the questions that go on with it are still known."""
    recording.run("%%claude\nHi")
    recording.run("%%claude\nAgain")
    rewritten(tape, 3, content=[{"type": "text", "text": "A much better answer than that."}])
    replay(recording, tape)

    assert "A much better answer than that." in recording.run("%%claude\nHi")
    assert "Hello there." in recording.run("%%claude\nAgain")


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (1, "{}", "line 1: a recording begins with"),
        (2, "{oops", "line 2: not JSON"),
        (2, '{"question": 1, "after": 7}', 'line 2: "after": 7 names no question'),
        (2, '{"question": 1, "messages": "Hi"}', "line 2: "),
        (3, '{"answer": 2, "content": []}', "line 3: the answer to question 1 is missing"),
        (3, '{"answer": 1, "content": "Hi"}', "line 3: an answer has"),
        (3, '{"answer": 1, "content": [], "pace": [["a"]]}', 'line 3: "pace" is'),
        (1, '{"recording": "claude_magic", "version": 99}', "newer claude_magic"),
    ],
)
def test_a_file_broken_by_hand_names_its_line(
    recording: Notebook, tape: Path, line: int, text: str, said: str
) -> None:
    """Before anything is answered."""
    recording.run("%%claude\nHi")
    kept = tape.read_text("utf-8").splitlines()
    kept[line - 1] = text
    tape.write_text("\n".join(kept), "utf-8")

    assert said in recording.fail(f"%claude replay {tape}")


def test_a_refusal_is_replayed_too(api: Loopback, recording: Notebook, tape: Path) -> None:
    """A lesson may show an error on purpose."""
    api.will(error(404, "not_found_error", "model: nobody"))
    told = recording.fail("%%claude --once -m nobody\nHi")
    replay(recording, tape)

    assert "404" in told
    assert "model: nobody" in recording.fail("%%claude --once -m nobody\nHi")


def test_a_half_answer_is_not_recorded(api: Loopback, recording: Notebook, tape: Path) -> None:
    """Only what came whole."""
    api.will(Reply([sse(START, *block(0, {"type": "text", "text": ""}, *deltas("Hal")))]))
    recording.fail("%%claude\nHi")

    assert not tape.exists()


def test_counts_and_models_need_no_network(api: Loopback, recording: Notebook, tape: Path) -> None:
    """What the server counted is recorded; what is not is estimated in this process."""
    api.will_serve("/v1/messages/count_tokens", b'{"input_tokens": 4321}')
    recording.run("%%claude --once --dry-run\nHi")
    replay(recording, tape)

    assert "4,321 input tokens" in recording.run("%%claude --once --dry-run\nHi")
    assert "input tokens" in recording.run("%%claude --once --dry-run\nSomething else")
    assert "claude-opus-5-5" in recording.run("%claude models")


def test_a_recording_that_cannot_be_kept_is_told_before_it_costs_anything(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """However it was named."""
    nowhere = tmp_path / "nowhere" / "lesson.claude"
    assert "there is no folder" in notebook.fail(f"%claude record {nowhere}")
    notebook.run(f"%config ClaudeMagics.record = {str(nowhere)!r}")
    assert "there is no folder" in notebook.fail("%%claude\nHi")
    assert api.requests == []

    nowhere.parent.mkdir()
    notebook.run("%%claude\nHi")
    assert len(lines(nowhere)) == 3


def test_without_key_means_only_then(api: Loopback, recording: Notebook, tape: Path) -> None:
    """A lesson can hold the line for everyone: who has a key asks Claude."""
    recording.run("%%claude --once\nHi")
    recording.run("%claude record off")

    assert "There is a key" in recording.run(f"%claude replay {tape} --without-key")
    recording.environ.clear()
    assert "replayed" in recording.run(f"%claude replay {tape} --without-key")
    assert "replayed" in recording.run("%%claude --once\nHi")


def test_what_was_not_asked_yet_is_listed(api: Loopback, recording: Notebook, tape: Path) -> None:
    """`%claude replay` alone tells."""
    recording.run("%%claude --once\nHi")
    recording.run("%%claude --once\nHo")
    replay(recording, tape)
    recording.run("%%claude --once\nHo")

    listed = recording.run("%claude replay")
    assert "1  Hi" in listed
    assert "Ho" not in listed


def drawn(height: int) -> Image.Image:
    picture = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).rectangle((40, 200 - height, 120, 200), "blue")
    return picture


def saved(picture: Image.Image, **how: Any) -> Image.Image:
    """The picture after it was saved, opened again and left in the bytes it was saved in."""
    target = io.BytesIO()
    picture.save(target, "PNG", **how)
    return Image.open(io.BytesIO(target.getvalue()))


def test_pictures_are_known_by_what_they_show(
    api: Loopback, notebook: Notebook, tape: Path
) -> None:
    """Not by how they are packed; a bar that is higher is another picture."""
    taped = {"record": str(tape)}
    asked = Claude(engine=notebook.engine, **taped)
    asked.ask(drawn(100), "How high?", once=True)
    again = Claude(engine=notebook.engine, replay=str(tape), instant=True)
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Software", "another version")
    packed = saved(drawn(100), compress_level=0, pnginfo=notes)

    assert again.ask(packed, "How high?", once=True).text == "Hello there."
    with pytest.raises(NotRecorded) as raised:
        again.ask(drawn(130), "How high?", once=True)
    assert "another picture (300 × 200 pixels recorded" in raised.value.hint


def test_pictures_may_be_drawn_a_little_differently(
    api: Loopback, notebook: Notebook, tape: Path
) -> None:
    """Twice as sharp, as on another screen; but still not another bar."""
    Claude(engine=notebook.engine, record=str(tape)).ask(drawn(100), "How high?", once=True)
    again = Claude(engine=notebook.engine, replay=str(tape), any_picture=True, instant=True)
    sharp = drawn(100).resize((600, 400))

    assert again.ask(sharp, "How high?", once=True).text == "Hello there."
    with pytest.raises(NotRecorded):
        again.ask(drawn(140), "How high?", once=True)


def test_a_picture_is_not_in_the_file(api: Loopback, notebook: Notebook, tape: Path) -> None:
    """Its hash is, and its size."""
    Claude(engine=notebook.engine, record=str(tape)).ask(drawn(100), "How high?")
    coded = picture_block(drawn(100), edge=1568, tokens=1568).source["data"]
    (shown, words) = lines(tape)[1]["messages"][0]["content"]

    assert base64.b64decode(coded)
    assert coded[:50] not in tape.read_text("utf-8")
    assert (shown["type"], shown["width"], shown["height"]) == ("image", 300, 200)
    assert len(shown["sha256"]) == 64
    assert words == {"type": "text", "text": Text("How high?").text}


def test_an_uploaded_picture_is_known_by_what_it_shows(
    notebook: Notebook, api: Loopback, tape: Path
) -> None:
    """Its id is another each time, and belongs to an account: it is not in the file."""
    notebook.run("from PIL import Image\nshown = Image.new('RGB', (40, 30), 'teal')")
    notebook.run("%claude practice on")
    notebook.run(f"%claude record {tape}")
    asked = "%%claude --once -i kept\nWhat colour?"
    notebook.run("%claude upload shown -o kept")
    notebook.run(asked)
    replay(notebook, tape)
    notebook.run("%claude upload shown -o kept")
    shown = notebook.run(asked)
    notebook.run("%claude files delete kept")
    notebook.run("other = Image.new('RGB', (40, 30), 'red')\n%claude upload other -o kept")

    assert "replayed" in shown
    assert "another picture (40 × 30 pixels recorded" in notebook.fail(asked)
    assert "file_" not in tape.read_text("utf-8")
