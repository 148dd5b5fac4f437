"""One event to thousands of WebSocket subscribers: what it costs the server, beside its peers.

Run with ``make bench``, or ``python bench/live.py --write`` to put the table into
docs/performance.md. Servers take turns, each time as a new process, and the median of the rounds
counts. The subscribers live in this process, the server in another. Figures illustrate; the
ratio to raw socket writes is what Bawaba promises.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import page
import uvloop
from live_servers import NODE, PEERS, RAW, Peer, Server, installed_peers, started
from live_sockets import Crowd, raise_descriptor_limit

SIZES = (1_000, 5_000)
EVENTS = 40
"""Measured events; fewer where they come to more than 100,000 messages. Half as many warm up."""
SETTLE = 2.0
LIBRARIES = ("strawberry-graphql", "graphql-core", "aiohttp", "uvloop", "orjson")


@dataclass(frozen=True)
class Sample:
    """One round of one server with one number of subscribers."""

    alone: float
    """CPU seconds of an event with one subscriber."""
    message: float
    """CPU seconds of one more subscriber's message."""
    memory: float
    """Resident bytes of one more idle subscriber, once there are some."""
    resident: float
    """Resident bytes of the process with all subscribers."""


Found = dict[tuple[str, int], Sample]
"""The medians, by a server's name and the number of subscribers."""


class Events:
    """Makes events, one at a time: the next when every subscriber has the last."""

    def __init__(self, session: aiohttp.ClientSession, server: Server, crowd: Crowd) -> None:
        self._session, self._server, self._crowd = session, server, crowd
        self._number = 100_000

    async def cpu_with(self, size: int) -> float:
        """Return the server's CPU seconds of one event to ``size`` subscribers."""
        await self._crowd.open(size)
        count = max(10, min(EVENTS, 100_000 // size))
        await self._cpu(count // 2)
        return await self._cpu(count)

    async def _cpu(self, count: int) -> float:
        before = self._server.cpu()
        for _ in range(count):
            self._number += 1
            self._crowd.expect(self._number)
            url = f"http://127.0.0.1:{self._server.port}/tick?number={self._number}"
            async with self._session.post(url) as response:
                response.raise_for_status()
            await self._crowd.complete()
        return (self._server.cpu() - before) / count


async def measure(peer: Peer, size: int) -> Sample:
    """Start ``peer``; compare an event to ``size`` subscribers with one to a single subscriber."""
    with started(peer) as server:
        async with aiohttp.ClientSession() as session:
            await server.ready(session)
            crowd = Crowd(server.port)
            events = Events(session, server, crowd)
            try:
                alone = await events.cpu_with(1)
                # The first ones may live in memory that the process had free.
                some = size * 2 // 5
                before, after = [await idle(crowd, server, count) for count in (some, size)]
                full = await events.cpu_with(size)
            finally:
                crowd.close()
    message = (full - alone) / (size - 1)
    return Sample(alone, message, (after - before) / (size - some), after)


async def idle(crowd: Crowd, server: Server, count: int) -> int:
    """Return the server's resident bytes with ``count`` subscribers that wait."""
    await crowd.open(count)
    await asyncio.sleep(SETTLE)
    return server.memory()


def rounds(peers: Sequence[Peer], sizes: Sequence[int], count: int) -> Found:
    """Return the medians of ``count`` rounds in which the servers take turns."""
    samples: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for number in range(1, count + 1):
        for size in sizes:
            for peer in peers:
                sample = uvloop.run(measure(peer, size))
                samples[peer.name, size].append(sample)
                print(
                    f"round {number}, {size:,} subscribers, {peer.name}: "
                    f"{1e6 * sample.message:.1f} µs a message, "
                    f"{sample.memory / 1024:.0f} KB a subscriber",
                    file=sys.stderr,
                )
    return {key: _median(found) for key, found in samples.items()}


def _median(samples: Sequence[Sample]) -> Sample:
    names = [field.name for field in dataclasses.fields(Sample)]
    return Sample(*(statistics.median(getattr(s, name) for s in samples) for name in names))


def table(peers: Sequence[Peer], sizes: Sequence[int], found: Found) -> str:
    """Return the figures in Markdown."""
    heads = ["server", "CPU of the event itself, ms"]
    for size in sizes:
        heads += [f"CPU a message at {size:,}, µs", "to raw"]
    most = max(sizes)
    heads += ["KB an idle subscriber", f"MB of the process at {most:,}"]
    rows = [heads]
    for peer in peers:
        alone = statistics.median(found[peer.name, size].alone for size in sizes)
        cells = [peer.title, f"{1e3 * alone:.2f}"]
        for size in sizes:
            sample, raw = found[peer.name, size], found[RAW.name, size]
            cells += [f"{1e6 * sample.message:.1f}", f"{sample.message / raw.message:.2f}"]
        full = found[peer.name, most]
        rows.append([*cells, f"{full.memory / 1024:.0f}", f"{full.resident / 1024**2:.0f}"])
    return page.table(rows)


def circumstances(peers: Sequence[Peer], count: int) -> str:
    """Return on what it was measured."""
    node = []
    if NODE in peers:
        version = subprocess.run(
            [NODE.command[0], "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        pins = json.loads((PEERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
        node = [f"Node {version.lstrip('v')}", *(f"{name} {pin}" for name, pin in pins.items())]
    return f"Median of {count} rounds, {page.circumstances(LIBRARIES, node)}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="also into docs/performance.md")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", nargs="+", help="names of servers; raw is always among them")
    wanted = parser.parse_args()
    raise_descriptor_limit()
    peers = [
        peer
        for peer in installed_peers()
        if not wanted.only or peer is RAW or peer.name in wanted.only
    ]
    found = rounds(peers, wanted.sizes, wanted.rounds)
    text = f"{table(peers, wanted.sizes, found)}\n\n{circumstances(peers, wanted.rounds)}"
    print(text)
    if wanted.write:
        page.write("live", text)


if __name__ == "__main__":
    main()
