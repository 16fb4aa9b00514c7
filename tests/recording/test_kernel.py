"""Claims about replays in a real kernel: exact, as they came, and light."""

from pathlib import Path

from kernel import Kernel, html
from loopback import Loopback, Reply, answer, block, ending, sse

RECORDED = Path(__file__).parent / "version_1.claude"
QUESTIONS = ["What is a *p-value*?", "Give an example.", "And {{ 6 * 7 }}?"]


def replayed(kernel: Kernel, tape: Path, *questions: str) -> list[object]:
    """All outputs of a replay, as a saved notebook has them."""
    kernel.renew(ANTHROPIC_BASE_URL="http://127.0.0.1:9", ANTHROPIC_API_KEY="")
    kernel.run(f"%claude replay {tape} --instant")
    return [kernel.run(f"%%claude\n{question}") for question in questions]


def test_two_replays_save_the_same_outputs(kernel: Kernel, api: Loopback, tmp_path: Path) -> None:
    """To the byte: words, small print and all."""
    tape = tmp_path / "lesson.claude"
    kernel.run(f"%claude record {tape}")
    for question in QUESTIONS:
        kernel.run(f"%%claude\n{question}")
    first = replayed(kernel, tape, *QUESTIONS)

    assert len(api.requests) == len(QUESTIONS)
    assert "replayed" in html(first[0])
    assert replayed(kernel, tape, *QUESTIONS) == first


def test_a_failed_cell_is_known_by_what_failed(
    kernel: Kernel, api: Loopback, tmp_path: Path
) -> None:
    """Not by its number, nor by the file that a kernel makes of it."""
    tape, asked = tmp_path / "lesson.claude", ("--once --fix\n", "--once --context 1\nWhy?")
    kernel.run(f"%claude record {tape}")
    kernel.run("1 / 0")
    for question in asked:
        kernel.run(f"%%claude {question}")
    assert len(api.requests) == 2

    replayed(kernel, tape)
    kernel.run("number = 'another'")
    kernel.run("1 / 0")
    for question in asked:
        assert "replayed" in str(kernel.run(f"%%claude {question}"))
    kernel.run("2 / 0")
    assert "NotRecorded" in str(kernel.run(f"%%claude {asked[0]}"))


def test_a_recording_of_version_1_is_replayed(kernel: Kernel, api: Loopback) -> None:
    """Made by the first version, and never changed since: words, a thought, a refusal, a form."""
    asked = [
        "%%claude\nWhat is a p-value?",
        "%%claude\nGive one example.",
        "%%claude --once -m opus --think --effort low\nIs 91 a prime number?",
        "%%claude --once --schema dict(type='object',properties=dict(n=dict(type='integer')),"
        "required=['n'],additionalProperties=False) -o form\nHow many?",
    ]
    kernel.renew(ANTHROPIC_BASE_URL="http://127.0.0.1:9", ANTHROPIC_API_KEY="")
    kernel.run(f"%claude replay {RECORDED} --instant")
    shown = [html(kernel.run(cell)) for cell in asked]

    assert all("practice model, replayed" in one for one in shown)
    assert "<summary>Thinking</summary>" in shown[2]
    assert kernel.value("form") == "{'n': 1}\n"
    assert "every question was asked" in str(kernel.run("%claude replay"))


def test_replay_streams_as_it_came(kernel: Kernel, api: Loopback, tmp_path: Path) -> None:
    """The pauses between the pieces are those of the recording, so it can be stopped half-way."""
    tape = tmp_path / "lesson.claude"
    kernel.run(f"%claude record {tape}")
    kernel.run("%%claude --once\nHi")
    slow = tape.read_text("utf-8").replace('"pace": [[', '"pace": [[0, 6, 60000, 1, ')
    tape.write_text(slow, "utf-8")
    kernel.run(f"%claude replay {tape}")
    outputs, _ = kernel.run_and_interrupt("%%claude --once\nHi", lambda shown: "Hello" in shown)

    assert "Interrupted here" in html(outputs[:1])
    assert "there" not in html(outputs[:1])


def test_tool_calls_and_odd_blocks_come_back(kernel: Kernel, api: Loopback, tmp_path: Path) -> None:
    """Whatever blocks an answer has, a replay has them too, in their order."""
    tape = tmp_path / "lesson.claude"
    search = {"type": "server_tool_use", "id": "srvtoolu_01", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_01", "content": []}
    words = {"type": "text_delta", "text": "Two."}
    cited = {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "x"}}
    blocks = [
        *block(0, search, {"type": "input_json_delta", "partial_json": '{"query": "ants"}'}),
        *block(1, found),
        *block(2, {"type": "text", "text": "", "citations": []}, words, cited),
    ]
    start = {"type": "message_start", "message": {"role": "assistant", "content": [], "id": "m"}}
    api.will(Reply([sse(start, *blocks, *ending())]), answer("And more."))
    kernel.run(f"%claude record {tape}")
    kernel.run("%%claude -o first\nSearch.")
    kernel.run("%%claude\nMore?")
    replayed(kernel, tape)
    kernel.run("%%claude -o again\nSearch.")

    kinds = "[(type(b).__name__, getattr(b, 'json', b.__dict__ if hasattr(b,'__dict__') else 0))"
    shown = kernel.value(f"{kinds} for b in again.blocks]")
    assert "ants" in shown
    assert "char_location" in shown
    assert "And more." in html(kernel.run("%%claude\nMore?"))
