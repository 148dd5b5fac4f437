"""The books on both databases, with a clock, ids and ports of the tests' own."""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from bawaba import catalogue, db, runtime
from bawaba.host import boot
from bawaba.host.ports import Runtime
from bawaba.host.settings import Settings
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.ledger import Account, AccountKind, Activity, Journal, Posting, Side, record
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database
from bawaba.text import Text
from bawaba_accounting.services.record import BooksLedger
from bawaba_accounting.services.treasury import ACCOUNTS as TREASURY

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

APP = ModelApp("accounting", "bawaba_accounting.models", "bawaba_accounting.migrations")
ACCOUNTS = [
    Account(f"{kind.value.lower()}.{n}", Text(f"{kind.value} {n}", f"حساب {n}"), kind)
    for kind in AccountKind
    for n in (1, 2)
]


class Live:
    """Keeps what was emitted."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, str, Any]] = []

    async def emit(self, topic: str, kind: str, data: Any) -> int:
        self.emitted.append((topic, kind, data))
        return len(self.emitted)


class Catalogue:
    """A catalogue of one offered service; the rest is registered."""

    def __init__(self) -> None:
        self.held_agencies = {"offered": catalogue.Agency("offered", Text("Offered", "قائمة"))}
        self.held_services = {
            "permits": catalogue.Service(
                "permits", "offered", Text("Permits", "تصاريح"), Text("", "")
            )
        }

    async def services(self) -> Any:
        return self.held_services

    async def agencies(self) -> Any:
        return self.held_agencies

    async def register_historic(self, agencies: Any, services: Any) -> None:
        self.held_agencies = {**{a.code: a for a in agencies}, **self.held_agencies}
        self.held_services = {**{s.code: s for s in services}, **self.held_services}


def _runtime(folder: Path) -> Runtime:
    numbers = itertools.count(1)
    clock = SimpleNamespace(at=dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC))
    clock.now = lambda: clock.at
    missing: Any = None
    parts: dict[str, Any] = {
        "clock": clock,
        "ids": SimpleNamespace(new=lambda: f"{next(numbers):032x}"),
        "timezone": "Asia/Bahrain",
        "public_url": "http://127.0.0.1",
        "data_dir": str(folder),
        "demo": True,
        "ledger": BooksLedger(),
        "live": Live(),
        "jobs": missing,
        "audit": missing,
        "payments": missing,
        "catalogue": Catalogue(),
    }
    wanted = Runtime.__dataclass_fields__
    return Runtime(**parts, **{n: missing for n in ("registry", "health") if n in wanted})


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/books.db"
        return
    with postgres_database() as created:
        yield created


@pytest.fixture
async def books(url: str, tmp_path: Path) -> AsyncIterator[Any]:
    """The books, migrated and bound, with two accounts of each kind.

    ``unit()`` binds them afresh, for tasks side by side.
    """
    await migrate(url, [APP])
    database = Database(url, [APP], pool_size=10, statement_timeout=10.0)
    await database.open()
    here = _runtime(tmp_path)

    @contextmanager
    def unit() -> Iterator[None]:
        with database.bound(), runtime.bound(here):
            yield

    with unit():
        await here.ledger.ensure_accounts(ACCOUNTS)
        yield SimpleNamespace(
            unit=unit, runtime=here, clock=here.clock, ledger=here.ledger, live=here.live, url=url
        )
    await database.close()


@pytest.fixture
async def till(books: Any) -> Any:
    """A gateway whose reader is loaded, with its accounts open."""
    from treasury_till import ACCOUNTS as OURS  # noqa: PLC0415  found once the path is set above
    from treasury_till import Says, Till, Trail  # noqa: PLC0415

    reader = Till()
    books.runtime.payments = Says()
    books.runtime.audit = Trail()
    books.runtime.registry = SimpleNamespace(all=lambda _hook: [reader])
    await books.ledger.ensure_accounts([*OURS, *TREASURY])
    return SimpleNamespace(reader=reader, says=books.runtime.payments, books=books)


@pytest.fixture
async def treasury(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A host of core, this plugin and a gateway, with the demo's people."""
    from treasury_host import opened  # noqa: PLC0415  found once the path is set above

    monkeypatch.setenv("BAWABA_DEMO", "1")
    async with opened(url, tmp_path) as host:
        yield host


@pytest.fixture
def statement() -> Callable[[str], Any]:
    """Run a statement as the database's owner would: guards off, no ledger in between."""

    async def run(sql: str) -> None:
        guards = {
            "sqlite": "SELECT 'DROP TRIGGER \"' || name || '\"' AS drop_it FROM sqlite_master "
            "WHERE type = 'trigger'",
            "postgres": "SELECT 'DROP TRIGGER \"' || tgname || '\" ON ' || tgrelid::regclass "
            "AS drop_it FROM pg_trigger WHERE NOT tgisinternal",
        }
        for row in await db.fetch(guards[db.dialect()]):
            await db.execute(row["drop_it"])
        await db.execute(sql)

    return run


class Portal:
    """A host of core and this plugin, and a browser at its door."""

    def __init__(self, host: Any, browser: TestClient[Any, Any]) -> None:
        self.host, self.browser, self.unit = host, browser, host.unit
        self.clock = host.runtime.clock

    async def ask(self, query: str) -> Any:
        """Return the statistics that a GraphQL query gives."""
        answer = await self.browser.post("/graphql", json={"query": query})
        body = await answer.json()
        assert "errors" not in body, body
        return body["data"]["accountingStatistics"]

    async def settle(self, reference: str, fils: int = 12_345, service: str = "post") -> None:
        """Book one paid item of 5 January 2026, a second later."""
        self.clock.advance(seconds=1)
        on = dt.date(2026, 1, 5)
        moved = (
            Posting("history.collected", Side.DEBIT, fils),
            Posting("history.remitted", Side.CREDIT, fils),
        )
        activity = Activity(service, "post", "KIOSK", "sandbox", 1, fils, on=on)
        words = Text("Paid", "دفع")
        with self.unit():
            async with db.transaction():
                await record([Journal(reference, "SETTLEMENT", words, on, moved, (activity,))])


@pytest.fixture
async def portal(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Portal]:
    """A host of core and this plugin that holds the demo's history, and a browser at its door."""
    monkeypatch.setenv("BAWABA_DEMO", "1")
    settings = Settings(data_dir=tmp_path / "data", database_url=url, demo=True)
    plugin = importlib.import_module("bawaba_accounting.plugin")
    host = boot.build(settings, modules={"accounting": plugin}, clock=FrozenClock())
    async with host.opened():
        await host.load_demo(lambda _what, _done, _total: None)
        async with TestClient(TestServer(host.app())) as browser:
            yield Portal(host, browser)
