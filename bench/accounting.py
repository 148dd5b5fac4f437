"""Posting durably with many payers at once, and headlines over histories of different lengths.

Postings: so many payers, each of whom wants one payment recorded, committed and acknowledged before
the next. Bawaba's ledger takes them through ``db.Grouped``, the group commit through which
gateways' callbacks are stored; ``batches`` is the ledger as the settler uses it, 200 journals a
transaction. Beside it, in turns on the same server with the same durability: PostgreSQL's own
TPC-B (``pgbench``), and an ORM with one transaction a payment. ``hot`` is one pair of accounts for
everybody (TPC-B: scale 1), ``spread`` is 400 pairs (TPC-B: scale 64). The promise: three times
TPC-B at the most payers.

Headlines: ``accountingStatistics`` through the GraphQL engine on databases that the bulk loader
made (``bawaba demo load --transactions``), in turns, beside a plain sum over all rows.

    python bench/accounting.py [--payers 8 64 512] [--seconds 3] [--rounds 2]
        [--transactions 20000 200000] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import itertools
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import page
import uvloop
from bawaba import db, ledger
from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.settings import Settings
from bawaba.host.storage.database import Database, ModelApp
from bawaba.ledger import Account, AccountKind, Activity, Journal, Outcome, Posting, Side
from bawaba.testing.databases import postgres_database, wait_for_drops
from bawaba.text import Text
from bawaba.viewer import Viewer
from bawaba_accounting.services.verify import verify

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import orm_books
from tpcb import SCALES, TpcB

PROMISE = 3.0
PAIRS = 400
BATCH = 200
RESERVE = 40
"""Connections of the server that are left to others."""
DAY = date(2026, 1, 1)
SAID = Text("Payment", "عملية دفع")
QUERIES = {
    "total": "{ accountingStatistics { total { count amount { amount } } } }",
    "by service": """{ accountingStatistics(groupBy: [SERVICE]) { groups {
      service { code } count amount { amount } share rankByAmount } } }""",
    "by month and channel": """{ accountingStatistics(groupBy: [MONTH, CHANNEL]) { groups {
      period { startsOn } channel count amount { amount } } } }""",
}
SCAN = 'SELECT SUM("count") AS c, SUM(fils) AS f FROM accounting_activity'
HEADLINE_ROUNDS, WARM = 30, 5


def quiet(_what: str, _done: int, _total: int) -> None:
    return None


@asynccontextmanager
async def opened(folder: Path, url: str) -> AsyncIterator[Host]:
    """A host of core and the accounting alone."""
    plugin = importlib.import_module("bawaba_accounting.plugin")
    settings = Settings(data_dir=folder, database_url=url, demo=True, statement_timeout=120.0)
    host = boot.build(settings, modules={"accounting": plugin})
    async with host.opened():
        yield host


class Accounts:
    """Which two accounts a payment moves money between."""

    def __init__(self, kind: str) -> None:
        self._draw = random.Random(7)
        self._pairs = 1 if kind == "hot" else PAIRS

    def pair(self) -> tuple[str, str]:
        n = self._draw.randrange(self._pairs)
        return f"bench.debit.{n}", f"bench.credit.{n}"


ACCOUNTS = [f"bench.{side}.{n}" for side in ("debit", "credit") for n in range(PAIRS)]
NUMBERS = itertools.count(1)


def journal(accounts: Accounts) -> Journal:
    debit, credit = accounts.pair()
    number = f"{next(NUMBERS):032x}"
    return Journal(
        reference=f"payment:{number}:capture",
        kind="SETTLEMENT",
        description=SAID,
        effective_on=DAY,
        postings=(Posting(debit, Side.DEBIT, 12_500), Posting(credit, Side.CREDIT, 12_500)),
        activities=(Activity("traffic-fines", "traffic", "PORTAL", "sandbox", 1, 12_500),),
        payment_id=number,
    )


@dataclass
class Pace:
    """What one turn came to."""

    done: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.done / self.seconds


async def crowd(payers: int, seconds: float, pay: Callable[[], Awaitable[int]]) -> Pace:
    """Let so many payers pay, one payment after another each, for so long."""
    pace, start = Pace(), time.perf_counter()

    async def payer() -> None:
        while time.perf_counter() < start + seconds:
            paid = await pay()
            pace.done += paid

    await asyncio.gather(*(payer() for _ in range(payers)))
    pace.seconds = time.perf_counter() - start
    return pace


async def bawaba(host: Host, kind: str, payers: int, seconds: float) -> Pace:
    with host.unit():
        group = db.Grouped(ledger.record)
        accounts = Accounts(kind)

        async def pay() -> int:
            assert (await group.add(journal(accounts))).outcome is Outcome.RECORDED
            return 1

        return await crowd(payers, seconds, pay)


async def batches(host: Host, kind: str, seconds: float) -> Pace:
    with host.unit():
        accounts = Accounts(kind)

        async def pay() -> int:
            journals = [journal(accounts) for _ in range(BATCH)]
            async with db.transaction():
                recorded = await ledger.record(journals)
            return sum(row.outcome is Outcome.RECORDED for row in recorded)

        return await crowd(1, seconds, pay)


async def orm(database: Database, kind: str, payers: int, seconds: float) -> Pace:
    with database.bound():
        accounts = Accounts(kind)

        async def pay() -> int:
            await orm_books.pay(f"{next(NUMBERS):032x}", *accounts.pair(), 12_500)
            return 1

        return await crowd(payers, seconds, pay)


async def room(database: Database) -> int:
    """How many connections this server can spare."""
    with database.bound():
        rows = await db.fetch(
            "SELECT current_setting('max_connections')::int - COUNT(*) AS free "
            "FROM pg_stat_activity"
        )
    return int(rows[0]["free"]) - RESERVE


@dataclass
class Posts:
    """Every system that posts, ready."""

    host: Host
    peer: Database
    tpcb: TpcB
    spare: int

    async def row(self, kind: str, payers: int, seconds: float, rounds: int) -> list[str]:
        """One row of the table: the medians of each system's turns."""
        found: dict[str, list[float]] = defaultdict(list)
        clients = self.tpcb.clients(payers, self.spare)
        for _ in range(rounds):
            found["tpcb"].append(await self.tpcb.turn(kind, clients, seconds))
            found["bawaba"].append((await bawaba(self.host, kind, payers, seconds)).rate)
            found["orm"].append((await orm(self.peer, kind, payers, seconds)).rate)
            found["batches"].append((await batches(self.host, kind, seconds)).rate)
        rate = {name: statistics.median(rates) for name, rates in found.items()}
        row = [
            f"{kind}, {payers} payers" + ("" if clients == payers else f" (TPC-B: {clients})"),
            *(f"{rate[name]:,.0f}" for name in ("bawaba", "batches", "tpcb", "orm")),
            f"{2 * rate['bawaba']:,.0f}",
            f"{rate['bawaba'] / rate['tpcb']:.2f}",
            f"{rate['bawaba'] / rate['orm']:.2f}",
        ]
        print("  ".join(row), flush=True)
        return row


async def posting(
    payers: list[int], seconds: float, rounds: int
) -> tuple[list[list[str]], float | None]:
    """Return the table of postings, and the worst ratio to TPC-B at the most payers.

    None: the server has too few connections for so many clients.
    """
    rows = [
        ["payments a second", "Bawaba", f"Bawaba, batches of {BATCH}", "TPC-B", "ORM",
         "postings/s of Bawaba", "to TPC-B", "to ORM"],
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url, peer_url = (stack.enter_context(postgres_database(durable=True)) for _ in range(2))
        peer = Database(
            peer_url, [ModelApp("peer", "orm_books")], pool_size=20, statement_timeout=120.0
        )
        await peer.open()
        with peer.bound():
            await orm_books.prepare(ACCOUNTS)
        async with opened(Path(folder), url) as host:
            with host.unit():
                named = [Account(code, SAID, AccountKind.ASSET) for code in ACCOUNTS]
                await host.runtime.ledger.ensure_accounts(named)
            gc.collect()
            gc.freeze()  # as `bawaba serve` does
            systems = Posts(host, peer, TpcB(stack), await room(peer))
            for kind, number in itertools.product(SCALES, payers):
                rows.append(await systems.row(kind, number, seconds, rounds))
            with host.unit():
                assert (await verify()).is_intact
        await peer.close()
    # Only what is like for like counts: a client of TPC-B for each payer.
    most = [float(row[6]) for row in rows[1:] if row[0].endswith(f" {max(payers)} payers")]
    return rows, min(most, default=None)


async def ask(host: Host, query: str) -> None:
    with host.unit():
        viewer = Viewer()
        prepared = host.engine.prepare(query, None, viewer.language)
        answer = await host.engine.execute(prepared, {}, Context(viewer=viewer))
    assert not answer.get("errors"), answer["errors"]


async def scan(host: Host) -> None:
    with host.unit():
        await db.fetch(SCAN)


JOBS: dict[str, Callable[[Host], Awaitable[None]]] = {
    **{name: (lambda host, query=query: ask(host, query)) for name, query in QUERIES.items()},
    "(a sum over all rows)": scan,
}


def serve(size: int, pipe: Connection) -> None:
    """Make a database of one size and run on it what the pipe names; in a process of its own."""
    uvloop.run(_serve(size, pipe))


async def _serve(size: int, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory() as folder, postgres_database(durable=True) as url:
        async with opened(Path(folder), url) as host:
            pipe.send(await made(host, size, urlsplit(url).path.lstrip("/")))
            while (name := pipe.recv()) is not None:
                start = time.perf_counter()
                await JOBS[name](host)
                pipe.send((time.perf_counter() - start) * 1_000)
    wait_for_drops()


def headlines(sizes: list[int]) -> list[list[str]]:
    """Return the table of headlines: the medians over databases of each size, in turns."""
    context, pipes, children = multiprocessing.get_context("spawn"), {}, []
    facts: dict[str, list[str]] = defaultdict(list)
    for size in sizes:
        pipes[size], theirs = context.Pipe()
        children.append(context.Process(target=serve, args=(size, theirs), daemon=True))
        children[-1].start()
        for name, value in pipes[size].recv().items():
            facts[name].append(value)
    rows = [["milliseconds, median", *(f"{size:,}" for size in sizes), "last to first"]]
    for name in JOBS:
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        for turn in range(HEADLINE_ROUNDS + WARM):
            for size, pipe in pipes.items():
                pipe.send(name)
                milliseconds = pipe.recv()
                if turn >= WARM:
                    taken[size].append(milliseconds)
        medians = [statistics.median(of_size) for of_size in taken.values()]
        last = f"{medians[-1] / medians[0]:.2f}"
        rows.append([name, *(f"{median:,.1f}" for median in medians), last])
        print("  ".join(rows[-1]), flush=True)
    for pipe, child in zip(pipes.values(), children, strict=True):
        pipe.send(None)
        child.join()
    return rows + [[name, *values, ""] for name, values in facts.items()]


async def made(host: Host, size: int, name: str) -> dict[str, str]:
    """Load and check so many transactions; return how long both took."""
    start = time.perf_counter()
    await host.load_demo(quiet, size)
    loaded = time.perf_counter() - start
    start = time.perf_counter()
    with host.unit():
        verdict = await verify()
        assert verdict.is_intact
        assert verdict.checked == size
        held = await db.fetch("SELECT pg_database_size($1::text) AS bytes", name)
    checked = time.perf_counter() - start
    print(
        f"{size:,} transactions: loaded in {loaded:.0f} s, checked in {checked:.0f} s", flush=True
    )
    return {
        "loaded, s": f"{loaded:,.0f}",
        "transactions loaded a second": f"{size / loaded:,.0f}",
        "whole chain checked, s": f"{checked:,.0f}",
        "disk, MB": f"{held[0]['bytes'] / 1e6:,.0f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payers", type=int, nargs="*", default=[8, 64, 512])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--transactions", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--write", action="store_true", help="also into docs/performance.md")
    asked = parser.parse_args()
    machine = page.circumstances(("tortoise-orm", "asyncpg"), [f"load {os.getloadavg()[0]:.1f}"])
    missed = False
    if asked.payers:
        rows, worst = uvloop.run(posting(asked.payers, asked.seconds, asked.rounds))
        missed = worst is not None and worst < PROMISE
        told = f"Median of {asked.rounds} turns of {asked.seconds:.0f} s, {machine}"
        put("accounting-postings", rows, told, write=asked.write)
        found = "not known: the server allows too few connections" if worst is None else worst
        print(f"worst ratio to TPC-B at {max(asked.payers)} payers: {found}; promise {PROMISE}")
    if asked.transactions:
        rows = headlines(asked.transactions)
        told = f"Median of {HEADLINE_ROUNDS} rounds, {machine}"
        put("accounting-headlines", rows, told, write=asked.write)
    wait_for_drops()
    sys.exit(missed)


def put(mark: str, rows: list[list[str]], told: str, *, write: bool) -> None:
    text = f"{page.table(rows)}\n\n{told}"
    print(text)
    if write:
        page.write(mark, text)


if __name__ == "__main__":
    main()
