"""Fixtures: core's tables, migrated once a session and copied for each test, on both databases."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from bawaba.host.storage.migrate import migrate
from bawaba.testing.databases import postgres_database
from world import APP


def _run(work: Coroutine[Any, Any, Any]) -> None:
    """Run ``work`` in a loop of its own: a test's may be running already."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(urlsplit(url)._replace(path="/postgres").geturl())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "core.db"
    _run(migrate(f"sqlite://{path}", [APP]))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database."""
    with postgres_database() as url:
        _run(migrate(url, [APP]))
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of each kind, the test's own."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "core.db")
        yield f"sqlite://{tmp_path}/core.db"
        return
    template = request.getfixturevalue("postgres_template")
    source = urlsplit(template).path[1:]
    name = f"{source}_{tmp_path.name[-30:]}".lower()
    _run(_on_server(template, f'CREATE DATABASE "{name}" TEMPLATE "{source}"'))
    try:
        yield urlsplit(template)._replace(path=f"/{name}").geturl()
    finally:
        _run(_on_server(template, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
