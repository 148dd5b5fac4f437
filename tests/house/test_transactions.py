"""Law 5: nothing slow inside a transaction, nothing announced before commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bawaba import audit, jobs, live
from bawaba.db import after_commit, transaction
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.settings import Settings
from bawaba.runtime import current
from bawaba.testing import laws
from bawaba.testing.databases import postgres_database
from bawaba.testing.ledger import MemoryLedger


def test_no_transaction_waits_for_the_world_outside(house: Any) -> None:
    packages = [house.core, *(plugin.source for plugin in house.plugins)]
    assert [breach for package in packages for breach in laws.nothing_slow(package)] == []


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with postgres_database() as made:
        yield made


@pytest.fixture
async def host(url: str, tmp_path: Path) -> AsyncIterator[Host]:
    settings = Settings(data_dir=tmp_path, database_url=url, demo=True)
    made = boot.build(settings, modules={}, ledger=MemoryLedger())
    async with made.running():
        yield made


async def test_an_event_outside_a_transaction_is_refused(host: Host) -> None:
    with host.unit(), pytest.raises(RuntimeError):
        await live.emit("house:law", "STEP")


async def test_a_job_outside_a_transaction_is_refused(host: Host) -> None:
    with host.unit(), pytest.raises((RuntimeError, LookupError)):
        await jobs.enqueue(host.runtime.registry.all("declare_jobs")[0].name, {})


async def test_an_audit_entry_outside_a_transaction_is_refused(host: Host) -> None:
    with host.unit(), pytest.raises(RuntimeError):
        await audit.record(None, "house.law", "House:1")


async def test_what_is_rolled_back_wakes_nobody(host: Host) -> None:
    woken: list[str] = []
    kinds: list[str] = []
    with host.unit():
        follower = asyncio.create_task(_follow(host, "house:law", kinds))
        await _until(lambda: kinds == [live.SNAPSHOT])
        with pytest.raises(ZeroDivisionError):
            await _rolled_back(lambda: woken.append("undone"))
        async with transaction():
            await live.emit("house:law", "DONE")
            after_commit(lambda: woken.append("done"))
            await asyncio.sleep(0.05)
            assert (kinds, woken) == ([live.SNAPSHOT], []), "announced before the commit"
        await _until(lambda: len(kinds) > 1)
        follower.cancel()
    assert kinds == [live.SNAPSHOT, "DONE"]
    assert woken == ["done"]


async def test_a_number_that_is_rolled_back_is_given_again(host: Host) -> None:
    with host.unit():
        async with transaction():
            first = await live.emit("house:law", "ONE")
        with pytest.raises(ZeroDivisionError):
            await _rolled_back(lambda: None)
        async with transaction():
            assert await live.emit("house:law", "TWO") == first + 1


async def _rolled_back(announce: Callable[[], None]) -> None:
    async with transaction():
        await live.emit("house:law", "UNDONE")
        after_commit(announce)
        raise ZeroDivisionError


async def _follow(host: Host, topic: str, kinds: list[str]) -> None:
    with host.unit():
        async for event in current().live.follow(topic, None):
            kinds.append(event.kind)  # noqa: PERF401  it never ends


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  what is awaited has no event of its own
            await asyncio.sleep(0.01)
