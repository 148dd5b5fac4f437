"""The routes of files, and how their refusals look: typed JSON, in the caller's language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import orjson
from aiohttp import web

from bawaba.errors import (
    AccountSuspended,
    Forbidden,
    LimitExceeded,
    NotFound,
    Refusal,
    RequestError,
    Unauthenticated,
)
from bawaba.graphql import global_id
from bawaba.host.files import domain
from bawaba.host.files.downloads import send
from bawaba.host.files.services import reading
from bawaba.host.files.uploads import receive
from bawaba.host.server.limits import CLIENT, Turnstile
from bawaba.host.server.sessions import Sessions
from bawaba.host.settings import Settings
from bawaba.text import Language
from bawaba.viewer import Viewer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Body = Callable[[web.Request, Language], Awaitable[web.StreamResponse]]
_USE = "files.use"
_STATUS: dict[type[Refusal], int] = {
    NotFound: 404,
    domain.FileAlreadyStored: 409,
    domain.FileSizeMismatch: 400,
    domain.UploadInterrupted: 408,
}
_REQUEST_STATUS: dict[type[RequestError], int] = {
    AccountSuspended: 401,
    Unauthenticated: 401,
    Forbidden: 403,
    LimitExceeded: 429,
}


class Door(Protocol):
    """What the doorkeeper decides by headers."""

    def is_foreign(self, request: web.Request) -> bool:
        """Return whether a browser sent it from a page of somebody else."""
        ...

    def preflight(self, request: web.Request) -> web.Response | None:
        """Answer a browser that asks whether a page of an allowed origin may call."""
        ...


class FileRoutes:
    """Answers uploads and downloads."""

    def __init__(
        self,
        sessions: Sessions,
        settings: Settings,
        door: Door,
        language: Callable[[web.Request], Language],
    ) -> None:
        self._sessions, self._settings, self._door = sessions, settings, door
        self._language = language
        self._uploads = Turnstile(settings.client_uploads, settings.client_uploads)

    def add_to(self, app: web.Application) -> None:
        """Add the routes to the application; OPTIONS is a browser's preflight."""
        for path, methods, body in (
            ("/uploads/{id}", ("PUT", "OPTIONS"), self._upload),
            ("/files/tickets/{secret}", ("GET", "HEAD"), self._redeem),
            ("/files/{id}", ("GET", "HEAD", "OPTIONS"), self._download),
        ):
            for method in methods:
                app.router.add_route(method, path, self._guarded(body))

    def _guarded(self, body: Body) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            language = self._language(request)
            if self._door.is_foreign(request):
                return _refused(request, Forbidden(), language)
            if (answer := self._door.preflight(request)) is not None:
                return answer
            try:
                return await body(request, language)
            except (Refusal, RequestError) as error:
                return _refused(request, error, language)

        return handler

    async def _upload(self, request: web.Request, language: Language) -> web.StreamResponse:
        viewer = await self._viewer(request, language)
        async with self._uploads.passage(request[CLIENT]):
            row = await receive(request, viewer, self._settings.body_timeout)
        content = {"id": global_id("Attachment", row.id), "status": row.status}
        return web.Response(body=orjson.dumps(content), content_type="application/json")

    async def _download(self, request: web.Request, language: Language) -> web.StreamResponse:
        viewer = await self._viewer(request, language)
        return await send(request, await reading.readable(viewer, request.match_info["id"]))

    async def _redeem(self, request: web.Request, language: Language) -> web.StreamResponse:
        """Serve a ticket: its person's rights are read anew, and the permission asked again."""
        ticket = await reading.ticket_of(request.match_info["secret"])
        try:
            was = Viewer(ticket.person_id, device_id=ticket.device_id, language=language)
            viewer = await self._sessions.refresh(was)
            viewer.require(_USE)
        except (Unauthenticated, Forbidden):
            raise NotFound from None
        row = await reading.readable(viewer, ticket.file_id)
        return await send(request, row, tuple(self._settings.allowed_origins))

    async def _viewer(self, request: web.Request, language: Language) -> Viewer:
        viewer = await self._sessions.viewer(request, language)
        viewer.require(_USE)
        return viewer


def _refused(
    request: web.Request, error: Refusal | RequestError, language: Language
) -> web.Response:
    if isinstance(error, Refusal):
        status, message = _STATUS.get(type(error), 422), error.message(language)
    else:
        status, message = _REQUEST_STATUS.get(type(error), 400), error.detail.in_(language)
    content = {"errors": [{"message": message, "extensions": {"code": error.code}}]}
    response = web.Response(
        body=orjson.dumps(content), status=status, content_type="application/json"
    )
    if request.method == "PUT":
        response.force_close()  # what is left of the body is not read
    return response
