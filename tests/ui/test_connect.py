"""Claims about other servers: `%claude connect`, what they list, what they do not know."""

import json
from collections.abc import Iterator

import pytest
from conftest import KEY
from loopback import Loopback, answer, loopback
from shell import Notebook


@pytest.fixture
def other() -> Iterator[Loopback]:
    """A second server, which lists one model."""
    with loopback() as served:
        served.will_serve("/v1/models", json.dumps({"data": [{"id": "tiny"}]}).encode())
        yield served


def sent_key(api: Loopback) -> bool:
    return any(KEY in f"{r.headers}" for r in api.requests)


def test_an_address_is_all_that_another_server_needs(
    api: Loopback, other: Loopback, notebook: Notebook
) -> None:
    """Its model is asked, no key goes there, and `off` goes back to the usual server and model."""
    said = notebook.run(f"%claude connect {other.url}/v1/")
    assert other.url in said
    assert "tiny" in said
    assert "no key is sent" in said
    notebook.run("%%claude\nHi")
    assert "not sent to this address" in notebook.run("%claude status")
    assert "claude-opus-4-6" in notebook.run("%claude connect off")
    notebook.run("%%claude\nHi")

    assert other.bodies[0]["model"] == "tiny"
    assert not sent_key(other)
    assert [body["model"] for body in api.bodies] == ["claude-opus-4-6"]
    assert sent_key(api)


def test_a_gateway_is_given_the_key_when_it_is_asked_for(
    other: Loopback, notebook: Notebook
) -> None:
    """And a model that it has stays the one that is asked."""
    listed = {"data": [{"id": "claude-haiku-4-5"}, {"id": "claude-opus-4-6"}]}
    other.will_serve("/v1/models", json.dumps(listed).encode())
    said = notebook.run(f"%claude connect {other.url} --key")
    notebook.run("%%claude\nHi")

    assert "ANTHROPIC_API_KEY" in said
    assert "claude-haiku-4-5" in said
    assert sent_key(other)
    assert other.bodies[0]["model"] == "claude-opus-4-6"


def test_a_server_that_wants_a_key_says_how_it_is_sent(
    api: Loopback, other: Loopback, notebook: Notebook
) -> None:
    """Until then all stays as it was."""
    other.wants_key = True
    assert "--key behind the address" in notebook.fail(f"%claude connect {other.url}")
    assert api.url in notebook.run("%claude connect")
    assert other.url in notebook.run(f"%claude connect {other.url} --key")

    notebook.environ.clear()
    assert "no key to send" in notebook.fail(f"%claude connect {other.url} --key")


def test_a_server_on_this_machine_needs_no_scheme(other: Loopback, notebook: Notebook) -> None:
    """As people type it."""
    assert other.url in notebook.run(f"%claude connect {other.url.removeprefix('http://')}")


@pytest.mark.parametrize(
    ("rest", "named"),
    [
        ("nonsense", "not a web address"),
        ("ftp://h", "not a web address"),
        ("http://a http://b", "takes an address"),
        ("--key", "takes an address"),
        ("http://127.0.0.1:1", "could not be reached"),
    ],
)
def test_where_nothing_answers_all_stays_as_it_was(
    api: Loopback, notebook: Notebook, rest: str, named: str
) -> None:
    """The error says what is wrong, and the next question goes where it would have gone."""
    shown = notebook.fail(f"%claude connect {rest}")
    notebook.run("%%claude\nHi")

    assert named in shown
    assert "Traceback" not in shown
    assert len(api.bodies) == 1
    assert api.url in notebook.run("%claude connect")


def test_a_login_in_an_address_is_never_shown(other: Loopback, notebook: Notebook) -> None:
    """Neither by `connect` nor by `status`."""
    url = other.url.replace("http://", "http://ada:correct-horse-battery@")
    said = notebook.run(f"%claude connect {url}")

    assert "correct-horse" not in said + notebook.run("%claude status")


def test_practice_and_another_server_take_turns(other: Loopback, notebook: Notebook) -> None:
    """Who names who answers means it."""
    notebook.run("%claude practice on")
    notebook.run(f"%claude connect {other.url}")
    other.will(answer("From there."))

    assert "From there." in notebook.run("%%claude\nHi")
    assert "practice model" in notebook.run("%claude practice on\n%claude status")
