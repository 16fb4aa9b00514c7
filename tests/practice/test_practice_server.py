"""On loopback, the official SDK and any HTTP client are served."""

import json
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import anthropic
import httpx
import pytest
from practice.asking import DICE, WEATHER, Json, asking, assistant, image, picture, result, user

from claude_magic.errors import BadInput
from claude_magic.practice.catalogue import MODELS
from claude_magic.practice.server import PracticeServer

HEADERS = {"anthropic-version": "2023-06-01"}


def test_the_sdk_gets_an_answer(sdk: anthropic.Anthropic) -> None:
    """A plain request of the official SDK is answered."""
    answer = sdk.messages.create(**asking())

    assert answer.stop_reason == "end_turn"
    assert answer.content[0].type == "text"
    assert answer._request_id


def test_the_sdk_sends_pictures(sdk: anthropic.Anthropic) -> None:
    """A base64 picture sent by the SDK is described."""
    answer = sdk.messages.create(**asking(user([image(picture((99, 77), "black"))])))

    assert "99 \u00d7 77 pixels, mostly black" in answer.content[0].text  # type: ignore[union-attr]


def test_the_sdk_goes_through_a_tool_loop(sdk: anthropic.Anthropic) -> None:
    """The call, its result and the last answer make one conversation."""
    asked = asking(user("What is the weather in Paris?"), tools=[WEATHER], model="claude-opus-5-5")
    called = sdk.messages.create(**asked)
    (use,) = [block for block in called.content if block.type == "tool_use"]

    echoed = assistant([block.to_dict(mode="json") for block in called.content])
    brought = user([result(use.id, "18 degrees")])
    ended = sdk.messages.create(**asked | {"messages": [*asked["messages"], echoed, brought]})

    assert use.input == {"city": "Paris", "unit": "celsius"}
    assert "> 18 degrees" in ended.content[-1].text  # type: ignore[union-attr]


def test_the_sdk_counts_tokens_as_answers_do(sdk: anthropic.Anthropic) -> None:
    """Counting gives the input tokens that the answer's usage names."""
    body = asking(user([image(picture()), {"type": "text", "text": "See?"}]), tools=[DICE])
    counted = {key: value for key, value in body.items() if key != "max_tokens"}

    counts = sdk.messages.count_tokens(**counted)

    assert counts.input_tokens == sdk.messages.create(**body).usage.input_tokens


def test_the_sdk_lists_models_page_by_page(sdk: anthropic.Anthropic) -> None:
    """Small pages give the whole catalogue once, newest first; each model can be asked for."""
    listed = list(sdk.models.list(limit=4))

    assert [model.id for model in listed] == [model.id for model in MODELS]
    assert sorted(listed, key=lambda model: model.created_at, reverse=True) == listed
    assert sdk.models.retrieve("claude-haiku-4-5").id == "claude-haiku-4-5-20251001"
    assert sdk.models.list(limit=2, before_id=listed[5].id).data == listed[3:5]


CITED = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "Ants carried 214 seeds."},
    "citations": {"enabled": True},
}
STREAMED = [
    asking(),
    asking(model="claude-opus-5-5"),
    asking(thinking={"type": "adaptive", "display": "summarized"}, max_tokens=20),
    asking(user("Weather in Rome? Roll 2 dice!"), tools=[WEATHER, DICE]),
    asking(user("The weather in Rome?"), tools=[WEATHER], max_tokens=8),
    asking(user("The weather in Rome?"), tools=[WEATHER], max_tokens=2),
    asking(stop_sequences=["arrived"]),
    asking(stop_sequences=["*"]),
    asking(user([CITED, {"type": "text", "text": "How many seeds?"}])),
]


@pytest.mark.parametrize("body", STREAMED)
def test_streamed_and_plain_answers_are_one(sdk: anthropic.Anthropic, body: Json) -> None:
    """The SDK's own accumulator folds the stream to the message a plain request gets."""
    with sdk.messages.stream(**body) as stream:
        streamed = stream.get_final_message()

    assert streamed.to_dict() == sdk.messages.create(**body).to_dict()


def test_refusals_reach_the_sdk_as_its_own_errors(sdk: anthropic.Anthropic) -> None:
    """Status, sentence and request id arrive where the SDK expects them."""
    with pytest.raises(anthropic.BadRequestError, match="prefill") as refused:
        sdk.messages.create(**asking(user("Hi"), assistant("So"), model="claude-opus-5-5"))

    assert refused.value.request_id
    assert refused.value.body["request_id"] == refused.value.request_id  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/v1/messages"), ("POST", "/v1/skills"), ("DELETE", "/v1/models/x"),
     ("GET", "/v1/models/gpt-4")],
)  # fmt: skip
def test_other_paths_are_not_found(server: PracticeServer, method: str, path: str) -> None:
    """Whatever is not served is a 404 in the API's error shape, with one request id."""
    answer = httpx.request(method, server.url + path, headers=HEADERS)

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"
    assert answer.json()["request_id"] == answer.headers["request-id"]


def test_no_key_is_needed_but_a_version_is(server: PracticeServer) -> None:
    """Without a key an answer comes; without `anthropic-version` a 400."""
    url = f"{server.url}/v1/messages"

    assert httpx.post(url, json=asking(), headers=HEADERS).status_code == 200
    assert "header is required" in httpx.post(url, json=asking()).json()["error"]["message"]
    assert httpx.get(f"{server.url}/v1/models").status_code == 400


def test_more_than_32_megabytes_are_too_large(server: PracticeServer) -> None:
    """A body over the limit is a 413, however it is sent."""
    body = b" " * (32 * 1024 * 1024 + 1)
    url = f"{server.url}/v1/messages"

    plain = httpx.post(url, content=body, headers=HEADERS)
    in_pieces = httpx.post(url, content=iter([body]), headers=HEADERS)

    assert [plain.status_code, in_pieces.status_code] == [413, 413]
    assert plain.json()["error"]["type"] == "request_too_large"


def test_a_body_may_come_in_pieces(server: PracticeServer) -> None:
    """A request with chunked transfer encoding is read like any other."""
    data = json.dumps(asking()).encode()

    answer = httpx.post(
        f"{server.url}/v1/messages", content=iter([data[:9], data[9:]]), headers=HEADERS
    )

    assert answer.status_code == 200


def test_what_is_not_http_is_refused(server: PracticeServer) -> None:
    """An unknown method or a garbled request gets an error in the API's shape."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        raw.sendall(b"BREW /coffee HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(4096), b""))

    assert b'"type": "error"' in answer


def test_a_client_that_leaves_is_no_news(capfd: pytest.CaptureFixture[str]) -> None:
    """After a client hangs up mid-stream nothing is printed and the next is served."""
    with PracticeServer(port=0, pace=0.001) as server:
        url = f"{server.url}/v1/messages"
        for _ in range(3):
            with httpx.stream("POST", url, json=asking(stream=True), headers=HEADERS) as answer:
                next(answer.iter_raw())
        assert httpx.post(url, json=asking(), headers=HEADERS).status_code == 200

    assert capfd.readouterr() == ("", "")


def test_the_server_ends_while_an_answer_is_on_its_way() -> None:
    """Leaving the `with` block ends a stream in a long pause, and frees the port."""
    with httpx.Client() as client:
        with PracticeServer(port=0, pace=1e4) as server:
            url = f"{server.url}/v1/messages"
            request = client.build_request(
                "POST", url, json=asking(stream=True), headers=HEADERS, timeout=10
            )
            answer = client.send(request, stream=True)

        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        with pytest.raises(httpx.ConnectError):
            client.get(url)


def test_a_port_in_use_is_told_in_one_line(server: PracticeServer) -> None:
    """A taken port is our own error, with a way out."""
    port = urlsplit(server.url).port
    assert port is not None

    with pytest.raises(BadInput, match=rf"^Port {port} is already in use\.$") as error:
        PracticeServer(port)

    assert "0" in error.value.hint


@pytest.mark.parametrize("port", [-1, 70_000])
def test_an_impossible_port_is_told_in_one_line(port: int) -> None:
    """A number that is no port is our own error, too."""
    with pytest.raises(BadInput):
        PracticeServer(port)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
def test_ctrl_c_ends_serving_cleanly() -> None:
    """`serve` says where it is, answers, and ends on Ctrl-C without a traceback."""
    code = "from claude_magic.practice.server import serve; serve(0, pace=0)"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], text=True, stdout=-1, stderr=-1
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        base = process.stdout.readline().strip().removeprefix("ANTHROPIC_BASE_URL=")
        answered = httpx.post(f"{base}/v1/messages", json=asking(), headers=HEADERS)
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()

    assert answered.status_code == 200
    assert (process.returncode, errors) == (0, "")


def test_the_transport_is_light_to_import() -> None:
    """Importing the transport loads no Pillow and no server."""
    code = (
        "import sys, claude_magic.practice.transport; "
        "print([name for name in ('PIL', 'http.server') if name in sys.modules])"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert process.stdout.strip() == "[]"
