"""Readers that stop while money moves, and floods at two workers with one database and bus."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator

import aiohttp
import pytest
from abuse_client import LIVE, RawSocket, post, resident, send, settled, unharmed
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_backends import BACKENDS, portal_on
from flow_steps import check_out, eventually, start, unpaid

DEAD = 40
SUBSCRIPTIONS = 50


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Generator[Portal]:
    """Yield a portal on each backend."""
    with portal_on(request.param) as running:
        asyncio.run(settled(running))
        yield running


async def dead_reader(portal: Portal) -> RawSocket:
    """Return a socket with many subscriptions that reads nothing after the acknowledgement."""
    socket = await RawSocket.open(portal, "127.0.0.4")
    await socket.initialise()
    socket.reader._transport.pause_reading()
    for number in range(SUBSCRIPTIONS):
        socket.say(id=str(number), type="subscribe", payload={"query": LIVE})
    return socket


async def test_dead_readers_hold_nobody_up(backend: Portal) -> None:
    token = backend.token("citizen")
    async with unharmed(backend, log=64 * 1024), aiohttp.ClientSession() as session:
        dead = await asyncio.gather(*(dead_reader(backend) for _ in range(DEAD)))
        citizen = FrontEnd(session, backend.url, token)
        for fine in (await unpaid(citizen))[:2]:
            payment = (await start(citizen, fine))["payment"]
            assert await check_out(citizen, payment, "approve") < 400
            await eventually(citizen, payment, status="CAPTURED")
        for socket in dead:
            socket.abort()


async def test_flood_of_sockets_that_never_begin(backend: Portal) -> None:
    async with unharmed(backend, log=16 * 1024):
        opening = (RawSocket.open(backend, "127.0.0.5") for _ in range(300))
        opened = await asyncio.gather(*opening, return_exceptions=True)
        await asyncio.sleep(1)
        for socket in opened:
            if isinstance(socket, RawSocket):
                socket.abort()


async def test_memory_of_rude_leavers_is_given_back(backend: Portal) -> None:
    """Sockets that subscribe and vanish: the third hundred costs no more than a first would."""

    async def wave() -> None:
        sockets = [await RawSocket.open(backend, "127.0.0.4") for _ in range(100)]
        for socket in sockets:
            await socket.initialise()
            socket.say(id="1", type="subscribe", payload={"query": LIVE})
        for socket in sockets:
            _, payload = await socket.frame()
            assert json.loads(payload)["type"] == "next"
            socket.abort()

    async with unharmed(backend):
        await wave()
        before = resident(backend)
        await wave()
        await wave()
        assert resident(backend) - before <= 32 * 1024 * 1024


async def test_flood_of_distinct_documents_at_all_workers(backend: Portal) -> None:
    fields = "__typename " * 900
    async with unharmed(backend, log=16 * 1024):
        replies = await asyncio.gather(
            *(
                send(backend, post(f"query Q{n} {{ platform {{ {fields} }} }}"), "127.0.0.8")
                for n in range(100)
            )
        )
        assert {reply.status for reply in replies} <= {200, 429}
