"""A host with a plugin that corresponds with a lighthouse, on a database of each kind."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from letters_world import World, opened  # noqa: E402


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A host that is open and serves nothing: letters go by hand."""
    async with opened(database_url, tmp_path / "data") as made:
        yield made


@pytest.fixture
async def light(tmp_path: Path) -> AsyncIterator[World]:
    """As ``world``, on SQLite alone: for what storage has no part in."""
    async with opened(f"sqlite:///{tmp_path}/light.sqlite3", tmp_path / "data") as made:
        yield made
