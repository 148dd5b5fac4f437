"""Thousands of graphql-transport-ws clients that cost next to nothing: bare protocols."""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

QUERY = "subscription { benchTick { number text } }"
ACK, NEXT, REFUSED = b'"connection_ack"', b'"next"', b'"error"'
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_AT_ONCE = 100
_PATIENCE = 120.0


def raise_descriptor_limit() -> None:
    """Allow this process, and the servers it starts, as many sockets as the system grants."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _masked(opcode: int, body: bytes) -> bytes:
    """Return a client's frame; the mask is zero, so that the body stays as it is."""
    size = len(body)
    head = bytes([0x80 | opcode])
    if size < 126:
        return head + bytes([0x80 | size]) + bytes(4) + body
    return head + bytes([0xFE]) + size.to_bytes(2, "big") + bytes(4) + body


class Crowd:
    """All subscribers: counts the messages of the event that is under way."""

    def __init__(
        self, port: int, wish: Mapping[str, Any] | None = None, first: bytes = b"tick-"
    ) -> None:
        self.port, self.wish, self._first = port, wish or {"query": QUERY}, first
        self.sockets: list[_Subscriber] = []
        self.problem: str | None = None
        self._mark = b""
        self._awaited = 0
        self._all = asyncio.Event()

    async def open(self, count: int) -> None:
        """Open sockets until there are ``count``; each has its first value."""
        loop = asyncio.get_running_loop()
        while len(self.sockets) < count:
            number = min(_AT_ONCE, count - len(self.sockets))
            self.await_(self._first, number)
            made = await asyncio.gather(
                *(
                    loop.create_connection(lambda: _Subscriber(self), "127.0.0.1", self.port)
                    for _ in range(number)
                )
            )
            self.sockets.extend(protocol for _, protocol in made)
            await self._complete()

    def expect(self, number: int) -> None:
        """Await the event ``number`` on every socket."""
        self.await_(f"tick-{number}-".encode(), len(self.sockets))

    async def complete(self) -> None:
        """Wait until every socket has it.

        Raises:
            RuntimeError: a socket closed, a subscription failed, or not all came in time.
        """
        await self._complete()

    def got(self, message: bytes) -> None:
        """Count one message."""
        if NEXT in message and self._mark in message:
            self._awaited -= 1
            if self._awaited <= 0:
                self._all.set()
        elif REFUSED in message:
            self.fail(message[:300].decode(errors="replace"))

    def fail(self, problem: str) -> None:
        """Give up: the figures would be of fewer subscribers than they say."""
        self.problem = self.problem or problem
        self._all.set()

    def close(self) -> None:
        """Drop every connection."""
        for socket in self.sockets:
            socket.closing = True
            socket.transport.abort()

    def await_(self, mark: bytes, count: int) -> None:
        """Await a message that holds ``mark`` on ``count`` sockets."""
        self._mark, self._awaited = mark, count
        self._all.clear()

    async def _complete(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._all.wait()
        except TimeoutError:
            self.fail(f"{self._awaited} messages did not come in {_PATIENCE:.0f} s")
        if self.problem is not None:
            raise RuntimeError(self.problem)


class _Subscriber(asyncio.Protocol):
    """One socket with one subscription."""

    __slots__ = ("_buffer", "_crowd", "_identifier", "_upgraded", "closing", "transport")
    transport: asyncio.Transport

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self._identifier = str(uuid.uuid4())
        self._upgraded = self.closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /graphql HTTP/1.1",
            f"Host: 127.0.0.1:{self._crowd.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
        )
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closing:
            self._crowd.fail(f"a socket was closed: {exc!r}")

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        if not self._upgraded:
            head, found, rest = data.partition(b"\r\n\r\n")
            if not found:
                self._buffer = data
                return
            if b" 101 " not in head:
                self._crowd.fail(head[:300].decode(errors="replace"))
                return
            self._upgraded, data = True, rest
            self.transport.write(_masked(_TEXT, b'{"type":"connection_init"}'))
        self._buffer = self._frames(data)

    def _frames(self, data: bytes) -> bytes:
        """Take every whole frame; return what is left."""
        start = 0
        while len(data) - start >= 2:
            size, body = data[start + 1] & 0x7F, start + 2
            if size == 126:
                if len(data) < body + 2:
                    break
                size, body = int.from_bytes(data[body : body + 2], "big"), body + 2
            if len(data) < body + size:
                break
            self._frame(data[start] & 0x0F, data[body : body + size])
            start = body + size
        return data[start:]

    def _frame(self, opcode: int, body: bytes) -> None:
        if opcode == _TEXT and ACK in body:
            wish = {"id": self._identifier, "type": "subscribe", "payload": dict(self._crowd.wish)}
            self.transport.write(_masked(_TEXT, orjson.dumps(wish)))
        elif opcode == _TEXT:
            self._crowd.got(body)
        elif opcode == _PING:
            self.transport.write(_masked(_PONG, body))
        elif opcode == _CLOSE:
            self._crowd.fail(f"closed by the server: {body!r}")
