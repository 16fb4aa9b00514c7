"""Environment and settings -> which server, and what proves that we may ask it."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from claude_magic.errors import BadInput, NoKey
from claude_magic.settings import Settings, is_on

ANTHROPIC = "https://api.anthropic.com"
PRACTICE = "http://practice.invalid"  # never looked up: the practice model is in this package
MASK = "[key hidden]"
# Shorter ones ("x", "ollama") are placeholders for local servers: hiding them would garble prose.
SHORTEST_SECRET = 8
# So many characters of a secret in a row are hidden too; all keys share fewer at their beginning.
SHORTEST_RUN = 16
_LONGEST_SHOWN = 80
_DEFAULTS = Settings()
_SECRET_HEADERS = ("auth", "key", "token", "secret", "cookie", "password")


class Taped(NamedTuple):
    """Which recording is made or played, and how; see `Settings`."""

    record: str = ""
    replay: str = ""
    instant: bool = False
    unrecorded: str = "error"
    any_model: bool = False
    any_picture: bool = False


_NOT_TAPED = Taped()


@dataclass(frozen=True)
class Server:
    """Where requests go, what proves that they may, and how patient we are.

    No secret is in its repr; `hide` takes them out of any text before it is shown or kept.
    """

    base_url: str
    key_source: str  # the variable's name, or why there is none
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    api_version: str = _DEFAULTS.api_version
    retries: int = _DEFAULTS.retries
    timeout: float = _DEFAULTS.timeout  # seconds
    pace: float = _DEFAULTS.pace
    taped: Taped = _NOT_TAPED
    shows_wire: bool = False  # what goes over the wire is printed

    @property
    def is_practice(self) -> bool:
        """Whether the practice model answers."""
        return self.base_url == PRACTICE

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine: no proxy stands between."""
        host = urlsplit(self.base_url).hostname or ""
        return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d+){3}", host) is not None

    @property
    def lacks_key(self) -> bool:
        """Whether this server is known to need a key, and there is none."""
        known = self.headers.keys() & {"x-api-key", "authorization"}
        return self.base_url == ANTHROPIC and not known

    def hide(self, text: str) -> str:
        """Return `text` with each secret replaced by a mark."""
        return hide(text, self.secrets)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with each secret replaced by a mark, also one that is there only in part.

    >>> hide("sk-ant-0123456789abcdef, sk-ant-0123456789ab", ["sk-ant-0123456789abcdef"])
    '[key hidden], [key hidden]'
    """
    for secret in secrets:
        text = text.replace(secret, MASK)
        if _may_hold_a_run(text, secret):
            for start in range(len(secret) - SHORTEST_RUN + 1):
                text = _without_run(text, secret, start)
        for length in range(len(secret) - 1, len(secret) // 2, -1):
            if text.endswith(secret[:length]):
                text = text[:-length] + MASK
    return text


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must never be shown: keys, headers that look like one, a login in an address."""
    lines = environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines()
    pairs = [
        (name.lower(), value.strip()) for name, _, value in (ln.partition(":") for ln in lines)
    ]
    held = [value for name, value in pairs if any(word in name for word in _SECRET_HEADERS)]
    found = [
        environ.get("ANTHROPIC_API_KEY", "").strip(),
        environ.get("ANTHROPIC_AUTH_TOKEN", "").strip(),
        *held,
        *(value.split()[-1] for value in held if value.split()),  # behind the scheme's name
        *_login_in(environ.get("ANTHROPIC_BASE_URL", "")),
    ]
    return _secret_enough(found)


def _login_in(url: str) -> list[str]:
    """The name and password in an address."""
    login = re.match(r"\w+://([^/@]*)@", url.strip())
    return [*login[1].split(":"), f"{login[1]}@"] if login else []


def _secret_enough(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in dict.fromkeys(found) if len(secret) >= SHORTEST_SECRET)


def server_from(settings: Settings, environ: Mapping[str, str] = os.environ) -> Server:
    """Return the server that the settings and the environment name.

    To an address that the settings name, the key goes only if they say so as well.
    `ANTHROPIC_API_KEY` goes as `x-api-key` and wins over `ANTHROPIC_AUTH_TOKEN` (a bearer token);
    `ANTHROPIC_BASE_URL` names another server, which may need no key; `ANTHROPIC_CUSTOM_HEADERS`
    adds `Name: value` lines (Messages API, authentication).

    Raises
    ------
    BadInput: a variable cannot be read.
    """
    server = partial(
        Server,
        secrets=_secret_enough([*secrets_in(environ), *_login_in(settings.base_url)]),
        api_version=settings.api_version,
        retries=settings.retries,
        timeout=settings.timeout,
        pace=settings.pace,
        taped=Taped(*(getattr(settings, name) for name in Taped._fields)),
        shows_wire=is_on(environ.get("CLAUDE_MAGIC_SHOW_WIRE", "")),
    )
    if settings.replay and settings.unrecorded != "ask":
        return server(PRACTICE, "none (a recording needs none)")
    if settings.practice:
        return server(PRACTICE, "none (the practice model needs none)")
    usual = environ.get("ANTHROPIC_BASE_URL", "").strip() or ANTHROPIC
    if settings.base_url:
        base_url = address(settings.base_url, _shown("the setting base_url", settings.base_url))
        if not settings.send_key and base_url not in (usual.rstrip("/"), ANTHROPIC):
            return server(base_url, "none (not sent to this address)")
    else:
        base_url = address(usual, _shown("ANTHROPIC_BASE_URL", usual))
    custom = _custom_headers(environ.get("ANTHROPIC_CUSTOM_HEADERS", ""))
    source, header = _key(environ)
    if custom.keys() & {"x-api-key", "authorization"}:
        source = "ANTHROPIC_CUSTOM_HEADERS"
    return server(base_url, source, {**header, **custom})


def no_key() -> NoKey:
    """Return the error that names the three ways on."""
    return NoKey(
        "no API key was found, so nothing was sent. Three ways on:",
        hint="1. set ANTHROPIC_API_KEY in the environment, then run the cell again;\n"
        "  2. run `%claude practice on`: a practice model, no key or network needed;\n"
        "  3. run `%claude connect URL`, or set ANTHROPIC_BASE_URL: a local server, say.",
    )


def _may_hold_a_run(text: str, secret: str) -> bool:
    """Whether `text` holds any of the pieces of which each long enough run has one whole."""
    half = SHORTEST_RUN // 2
    return any(secret[at : at + half] in text for at in range(0, len(secret) - half + 1, half))


def _without_run(text: str, secret: str, start: int) -> str:
    """Hide what agrees with `secret` from `start` on for long enough to be no accident."""
    while (at := text.find(secret[start : start + SHORTEST_RUN])) >= 0:
        end, rest = at, secret[start:]
        while end - at < len(rest) and end < len(text) and text[end] == rest[end - at]:
            end += 1
        text = text[:at] + MASK + text[end:]
    return text


def _key(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the variable that holds a key, and the header that carries it."""
    for name, header, form in (
        ("ANTHROPIC_API_KEY", "x-api-key", "{}"),
        ("ANTHROPIC_AUTH_TOKEN", "authorization", "Bearer {}"),
    ):
        if key := environ.get(name, "").strip():
            _check_printable(name, key)
            return name, {header: form.format(key)}
    return "none", {}


def address(url: str, named: str) -> str:
    """Return the address of a server as people paste it, without a trailing slash or /v1.

    Raises
    ------
    BadInput: it is none; `named` says where it came from.
    """
    url = url.rstrip("/").removesuffix("/v1/messages").removesuffix("/v1").rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        whole = all(host.split(".")) and url.isascii() and url.isprintable() and " " not in url
        right = parts.scheme in ("http", "https") and bool(host) and whole and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise BadInput(
            f"{named} is not a web address.",
            hint="Write it as http://localhost:11434 or https://gateway.example.com.",
        )
    return url


def _shown(name: str, value: str) -> str:
    """A setting and its value; one that holds a login or is no address by far is not shown."""
    long = len(value) > _LONGEST_SHOWN or not value.isprintable()
    return name if long or "@" in value else f"{name} {value!r}"


def _custom_headers(text: str) -> dict[str, str]:
    headers = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name.strip(), re.ASCII):
            raise BadInput(
                "ANTHROPIC_CUSTOM_HEADERS has a line that is not `Name: value`.",
                hint="Write one header a line, as in `X-Team: statistics`.",
            )
        _check_printable("ANTHROPIC_CUSTOM_HEADERS", value)
        headers[name.strip().lower()] = value.strip()
    return headers


def _check_printable(name: str, value: str) -> None:
    if not (value.isascii() and value.isprintable()):
        raise BadInput(
            f"{name} holds a character that no HTTP header can carry.",
            hint="Copy it again: often a line break or a typographic quote slipped in.",
        )
