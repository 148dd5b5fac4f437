"""A trail of its own for each test, on both databases."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent.parent / "identity")
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from bawaba.testing.databases import postgres_database  # noqa: E402
from world import World, registry_of, world  # noqa: E402


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/room.db"
    else:
        with postgres_database() as address:
            yield address


@pytest.fixture
async def room(url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A world without plugins."""
    async with world(url, tmp_path, registry_of()) as opened:
        yield opened
