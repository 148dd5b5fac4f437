"""PostgreSQL's own TPC-B, run by pgbench."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from bawaba.testing.databases import postgres_database

SCALES = {"hot": 1, "spread": 64}


class TpcB:
    """``pgbench -b tpcb-like`` on databases of both scales."""

    def __init__(self, stack: ExitStack) -> None:
        self.program = _pgbench()
        self.urls = {kind: stack.enter_context(postgres_database(durable=True)) for kind in SCALES}
        for kind, scale in SCALES.items():
            self._run(kind, "-i", "-q", "-s", str(scale))

    def clients(self, payers: int, room: int) -> int:
        """As many as payers, as far as the server has connections."""
        return max(1, min(payers, room))

    async def turn(self, kind: str, clients: int, seconds: float) -> float:
        said = await asyncio.to_thread(
            self._run, kind, "-b", "tpcb-like", "-M", "prepared", "-c", str(clients), "-j", "2",
            "-T", str(round(seconds + clients / 40)), "-n",  # the time to connect is in it
        )  # fmt: skip
        found = re.search(r"tps = ([0-9.]+)", said)
        assert found, f"no transaction was done: try more --seconds\n{said}"
        return float(found[1])

    def _run(self, kind: str, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, *arguments, self.urls[kind].replace("postgres://", "postgresql://")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout


def _pgbench() -> str:
    found = shutil.which("pgbench") or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None
    )
    if found is None:
        sys.exit("pgbench is not installed: it comes with PostgreSQL's contrib programs")
    return found
