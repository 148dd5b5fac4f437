"""GraphQL over HTTP: POST (and GET for queries) on ``/graphql``, answers always GraphQL JSON.

Specification: https://graphql.github.io/graphql-over-http/draft/
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from graphql import GraphQLError, OperationType

from bawaba.errors import BadInput, LimitExceeded, RequestError
from bawaba.graphql import Context
from bawaba.host.schema.codes import BadRequest
from bawaba.host.schema.engine import Answer, Engine, Rejected
from bawaba.host.schema.prepared import Prepared
from bawaba.host.server.limits import BUDGET, CLIENT, Budget
from bawaba.host.server.sessions import Sessions, bearer
from bawaba.host.server.sse import EventAnswer, refuse, wants_events
from bawaba.host.settings import Settings
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
_MAX_NESTING = 64
_CHARACTERS_A_TOKEN = 500
_LATE = Text("The body did not arrive in time.", "لم يصل نص الطلب في الوقت المحدد.")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of one operation."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any] | None
    document_id: str | None = None


class HttpFailure(Exception):
    """The request is answered with this status and error."""

    def __init__(self, status: int, error: RequestError) -> None:
        self.status, self.error = status, error
        super().__init__(str(error))


async def prepare(
    engine: Engine, parameters: GraphQLRequest, language: Language, budget: Budget
) -> Prepared:
    """Return the operation to run; a document that was not met before costs the client more.

    Raises:
        Rejected: the document may not run.
        HttpFailure, LimitExceeded: the client has asked too much.
    """
    text = parameters.query
    if parameters.document_id is not None:
        text = engine.text_of(parameters.document_id, language)
    await budget.study.others(text)
    if engine.has_met(text, parameters.operation_name):
        return engine.prepare(text, parameters.operation_name, language)
    if not budget.charge(len(text) / _CHARACTERS_A_TOKEN):
        raise HttpFailure(429, LimitExceeded())
    async with budget.study.begin(budget.client, text):
        await asyncio.sleep(0)
        return engine.prepare(text, parameters.operation_name, language)


class GraphQLOverHttp:
    """Answers ``/graphql`` requests that are not WebSockets."""

    def __init__(
        self,
        engine: Engine,
        sessions: Sessions,
        events: Callable[[], EventAnswer],
        settings: Settings,
    ) -> None:
        self._engine, self._sessions, self._events = engine, sessions, events
        self._max_body, self._body_timeout = settings.max_body_bytes, settings.body_timeout

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; never raises for what a client may send."""
        language = preferred_language(request)
        media = _media_type(request)
        try:
            parameters = await self._read(request)
            if wants_events(request):
                return await self._stream(request, parameters, language)
            viewer = await self._sessions.viewer(request, language)
            return await self._run(request, parameters, viewer, media)
        except HttpFailure as failure:
            return self._fail(failure.status, failure.error, language, media)
        except Rejected as rejected:
            return _respond(rejected.answer, media, 400 if media == GRAPHQL_JSON else 200)
        except LimitExceeded as error:
            return self._fail(429, error, language, media)
        except RequestError as error:
            return self._fail(401, error, language, media)

    async def _run(
        self, request: web.Request, parameters: GraphQLRequest, viewer: Viewer, media: str
    ) -> web.Response:
        prepared = await prepare(self._engine, parameters, viewer.language, request[BUDGET])
        if prepared.kind is OperationType.SUBSCRIPTION:
            detail = Text(
                "Subscriptions need a WebSocket, or Accept: text/event-stream.",
                "تحتاج المتابعة الحية إلى WebSocket أو إلى Accept: text/event-stream.",
            )
            raise HttpFailure(400, BadRequest(detail))
        _refuse_unsafe_get(request, prepared)
        context = Context(viewer=viewer, client=request[CLIENT])
        gate = request[BUDGET].work
        answer = await self._engine.execute(prepared, parameters.variables, context, gate)
        refused = "data" not in answer
        return _respond(answer, media, 400 if refused and media == GRAPHQL_JSON else 200)

    async def _stream(
        self, request: web.Request, parameters: GraphQLRequest, language: Language
    ) -> web.StreamResponse:
        """Answer with Server-Sent Events; what GraphQL refuses is an event too."""
        viewer, seconds = await self._sessions.sign_in(
            bearer(request.headers.get("Authorization")),
            language,
            request.headers.get("User-Agent"),
        )
        try:
            prepared = await prepare(self._engine, parameters, viewer.language, request[BUDGET])
        except Rejected as rejected:
            return await refuse(request, rejected.answer)
        _refuse_unsafe_get(request, prepared)
        return await self._events().run(request, prepared, parameters.variables, viewer, seconds)

    async def _read(self, request: web.Request) -> GraphQLRequest:
        if request.method == "GET":
            return _from_query_string(request)
        if request.method != "POST":
            raise HttpFailure(405, BadRequest())
        if request.content_type != JSON:
            detail = Text("Send application/json.", "أرسل المحتوى بصيغة application/json.")
            raise HttpFailure(415, BadRequest(detail))
        if request.charset not in {None, "utf-8", "UTF-8"}:
            raise HttpFailure(415, BadRequest(Text("Send UTF-8.", "أرسل بترميز UTF-8.")))
        return _from_json(await self._body(request))

    async def _body(self, request: web.Request) -> bytes:
        if (request.content_length or 0) > self._max_body:
            raise HttpFailure(413, LimitExceeded())
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_timeout):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > self._max_body:
                        raise HttpFailure(413, LimitExceeded())
        except TimeoutError:
            raise HttpFailure(408, BadRequest(_LATE)) from None
        except (web.HTTPException, web.RequestPayloadError, HttpProcessingError) as error:
            raise HttpFailure(400, BadRequest()) from error
        return bytes(body)

    def _fail(
        self, status: int, error: RequestError, language: Language, media: str
    ) -> web.Response:
        answer = self._engine.refused([GraphQLError(str(error), original_error=error)], language)
        response = _respond(answer, media, status)
        if status == 408:  # noqa: PLR2004
            response.force_close()
        if status == 405:  # noqa: PLR2004
            response.headers["Allow"] = "GET, POST"
        return response


def _refuse_unsafe_get(request: web.Request, prepared: Prepared) -> None:
    if request.method == "GET" and prepared.kind is OperationType.MUTATION:
        detail = Text("GET is for queries.", "طريقة GET للاستعلامات فقط.")
        raise HttpFailure(405, BadRequest(detail))


def preferred_language(request: web.Request) -> Language:
    """Return the first of the platform's languages that ``Accept-Language`` names."""
    ranked: list[tuple[float, Language]] = []
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        primary = tag.strip().partition("-")[0].upper()
        if primary in Language.__members__ and weight > 0:
            ranked.append((weight, Language[primary]))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else Language.EN


def _media_type(request: web.Request) -> str:
    accept = request.headers.get("Accept", "")
    return GRAPHQL_JSON if GRAPHQL_JSON in accept else JSON


def _respond(answer: Answer, media: str, status: int) -> web.Response:
    return web.Response(
        body=orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS),
        status=status,
        content_type=media,
        charset="utf-8",
    )


def _from_query_string(request: web.Request) -> GraphQLRequest:
    values = request.query
    try:
        objects = {
            name: orjson.loads(values[name]) if values.get(name) else None
            for name in ("variables", "extensions")
        }
    except orjson.JSONDecodeError:
        raise HttpFailure(400, BadRequest(_JSON)) from None
    return parameters_of(
        {
            "query": values.get("query"),
            "documentId": values.get("documentId"),
            "operationName": values.get("operationName") or None,
            **objects,
        }
    )


_JSON = Text("The body is not JSON.", "نص الطلب ليس JSON صالحاً.")


def _from_json(body: bytes) -> GraphQLRequest:
    try:
        return parameters_of(orjson.loads(body))
    except (orjson.JSONDecodeError, RecursionError):
        raise HttpFailure(400, BadRequest(_JSON)) from None


def parameters_of(value: Any) -> GraphQLRequest:
    """Return the parameters in a decoded JSON value.

    Raises:
        HttpFailure: not an object of the form the specification wants.
    """
    wanted = {
        "query": (str, type(None)),
        "documentId": (str, type(None)),
        "operationName": (str, type(None)),
        "variables": (dict, type(None)),
        "extensions": (dict, type(None)),
    }
    good = isinstance(value, dict) and all(
        isinstance(value.get(name), kinds) for name, kinds in wanted.items()
    )
    identifier = _document_id(value) if good else None
    if not good or (value.get("query") is None and identifier is None):
        detail = Text(
            "Send an object with query, and optionally operationName, variables and extensions.",
            "أرسل كائناً يحوي query، واختيارياً operationName وvariables وextensions.",
        )
        raise HttpFailure(400, BadRequest(detail))
    if _depth(value.get("variables"), 0) > _MAX_NESTING:
        raise HttpFailure(400, LimitExceeded())
    if _has_nul(value.get("variables")):
        raise HttpFailure(400, BadInput(Text("No text has a NUL.", "لا يجوز الرمز NUL في النص.")))
    query, name = value.get("query"), value.get("operationName")
    if query is not None:
        identifier = None
    return GraphQLRequest(query or "", name, value.get("variables"), identifier)


def _document_id(value: Mapping[str, Any]) -> str | None:
    """Return the id of a document that is sent by id, in either of the two usual ways."""
    if (identifier := value.get("documentId")) is not None:
        return str(identifier)
    persisted = (value.get("extensions") or {}).get("persistedQuery")
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return digest if isinstance(digest, str) else None


def _has_nul(value: Any) -> bool:
    """Whether a text in ``value`` holds U+0000, which no database stores."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(k) or _has_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _depth(value: Any, level: int) -> int:
    if level > _MAX_NESTING:
        return level
    if isinstance(value, dict):
        return max((_depth(v, level + 1) for v in value.values()), default=level)
    if isinstance(value, list):
        return max((_depth(v, level + 1) for v in value), default=level)
    return level
