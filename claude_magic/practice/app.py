"""Request -> response: the routes of the Messages API, without any networking of their own."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from claude_magic.content.wire import Json
from claude_magic.practice import catalogue
from claude_magic.practice.files import Files, answered
from claude_magic.practice.model import input_tokens, message
from claude_magic.practice.refusal import Refusal, invalid, not_found
from claude_magic.practice.rules import refusal, version_fault
from claude_magic.practice.stream import BEFORE_FIRST, encoded, events

LARGEST_BODY = 32 * 1024 * 1024
JSON_TYPE, STREAM_TYPE = "application/json", "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What came in: `path` with its query, header names in lower case.

    Keys are never looked at: any key, in either header, or none will do.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """What goes out: each chunk of bytes with the seconds to wait before it."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterable[tuple[float, bytes]]


def respond(request: Request, files: Files | None = None) -> Response:
    """The response to any request; what cannot be answered is refused in the API's error shape.

    `files` are those that were uploaded; uploading adds to them.
    """
    files = Files() if files is None else files
    path = urlsplit(request.path).path
    match request.method, path.rstrip("/").split("/")[1:]:
        case "POST", ["v1", "messages"]:
            return _created(request, files)
        case "POST", ["v1", "messages", "count_tokens"]:
            return _counted(request, files)
        case "GET", ["v1", "models"]:
            return _models(request)
        case "GET", ["v1", "models", id]:
            return _model(request, unquote(id))
        case method, ["v1", "files", *rest] if why := _version_refusal(request):
            return refused(why)
        case method, ["v1", "files", *rest]:
            return _filed(method, rest, request, files)
        case _:
            return refused(not_found(f"Not found: {request.method} {path}"))


def refused(why: Refusal) -> Response:
    """An error response; its body and its header carry the same request id."""
    request_id = _request_id()
    return _response(why.status, why.body(request_id), request_id)


def too_large() -> Response:
    """413, which the API gives before it reads the body."""
    return refused(Refusal(413, "request_too_large", "Request exceeds the maximum size"))


def _filed(method: str, rest: list[str], request: Request, files: Files) -> Response:
    query = parse_qs(urlsplit(request.path).query)
    form = request.headers.get("content-type", ""), request.body
    answer = answered(method, [unquote(one) for one in rest], query, form, files)
    return refused(answer) if isinstance(answer, Refusal) else _response(200, answer)


def _created(request: Request, files: Files) -> Response:
    body = _checked(request, files, counting=False)
    if isinstance(body, Response):
        return body
    if not body.get("stream"):
        return _response(200, message(body), pause=BEFORE_FIRST)
    chunks = ((pause, encoded(event)) for pause, event in events(message(body)))
    return Response(200, _headers(STREAM_TYPE, _request_id()), chunks)


def _counted(request: Request, files: Files) -> Response:
    body = _checked(request, files, counting=True)
    if isinstance(body, Response):
        return body
    return _response(200, {"input_tokens": input_tokens(body)})


def _checked(request: Request, files: Files, *, counting: bool) -> Json | Response:
    """The request's JSON if it may be answered, else the response that refuses it."""
    if len(request.body) > LARGEST_BODY:
        return too_large()
    try:
        body = _json(request.body)
    except (ValueError, RecursionError) as error:
        return refused(invalid(f"The request body is not valid JSON: {error}"))
    why = refusal(
        body,
        version=request.headers.get("anthropic-version"),
        beta="anthropic-beta" in request.headers,
        counting=counting,
    )
    why = why or files.missing(body)
    return refused(why) if why else files.seen(body)


def _json(body: bytes) -> Any:
    """Raises ValueError for what the API does not take for JSON, half characters included."""
    text = body.decode()
    value = json.loads(text)
    if "\\ud" in text.lower():  # only an escape can hide half a surrogate pair
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _models(request: Request) -> Response:
    """The catalogue, newest first, in pages (Models API)."""
    if why := _version_refusal(request):
        return refused(why)
    query = parse_qs(urlsplit(request.path).query)
    limit = query.get("limit", ["20"])[0]
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
        return refused(invalid("limit: Input should be a whole number from 1 to 1000"))
    stages = query.get("lifecycle[]", ["active", "deprecated"])
    found = [model for model in catalogue.MODELS if model.lifecycle in stages]
    return _response(200, _page(found, int(limit), query))


def _page(found: list[catalogue.Model], limit: int, query: Mapping[str, list[str]]) -> Json:
    ids = [model.id for model in found]
    after, before = (query.get(key, [""])[0] for key in ("after_id", "before_id"))
    start = ids.index(after) + 1 if after in ids else 0
    end = ids.index(before) if before in ids else len(ids)
    start = max(start, end - limit) if before in ids else start
    page = found[start : min(end, start + limit)]
    more = start > 0 if before in ids else start + limit < len(ids)
    return {
        "data": [catalogue.info(model) for model in page],
        "has_more": more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def _model(request: Request, id: str) -> Response:
    if why := _version_refusal(request):
        return refused(why)
    model = catalogue.known(id)
    return _response(200, catalogue.info(model)) if model else refused(not_found(f"model: {id}"))


def _version_refusal(request: Request) -> Refusal | None:
    why = next(version_fault(request.headers.get("anthropic-version")), None)
    return invalid(why) if isinstance(why, str) else why


def _response(
    status: int, value: Json, request_id: str | None = None, *, pause: float = 0
) -> Response:
    data = json.dumps(value, ensure_ascii=False).encode()
    headers = _headers(JSON_TYPE, request_id or _request_id())
    return Response(status, headers | {"content-length": str(len(data))}, [(pause, data)])


def _headers(content_type: str, request_id: str) -> dict[str, str]:
    return {"content-type": content_type, "request-id": request_id}


def _request_id() -> str:
    return f"req_practice_{uuid4().hex[:16]}"
