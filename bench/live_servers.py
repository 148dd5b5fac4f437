"""The servers that are compared, each in a process of its own, and what that process used."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from bawaba.testing.process import free_port

PEERS = Path(__file__).parent / "peers"
_PATIENCE = 60.0
_BAWABA = {
    # All subscribers come from one address, at once; and nobody signs in.
    "BAWABA_RATE_PER_SECOND": "1000000",
    "BAWABA_RATE_BURST": "1000000",
    "BAWABA_CLIENT_CONNECTIONS": "100000",
    "BAWABA_OIDC_ISSUER": "http://127.0.0.1:9/nobody",
    "BAWABA_LOG_FORMAT": "json",
}


@dataclass(frozen=True)
class Peer:
    """A way to serve. In ``command``, PORT and DATA stand for what each start is given."""

    name: str
    title: str
    command: Sequence[str]


PYTHON = sys.executable
RAW = Peer("raw", "raw: write(2) on each socket", (PYTHON, str(PEERS / "raw.py"), "PORT", "socket"))
TRANSPORT = Peer(
    "transport",
    "raw: uvloop's `transport.write`",
    (PYTHON, str(PEERS / "raw.py"), "PORT", "transport"),
)
BAWABA = Peer("bawaba", "**Bawaba**", (PYTHON, str(PEERS / "bawaba_server.py"), "PORT", "DATA"))
NODE = Peer(
    "node",
    "graphql-ws on Node",
    (shutil.which("node") or "", str(PEERS / "graphql_ws.mjs"), "PORT"),
)
STOCK = Peer(
    "stock", "stock Strawberry on aiohttp", (PYTHON, str(PEERS / "stock_strawberry.py"), "PORT")
)
ALL = (RAW, TRANSPORT, BAWABA, NODE, STOCK)


def installed_peers() -> list[Peer]:
    """Return those that can run here; install the JavaScript one where Node is."""
    if not NODE.command[0] or shutil.which("npm") is None:
        print("graphql-ws is left out: no Node here.", file=sys.stderr)
        return [peer for peer in ALL if peer is not NODE]
    subprocess.run(
        ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"],
        cwd=PEERS,
        check=True,
    )
    return list(ALL)


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def cpu(self) -> float:
        """Return the CPU seconds that the process has used: user and system, all threads.

        The process's own clock, since /proc/PID/stat counts in steps of 10 ms.
        """
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self) -> int:
        """Return the resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def ready(self, session: aiohttp.ClientSession) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or does not answer in time; holds the end of its log.
        """
        deadline = time.monotonic() + _PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                async with session.get(f"http://127.0.0.1:{self.port}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
        raise RuntimeError(f"not ready:\n{self.log.read_text(encoding='utf-8')[-4000:]}")


@contextmanager
def started(peer: Peer) -> Generator[Server]:
    """Run ``peer`` in an empty folder, and end it after the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        port, log = free_port(), Path(folder) / "server.log"
        given = {"PORT": str(port), "DATA": folder}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [given.get(word, word) for word in peer.command],
                env={**os.environ, **_BAWABA},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Server(port, process, log)
        finally:
            process.kill()
            process.wait()
