"""Workers are renewed one by one: requests go on, sockets are told to come back and resume."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Generator

import aiohttp
import pytest
from bawaba.testing.client import FrontEnd
from bawaba.testing.fold import Fold, watching
from bawaba.testing.process import Portal
from flow_backends import portal_on
from flow_steps import check_out, eventually, operation, start, unpaid


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    with portal_on("postgres", BAWABA_DRAIN_PERIOD="1") as running:
        yield running


async def test_renewing_the_workers_fails_no_request(portal: Portal) -> None:
    await portal.ready()
    supervisor = portal.process.pid
    before = children(supervisor)
    citizen_token = portal.token("citizen")
    async with aiohttp.ClientSession() as session:
        visitor = FrontEnd(session, portal.url)
        citizen = visitor.signed_in(citizen_token)
        document, fold = operation("accounting", "StatisticsUpdated"), Fold()
        async with visitor.live() as socket, socket.subscribe(document) as reader:
            fold.take((await reader.next())["accountingStatisticsUpdated"])
            asking = asyncio.create_task(ask_until_renewed(portal, supervisor, before))
            os.kill(supervisor, signal.SIGHUP)
            assert await socket.closed(within=60) == 1012
        assert await asking > 20
        payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
        await check_out(citizen, payment, "approve")
        await eventually(citizen, payment, status="CAPTURED")
        async with watching(visitor, document, {}, fold.cursors[-1]) as take:
            await take(fold)
        assert fold.kinds[-1] != "SNAPSHOT"


def children(supervisor: int) -> set[int]:
    """Return the worker processes: those that the supervisor spawned and that listen."""
    listed = os.popen(f"pgrep -P {supervisor} -f spawn_main").read().split()
    return set(map(int, listed))


async def ask_until_renewed(portal: Portal, supervisor: int, before: set[int]) -> int:
    """Send requests, each on a connection of its own, until no old worker is left."""
    asked = 0
    async with asyncio.timeout(90):
        while children(supervisor) & before:
            connector = aiohttp.TCPConnector(force_close=True)
            async with aiohttp.ClientSession(connector=connector) as session:
                answers = await asyncio.gather(
                    *(
                        FrontEnd(session, portal.url).execute("{ platform { version } }")
                        for _ in "abc"
                    )
                )
            asked += len(answers)
            await asyncio.sleep(0.02)
    return asked
