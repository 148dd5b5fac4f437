"""graphql-transport-ws over aiohttp.

Specification: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
Written here because the stock handler accepts the legacy protocol, sends no pings, kills the
socket on a syntax error and on a non-object message (docs/decisions/0002).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from graphql import GraphQLError, OperationType

from bawaba.errors import LimitExceeded, RequestError
from bawaba.graphql import Context
from bawaba.host.schema.codes import InternalError
from bawaba.host.schema.engine import Answer, Engine, Rejected
from bawaba.host.schema.prepared import Prepared
from bawaba.host.server.http import HttpFailure, parameters_of, preferred_language, prepare
from bawaba.host.server.limits import BUDGET
from bawaba.host.server.reader import SocketReader
from bawaba.host.server.sessions import FORBIDDEN, Sessions, bearer
from bawaba.host.settings import Settings
from bawaba.host.streams.broadcast import STOPPED, Broadcast, Broadcasts
from bawaba.host.streams.stream import open_stream
from bawaba.text import Language
from bawaba.viewer import ANONYMOUS, Viewer

log = structlog.get_logger(__name__)
PROTOCOL = "graphql-transport-ws"
_MAX_REASON = 123
_MESSAGE = 0.2
"""Tokens that a message costs its client, whatever it says."""
Unit = Callable[[], AbstractContextManager[Any]]


class _Close(Exception):
    """The protocol wants the socket closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


class _Subscription:
    """A live field on this socket: a reader of a broadcast, without a task of its own."""

    __slots__ = ("broadcast", "reader")

    def __init__(self, broadcast: Broadcast, reader: SocketReader) -> None:
        self.broadcast, self.reader = broadcast, reader

    def cancel(self) -> None:
        """Stop reading."""
        self.broadcast.leave(self.reader)


class GraphQLSocket:
    """One connected client: its viewer, its running operations and its subscriptions."""

    def __init__(
        self,
        engine: Engine,
        sessions: Sessions,
        broadcasts: Broadcasts,
        settings: Settings,
        unit: Unit,
    ) -> None:
        self._engine, self._sessions, self._broadcasts = engine, sessions, broadcasts
        self._settings, self._unit = settings, unit
        self._socket = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=settings.socket_ping,
            max_msg_size=settings.max_frame_bytes,
            compress=False,
        )
        self._operations: dict[str, asyncio.Task[None] | _Subscription] = {}
        self._transport: Any = None
        self._budget: Any = None
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: asyncio.Task[None] | None = None
        self._initialised = self._acknowledged = False
        self._user_agent: str | None = None
        self._language = Language.EN
        self.viewer: Viewer = ANONYMOUS
        self.stale = 0

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve the socket until either side closes it."""
        self._language = preferred_language(request)
        self._budget = request[BUDGET]
        self._user_agent = request.headers.get("User-Agent")
        await self._socket.prepare(request)
        self._transport = request.transport
        if self._socket.ws_protocol != PROTOCOL:
            await self._close(4406, "Subprotocol not acceptable")
            return self._socket
        overdue = asyncio.get_running_loop().call_later(
            self._settings.socket_init_timeout, self._init_overdue
        )
        self._timers.append(overdue)
        try:
            await self._receive()
        except _Close as close:
            await self._close(close.code, close.reason)
        finally:
            for timer in self._timers:
                timer.cancel()
            self._sessions.seats.discard(self)
            self._stop_operations()
        return self._socket

    def end(self, code: int, reason: str) -> None:
        """Begin to close the socket; nothing is sent on it any more."""
        self._stop_operations()
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason))

    def renewed(self) -> None:
        """Ask the permission of every subscription again, with the viewer's new rights."""
        for operation in list(self._operations.values()):
            if isinstance(operation, _Subscription):
                operation.broadcast.reconsider(operation.reader)

    async def _close(self, code: int, reason: str) -> None:
        """Close the socket; ``reason`` is cut to what a close frame can hold."""
        message = reason.encode()[:_MAX_REASON].decode(errors="ignore").encode()
        try:
            async with asyncio.timeout(STOPPED):
                await self._socket.close(code=code, message=message)
        except TimeoutError:
            self._cut()

    def _init_overdue(self) -> None:
        if not self._initialised:
            self.end(4408, "Connection initialisation timeout")

    def _token_ended(self) -> None:
        self.end(FORBIDDEN, "Token expired")

    def _too_slow(self) -> None:
        """Close the socket of a reader that a log left behind: come back, with ``after``."""
        self.end(WSCloseCode.TRY_AGAIN_LATER, "Too slow: resume with `after`")

    async def _receive(self) -> None:
        async for message in self._socket:
            if not self._budget.charge(_MESSAGE):
                raise _Close(WSCloseCode.POLICY_VIOLATION, "Too many messages")
            if message.type is WSMsgType.TEXT:
                await self._dispatch(_decoded(message.data))
            elif message.type is WSMsgType.BINARY:
                raise _Close(4400, "Send text messages")

    async def _dispatch(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._initialise(message.get("payload"))
            case {"type": "ping"}:
                await self._send({"type": "pong"})
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(identifier), "payload": dict(payload)} if (
                identifier
            ):
                self._subscribe(identifier, payload)
            case {"type": "complete", "id": str(identifier)}:
                if task := self._operations.pop(identifier, None):
                    task.cancel()
            case _:
                raise _Close(4400, "Invalid message")

    async def _initialise(self, payload: object) -> None:
        if self._initialised:
            raise _Close(4429, "Too many initialisation requests")
        self._initialised = True
        if payload is None:
            payload = {}
        if not isinstance(payload, dict):
            raise _Close(4400, "Invalid payload")
        wanted = str(payload.get("language", "")).upper()
        if wanted in Language.__members__:
            self._language = Language[wanted]
        header = payload.get("authorization") or payload.get("Authorization")
        try:
            with self._unit():
                self.viewer, left = await self._sessions.sign_in(
                    bearer(header), self._language, self._user_agent
                )
        except RequestError:
            raise _Close(4403, "Forbidden") from None
        if left is not None:
            self._timers.append(asyncio.get_running_loop().call_later(left, self._token_ended))
        self._sessions.seats.add(self)
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    def _subscribe(self, identifier: str, payload: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise _Close(4401, "Unauthorized")
        if identifier in self._operations:
            raise _Close(4409, f"Subscriber for {identifier} already exists")
        crowded = len(self._operations) >= self._settings.socket_subscriptions
        task = asyncio.create_task(self._operate(identifier, payload, crowded=crowded))
        self._operations[identifier] = task

    async def _operate(self, identifier: str, payload: dict[str, Any], *, crowded: bool) -> None:
        """Run one operation; whatever happens ends this operation alone."""
        try:
            with self._unit():
                await self._run(identifier, payload, crowded=crowded)
        except Rejected as rejected:
            await self._finish(identifier, {"type": "error", "payload": rejected.answer["errors"]})
        except HttpFailure as failure:
            await self._finish(
                identifier, {"type": "error", "payload": self._errors(failure.error)}
            )
        except LimitExceeded as error:
            await self._finish(identifier, {"type": "error", "payload": self._errors(error)})
        except ConnectionError:
            pass
        except Exception:
            log.exception("fault in a live operation")
            await self._finish(
                identifier, {"type": "error", "payload": self._errors(InternalError())}
            )
        finally:
            if self._operations.get(identifier) is asyncio.current_task():
                del self._operations[identifier]

    async def _run(self, identifier: str, payload: dict[str, Any], *, crowded: bool) -> None:
        if crowded:
            raise HttpFailure(429, LimitExceeded())
        parameters = parameters_of(payload)
        prepared = await prepare(self._engine, parameters, self.viewer.language, self._budget)
        if prepared.kind is OperationType.SUBSCRIPTION:
            await self._watch(identifier, prepared, parameters.variables)
            return
        async with self._budget.turn():
            viewer = await self._sessions.refresh(self.viewer)
            context = Context(viewer=viewer, client=self._budget.client)
            answer = await self._engine.execute(
                prepared, parameters.variables, context, self._budget.work
            )
        await self._next_or_error(identifier, answer)
        await self._finish(identifier, {"type": "complete"})

    async def _watch(self, identifier: str, prepared: Prepared, variables: Any) -> None:
        """Hand the operation over to its broadcast; this task ends here."""
        async with self._budget.turn_to_subscribe():
            stream = await open_stream(self._engine, prepared, variables, self.viewer)
        if self._operations.get(identifier) is not asyncio.current_task():
            return
        reader = SocketReader(
            self,
            self._transport,
            identifier,
            lambda: self._forget(identifier),
            self._too_slow,
        )
        broadcast = self._broadcasts.join(stream, reader)
        self._operations[identifier] = _Subscription(broadcast, reader)

    def _forget(self, identifier: str) -> None:
        self._operations.pop(identifier, None)

    async def _next_or_error(self, identifier: str, answer: Answer) -> None:
        """Send the result, or the error that ends the operation."""
        if "data" not in answer:
            await self._finish(identifier, {"type": "error", "payload": answer["errors"]})
        elif identifier in self._operations:
            await self._send({"id": identifier, "type": "next", "payload": answer})

    def _errors(self, error: RequestError) -> list[Any]:
        shown = self._engine.refused(
            [GraphQLError(str(error), original_error=error)], self._language
        )
        return list(shown["errors"])

    async def _finish(self, identifier: str, message: dict[str, Any]) -> None:
        """Send the last message of an operation, unless the client completed it already."""
        if self._operations.pop(identifier, None) is not None:
            await self._send({"id": identifier, **message})

    async def _send(self, message: dict[str, Any]) -> None:
        if self._socket.closed:
            raise ConnectionResetError
        try:
            async with asyncio.timeout(STOPPED):
                await self._socket.send_str(orjson.dumps(message).decode())
        except TimeoutError:
            self._cut()
            raise ConnectionResetError from None

    def _cut(self) -> None:
        """Drop a reader that stopped; a close frame would wait behind what it does not read."""
        if self._transport is not None:
            self._transport.abort()

    def _stop_operations(self) -> None:
        operations = list(self._operations.values())
        self._operations.clear()
        for operation in operations:
            operation.cancel()


def _decoded(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise _Close(4400, "Invalid message")
    return message
