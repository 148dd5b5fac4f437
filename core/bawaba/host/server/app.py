"""The aiohttp application: routes, middlewares, pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bawaba.db import StorageUnavailable
from bawaba.errors import Forbidden, LimitExceeded, RequestError, Unavailable
from bawaba.host.files.routes import FileRoutes
from bawaba.host.schema.codes import BadRequest, InternalError
from bawaba.host.server.doorkeeper import Doorkeeper
from bawaba.host.server.error_pages import error_routes
from bawaba.host.server.http import GraphQLOverHttp, preferred_language
from bawaba.host.server.limits import (
    BUDGET,
    CLIENT,
    Budget,
    Connections,
    RateLimiter,
    Study,
    Turnstile,
    Workload,
)
from bawaba.host.server.sse import EventAnswer, wants_events
from bawaba.host.server.websocket import GraphQLSocket
from bawaba.text import Text

if TYPE_CHECKING:
    from bawaba.host.host import Host

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
EXPLORER = Path(__file__).parent.parent / "explorer"
_CORRELATION = re.compile(r"[A-Za-z0-9_-]{8,64}")
_UNMET_WAITING = 64
"""New documents of one client that wait to be read; more are refused."""
_FOREIGN = Text("This origin may not call.", "لا يُسمح لهذا المصدر بالاتصال.")
_EXPLORER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self' ws://{host} wss://{host}; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_EXPLORER_CONFIG = '{"endpoint": "/graphql", "people": [], "defaultQuery": ""}'


def build_app(host: Host) -> web.Application:
    """Return the application that serves ``host``."""
    settings = host.settings
    keeper = Doorkeeper(settings)
    app = web.Application(
        middlewares=[_unit_of_work(host, keeper)], client_max_size=settings.max_body_bytes
    )
    app.on_response_prepare.append(keeper.dress)

    def events() -> EventAnswer:
        return EventAnswer(host.engine, host.sessions, host.parts.broadcasts, settings)

    http = GraphQLOverHttp(host.engine, host.sessions, events, settings)
    connections = Connections(settings.client_connections)

    async def graphql(request: web.Request) -> web.StreamResponse:
        if keeper.is_foreign(request):
            return _refusal(request, 403, Forbidden(_FOREIGN))
        if (answer := keeper.preflight(request)) is not None:
            return answer
        if request.headers.get("Upgrade", "").lower() == "websocket":
            with connections.hold(request[CLIENT]):
                return await GraphQLSocket(
                    host.engine, host.sessions, host.parts.broadcasts, settings, host.unit
                ).handle(request)
        if wants_events(request):
            with connections.hold(request[CLIENT]):
                return await http.handle(request)
        async with request[BUDGET].turn():
            return await http.handle(request)

    app.router.add_route("*", "/graphql", graphql)
    FileRoutes(host.sessions, settings, keeper, preferred_language).add_to(app)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz(host))
    app.router.add_get("/metrics", _metrics(host))
    if settings.open(settings.explorer):
        _add_explorer(app, host)
    for route in [*error_routes(host.runtime.registry), *host.routes()]:
        app.router.add_route(route.method, route.path, route.handler)
    return app


def _unit_of_work(host: Host, keeper: Doorkeeper) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Bind runtime, database and correlation id around each request; hide every fault."""
    limiter = RateLimiter(host.settings.rate_per_second, host.settings.rate_burst)
    turnstile = Turnstile(host.settings.client_operations, host.settings.client_waiting)
    workload = Workload(host.settings.client_cost)
    study = Study(_UNMET_WAITING)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        client = request[CLIENT] = keeper.client(request)
        request[BUDGET] = Budget(client, limiter, turnstile, workload, study)
        if not limiter.allows(client):
            return _refusal(request, 429, LimitExceeded(), retry_after=1)
        if "\x00" in request.path or "%00" in request.query_string:
            return _refusal(request, 400, BadRequest())
        given = request.headers.get("X-Correlation-Id", "")
        correlation = given if _CORRELATION.fullmatch(given) else host.runtime.ids.new()
        with host.unit(correlation):
            try:
                response = await handler(request)
            except web.HTTPException:
                raise
            except ConnectionError:
                raise
            except LimitExceeded as error:
                response = _refusal(request, 429, error, retry_after=1)
            except StorageUnavailable as error:
                log.warning("no database for a request", reason=error.reason)
                response = _refusal(request, 503, Unavailable(), correlation, retry_after=1)
            except Exception:
                log.exception("fault in a request", path=request.path[:200])
                response = _refusal(request, 500, InternalError(), correlation)
        if not response.prepared:
            response.headers["X-Correlation-Id"] = correlation
        return response

    return middleware


def _refusal(
    request: web.Request,
    status: int,
    error: RequestError,
    correlation: str = "",
    retry_after: int | None = None,
) -> web.Response:
    extensions = {"code": error.code} | ({"correlationId": correlation} if correlation else {})
    message = error.detail.in_(preferred_language(request))
    body = {"errors": [{"message": message, "extensions": {**error.extensions, **extensions}}]}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/json", headers=headers
    )


async def _healthz(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _readyz(host: Host) -> Handler:
    async def readyz(_request: web.Request) -> web.Response:
        ready, report = await host.readiness()
        return web.json_response(report, status=200 if ready else 503)

    return readyz


def _metrics(host: Host) -> Handler:
    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(host.metrics)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return metrics


def _add_explorer(app: web.Application, host: Host) -> None:
    page = (EXPLORER / "page.html").read_text(encoding="utf-8")

    async def explorer(request: web.Request) -> web.Response:
        shown = page.replace(_EXPLORER_CONFIG, host.explorer_config())
        policy = _EXPLORER_POLICY.replace("{host}", request.host)
        return web.Response(
            text=shown, content_type="text/html", headers={"Content-Security-Policy": policy}
        )

    async def home(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/explorer")

    app.router.add_get("/", home)
    app.router.add_get("/explorer", explorer)
    app.router.add_static("/explorer/static", EXPLORER / "static")
