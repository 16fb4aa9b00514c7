"""The streamed answer is the plain one, in pieces that can be watched."""

import json
import re
import threading
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from practice.asking import WEATHER, Json, asking, told, user

from claude_magic.practice.stream import encoded, events, pieces
from claude_magic.practice.transport import PracticeTransport

HEADERS = {"anthropic-version": "2023-06-01"}
URL = "https://practice.invalid/v1/messages"


def kinds(body: Json) -> list[str]:
    return [event["type"] for _, event in events(told(body))]


def test_events_come_in_the_order_of_the_api() -> None:
    """message_start, blocks in turn, message_delta, message_stop, and a ping among them."""
    order = re.sub(r"(content_block_delta )+", "deltas ", " ".join(kinds(asking())))

    assert order == (
        "message_start ping content_block_start deltas content_block_stop "
        "message_delta message_stop"
    )


def test_omitted_thinking_is_a_silence_and_a_signature() -> None:
    """A thinking block without text has one signature delta, after a long pause."""
    thinking = {"type": "adaptive", "display": "omitted"}

    deltas = [
        (pause, event["delta"])
        for pause, event in events(told(asking(thinking=thinking)))
        if event.get("index") == 0 and "delta" in event
    ]

    assert [delta["type"] for _, delta in deltas] == ["signature_delta"]
    assert deltas[0][0] > 1


def test_tool_input_comes_in_pieces_of_json() -> None:
    """The pieces begin with an empty one and join to the input."""
    body = asking(user("The weather in Rome?"), tools=[WEATHER])

    written = [
        event["delta"]["partial_json"] for _, event in events(told(body)) if "delta" in event
        and event["type"] == "content_block_delta"
    ]  # fmt: skip

    assert written[0] == ""
    assert json.loads("".join(written)) == told(body)["content"][0]["input"]


def test_a_cut_tool_call_is_unfinished_json() -> None:
    """What `max_tokens` cut does not parse, as with the real API."""
    body = asking(user("The weather in Rome?"), tools=[WEATHER], max_tokens=8)

    written = "".join(
        event["delta"].get("partial_json", "") for _, event in events(told(body))
        if event["type"] == "content_block_delta"
    )  # fmt: skip

    with pytest.raises(json.JSONDecodeError):
        json.loads(written)


def test_pauses_can_be_watched() -> None:
    """Text comes every 30 to 60 ms, after a third of a second."""
    paused = [(event["type"], pause) for pause, event in events(told(asking()))]

    assert paused[0] == ("message_start", 0.3)
    assert all(0.03 <= pause <= 0.06 for kind, pause in paused if kind == "content_block_delta")


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    """No character is lost or added by cutting a text up, and no piece is long."""
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize(
    "text", ["\u2028 and \x85 and \r\n", "x" * 200, "日本語のテキスト", "😀" * 9]
)
def test_every_event_is_one_line_of_data(text: str) -> None:
    """An event is its name, one line of JSON and an empty line, whatever the text holds."""
    event = {"type": "content_block_delta", "text": text}

    name, data, *rest = encoded(event).split(b"\n")

    assert name == b"event: content_block_delta"
    assert json.loads(data.removeprefix(b"data: ")) == event
    assert rest == [b"", b""]


def folded(response: httpx.Response) -> list[Any]:
    lines = response.read().split(b"\n")
    return [json.loads(line[6:]) for line in lines if line.startswith(b"data: ")]


def test_the_transport_answers_inside_the_process() -> None:
    """An httpx client with the transport streams an answer from a host that does not exist."""
    with (
        httpx.Client(transport=PracticeTransport(pace=0)) as client,
        client.stream("POST", URL, json=asking(stream=True), headers=HEADERS) as response,
    ):
        received = folded(response)

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["request-id"].startswith("req_")
    assert received == [event for _, event in events(told(asking()))]


def test_closing_ends_a_pause_at_once() -> None:
    """A reader in the middle of a pause of many minutes stops when the response is closed."""
    with httpx.Client(transport=PracticeTransport(pace=1e4)) as client:
        request = client.build_request("POST", URL, json=asking(stream=True), headers=HEADERS)
        response = client.send(request, stream=True)
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.extend(response.iter_raw()), daemon=True)
        reader.start()

        response.stream.close()  # type: ignore[union-attr]

        reader.join(10)
    assert not reader.is_alive()
    assert received == []


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
def test_keys_are_never_echoed(header: str) -> None:
    """No answer and no error holds what the auth headers held."""
    with httpx.Client(transport=PracticeTransport(pace=0), headers={header: "k-secret"}) as client:
        answers = [
            client.post(URL, json=asking(), headers=HEADERS),
            client.post(URL, json={}, headers=HEADERS),
            client.get("https://practice.invalid/v1/nothing"),
        ]

    assert [answer.status_code for answer in answers] == [200, 400, 404]
    assert not any("k-secret" in answer.text + str(answer.headers) for answer in answers)
