"""A database of each kind with the tables of live delivery, and hosts that share it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import types
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import runtime
from bawaba.db import transaction
from bawaba.host.clock import SystemClock, TimeOrderedIds
from bawaba.host.live import Live, models
from bawaba.host.live.broker import Broker
from bawaba.host.storage.database import Database, ModelApp
from bawaba.testing.databases import postgres_database, redis_url
from prometheus_client import CollectorRegistry
from tortoise.context import _current_context
from tortoise.utils import generate_schema_for_client

_APP = types.ModuleType("bawaba_test_live_models")
_APP.Topic, _APP.OutboxEvent = models.Topic, models.OutboxEvent  # type: ignore[attr-defined]
sys.modules[_APP.__name__] = _APP


class Host:
    """One process's live delivery, as boot wires it."""

    def __init__(self, database: Database, broker: Broker, **options: Any) -> None:
        self.database = database
        self.registry = CollectorRegistry()
        self.live = Live(broker, self.unit, self.registry, **options)
        self.ports: Any = SimpleNamespace(clock=SystemClock(), ids=TimeOrderedIds(), live=self.live)

    @contextlib.contextmanager
    def unit(self) -> Iterator[None]:
        with runtime.bound(self.ports), self.database.bound():
            yield

    async def emit(self, topic: str, *kinds: str, **data: Any) -> list[int]:
        with self.unit():
            async with transaction():
                return [await self.live.emit(topic, kind, data) for kind in kinds]

    def metric(self, name: str) -> float | None:
        return self.registry.get_sample_value(name)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/live.db"
        return
    with postgres_database() as made:
        yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url, [ModelApp("core", _APP.__name__)], pool_size=10)
    await opened.open()
    token = _current_context.set(opened._context)
    try:
        await generate_schema_for_client(opened.client, safe=False)
    finally:
        _current_context.reset(token)
    yield opened
    await opened.close()


@pytest.fixture
async def start(database: Database) -> AsyncIterator[Any]:
    """``await start(broker)``: a running host on the database; stopped afterwards."""
    hosts: list[Host] = []

    async def begin(broker: Broker, **options: Any) -> Host:
        host = Host(database, broker, **options)
        hosts.append(host)
        await host.live.start()
        return host

    yield begin
    for host in hosts:
        await host.live.stop()
    await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() if task.get_name().startswith("bawaba:")}
    assert not left, f"tasks left behind: {left}"


@pytest.fixture
def redis() -> str:
    return redis_url()


@pytest.fixture
def prefix() -> str:
    return f"bawaba-test-{uuid.uuid4().hex[:12]}"


async def take(iterator: Any, count: int, limit: float = 10.0) -> list[Any]:
    """The next ``count`` events, within ``limit`` seconds."""
    async with asyncio.timeout(limit):
        return [await anext(iterator) for _ in range(count)]


async def until(check: Any, limit: float = 8.0) -> None:
    """Wait until ``check()`` is true."""
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110 - anything may make it true
            await asyncio.sleep(0.02)


@pytest.fixture
def tools() -> SimpleNamespace:
    return SimpleNamespace(take=take, until=until, Host=Host, Proxy=Proxy)


class Proxy:
    """A TCP proxy before a server: its connections can be cut, frozen, or refused."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def freeze(self) -> None:
        self._flow.clear()

    def thaw(self) -> None:
        self._flow.set()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._flow.set()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: Any = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(*self._target)
            self._writers.add(back)
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
            self._writers.discard(back)
        self._writers.discard(writer)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._flow.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
