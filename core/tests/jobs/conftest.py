"""A database of each kind with the job table, a clock to turn, and workers that share both."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import sys
import types
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import runtime
from bawaba.db import transaction
from bawaba.host.clock import TimeOrderedIds
from bawaba.host.jobs import JobQueue, Worker, models
from bawaba.host.storage.database import Database, ModelApp
from bawaba.jobs import Job
from bawaba.testing.databases import postgres_database
from prometheus_client import CollectorRegistry
from tortoise.context import _current_context
from tortoise.utils import generate_schema_for_client

_APP = types.ModuleType("bawaba_test_job_models")
_APP.JobRow = models.JobRow  # type: ignore[attr-defined]
sys.modules[_APP.__name__] = _APP


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


class Host:
    """One process with a worker, as boot wires it."""

    def __init__(self, database: Database, clock: Any, jobs: Iterable[Job], **options: Any) -> None:
        self.database = database
        self.registry = CollectorRegistry()
        self.queue = JobQueue(jobs)
        self.worker = Worker(self.queue, self.unit, self.registry, **options)
        self.ports: Any = SimpleNamespace(clock=clock, ids=TimeOrderedIds(), jobs=self.queue)

    @contextlib.contextmanager
    def unit(self) -> Iterator[None]:
        with runtime.bound(self.ports), self.database.bound():
            yield

    async def enqueue(self, name: str, correlation: str = "c-1", **options: Any) -> None:
        payload = options.pop("payload", {})
        with self.unit(), runtime.correlated(correlation):
            async with transaction():
                await self.queue.enqueue(name, payload, **options)

    async def row(self, name: str) -> Any:
        with self.unit():
            return await models.JobRow.get(name=name)

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/jobs.db"
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
def turned() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def make(database: Database, turned: TurnedClock) -> AsyncIterator[Any]:
    """``make(*jobs, **worker_options)``: a host on the database, stopped afterwards."""
    hosts: list[Host] = []

    def build(*jobs: Job, **options: Any) -> Host:
        hosts.append(Host(database, turned, jobs, **options))
        return hosts[-1]

    yield build
    for host in hosts:
        await host.worker.stop(patience=0)
    await asyncio.sleep(0)
    left = {task for task in asyncio.all_tasks() if task.get_name().startswith("bawaba:")}
    assert not left, f"tasks left behind: {left}"


async def until(check: Any, limit: float = 8.0) -> None:
    """Wait until ``check()`` is true."""
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110 - anything may make it true
            await asyncio.sleep(0.02)


@pytest.fixture
def wait() -> Any:
    return until
