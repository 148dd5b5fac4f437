"""A trail of its own for each test, on both databases."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent.parent / "identity")
if HERE not in sys.path:
    sys.path.insert(0, HERE)
from world import World, registry_of, world  # noqa: E402
from world_databases import postgres_template, sqlite_template, url  # noqa: E402

__all__ = ["postgres_template", "room", "sqlite_template", "url"]


@pytest.fixture
async def room(url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A world without plugins."""
    async with world(url, tmp_path, registry_of()) as opened:
        yield opened
