"""Request body -> server -> reply. With `line` and `reply` all that knows the HTTP library."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from ssl import SSLContext
from typing import Any

import httpx

from claude_magic.api.caching import is_about_caching, without_breakpoints
from claude_magic.api.failures import broken_off, failure, reason_of, redirected, unreachable
from claude_magic.api.line import HungUp, Line
from claude_magic.api.reply import OnWire, Reply
from claude_magic.api.retry import LONGEST_WAIT, delay
from claude_magic.api.wire import came, sent
from claude_magic.content.look import Retrying
from claude_magic.content.wire import Json
from claude_magic.errors import (
    ClaudeMagicError,
    NotUnderstood,
    RequestRefused,
    cause,
)
from claude_magic.server import Server

_CONNECT_SECONDS = 10.0
_SMALL_SECONDS = 20.0  # for what is only good to know
_MODELS = "/v1/models?limit=1000"
_COUNTED = (
    *("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"),
    *("cache_control", "speed"),
)


def _as_it_is(request: httpx.Request) -> httpx.Request:
    """A login in the address would stand in place of the token."""
    return request


class Client:
    """Talks to one server. Connections are kept for the next question.

    `on_wire`, if any, is given what goes over the wire, as text. `around`, if any, is put around
    each connection: it answers requests itself, or passes them on and listens.
    """

    def __init__(
        self,
        server: Server,
        transport: httpx.BaseTransport | None = None,
        on_wire: OnWire = None,
        around: Callable[[httpx.Client], httpx.BaseTransport] | None = None,
    ) -> None:
        self.server = server
        self._transport = transport
        self._around = around
        self._on_wire = on_wire
        self._timeout = httpx.Timeout(server.timeout, connect=_CONNECT_SECONDS)
        self._headers = {
            "anthropic-version": server.api_version,
            "user-agent": "claude-magic",
            **server.headers,
        }
        secure = server.base_url.startswith("https") and transport is None
        self._verify = _certificates() if secure else False
        self._idle: list[Line] = []
        self._lent: set[Line] = set()
        self._counter = threading.Lock()  # answers end on threads of their own
        self._knows_caching = True

    def line(self) -> Line:
        """Return a free connection, for one question; `free` takes it back."""
        with self._counter:
            line = self._idle.pop() if self._idle else self._new_line()
            self._lent.add(line)
            return line

    def _new_line(self) -> Line:
        http = self._http(self._transport)
        return Line(self._http(self._around(http)) if self._around else http)

    def _http(self, transport: httpx.BaseTransport | None) -> httpx.Client:
        return httpx.Client(
            base_url=self.server.base_url,
            headers=self._headers,
            auth=_as_it_is if "authorization" in self._headers else None,
            timeout=self._timeout,
            limits=httpx.Limits(max_connections=1),
            verify=self._verify,
            transport=transport,
            trust_env=not self.server.is_here,
        )

    def free(self, line: Line) -> None:
        """Keep `line` for the next question, unless it was hung up or is older than `close`."""
        with self._counter:
            keep = line in self._lent and not line.hung_up
            self._lent.discard(line)
            if keep:
                self._idle.append(line)
        if not keep:
            line.close()

    def drop(self, line: Line) -> None:
        """Close `line`: what it brought did not come to its end."""
        with self._counter:
            self._lent.discard(line)
        line.close()

    def close(self) -> None:
        """Let the idle connections go, and those in use when they are given back.

        The client makes new ones when it is asked again.
        """
        with self._counter:
            idle, self._idle = self._idle, []
            self._lent.clear()
        for line in idle:
            line.close()

    @contextlib.contextmanager
    def ask(
        self, body: Json, line: Line, on_retry: Callable[[Retrying | None], None]
    ) -> Iterator[Reply]:
        """Send `body` to `POST /v1/messages`, as often as it takes, and give the reply.

        Raises
        ------
        ApiError: the server said no, or not yet too often.
        Unreachable, NotUnderstood: no Messages API answered.
        BrokenOff: the connection was lost after the answer had begun.
        HungUp: the line was hung up.
        """
        with contextlib.ExitStack() as stack:
            response = self._accepted(body, line, on_retry, stack)
            try:
                yield Reply(response, self.server.hide, self._on_wire)
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise broken_off(error, self.server) from cause(error, self.server.hide)

    def count(self, body: Json) -> int | None:
        """Return the input tokens of `body` as the server counts them; None where it does not.

        (Messages API, token counting: free, and an estimate.)
        """
        counted = {name: body[name] for name in _COUNTED if name in body}
        answer = self._fetched("POST", "/v1/messages/count_tokens", counted)
        tokens = answer.get("input_tokens")
        return tokens if isinstance(tokens, int) else None

    def call(self, method: str, path: str, files: Mapping[str, Any] | None = None) -> Json:
        """Return the JSON that answers a request which is no question; `files` are uploaded.

        Raises
        ------
        ApiError: the server said no.
        Unreachable: no server answered. NotUnderstood: none of the Messages API did.
        """
        line = self.line()
        try:
            with line.send(method, path, files=files) as response:
                if not response.is_success:
                    raise self._refusal(response, {})
                answer = json.loads(response.read())
        except httpx.HTTPError as error:
            raise unreachable(error, self.server) from cause(error, self.server.hide)
        except ValueError:
            answer = None
        finally:
            self.free(line)
        if not isinstance(answer, dict):
            raise NotUnderstood(
                f"the server's answer to {method} {path.partition('?')[0]} is no JSON object.",
                hint="Check ANTHROPIC_BASE_URL: it may name another API.",
            )
        return answer

    def models(self) -> list[Json]:
        """Return what the key can use, newest first; empty where the server does not say."""
        return _listed(self._fetched("GET", _MODELS))

    def greeting(self) -> list[Json]:
        """Return what models a server lists that was not asked before.

        Raises
        ------
        Unreachable: nothing answers there.
        NotAllowed: it wants a key, or another one.
        """
        try:
            return _listed(self._small("GET", _MODELS, strict=True))
        except httpx.HTTPError as error:
            raise unreachable(error, self.server) from cause(error, self.server.hide)

    def _fetched(self, method: str, path: str, body: Json | None = None) -> Json:
        """A small JSON answer, asked for once; empty when it cannot be had."""
        try:
            return self._small(method, path, body)
        except (httpx.HTTPError, HungUp):
            return {}

    def _small(
        self, method: str, path: str, body: Json | None = None, *, strict: bool = False
    ) -> Json:
        """A small JSON answer; empty when the server answers otherwise.

        With `strict` it raises NotAllowed where the server says so.
        """
        line, data = self.line(), _encoded(self._understood(body)) if body else b""
        try:
            with self._sent(line, method, path, data, _SMALL_SECONDS) as response:
                if strict and response.status_code in (401, 403):
                    raise self._refusal(response, {})
                answer = json.loads(response.read()) if response.is_success else {}
        except (ValueError, RecursionError):
            answer = {}
        finally:
            self.free(line)
        return answer if isinstance(answer, dict) else {}

    def _accepted(
        self,
        body: Json,
        line: Line,
        on_retry: Callable[[Retrying | None], None],
        stack: contextlib.ExitStack,
    ) -> httpx.Response:
        """Send until the server accepts, and return its response."""
        for attempt in range(self.server.retries + 1):
            headers = httpx.Headers()
            on_retry(None)
            try:
                response = stack.enter_context(self._post(body, line))
                if response.is_success:
                    return response
                headers = response.headers
                raise self._refusal(response, body)
            except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
                # Ours: the same would happen again.
                raise unreachable(error, self.server) from cause(error, self.server.hide)
            except httpx.HTTPError as error:
                failed: ClaudeMagicError = unreachable(error, self.server)
            except ClaudeMagicError as error:
                failed = error
            stack.close()
            if self._was_about_caching(failed, body):
                return self._accepted(body, line, on_retry, stack)
            seconds = self._patience(failed, headers, attempt)
            on_retry(Retrying(reason_of(failed), time.monotonic() + seconds))
            line.pause(seconds)
        raise AssertionError("the last attempt returns or raises")

    def _patience(self, failed: ClaudeMagicError, headers: httpx.Headers, attempt: int) -> float:
        """The seconds until the request is sent again; or `failed` is raised: it is not."""
        seconds = delay(failed, headers, attempt)
        if seconds is not None and seconds > LONGEST_WAIT:
            failed.hint = f"The server asks to wait {seconds / 60:,.0f} minutes."
            raise failed
        if seconds is None or attempt == self.server.retries:
            raise failed
        return seconds

    def _post(self, body: Json, line: Line) -> contextlib.AbstractContextManager[httpx.Response]:
        return self._sent(line, "POST", "/v1/messages", _encoded(self._understood(body)))

    @contextlib.contextmanager
    def _sent(
        self, line: Line, method: str, path: str, data: bytes = b"", seconds: float | None = None
    ) -> Iterator[httpx.Response]:
        """Send on `line`, and show what goes over the wire to whoever watches."""
        if self._on_wire:
            self._on_wire(sent(self.server, method, path, self._headers, data))
        with line.send(method, path, data or None, seconds) as response:
            if self._on_wire:
                self._on_wire(came(self.server, response))
            yield response

    def _understood(self, body: Json) -> Json:
        """The body without what this server was found not to know."""
        return body if self._knows_caching else dict(without_breakpoints(body))

    def _was_about_caching(self, failed: ClaudeMagicError, body: Json) -> bool:
        """Whether the server refused the prompt cache for the first time: it is not asked again."""
        refused = isinstance(failed, RequestRefused) and is_about_caching(str(failed), body)
        known, self._knows_caching = self._knows_caching, self._knows_caching and not refused
        return refused and known

    def _refusal(self, response: httpx.Response, body: Json) -> ClaudeMagicError:
        if response.is_redirect:
            return redirected(response.headers.get("location", "elsewhere"), self.server)
        request_id = response.headers.get("request-id", "")
        try:
            words = response.read()
        except httpx.HTTPError:  # the status alone says enough
            words = b""
        hide, model = self.server.hide, str(body.get("model", ""))
        return failure(response.status_code, words, request_id, hide, model)


def _certificates() -> SSLContext:
    """What a secure server must prove itself by; a plain one needs none.

    Loading them takes half as long as importing httpx. Meanwhile httpx imports what sends requests.
    """
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(httpx.create_ssl_context)
        httpx.HTTPTransport(verify=False).close()
        return loading.result()


def _listed(page: Json) -> list[Json]:
    listed = page.get("data")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _encoded(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode(errors="replace")
