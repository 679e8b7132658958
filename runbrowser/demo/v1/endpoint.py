"""The ASGI application that is V1: from bytes on the wire to a call, and back with V1's headers."""

import asyncio
import gzip
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..auth import ANYBODY, User, user_of_key
from ..engine.worker import Engine
from ..faults import Faults
from ..limits import GATEWAY_TIMEOUT_PAGE, NOT_FOUND_PAGE, refusal
from ..store import Store
from .call import Call, Upload
from .description import SCHEMA_NAME, schema_text
from .downloads import download, splits
from .errors import ApiError, error_reply
from .reply import XML, Reply
from .routes import ROUTES

_PHP_HEADERS = {
    "cache-control": "no-store, no-cache, must-revalidate",
    "pragma": "no-cache",
    "expires": "Thu, 19 Nov 1981 08:52:00 GMT",
    "access-control-allow-origin": "*",
}
# Apache leaves alone what would not get shorter.
_SHORTEST_COMPRESSED = 68
_PIECE = 8192
_RANGE = re.compile(r"bytes=(\d+)-(\d*)\Z")


@dataclass(frozen=True)
class _Body:
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)


class V1:
    """V1 of OpenML's API over one store."""

    def __init__(
        self, store: Store, base_url: str, faults: Faults, engine: Engine, well_formed: bool
    ) -> None:
        self._well_formed = well_formed
        self._store = store
        self._engine = engine
        self._base_url = base_url
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = Request(scope, receive)
        if self._faults.delay:
            await asyncio.sleep(self._faults.delay)
        reply = refusal(scope["raw_path"].split(b"?")[0], scope["query_string"])
        if reply is None:
            body = await _read_body(request)
            reply = await run_in_threadpool(self._answer, request, body)
        response = await run_in_threadpool(_response, request, reply)
        await response(scope, receive, send)

    def _answer(self, request: Request, body: _Body) -> Reply:
        path = request.scope["raw_path"].split(b"?")[0].decode("ascii")
        segments = [segment for segment in path.split("/") if segment]
        if segments[:1] == ["index.php"]:
            del segments[0]
        if self._faults.timeout_past is not None and "list" in segments:
            offset = _following(segments, "offset")
            if offset.isdecimal() and int(offset) > self._faults.timeout_past:
                return GATEWAY_TIMEOUT_PAGE
        match segments:
            case ["api" | "api_new", "v1", "xml" | "json" as form, *rest]:
                return self._api(request, body, form, rest)
            case ["api" | "api_new", "v1", "xsd", name]:
                known = name.removesuffix(".xsd") == SCHEMA_NAME
                return Reply(200, XML, schema_text()) if known else NOT_FOUND_PAGE
            case ["api" | "api_new", "v1", *rest]:
                return self._api(request, body, "xml", rest)
            case ["data", "download", file_id, *_] | ["data", "v1", "download", file_id, *_]:
                return download(self._store, file_id)
            case ["api_splits", "get", task_id, *_]:
                return splits(self._store, task_id)
        return NOT_FOUND_PAGE

    def _api(self, request: Request, body: _Body, form: str, segments: list[str]) -> Reply:
        # What the controller refuses is XML, whatever form was asked for.
        if self._faults.database_down:
            return error_reply(107)
        method = request.method.lower()
        try:
            user = self._authenticate(request, body, method)
            route = ROUTES.get(segments[0] if segments else "")
            if route is None:
                raise ApiError(100)
        except ApiError as error:
            return error.reply("xml")
        call = Call(
            store=self._store,
            engine=self._engine,
            method=method,
            segments=segments[1:],
            base_url=self._base_url,
            user=user,
            fields=body.fields,
            files=body.files,
            faults=self._faults,
            well_formed=self._well_formed,
        )
        try:
            answer = route(call)
            return answer if isinstance(answer, Reply) else answer.written(form)
        except ApiError as error:
            return error.reply(form)

    def _authenticate(self, request: Request, body: _Body, method: str) -> User:
        query = dict(
            parse_qsl(
                request.scope["query_string"].decode("latin-1"),
                keep_blank_values=True,
                max_num_fields=1000,
            )
        )
        # A key in the query wins, even an empty one.
        key = query.get("api_key", body.fields.get("api_key", ""))
        if key in ("", "0"):
            if method != "get":
                raise ApiError(102)
            return ANYBODY
        user = user_of_key(self._store, key)
        if user is None:
            raise ApiError(103)
        if method != "get" and not user.may_write:
            raise ApiError(104, "API calls of the read-only user can only be of type GET. ")
        return user


def _following(segments: list[str], name: str) -> str:
    """The segment behind the one called `name`; '' when there is none."""
    return dict(pairwise(segments)).get(name, "")


async def _read_body(request: Request) -> _Body:
    """The form of a POST. PHP reads no other method's body, and no other kind of body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        return _Body()
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    try:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "", await value.read())
                else:
                    fields[name] = value
    except (MultiPartException, HTTPException):  # PHP drops a body it cannot read
        return _Body()
    return _Body(fields, files)


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


def _response(request: Request, reply: Reply) -> Response:
    headers = {"content-type": reply.content_type}
    status, body = reply.status, reply.body
    if reply.from_php:
        headers |= _PHP_HEADERS
        headers["set-cookie"] = f"ci_session={secrets.token_hex(16)}; path=/; HttpOnly"
    headers |= reply.headers
    compressible = reply.content_type.startswith("text/") and status == 200
    if compressible and len(body) > _SHORTEST_COMPRESSED:
        headers["vary"] = "Accept-Encoding"
        wanted = _RANGE.match(request.headers.get("range", ""))
        if wanted and int(wanted[1]) < len(body) and not reply.streamed:
            first, last = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
            headers["content-range"] = f"bytes {first}-{last}/{len(body)}"
            status, body = 206, body[first : last + 1]
        elif "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            body = gzip.compress(body, compresslevel=6, mtime=0)
            if reply.streamed:
                return StreamingResponse(_pieces(body), status, headers)
    return Response(body, status, headers)
