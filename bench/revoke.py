"""How long a revoked device's sockets stay open, beside one plain round trip to the same server.

Run with ``make bench``. Prints milliseconds only to illustrate; the ratio is the figure.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager

import aiohttp
import pytest
from bawaba.testing.client import FrontEnd
from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.process import Portal, serving
from rich.console import Console
from rich.progress import track
from rich.table import Table

ROUNDS, SOCKETS = 10, 40
REVOKE = "mutation($i: RevokeDeviceInput!) { revokeDevice(input: $i) { errors { code } } }"
DEVICES = "{ me { devices(first: 1) { nodes { id isCurrent } } } }"


@contextmanager
def portal(kind: str) -> Generator[Portal]:
    """Serve on one backend."""
    if kind == "SQLite, 1 process":
        with serving() as running:
            yield running
        return
    with postgres_database(durable=True) as database:
        settings = {
            "BAWABA_DATABASE_URL": database,
            "BAWABA_REDIS_URL": redis_url(),
            "BAWABA_REDIS_PREFIX": f"bench-{uuid.uuid4().hex[:8]}",
        }
        with serving(settings, workers=2) as running:
            yield running


async def measure(running: Portal) -> tuple[list[float], list[float]]:
    """Return (seconds until each socket closed, seconds of each plain round trip)."""
    closed: list[float] = []
    plain: list[float] = []
    await running.ready()
    async with aiohttp.ClientSession() as session:
        for round_ in track(range(ROUNDS), console=Console(stderr=True)):
            lost = FrontEnd(session, running.url, running.token("citizen", f"bench {round_}"))
            begun = time.perf_counter()
            me = (await lost.execute(DEVICES))["me"]
            plain.append(time.perf_counter() - begun)
            device = next(d["id"] for d in me["devices"]["nodes"] if d["isCurrent"])
            async with AsyncExitStack() as stack:
                sockets = [await stack.enter_async_context(lost.live()) for _ in range(SOCKETS)]
                begun = time.perf_counter()

                async def wait(socket, since=begun):
                    await socket.closed(within=30)
                    closed.append(time.perf_counter() - since)

                waits = [asyncio.create_task(wait(socket)) for socket in sockets]
                await lost.execute(REVOKE, {"i": {"deviceId": device}})
                await asyncio.gather(*waits)
    return closed, plain


def main() -> None:
    """Print the table."""
    table = Table(
        "backend", "close p50 ms", "close max ms", "round trip p50 ms", "max / round trip"
    )
    for kind in ("SQLite, 1 process", "PostgreSQL + Redis, 2 processes"):
        try:
            with portal(kind) as running:
                closed, plain = asyncio.run(measure(running))
        except pytest.skip.Exception as error:
            print(f"{kind}: {error}", file=sys.stderr)
            continue
        middle, worst, trip = statistics.median(closed), max(closed), statistics.median(plain)
        table.add_row(
            kind,
            *(f"{1000 * value:.1f}" for value in (middle, worst, trip)),
            f"{worst / trip:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
