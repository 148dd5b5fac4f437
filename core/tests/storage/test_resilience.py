"""Nothing that happens to a task or a connection may cost the pool one."""

from __future__ import annotations

# ruff: noqa: PT012 - what raises is the end of the transaction
import asyncio
import random
import time
from urllib.parse import urlsplit

import asyncpg
import pytest
from bawaba import db
from bawaba.host.storage.database import Database
from sample_app.models import Account
from storage_helpers import settled


async def _unit(database: Database, number: int) -> None:
    with database.bound():
        async with db.transaction():
            await Account.create(code=f"c{number}", number=number)
            await db.fetch("SELECT count(*) AS n FROM sample_account")
        await Account.all().count()


async def test_four_hundred_cancellations(database: Database) -> None:
    dice = random.Random(7)
    for batch in range(20):
        tasks = [asyncio.create_task(_unit(database, batch * 20 + i)) for i in range(20)]

        async def cut(task: asyncio.Task[None]) -> None:
            await asyncio.sleep(dice.random() * 0.03)
            task.cancel()

        await asyncio.gather(*(cut(task) for task in tasks))
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(r) for r in results} <= {asyncio.CancelledError, type(None)}
    assert await settled(database)
    with database.bound():
        before = await Account.all().count()
        async with db.transaction():
            await Account.create(code="alive", number=-1)
        assert await Account.all().count() == before + 1
    await asyncio.gather(*(_unit(database, 1000 + i) for i in range(20)))


async def test_cancelled_at_every_step(database: Database) -> None:
    """Cancel after 0, 1, 2 … turns of the loop, so that no await is left out."""
    for turns in range(60):
        task = asyncio.create_task(_unit(database, turns))
        for _ in range(turns):
            await asyncio.sleep(0.0002 if turns % 2 else 0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await settled(database)
    await _unit(database, 5000)


async def test_the_commit_is_finished_when_cancelled(database: Database) -> None:
    called: list[int] = []

    async def unit() -> None:
        with database.bound():
            async with db.transaction():
                await Account.create(code="a", number=1)
                db.after_commit(lambda: called.append(1))
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)

    task = asyncio.create_task(unit())
    with pytest.raises(asyncio.CancelledError):
        await task
    with database.bound():
        assert await Account.all().count() == 1
    assert called == [1]


async def _kill_others(postgres: Database) -> int:
    admin = await asyncpg.connect(postgres.url)
    try:
        killed: int = await admin.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return killed
    finally:
        await admin.close()


async def test_idle_connections_killed(postgres: Database) -> None:
    await asyncio.gather(*(_unit(postgres, i) for i in range(5)))
    assert await _kill_others(postgres) >= 1
    # At once, before the pool can have noticed: a transaction finds itself another connection.
    await asyncio.gather(*(_unit(postgres, 100 + i) for i in range(5)))
    assert await settled(postgres)


async def test_busy_connections_killed(postgres: Database) -> None:
    async def busy() -> None:
        with postgres.bound():
            async with db.transaction():
                await db.fetch("SELECT 1 AS one FROM pg_sleep(1.5)")

    tasks = [asyncio.create_task(busy()) for _ in range(5)]
    await asyncio.sleep(0.4)
    await _kill_others(postgres)
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, db.StorageUnavailable)
        assert (outcome.reason, outcome.retryable) == ("connection", False)
    assert await settled(postgres)
    await asyncio.gather(*(_unit(postgres, i) for i in range(10)))


async def test_killed_between_statements(postgres: Database) -> None:
    with postgres.bound():
        with pytest.raises(db.StorageUnavailable):
            async with db.transaction():
                await Account.create(code="a", number=1)
                await _kill_others(postgres)
                await Account.create(code="b", number=2)
        assert not db.in_transaction()
        assert await Account.all().count() == 0
        with pytest.raises(db.StorageUnavailable) as caught:
            async with db.transaction():
                await Account.create(code="a", number=1)
                await _kill_others(postgres)
        assert caught.value.reason == "commit_unknown"
    assert await settled(postgres)


SLOW = {
    "postgres": "SELECT 1 AS one FROM pg_sleep(20)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000000000)"
    " SELECT max(i) AS one FROM n",
}


@pytest.mark.parametrize("inside", [False, True])
async def test_statement_timeout(database: Database, inside: bool) -> None:
    started = time.monotonic()
    with database.bound():
        with pytest.raises(db.StorageUnavailable) as caught:
            if inside:
                async with db.transaction():
                    await db.fetch(SLOW[database.dialect])
            else:
                await db.fetch(SLOW[database.dialect])
        assert caught.value.reason == "timeout"
        assert time.monotonic() - started < 3
        assert await Account.all().count() == 0
    assert await settled(database)


async def test_cancelling_stops_the_statement(database: Database) -> None:
    async def slow() -> None:
        with database.bound():
            await db.fetch(SLOW[database.dialect])

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    started = time.monotonic()
    await _unit(database, 1)
    assert time.monotonic() - started < 1


async def test_an_exhausted_pool_says_so(database: Database) -> None:
    hold = asyncio.Event()

    async def occupy() -> None:
        with database.bound():
            async with db.transaction():
                await hold.wait()

    tasks = [asyncio.create_task(occupy()) for _ in range(1 if database.dialect == "sqlite" else 5)]
    await asyncio.sleep(0.3)
    with database.bound():
        with pytest.raises(db.StorageUnavailable) as caught:
            await Account.all().count()
        assert caught.value.reason in ("timeout", "busy")
        hold.set()
        await asyncio.gather(*tasks)
        assert await Account.all().count() == 0


class BlackHole:
    """A proxy that at a word stops passing anything on, and keeps its sockets open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.silent = False
        self.server: asyncio.Server | None = None
        self.writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> int:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        listening: int = self.server.sockets[0].getsockname()[1]
        return listening

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        except (ConnectionError, OSError):
            pass
        writer.transport.abort()


async def test_a_silent_database_is_given_up_in_time(postgres: Database) -> None:
    parts = urlsplit(postgres.url)
    hole = BlackHole(parts.port or 5432)
    async with hole as port:
        through = postgres.url.replace(f":{parts.port}/", f":{port}/")
        database = Database(through, postgres.apps, pool_size=3, statement_timeout=2.0)
        await database.open()
        await _unit(database, 1)
        hole.silent = True
        started = time.monotonic()
        outcomes = await asyncio.gather(
            *(_unit(database, i) for i in range(8)), return_exceptions=True
        )
        assert all(isinstance(o, db.StorageUnavailable) for o in outcomes)
        assert time.monotonic() - started < 2.6
        hole.silent = False
        await _unit(database, 2)
        assert await settled(database)
        await database.close()
