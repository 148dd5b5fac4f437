"""A holiday is announced: 100,000 deadlines computed anew, on PostgreSQL, cut off and resumed.

Beside it the least that can be done: the same rows locked and written in batches of the same
size, with nothing computed, no history and nobody told.

    python bench/tawasul_deadlines.py [--open 100000] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import tempfile
import time
from pathlib import Path

import page
import tawasul
from bawaba import db
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity.rules import permissions
from bawaba.host.settings import Settings
from bawaba.testing.databases import postgres_database
from bawaba.viewer import Viewer
from bawaba_tawasul.clock.calendar import Holiday
from bawaba_tawasul.models import TawasulCase, TawasulHistory
from bawaba_tawasul.services import calendars

CUT_AFTER = 5.0
"""Seconds of work after which the job is cancelled once, to be resumed."""


async def announce(host: Host) -> tuple[str, int]:
    """Announce a day off three days from now; return the recomputation's id and its size."""
    roles = host.runtime.registry.all("declare_roles")
    grants = permissions(tawasul.ROLES["officer"], roles)
    viewer, today = (
        Viewer(person_id="bench-officer", grants=grants),
        host.runtime.clock.now().date(),
    )
    eid = Holiday(today + dt.timedelta(days=3), "Eid", "عيد")
    with host.unit():
        _, begun = await calendars.amend(viewer, None, None, [eid], today, "Announced")
    return begun["id"], begun["total"]


async def computed(host: Host, recomputation: str) -> float:
    """Compute all of it, with one interruption; return the seconds of work."""

    async def work() -> None:
        with host.unit():
            await calendars.recompute({"id": recomputation})

    start = time.perf_counter()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(work(), CUT_AFTER)
    await work()
    return time.perf_counter() - start


async def rewritten(host: Host) -> float:
    """Lock and write the same rows in batches; return the seconds."""
    start, last = time.perf_counter(), ""
    with host.unit():
        while True:
            async with db.transaction():
                query = TawasulCase.filter(stopped_at=None, id__gt=last).order_by("id")
                rows = await db.locked(query.limit(calendars.BATCH)).only("id", "due_at")
                await db.execute_many(
                    "UPDATE tawasul_case SET due_at = $2 WHERE id = $1",
                    [(row.id, row.due_at) for row in rows],
                )
            if not rows:
                return time.perf_counter() - start
            last = rows[-1].id


async def measure(count: int) -> list[list[str]]:
    """Return the table's rows."""
    tawasul.BACKLOG = count
    with tempfile.TemporaryDirectory() as folder, postgres_database(durable=True) as url:
        settings = Settings(
            data_dir=Path(folder), database_url=url, demo=True, statement_timeout=1_800.0
        )
        host = boot.build(settings)
        async with host.opened():
            await host.load_demo(lambda *_: None)
            await tawasul.fill(host, count + count // 2)
            least = await rewritten(host)
            recomputation, total = await announce(host)
            seconds = await computed(host, recomputation)
            with host.unit():
                done = await calendars.recomputation(recomputation)
                moved = await TawasulHistory.filter(kind=calendars.CHANGED.value).count()
    assert done["finished_at"] is not None, done
    return [
        ["", "seconds", "deadlines a second", "ratio"],
        ["locked and written only", f"{least:.0f}", f"{total / least:,.0f}", "1.00"],
        [
            f"**computed anew**, {moved:,} moved, with their history and events",
            f"{seconds:.0f}",
            f"{total / seconds:,.0f}",
            f"{seconds / least:.2f}",
        ],
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="also into docs/performance.md")
    asked = parser.parse_args()
    text = page.table(asyncio.run(measure(asked.open)))
    text += f"\n\n{asked.open:,} open cases, {page.circumstances(('tortoise-orm', 'asyncpg'))}"
    print(text)
    if asked.write:
        page.write("tawasul-deadlines", text)


if __name__ == "__main__":
    main()
