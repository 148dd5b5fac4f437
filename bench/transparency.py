"""The public page of figures, beside a static file of the same bytes on the same aiohttp.

Run with ``make bench``. What counts is the server's CPU a request, as a ratio to the static file.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import page
import uvloop
from live_servers import PEERS, PYTHON, Peer, Server, started
from rich.console import Console
from rich.progress import track

LIBRARIES = ("aiohttp", "uvloop", "jinja2")
READERS, SECONDS = 16, 3.0
FIGURES = str(PEERS / "figures_server.py")
WARM = Peer("warm", "the page", (PYTHON, FIGURES, "PORT", "DATA", "warm"))
COLD = Peer("cold", "the page", (PYTHON, FIGURES, "PORT", "DATA", "cold"))
PLAIN = {"Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Case:
    """What is asked of which server."""

    title: str
    peer: Peer
    path: str
    headers: Mapping[str, str]
    status: int = 200


@dataclass(frozen=True)
class Sample:
    """Requests a second, and seconds of the server's CPU for each."""

    rate: float
    cpu: float


async def reader(
    session: aiohttp.ClientSession, url: str, case: Case, headers: Mapping[str, str], end: float
) -> int:
    """Ask until the end; return how often it was answered."""
    count = 0
    while time.perf_counter() < end:
        async with session.get(url, headers=headers) as response:
            await response.read()
            if response.status != case.status:
                raise RuntimeError(f"{case.title}: {response.status}")
        count += 1
    return count


async def checked(session: aiohttp.ClientSession, url: str) -> str:
    """Wait until the demo's books are checked, after which nothing moves; return the page's tag."""
    while True:
        async with session.get(url, headers=PLAIN) as response:
            if b"Intact" in await response.read():
                return response.headers["ETag"]
        await asyncio.sleep(0.5)


async def measure(server: Server, case: Case) -> Sample:
    """Let the readers read for a while."""
    url = f"http://127.0.0.1:{server.port}{case.path}"
    connector = aiohttp.TCPConnector(limit=READERS)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        await server.ready(session)
        headers = dict(case.headers)
        tag = await checked(session, url)
        if case.status == 304:
            headers["If-None-Match"] = tag
        cpu, begun = server.cpu(), time.perf_counter()
        counts = await asyncio.gather(
            *(reader(session, url, case, headers, begun + SECONDS) for _ in range(READERS))
        )
        seconds = time.perf_counter() - begun
        return Sample(sum(counts) / seconds, (server.cpu() - cpu) / sum(counts))


async def written(server: Server) -> bytes:
    """Return the page, to be the static file."""
    async with aiohttp.ClientSession() as session:
        await server.ready(session)
        url = f"http://127.0.0.1:{server.port}/transparency?lang=en"
        await checked(session, url)
        async with session.get(url) as response:
            return await response.read()


def cases(static: Peer) -> list[Case]:
    """Return what is compared; the first is the measure."""
    whole = "/transparency?lang=en"
    return [
        Case("static file of the same bytes", static, "/page.html", PLAIN),
        Case("**page**, warm", WARM, whole, PLAIN),
        Case("**page**, warm, compressed", WARM, whole, {"Accept-Encoding": "gzip"}),
        Case("**page**, warm, 304", WARM, whole, PLAIN, status=304),
        Case("**page**, cold: read and written anew", COLD, whole, PLAIN),
    ]


def table(found: Mapping[str, list[Sample]]) -> str:
    """Return the figures in Markdown."""
    rows = [["", "readers a second", "CPU a request, µs", "to static"]]
    first = statistics.median(sample.cpu for sample in next(iter(found.values())))
    for title, samples in found.items():
        rate = statistics.median(sample.rate for sample in samples)
        cpu = statistics.median(sample.cpu for sample in samples)
        rows.append([title, f"{rate:,.0f}", f"{1e6 * cpu:,.0f}", f"{cpu / first:.2f}"])
    return page.table(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="also into docs/performance.md")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    found: dict[str, list[Sample]] = {}
    with tempfile.TemporaryDirectory() as folder:
        with started(WARM) as server:
            body = uvloop.run(written(server))
        (Path(folder) / "page.html").write_bytes(body)
        static = Peer("static", "", (PYTHON, str(PEERS / "static_file.py"), "PORT", folder))
        for _ in track(range(wanted.rounds), console=Console(file=sys.stderr)):
            for case in cases(static):
                with started(case.peer) as server:
                    found.setdefault(case.title, []).append(uvloop.run(measure(server, case)))
    told = f"Median of {wanted.rounds} rounds, {READERS} readers at once, {len(body):,} bytes"
    text = f"{table(found)}\n\n{told}, {page.circumstances(LIBRARIES)}"
    print(text)
    if wanted.write:
        page.write("transparency", text)


if __name__ == "__main__":
    main()
