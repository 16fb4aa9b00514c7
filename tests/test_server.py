"""Claims about the server that the environment names, and its secrets."""

import pytest
from conftest import KEY

from claude_magic.errors import BadInput
from claude_magic.server import MASK, Server, server_from
from claude_magic.settings import Settings


def server(**environ: str) -> Server:
    return server_from(Settings(), environ)


def test_the_key_goes_as_x_api_key_and_wins_over_a_token() -> None:
    """One header only, and it is known where the key came from."""
    both = server(ANTHROPIC_API_KEY=KEY, ANTHROPIC_AUTH_TOKEN="token-0123456789")

    assert both.headers == {"x-api-key": KEY}
    assert both.key_source == "ANTHROPIC_API_KEY"


def test_a_token_goes_as_bearer() -> None:
    """For gateways that issue tokens."""
    assert server(ANTHROPIC_AUTH_TOKEN="tok").headers == {"authorization": "Bearer tok"}


@pytest.mark.parametrize(
    "url",
    ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/", "http://h:1/v1/messages"],
)
def test_a_base_url_is_taken_as_people_paste_it(url: str) -> None:
    """With or without a slash or the API's path."""
    assert server(ANTHROPIC_BASE_URL=url).base_url == "http://h:1"


@pytest.mark.parametrize("url", ["localhost:1", "ftp://h", "http://", "http://[x", "nonsense"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(BadInput, match="ANTHROPIC_BASE_URL") as told:
        server(ANTHROPIC_BASE_URL=url)
    assert url in str(told.value)


def test_an_address_that_is_none_is_named_unless_it_holds_a_login() -> None:
    """A setting is told as one, and a password is not shown."""
    with pytest.raises(BadInput, match="the setting base_url 'x'"):
        server_from(Settings(base_url="x"), {})
    with pytest.raises(BadInput, match="the setting base_url is") as told:
        server_from(Settings(base_url="http://me:geheim@"), {})
    assert "geheim" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("https://api.anthropic.com", False),
    ],
)
def test_a_server_on_this_machine_is_known(url: str, here: bool) -> None:
    """By its address."""
    assert server(ANTHROPIC_BASE_URL=url).is_here is here


def test_only_anthropics_own_server_is_known_to_need_a_key() -> None:
    """A local server may need none."""
    assert server().lacks_key
    assert not server(ANTHROPIC_BASE_URL="http://localhost:1").lacks_key
    assert not server(ANTHROPIC_CUSTOM_HEADERS="Authorization: Bearer x").lacks_key


def test_custom_headers_are_added() -> None:
    """One `Name: value` a line."""
    headers = server(
        ANTHROPIC_API_KEY="k", ANTHROPIC_CUSTOM_HEADERS="X-Team: stats\nx-b: c:d"
    ).headers

    assert headers == {"x-api-key": "k", "x-team": "stats", "x-b": "c:d"}


@pytest.mark.parametrize(
    "environ",
    [
        {"ANTHROPIC_CUSTOM_HEADERS": "no colon"},
        {"ANTHROPIC_CUSTOM_HEADERS": ": value"},
        {"ANTHROPIC_API_KEY": f"{KEY}”"},
        {"ANTHROPIC_AUTH_TOKEN": "a\nb"},
    ],
)
def test_what_no_header_can_carry_is_refused_without_showing_it(environ: dict[str, str]) -> None:
    """The error names the variable, never its value."""
    with pytest.raises(BadInput) as caught:
        server(**environ)

    told = f"{caught.value} {caught.value.hint}"
    assert next(iter(environ)) in told
    assert KEY not in told


def test_no_secret_is_in_a_repr() -> None:
    """Neither the key nor a header that looks like one."""
    shown = repr(server(ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS="X-Auth: hush-hush-hush"))

    assert KEY not in shown
    assert "hush" not in shown


def test_secrets_are_hidden_whole_or_cut() -> None:
    """Also a key that is half written, but no word that merely begins like one."""
    held = server(
        ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS="X-Token: abcdefghij\nX-Team: stats-team"
    )

    assert held.hide(f"a {KEY} b {KEY}") == f"a {MASK} b {MASK}"
    assert held.hide(f"cut {KEY[:-3]}") == f"cut {MASK}"
    assert held.hide("abcdefghij stats-team sk-ant-") == f"{MASK} stats-team sk-ant-"


def test_placeholder_keys_do_not_garble_prose() -> None:
    """Local servers are given keys like `x`."""
    assert server(ANTHROPIC_API_KEY="x").hide("six boxes") == "six boxes"


def test_a_login_in_an_address_is_hidden_however_short_it_is() -> None:
    """Its parts may be words of prose; where it stands before a host, it is a login."""
    chosen = server(ANTHROPIC_BASE_URL="http://me:hunter2@127.0.0.1:1")

    assert chosen.hide(f"{chosen.base_url}: me too") == f"http://{MASK}127.0.0.1:1: me too"
