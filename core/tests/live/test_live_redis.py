"""Two processes on Redis: whatever happens to it, nothing is missed."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from bawaba.db import fetch
from bawaba.host.live import BrokerUnavailable, RedisBroker
from redis.asyncio import Redis

pytestmark = pytest.mark.parametrize("url", ["postgres"], indirect=True)


@pytest.fixture
async def proxy(redis: str, tools: Any) -> AsyncIterator[Any]:
    parts = urlsplit(redis)
    made = tools.Proxy(parts.hostname, parts.port)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def pair(start: Any, proxy: Any, prefix: str, tools: Any) -> list[Any]:
    hosts = [await start(RedisBroker(f"redis://127.0.0.1:{proxy.port}/0", prefix)) for _ in "ab"]
    for host in hosts:
        await tools.until(lambda host=host: host.live._broker._connected)
    return hosts


async def _watch(host: Any, last: int, tools: Any) -> list[int]:
    async with aclosing(host.live.follow("t", None)) as events:
        got = [(await tools.take(events, 1))[0].sequence]
        while got[-1] < last:
            got.append((await tools.take(events, 1, limit=20))[0].sequence)
    return got


async def _emit(host: Any, count: int, pause: float) -> None:
    for _ in range(count):
        await host.emit("t", "A")
        await asyncio.sleep(pause)


async def test_the_bus_carries_news_at_once(pair: list[Any], tools: Any) -> None:
    one, two = pair
    async with aclosing(two.live.follow("t", None)) as events:
        await tools.take(events, 1)
        await asyncio.sleep(0.2)
        began = time.monotonic()
        for _ in range(5):
            await one.emit("t", "A")
            await tools.take(events, 1)
        assert time.monotonic() - began < 1.5
    await one.live.check()
    await one.live.check_bus()


async def test_cut_connections(pair: list[Any], proxy: Any, tools: Any) -> None:
    watch = asyncio.create_task(_watch(pair[1], 60, tools))
    emit = asyncio.create_task(_emit(pair[0], 60, 0.03))
    for _ in range(4):
        await asyncio.sleep(0.4)
        proxy.cut()
    await emit
    got = await watch
    assert got == list(range(got[0], 61))


async def test_killed_by_the_server(pair: list[Any], redis: str, prefix: str, tools: Any) -> None:
    watch = asyncio.create_task(_watch(pair[1], 50, tools))
    emit = asyncio.create_task(_emit(pair[0], 50, 0.03))
    killed = 0
    async with Redis.from_url(redis) as admin:
        for _ in range(3):
            await asyncio.sleep(0.35)
            for client in await admin.client_list():
                # Only our own: the server is shared.
                if client["name"] == f"{prefix}:events":
                    killed += await admin.client_kill_filter(_id=client["id"])
    await emit
    got = await watch
    assert killed >= 4
    assert got == list(range(got[0], 51))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Any]:
    """A Redis of our own, which may be stopped, killed and emptied."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        options = ["--port", str(port), "--save", "", "--dir", str(tmp_path)]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        running.append(process)
        return process

    yield SimpleNamespace(begin=begin, url=f"redis://127.0.0.1:{port}/0")
    for process in running:
        process.kill()
        process.wait()


async def test_killed_emptied_frozen_restarted(
    server: Any, start: Any, prefix: str, tools: Any
) -> None:
    process = server.begin()
    one, two = [await start(RedisBroker(server.url, prefix)) for _ in "ab"]
    await tools.until(lambda: one.live._broker._connected and two.live._broker._connected)
    watch = [asyncio.create_task(_watch(host, 120, tools)) for host in (one, two) for _ in range(5)]
    emit = asyncio.create_task(_emit(one, 120, 0.05))
    await asyncio.sleep(0.5)
    async with Redis.from_url(server.url) as admin:
        await admin.flushall()
    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2)
    process.send_signal(signal.SIGCONT)
    await asyncio.sleep(0.5)
    process.kill()
    process.wait()
    await asyncio.sleep(1)
    server.begin()
    await emit
    for got in await asyncio.gather(*watch):
        assert got == list(range(got[0], 121))
    await tools.until(lambda: one.live._broker._connected and two.live._broker._connected)
    await tools.until(lambda: one.metric("bawaba_outbox_unpublished") == 0)
    with one.unit():
        assert await fetch("SELECT id FROM core_outbox WHERE published_at IS NULL") == []
    await one.live.check()
    await two.live.check_bus()


async def test_away_from_the_start(start: Any, redis: str, prefix: str, tools: Any) -> None:
    parts = urlsplit(redis)
    proxy = tools.Proxy(parts.hostname, parts.port)
    await proxy.open()
    await proxy.close()
    hosts = [await start(RedisBroker(f"redis://127.0.0.1:{proxy.port}/0", prefix)) for _ in "ab"]
    with pytest.raises(BrokerUnavailable):
        await hosts[0].live.check_bus()
    got = await asyncio.gather(
        _watch(hosts[0], 3, tools), _watch(hosts[1], 3, tools), _emit(hosts[0], 3, 0.1)
    )
    assert got[0][-1] == got[1][-1] == 3
    await tools.until(lambda: (hosts[0].metric("bawaba_outbox_unpublished") or 0) >= 1)
    await proxy.open()
    await tools.until(lambda: hosts[0].metric("bawaba_outbox_unpublished") == 0)
    with hosts[0].unit():
        assert await fetch("SELECT id FROM core_outbox WHERE published_at IS NULL") == []
    await tools.until(lambda: all(h.live._broker._connected for h in hosts))
    await proxy.close()


async def test_frozen(pair: list[Any], proxy: Any, tools: Any) -> None:
    one, two = pair
    near = asyncio.create_task(_watch(one, 4, tools))
    far = asyncio.create_task(_watch(two, 4, tools))
    await tools.until(lambda: two.metric("bawaba_live_followers") == 1)
    await asyncio.sleep(0.2)
    proxy.freeze()
    began = time.monotonic()
    await _emit(one, 4, 0)
    committed = time.monotonic() - began
    assert (await near)[-1] == 4
    assert time.monotonic() - began < committed + 0.5
    got = await far
    assert got == list(range(got[0], 5))
    assert time.monotonic() - began < 3.5
    with pytest.raises(BrokerUnavailable):
        await one.live._broker.publish([b"1 t"])
    proxy.thaw()
    await tools.until(lambda: one.metric("bawaba_outbox_unpublished") == 0)
    await tools.until(lambda: two.live._broker._connected)
    async with aclosing(two.live.follow("t", None)) as events:
        await tools.take(events, 1)
        await one.emit("t", "B")
        assert [e.sequence for e in await tools.take(events, 1, limit=4)] == [5]


async def test_garbage_on_the_bus_is_ignored(
    pair: list[Any], redis: str, prefix: str, tools: Any
) -> None:
    one, two = pair
    async with aclosing(two.live.follow("t", None)) as events:
        await tools.take(events, 1)
        async with Redis.from_url(redis) as admin:
            for junk in (b"", b"\xff", b"x t", b"99 t", b"1", b"1 \xff"):
                await admin.publish(f"{prefix}:events", junk)
        await one.emit("t", "A")
        assert [e.sequence for e in await tools.take(events, 1)] == [1]
    await two.live.check()
