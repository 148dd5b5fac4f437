"""An identity of its own for each test, on both databases."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)
from core_alone import CORE  # noqa: E402
from world import World, world  # noqa: E402
from world_databases import postgres_template, sqlite_template, url  # noqa: E402

__all__ = ["postgres_template", "room", "sqlite_template", "url"]


@pytest.fixture
async def room(url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A world in which only core is loaded."""
    async with world(url, tmp_path, CORE) as opened:
        yield opened
