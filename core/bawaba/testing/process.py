"""A real server in processes of its own, for journeys that a front end would make."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import aiohttp

from bawaba.host import boot
from bawaba.host.identity import issue_demo_token
from bawaba.host.settings import Settings
from bawaba.plugin import DemoPerson
from bawaba.testing.verbs import run_verb

__all__ = ["Portal", "free_port", "serving"]

_START_TIMEOUT = 120.0


def free_port() -> int:
    """Return a port of the loopback interface on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Portal:
    """A running ``bawaba serve --demo``."""

    url: str
    data: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    log: Path
    workers: int

    def command(self, *arguments: str, check: bool = True) -> str:
        """Run a verb of the command line on this server's data; return what it prints.

        Raises:
            subprocess.CalledProcessError: it failed, and ``check`` is set.
        """
        return self.run(*arguments, check=check).stdout

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """As :meth:`command`, with exit code and both outputs."""
        verb = [*arguments, "--data", str(self.data)]
        done = run_verb(verb, self.environment, within=120.0)
        if check:
            done.check_returncode()
        return done

    def token(self, person: str, device: str = "test") -> str:
        """Return a bearer token of a demo person, as ``bawaba token`` would print it."""
        settings = Settings(data_dir=self.data, demo=True)
        return issue_demo_token(settings, _people()[person], device)

    async def ready(self, within: float = _START_TIMEOUT) -> None:
        """Wait until ``/readyz`` answers 200.

        Raises:
            RuntimeError: the server ended, or is not ready in time; holds the end of its log.
        """
        async with aiohttp.ClientSession() as session:
            for _ in range(int(within / 0.1)):
                if self.process.poll() is not None:
                    break
                try:
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:  # noqa: PLR2004
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise RuntimeError(f"the server is not ready:\n{self.log.read_text()[-4000:]}")


@cache
def _people() -> Mapping[str, DemoPerson]:
    return {p.handle: p for p in boot.load_registry(boot.discover()).demo_people()}


_PROGRAM = (sys.executable, "-c", "from bawaba.host.cli.main import main; main()")


@contextmanager
def serving(settings: Mapping[str, str] | None = None, *, workers: int = 1) -> Generator[Portal]:
    """Run ``bawaba serve --demo`` in an empty data folder and stop it after the block.

    Args:
        settings: more ``BAWABA_*`` environment variables.
    """
    with tempfile.TemporaryDirectory(prefix="bawaba-") as folder:
        port, log = free_port(), Path(folder) / "server.log"
        environment = {**os.environ, "BAWABA_LOG_FORMAT": "json", **(settings or {})}
        arguments = [
            "serve",
            "--demo",
            "--data",
            folder,
            "--port",
            str(port),
            "--workers",
            str(workers),
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  our own program
                [*_PROGRAM, *arguments],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            yield Portal(url, Path(folder), environment, process, log, workers)
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
