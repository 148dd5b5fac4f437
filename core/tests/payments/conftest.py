"""A host for every payment test, on a database of each kind."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from bawaba.testing.databases import postgres_database  # noqa: E402
from payments_world import World, opened  # noqa: E402


@pytest.fixture(params=["sqlite", "postgres"])
def payments_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/payments.db"
        return
    with postgres_database() as url:
        yield url


@pytest.fixture
async def world(payments_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A host that is open; nothing runs in the background: tests say when to settle and work."""
    async with opened(payments_url, tmp_path) as made:
        yield made


@pytest.fixture
async def on_postgres(tmp_path: Path) -> AsyncIterator[World]:
    """As ``world``, on PostgreSQL only."""
    with postgres_database() as url:
        async with opened(url, tmp_path) as made:
            yield made
