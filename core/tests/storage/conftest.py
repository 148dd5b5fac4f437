"""One database of each kind, migrated, for every storage test.

Fixtures hand out an open ``Database``; a test binds it itself (``with database.bound():``), so that
what it says about contexts is on the page.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from bawaba.host.storage.database import Database, ModelApp  # noqa: E402
from bawaba.host.storage.migrate import migrate  # noqa: E402

SERVER = os.environ.get("BAWABA_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")
SAMPLE = ModelApp("sample", "sample_app.models", "sample_app.migrations")

Opener = Callable[..., Awaitable[Database]]


async def _create_postgres() -> str:
    name = f"bawaba_test_{uuid.uuid4().hex[:12]}"
    try:
        admin = await asyncpg.connect(f"{SERVER}/postgres", timeout=3)
    except (OSError, asyncpg.PostgresError, TimeoutError) as exc:
        reason = f"PostgreSQL is not reachable at {SERVER}: {exc!r}"
        if os.environ.get("BAWABA_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
    finally:
        await admin.close()
    return f"{SERVER}/{name}"


async def _drop_postgres(url: str) -> None:
    admin = await asyncpg.connect(f"{SERVER}/postgres", timeout=3)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
async def postgres_url() -> AsyncIterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    url = await _create_postgres()
    yield url
    await _drop_postgres(url)


@pytest.fixture(params=["sqlite", "postgres"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/sample.db"
        return
    created = await _create_postgres()
    yield created
    await _drop_postgres(created)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The sample app, migrated and open: a pool of five, statements of at most two seconds."""
    await migrate(url, [SAMPLE])
    opened = Database(url, [SAMPLE], pool_size=5, statement_timeout=2.0)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    """As ``database``, PostgreSQL only."""
    await migrate(postgres_url, [SAMPLE])
    opened = Database(postgres_url, [SAMPLE], pool_size=5, statement_timeout=2.0)
    await opened.open()
    yield opened
    await opened.close()
