"""A front end's eye view: GraphQL over HTTP and over a WebSocket, nothing else."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

__all__ = ["FrontEnd", "GraphQLFailed", "LiveSocket"]


class GraphQLFailed(AssertionError):
    """An operation came back with top-level errors."""

    def __init__(self, errors: list[Mapping[str, Any]]) -> None:
        self.errors = errors
        super().__init__(errors)

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]


class FrontEnd:
    """One person (or an anonymous visitor) at a running server.

    Args:
        url: ``http://host:port``.
        token: a bearer token; None is an anonymous visitor.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None = None) -> None:
        self.session, self.url, self.token = session, url, token

    def signed_in(self, token: str | None) -> FrontEnd:
        """Return another person at the same server."""
        return FrontEnd(self.session, self.url, token)

    async def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, *, language: str = "en"
    ) -> Any:
        """Run an operation and return its ``data``.

        Raises:
            GraphQLFailed: the answer has top-level errors.
        """
        answer = await self.raw(query, variables, language=language)
        if answer.get("errors"):
            raise GraphQLFailed(answer["errors"])
        return answer["data"]

    async def raw(
        self, query: str, variables: Mapping[str, Any] | None = None, *, language: str = "en"
    ) -> Any:
        """Run an operation and return the whole answer."""
        headers = {"Accept-Language": language} | self._authorization()
        body = {"query": query, "variables": dict(variables or {})}
        async with self.session.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            return await response.json(content_type=None)

    @asynccontextmanager
    async def live(self, *, language: str = "EN") -> AsyncGenerator[LiveSocket]:
        """Open a socket, signed in as this person, and close it after the block."""
        address = f"{self.url}/graphql".replace("http", "ws", 1)
        async with self.session.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
            payload = {"language": language}
            if self.token is not None:
                payload["authorization"] = f"Bearer {self.token}"
            await socket.send_json({"type": "connection_init", "payload": payload})
            acknowledged = await socket.receive(timeout=10)
            if acknowledged.type is not aiohttp.WSMsgType.TEXT:
                raise ConnectionRefusedError(f"closed with {socket.close_code}")
            live = LiveSocket(socket)
            try:
                yield live
            finally:
                await live.stop()

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


class LiveSocket:
    """An open socket with any number of subscriptions on it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._ids = map(str, itertools.count(1))
        self._queues: dict[str, asyncio.Queue[Mapping[str, Any] | None]] = {}
        self._reader = asyncio.create_task(self._read())

    @property
    def close_code(self) -> int | None:
        """The code with which the server closed the socket; None while it is open."""
        return self.socket.close_code

    async def closed(self, within: float) -> int | None:
        """Wait until the server closes the socket; return the code.

        Raises:
            TimeoutError: it is still open after ``within`` seconds.
        """
        async with asyncio.timeout(within):
            await asyncio.shield(self._reader)
        return self.close_code

    @asynccontextmanager
    async def subscribe(
        self, query: str, variables: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[Subscription]:
        """Start a subscription and complete it after the block."""
        identifier = next(self._ids)
        queue: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()
        self._queues[identifier] = queue
        payload = {"query": query, "variables": dict(variables or {})}
        await self.socket.send_json({"id": identifier, "type": "subscribe", "payload": payload})
        try:
            yield Subscription(queue)
        finally:
            self._queues.pop(identifier, None)
            if not self.socket.closed:
                await self.socket.send_json({"id": identifier, "type": "complete"})

    async def stop(self) -> None:
        """Stop reading."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            content = message.json()
            if content["type"] == "ping":
                await self.socket.send_json({"type": "pong"})
            queue = self._queues.get(content.get("id", ""))
            if queue is not None:
                queue.put_nowait(None if content["type"] == "complete" else content)
        for queue in self._queues.values():
            queue.put_nowait(None)


class Subscription:
    """The answers of one subscription, in order."""

    def __init__(self, queue: asyncio.Queue[Mapping[str, Any] | None]) -> None:
        self._queue = queue

    async def next(self, within: float = 10.0) -> Any:
        """Return the next ``data``.

        Raises:
            TimeoutError: nothing came within that many seconds.
            EOFError: the server completed the subscription or closed the socket.
            GraphQLFailed: it ended with an error.
        """
        async with asyncio.timeout(within):
            message = await self._queue.get()
        if message is None:
            raise EOFError
        payload = message["payload"]
        errors = payload if message["type"] == "error" else payload.get("errors")
        if errors:
            raise GraphQLFailed(errors)
        return payload["data"]

    async def until(self, field: str, kind: str, within: float = 20.0) -> Any:
        """Return the first value of ``field`` with this ``kind``; errors as :meth:`next`."""
        async with asyncio.timeout(within):
            while True:
                value = (await self.next(within))[field]
                if value["kind"] == kind:
                    return value
