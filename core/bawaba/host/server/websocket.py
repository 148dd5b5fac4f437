"""graphql-transport-ws over aiohttp.

Specification: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
Written here because the stock handler accepts the legacy protocol, sends no pings, kills the
socket on a syntax error and on a non-object message (docs/decisions/0002).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing
from typing import Any

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from graphql import GraphQLError, OperationType

from bawaba.errors import LimitExceeded, RequestError
from bawaba.graphql import Context
from bawaba.host.schema.codes import InternalError
from bawaba.host.schema.engine import Answer, Engine, Rejected
from bawaba.host.server.http import HttpFailure, parameters_of, preferred_language
from bawaba.host.server.sessions import Sessions, bearer
from bawaba.host.settings import Settings
from bawaba.text import Language
from bawaba.viewer import ANONYMOUS, Viewer

log = structlog.get_logger(__name__)
PROTOCOL = "graphql-transport-ws"
_MAX_REASON = 123
_SEND_TIMEOUT = 10.0
Unit = Callable[[], AbstractContextManager[Any]]


class _Close(Exception):
    """The protocol wants the socket closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


class GraphQLSocket:
    """One connected client: its viewer, and one task for each running operation."""

    def __init__(self, engine: Engine, sessions: Sessions, settings: Settings, unit: Unit) -> None:
        self._engine, self._sessions, self._settings, self._unit = engine, sessions, settings, unit
        self._socket = web.WebSocketResponse(
            protocols=(PROTOCOL,),
            heartbeat=settings.socket_ping,
            max_msg_size=settings.max_frame_bytes,
            compress=False,
        )
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: asyncio.Task[None] | None = None
        self._initialised = self._acknowledged = False
        self._user_agent: str | None = None
        self._language = Language.EN
        self.viewer: Viewer = ANONYMOUS

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve the socket until either side closes it."""
        self._language = preferred_language(request)
        self._user_agent = request.headers.get("User-Agent")
        await self._socket.prepare(request)
        if self._socket.ws_protocol != PROTOCOL:
            await self.end(4406, "Subprotocol not acceptable")
            return self._socket
        overdue = asyncio.get_running_loop().call_later(
            self._settings.socket_init_timeout, self._init_overdue
        )
        self._timers.append(overdue)
        try:
            await self._receive()
        except _Close as close:
            await self.end(close.code, close.reason)
        finally:
            for timer in self._timers:
                timer.cancel()
            self._sessions.sockets.discard(self)
            await self._stop_operations()
        return self._socket

    async def end(self, code: int, reason: str) -> None:
        """Close the socket; ``reason`` is cut to what a close frame can hold."""
        message = reason.encode()[:_MAX_REASON].decode(errors="ignore").encode()
        await self._socket.close(code=code, message=message)

    def _init_overdue(self) -> None:
        if not self._initialised:
            self._closing = asyncio.create_task(self.end(4408, "Connection initialisation timeout"))

    def _token_ended(self) -> None:
        self._closing = asyncio.create_task(self.end(4403, "Token expired"))

    async def _receive(self) -> None:
        async for message in self._socket:
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
        self._sessions.sockets.add(self)
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    def _subscribe(self, identifier: str, payload: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise _Close(4401, "Unauthorized")
        if identifier in self._operations:
            raise _Close(4409, f"Subscriber for {identifier} already exists")
        task = asyncio.create_task(self._operate(identifier, payload))
        self._operations[identifier] = task

    async def _operate(self, identifier: str, payload: dict[str, Any]) -> None:
        """Run one operation; whatever happens ends this operation alone."""
        try:
            with self._unit():
                await self._run(identifier, payload)
        except Rejected as rejected:
            await self._finish(identifier, {"type": "error", "payload": rejected.answer["errors"]})
        except HttpFailure as failure:
            await self._finish(
                identifier, {"type": "error", "payload": self._errors(failure.error)}
            )
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

    async def _run(self, identifier: str, payload: dict[str, Any]) -> None:
        if len(self._operations) > self._settings.socket_subscriptions:
            raise HttpFailure(429, LimitExceeded())
        parameters = parameters_of(payload)
        prepared = self._engine.prepare(
            parameters.query, parameters.operation_name, self.viewer.language
        )
        self.viewer = await self._sessions.refresh(self.viewer)
        context = Context(viewer=self.viewer, refresh=self._sessions.refresh)
        if prepared.kind is not OperationType.SUBSCRIPTION:
            answer = await self._engine.execute(prepared, parameters.variables, context)
            await self._next_or_error(identifier, answer)
        else:
            async with aclosing(
                self._engine.subscribe(prepared, parameters.variables, context)
            ) as answers:
                async for answer in answers:
                    if not await self._next_or_error(identifier, answer):
                        return
        await self._finish(identifier, {"type": "complete"})

    async def _next_or_error(self, identifier: str, answer: Answer) -> bool:
        """Send one result, or the error that ends the operation; return whether it goes on."""
        if "data" not in answer:
            await self._finish(identifier, {"type": "error", "payload": answer["errors"]})
            return False
        await self._send({"id": identifier, "type": "next", "payload": answer})
        return True

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
            async with asyncio.timeout(_SEND_TIMEOUT):
                await self._socket.send_str(orjson.dumps(message).decode())
        except TimeoutError:
            self._cut()
            raise ConnectionResetError from None

    def _cut(self) -> None:
        """Drop a reader that stopped; a close frame would wait behind what it does not read."""
        request = self._socket._req  # noqa: SLF001  aiohttp offers no public way to the transport
        if request is not None and request.transport is not None:
            request.transport.abort()

    async def _stop_operations(self) -> None:
        tasks = list(self._operations.values())
        self._operations.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _decoded(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise _Close(4400, "Invalid message")
    return message


async def going_away(sessions: Sessions) -> None:
    """Tell every socket of this process to come back later."""
    await sessions.end(lambda _: True, WSCloseCode.GOING_AWAY, "Server restarting")
