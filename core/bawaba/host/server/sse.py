"""GraphQL over Server-Sent Events, "distinct connections": one request, one operation.

Specification: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
Each value of a live field carries its cursor as ``id:``; a client that comes back with the header
``Last-Event-ID`` goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web
from graphql import GraphQLError, OperationType

from bawaba.errors import LimitExceeded, Unauthenticated
from bawaba.graphql import Context
from bawaba.host.schema.engine import Engine, Rejected
from bawaba.host.schema.prepared import Prepared
from bawaba.host.server.limits import BUDGET
from bawaba.host.server.reader import EventReader, chunk
from bawaba.host.server.sessions import FORBIDDEN, Sessions
from bawaba.host.settings import Settings
from bawaba.host.streams.broadcast import STOPPED, Broadcast, Broadcasts
from bawaba.host.streams.stream import Stream, open_stream
from bawaba.viewer import Viewer

EVENT_STREAM = "text/event-stream"
_HEADERS = {"Content-Type": EVENT_STREAM, "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_LONGEST_CURSOR = 2_000


def wants_events(request: web.Request) -> bool:
    """Return whether the client asks for Server-Sent Events."""
    return EVENT_STREAM in request.headers.get("Accept", "")


class EventAnswer:
    """One running answer; a seat among the connections whose rights are watched."""

    def __init__(
        self, engine: Engine, sessions: Sessions, broadcasts: Broadcasts, settings: Settings
    ) -> None:
        self._engine, self._sessions, self._broadcasts = engine, sessions, broadcasts
        self._settings = settings
        self._over = asyncio.Event()
        self._stopped = 0.0
        self._stream: Stream | None = None
        self._joined: tuple[Broadcast, EventReader] | None = None
        self._transport: Any = None
        self.viewer = Viewer()
        self.stale = 0

    async def run(
        self,
        request: web.Request,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        viewer: Viewer,
        seconds: float | None,
    ) -> web.StreamResponse:
        """Answer until the operation, the client, the token or the server ends it.

        Args:
            seconds: what the viewer's token has left; None: no end.
        """
        self.viewer = viewer
        response = await _begun(request)
        self._transport = request.transport
        try:
            if prepared.kind is OperationType.SUBSCRIPTION:
                await self._follow(request, prepared, variables, seconds)
            else:
                budget = request[BUDGET]
                context = Context(viewer=viewer, client=budget.client)
                async with budget.turn():
                    answer = await self._engine.execute(prepared, variables, context, budget.work)
                await response.write(_next(answer))
                await response.write(_COMPLETE)
        except Rejected as rejected:
            await response.write(_next(rejected.answer))
            await response.write(_COMPLETE)
        except LimitExceeded as error:
            shown = [GraphQLError(str(error), original_error=error)]
            await response.write(_next(self._engine.refused(shown, viewer.language)))
            await response.write(_COMPLETE)
        return response

    def renewed(self) -> None:
        """See :class:`~bawaba.host.server.sessions.Seat`."""
        if self._joined is not None:
            broadcast, reader = self._joined
            broadcast.reconsider(reader)

    def end(self, code: int, reason: str) -> None:  # noqa: ARG002  a socket's words
        """End the answer: with an error for who is signed in no longer, else to be resumed."""
        if self._joined is not None:
            broadcast, reader = self._joined
            broadcast.leave(reader)
            if code == FORBIDDEN and self._stream is not None:
                reader.finish(self._stream.errors(Unauthenticated()))
        self._over.set()

    async def _follow(
        self,
        request: web.Request,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        seconds: float | None,
    ) -> None:
        after = request.headers.get("Last-Event-ID", "")[:_LONGEST_CURSOR] or None
        async with request[BUDGET].turn_to_subscribe():
            stream = await open_stream(self._engine, prepared, variables, self.viewer, after)
        self._stream = stream
        if self._transport is None:
            return
        reader = EventReader(self, self._transport, self._over.set)
        self._sessions.seats.add(self)
        broadcast = self._broadcasts.join(stream, reader)
        self._joined = broadcast, reader
        ending = None
        if seconds is not None:
            loop = asyncio.get_running_loop()
            ending = loop.call_later(seconds, self.end, FORBIDDEN, "Token expired")
        try:
            while not self._over.is_set():
                await self._breathe(reader)
        finally:
            if ending is not None:
                ending.cancel()
            self._sessions.seats.discard(self)
            broadcast.leave(reader)

    async def _breathe(self, reader: EventReader) -> None:
        """Wait for the end; send a comment now and then, so that a dead line is noticed."""
        try:
            async with asyncio.timeout(self._settings.socket_ping):
                await self._over.wait()
        except TimeoutError:
            if self._transport.is_closing():  # the reader went away: nothing can be written
                self._over.set()
            elif not reader.ready:
                self._stopped += self._settings.socket_ping
                if self._stopped >= STOPPED:
                    reader.cut()
            else:
                self._stopped = 0.0
                self._transport.write(chunk(b":\n\n"))


async def refuse(request: web.Request, answer: Any) -> web.StreamResponse:
    """Answer with one event of errors and the end."""
    response = await _begun(request)
    await response.write(_next(answer))
    await response.write(_COMPLETE)
    return response


async def _begun(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers=_HEADERS)
    response.force_close()
    await response.prepare(request)
    return response


_COMPLETE = b"event: complete\ndata: \n\n"


def _next(answer: Any) -> bytes:
    body = orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)
    return b"event: next\ndata: " + body + b"\n\n"
