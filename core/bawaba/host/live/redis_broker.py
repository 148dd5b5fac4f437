"""The bus over Redis publish/subscribe.

Redis may be killed, emptied, restarted or frozen: that costs latency and nothing else. What was
sent while nobody was connected is gone, so a reconnection tells its listeners to look themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bawaba.host.live.broker import BrokerUnavailable, Listeners, Missed, Receive

log = structlog.get_logger(__name__)

LIMIT = 1.0
"""Seconds that publishing, connecting or one answer may take."""
SILENCE = 2.0
"""Seconds without a word from the server after which it is pinged."""
LONGEST_PAUSE = 1.0
"""Seconds between attempts to reconnect, at most."""

_ERRORS = (RedisError, OSError, TimeoutError)


class RedisBroker:
    """The channel ``<prefix>:events`` of the Redis at ``url``."""

    def __init__(self, url: str, prefix: str) -> None:
        self.channel = f"{prefix}:events"
        self._url = url
        self._listeners = Listeners()
        self._sender = self._client()
        self._task: asyncio.Task[None] | None = None
        self._connected = False

    def _client(self) -> Any:
        return Redis.from_url(
            self._url,
            # So that an operator finds us in CLIENT LIST.
            client_name=self.channel,
            socket_timeout=LIMIT,
            socket_connect_timeout=LIMIT,
            # One more try covers a connection that died while idle.
            retry=Retry(NoBackoff(), 1),
        )

    async def start(self) -> None:
        """See :class:`Broker`."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="bawaba:bus")

    async def close(self) -> None:
        """See :class:`Broker`."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await _close(self._sender)

    def subscribe(self, receive: Receive, missed: Missed) -> Callable[[], None]:
        """See :class:`Broker`."""
        return self._listeners.add(receive, missed)

    async def publish(self, messages: Sequence[bytes]) -> None:
        """See :class:`Broker`."""
        try:
            async with asyncio.timeout(LIMIT):
                pipeline = self._sender.pipeline(transaction=False)
                for message in messages:
                    pipeline.publish(self.channel, message)
                await pipeline.execute()
        except _ERRORS as error:
            # A late answer on a kept connection would be taken for the next command's.
            with contextlib.suppress(*_ERRORS):
                await self._sender.connection_pool.disconnect()
            raise BrokerUnavailable(repr(error)) from error

    async def check(self) -> None:
        """See :class:`Broker`."""
        if self._task is not None and not self._connected:
            raise BrokerUnavailable("not subscribed to Redis")
        try:
            async with asyncio.timeout(LIMIT):
                await self._sender.ping()
        except _ERRORS as error:
            raise BrokerUnavailable(repr(error)) from error

    async def _listen(self) -> None:
        pause = 0.05
        while True:
            try:
                await self._session()
            except Exception as error:  # noqa: BLE001 - whatever it is, the listener lives on
                if self._connected or pause == 0.05:  # noqa: PLR2004 - the first of a streak
                    log.warning("bus connection lost", error=repr(error))
                pause = 0.05 if self._connected else min(2 * pause, LONGEST_PAUSE)
                self._connected = False
            await asyncio.sleep(pause)

    async def _session(self) -> None:
        """Listen on one connection until it fails."""
        client = self._client()
        channel = client.pubsub(ignore_subscribe_messages=False)
        try:
            async with asyncio.timeout(3 * LIMIT):
                await channel.subscribe(self.channel)
            while True:
                message = await self._heard(channel)
                if message["type"] == "message":
                    self._listeners.receive(message["data"])
                elif message["type"] == "subscribe":
                    # Also after a resubscription that the client made by itself.
                    self._connected = True
                    self._listeners.missed()
        finally:
            with contextlib.suppress(*_ERRORS):
                async with asyncio.timeout(LIMIT):
                    await channel.aclose()
            await _close(client)

    @staticmethod
    async def _heard(channel: Any) -> dict[str, Any]:
        """Return the next message; ping a silent server, and give up on one that stays silent."""
        for limit in (SILENCE, LIMIT):
            async with asyncio.timeout(limit + LIMIT):
                message: dict[str, Any] | None = await channel.get_message(timeout=limit)
                if message is not None:
                    return message
                await channel.ping()
        raise TimeoutError("Redis does not answer")


async def _close(client: Any) -> None:
    with contextlib.suppress(*_ERRORS):
        async with asyncio.timeout(LIMIT):
            await client.aclose()
