"""A real portal on each backend: SQLite with one process, PostgreSQL + Redis with two."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.process import Portal, serving

BACKENDS = ("sqlite", "postgres")
PATIENT = {
    "BAWABA_AGENCY_DEADLINE": "20",
    "BAWABA_BILLS_DEADLINE": "20",
    "BAWABA_GATEWAY_DEADLINE": "20",
}
"""Journeys are not about how long an agency takes on a machine with many tests to run."""


@contextmanager
def portal_on(backend: str, **settings: str) -> Iterator[Portal]:
    """Run a portal on a fresh database of ``backend``."""
    if backend == "sqlite":
        with serving(PATIENT | settings) as portal:
            yield portal
        return
    with postgres_database() as database:
        everything = {
            "BAWABA_DATABASE_URL": database,
            "BAWABA_REDIS_URL": redis_url(),
            "BAWABA_REDIS_PREFIX": f"test-{uuid.uuid4().hex[:12]}",
            **PATIENT,
            **settings,
        }
        with serving(everything, workers=2) as portal:
            yield portal


def workers(portal: Portal) -> list[int]:
    """Return the worker processes that serve."""
    command = ["pgrep", "-P", str(portal.process.pid), "-f", "spawn_main"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return list(map(int, found.stdout.split()))


def sockets_of(pid: int) -> int:
    """Return how many sockets a process holds."""
    folder = Path(f"/proc/{pid}/fd")
    return sum(1 for fd in folder.iterdir() if str(fd.readlink()).startswith("socket:"))


async def everybody_serves(portal: Portal) -> None:
    """Wait until every worker listens: a crowd spreads over them, and none is still loading."""
    await portal.ready()
    for _ in range(1200):
        if portal.workers == 1 or _all_listen(portal):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not every worker serves")


def _all_listen(portal: Portal) -> bool:
    port = f":{urlsplit(portal.url).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(port) and row[3] == "0A"}
    found = workers(portal)
    return len(found) == portal.workers and all(
        any(str(fd.readlink()) in listening for fd in Path(f"/proc/{pid}/fd").iterdir())
        for pid in found
    )
