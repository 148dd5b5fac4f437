"""Databases of their own for tests, and whether the services are there at all."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest

__all__ = ["postgres_database", "redis_url", "services_required", "wait_for_drops"]

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
_REDIS = "redis://127.0.0.1:6379/0"
_DROPPER = ThreadPoolExecutor(1, "drop-databases")
_DROPS: list[Future[None]] = []


def services_required() -> bool:
    """Whether a missing service is a failure (``BAWABA_REQUIRE_SERVICES=1``), not a skip."""
    return os.environ.get("BAWABA_REQUIRE_SERVICES") == "1"


@contextmanager
def postgres_database(like: str | None = None, *, durable: bool = False) -> Generator[str]:
    """Yield the URL of a fresh PostgreSQL database, dropped after the block.

    ``BAWABA_TEST_POSTGRES`` overrides the server. Skips the test where none is reachable.

    Args:
        like: the URL of a database to copy, to which nobody is connected; None: an empty one.
        durable: commits wait for the disk, as in production; otherwise they would survive all but a
            crash of the server itself, which no test causes, and are twice as quick.
    """
    server = os.environ.get("BAWABA_TEST_POSTGRES", _POSTGRES)
    _reachable(server, "PostgreSQL")
    name = f"bawaba_test_{uuid.uuid4().hex[:16]}"
    template = f' TEMPLATE "{urlsplit(like).path.lstrip("/")}"' if like else ""
    making = [f'CREATE DATABASE "{name}"{template}']
    if not durable:
        making.append(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    _run_sql(server, making)
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        # Dropping waits for a checkpoint: nobody waits for it but the end of the session.
        _DROPS.append(_DROPPER.submit(_run, server, [f'DROP DATABASE "{name}" WITH (FORCE)']))


def wait_for_drops() -> None:
    """Wait until every database of this process is dropped; raise what went wrong."""
    while _DROPS:
        _DROPS.pop().result()


def redis_url() -> str:
    """Return the URL of a Redis; ``BAWABA_TEST_REDIS`` overrides it. Skips where none answers."""
    url = os.environ.get("BAWABA_TEST_REDIS", _REDIS)
    _reachable(url, "Redis")
    return url


def _reachable(url: str, what: str) -> None:
    parts = urlsplit(url)
    try:
        socket.create_connection(
            (parts.hostname or "127.0.0.1", parts.port or 0), timeout=1
        ).close()
    except OSError:
        message = f"{what} is not reachable at {parts.hostname}:{parts.port}"
        if services_required():
            pytest.fail(message)
        pytest.skip(message)


def _run_sql(server: str, statements: Sequence[str]) -> None:
    # A fixture may run inside a loop already: this one gets its own, in its own thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_run, server, statements).result()


def _run(server: str, statements: Sequence[str]) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(server)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
