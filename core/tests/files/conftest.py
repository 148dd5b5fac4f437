"""A server with a plugin that takes files, on a database of each kind."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from files_world import World, opened  # noqa: E402


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """The folder of the data is the store."""
    async with opened(database_url, tmp_path / "data") as made:
        yield made
