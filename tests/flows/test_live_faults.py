"""200 subscribers of two workers, while Redis, a worker, the database's lines and sockets fail."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.databases import postgres_database
from bawaba.testing.process import Portal, free_port, serving
from flow_backends import everybody_serves, sockets_of, workers
from flow_steps import check_out, eventually, operation, start, unpaid
from live_crowd import Subscriber, crowd

SUBSCRIBERS = 200
STATISTICS = operation("accounting", "StatisticsUpdated")
PAYMENT = operation("payments", "PaymentUpdated")


class Redis:
    """A Redis of this test's own, to be killed, emptied and frozen."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            needed = os.environ.get("BAWABA_REQUIRE_SERVICES")
            (pytest.fail if needed else pytest.skip)("needs the program redis-server")
        options = ["--port", str(self.port), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen([str(program), *options], stdout=subprocess.DEVNULL)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number is signal.SIGKILL:
            self._process.wait()

    def command(self, word: str) -> None:
        line = ["redis-cli", "-p", str(self.port), word]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="module")
def redis() -> Generator[Redis]:
    with tempfile.TemporaryDirectory(prefix="bawaba-redis-") as folder:
        server = Redis(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def portal(redis: Redis) -> Generator[Portal]:
    with postgres_database() as database:
        settings = {
            "BAWABA_DATABASE_URL": database,
            "BAWABA_REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
        }
        with serving(settings, workers=2) as running:
            asyncio.run(everybody_serves(running))
            yield running


@pytest.fixture(scope="module")
def token(portal: Portal) -> str:
    return portal.token("citizen")


@pytest.fixture(scope="module")
def other_token(portal: Portal) -> str:
    return portal.token("citizen-2")


@pytest_asyncio.fixture
async def citizen(portal: Portal, token: str) -> AsyncGenerator[FrontEnd]:
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, portal.url, token)


def told(everyone: list[Subscriber]) -> str:
    """Return where subscribers stand, for a message of failure."""
    places = Counter((s.sequence, s.connections, tuple(s.flaws)) for s in everyone)
    return "; ".join(f"{count} at {place}" for place, count in places.items())


async def until(
    check: Callable[[], bool], within: float, why: str, everyone: Sequence[Subscriber] = ()
) -> None:
    for _ in range(int(within / 0.05)):
        if check():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{why}: {told(list(everyone))}")


async def a_fine(citizen: FrontEnd) -> dict[str, Any]:
    """Return a fine to pay, asking again where a fault gave no answer or left the list empty."""
    for _ in range(60):
        with suppress(aiohttp.ClientError, ConnectionError, GraphQLFailed):
            if fines := await unpaid(citizen):
                return fines[0]
        await asyncio.sleep(0.25)
    raise AssertionError("no fine to pay")


async def pay(citizen: FrontEnd) -> None:
    """Pay one fine as a good client does: what got no answer is sent again, with the same key."""
    key, chosen = uuid.uuid4().hex, await a_fine(citizen)
    for _ in range(60):
        try:
            payment = (await start(citizen, chosen, idempotencyKey=key))["payment"]
            if payment is not None and await check_out(citizen, payment, "approve") < 400:
                break
        except (aiohttp.ClientError, ConnectionError, GraphQLFailed):
            pass
        await asyncio.sleep(0.25)
    await eventually(citizen, payment, status="CAPTURED")


async def fault_of(kind: str, portal: Portal, redis: Redis, everyone: list[Subscriber]) -> None:
    """Let one thing fail, and come back."""
    if kind == "redis killed and restarted":
        redis.send(signal.SIGKILL)
        await asyncio.sleep(1)
        redis.start()
    elif kind == "redis emptied":
        redis.command("FLUSHALL")
    elif kind == "redis frozen":
        redis.send(signal.SIGSTOP)
        await asyncio.sleep(4)
        redis.send(signal.SIGCONT)
    elif kind == "a worker killed":
        os.kill(workers(portal)[0], signal.SIGKILL)
        await asyncio.sleep(1)
    elif kind == "every socket cut":
        for subscriber in everyone:
            subscriber.cut()
    elif kind == "database lines cut":
        connection: Any = await asyncpg.connect(portal.environment["BAWABA_DATABASE_URL"])
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.close()


FAULTS = [
    "redis killed and restarted",
    "redis emptied",
    "redis frozen",
    "a worker killed",
    "every socket cut",
    "database lines cut",
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_nobody_misses_anything(
    portal: Portal, redis: Redis, citizen: FrontEnd, token: str, other_token: str, fault: str
) -> None:
    other = citizen.signed_in(other_token)
    payment = (await start(citizen, await a_fine(citizen)))["payment"]
    public = [
        Subscriber(portal.url, STATISTICS, {"groupBy": ["SERVICE"]}, None)
        for _ in range(SUBSCRIBERS * 3 // 4)
    ]
    own = [
        Subscriber(portal.url, PAYMENT, {"id": payment["id"]}, token)
        for _ in range(SUBSCRIBERS - len(public))
    ]
    everyone = [*public, *own]
    async with crowd(everyone):
        await until(lambda: all(s.values for s in everyone), 30, "not everybody began")
        assert all(sockets_of(pid) > SUBSCRIBERS // 8 for pid in workers(portal))
        before = public[0].sequence
        await asyncio.gather(fault_of(fault, portal, redis, everyone), pay(other))
        await check_out(citizen, payment, "approve")
        await eventually(citizen, payment, status="CAPTURED")
        await pay(citizen)
        await until(
            lambda: all(s.sequence >= before + 3 for s in public),
            30,
            f"somebody heard too little of the statistics after {before}",
            public,
        )
        await until(
            lambda: all(s.values[-1]["payment"]["status"] == "CAPTURED" for s in own),
            30,
            "somebody did not hear of the payment",
            own,
        )
        fresh = Subscriber(portal.url, STATISTICS, {"groupBy": ["SERVICE"]}, None)
        mine = Subscriber(portal.url, PAYMENT, {"id": payment["id"]}, token)
        async with crowd([fresh, mine]):
            await until(lambda: bool(fresh.values and mine.values), 10, "nothing fresh")
        assert [flaw for s in everyone for flaw in s.flaws] == []
        assert all(s.state == fresh.state for s in public)
        assert all(s.state == mine.state for s in own)
        if fault == "every socket cut":
            assert all(s.connections >= 2 for s in everyone)
