"""A crowd of subscribers that come back after every cut, and prove that they missed nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

PROTOCOL = "graphql-transport-ws"


def place(cursor: str) -> tuple[str, int]:
    """Return (epoch, sequence) of a cursor: for this proof alone, it is opaque to clients."""
    epoch, sequence, _ = base64.urlsafe_b64decode(cursor + "==").decode().split(":", 2)
    return epoch, int(sequence)


class Subscriber:
    """One live field on a socket of its own, resumed by cursor whenever the socket is gone."""

    def __init__(self, url: str, query: str, variables: Mapping[str, Any], token: str | None):
        self._url = f"{url}/graphql".replace("http", "ws", 1)
        self._query, self._variables = query, dict(variables)
        self._init = {"authorization": f"Bearer {token}"} if token else {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.values: list[Mapping[str, Any]] = []
        self.connections = 0
        self.flaws: list[str] = []

    @property
    def sequence(self) -> int:
        """How far it has come."""
        return place(self.values[-1]["cursor"])[1] if self.values else -1

    @property
    def state(self) -> Mapping[str, Any]:
        """What it holds."""
        return {k: v for k, v in self.values[-1].items() if k not in {"cursor", "kind"}}

    def cut(self) -> None:
        """Lose the line without a farewell."""
        if self._socket is not None and (transport := self._socket.get_extra_info("socket")):
            transport.shutdown(2)

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Watch for ever."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                async with session.ws_connect(
                    self._url, protocols=[PROTOCOL], heartbeat=5
                ) as socket:
                    self._socket = socket
                    await self._watch(socket)
            await asyncio.sleep(0.2)

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_json({"type": "connection_init", "payload": self._init})
        self.connections += 1
        async for message in socket:
            content = json.loads(message.data)
            if content["type"] == "connection_ack":
                after = self.values[-1]["cursor"] if self.values else None
                payload = {"query": self._query, "variables": {**self._variables, "after": after}}
                await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
            elif content["type"] == "next":
                (value,) = content["payload"]["data"].values()
                self._take(value)
            elif content["type"] == "error":
                self.flaws.append(f"ended: {content['payload']}")
                return

    def _take(self, value: Mapping[str, Any]) -> None:
        if self.values:
            before, now = place(self.values[-1]["cursor"]), place(value["cursor"])
            gapless = now == (before[0], before[1] + 1)
            covered = value["kind"] == "SNAPSHOT" and now[1] >= before[1]
            born = before == ("", 0)
            if not (gapless or covered or born):
                self.flaws.append(f"{before} was followed by {now} {value['kind']}")
        elif value["kind"] != "SNAPSHOT":
            self.flaws.append(f"began with {value['kind']}")
        self.values.append(value)


@asynccontextmanager
async def crowd(subscribers: list[Subscriber]) -> AsyncGenerator[None]:
    """Run subscribers for as long as the block does."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        tasks = [asyncio.create_task(each.run(session)) for each in subscribers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
