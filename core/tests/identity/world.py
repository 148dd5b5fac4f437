"""A database with core's tables, and a runtime bound to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bawaba import db
from bawaba.host.audit import AuditTrail
from bawaba.host.catalogue import Catalogue
from bawaba.host.clock import TimeOrderedIds
from bawaba.host.identity.people import People
from bawaba.host.ports import Runtime
from bawaba.host.registry import Loaded, Registry
from bawaba.host.storage.database import Database, ModelApp
from bawaba.plugin import Manifest
from bawaba.runtime import bound
from bawaba.text import Text

APP = ModelApp("core", "bawaba.host.models", "bawaba.host.migrations")
START = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)


class FakeClock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> dt.datetime:
        return self.instant

    def forward(self, **by: float) -> None:
        self.instant += dt.timedelta(**by)


class FakeLive:
    """Keeps what was emitted; insists on a transaction, as the real one does."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, str, Mapping[str, Any]]] = []

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        db.require_transaction()
        self.emitted.append((topic, kind, dict(data)))
        return len(self.emitted)


def registry_of(**declared: Any) -> Registry:
    """A registry of core alone, with these declarations."""
    module = SimpleNamespace(__name__="bawaba.host.core_plugin")
    manifest = Manifest("bawaba", "core", Text("Bawaba", "بوابة"), "0")
    return Registry(
        [Loaded(manifest, module, {f"declare_{name}": value for name, value in declared.items()})]
    )


@dataclass
class World:
    """What a test moves and looks at."""

    database: Database
    runtime: Runtime
    clock: FakeClock
    live: FakeLive
    data: Path


@asynccontextmanager
async def world(url: str, data: Path, registry: Registry) -> AsyncIterator[World]:
    database = Database(url, [APP], pool_size=8, statement_timeout=5.0)
    await database.open()
    clock, live = FakeClock(), FakeLive()
    unused: Any = SimpleNamespace()
    runtime = Runtime(
        clock=clock, ids=TimeOrderedIds(), timezone="Asia/Bahrain", public_url="http://portal.test",
        data_dir=str(data), demo=True, ledger=unused, live=live, jobs=unused, audit=AuditTrail(),
        payments=unused, catalogue=Catalogue(registry), registry=registry, health=unused,
        people=People(registry.all("declare_roles")),
    )  # fmt: skip
    try:
        with database.bound(), bound(runtime):
            yield World(database, runtime, clock, live, data)
    finally:
        await database.close()
