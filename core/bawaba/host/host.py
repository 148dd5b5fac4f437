"""A host: the parts that boot made, opened and run in the right order, and closed again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from bawaba import live as live_door
from bawaba.errors import BootError
from bawaba.host.correspondence.desk import Correspondence
from bawaba.host.identity import DemoIssuer, Identity, issue_demo_token, load_people
from bawaba.host.identity.domain import SESSIONS_TOPIC
from bawaba.host.jobs.worker import Worker
from bawaba.host.live.service import Live
from bawaba.host.payments.accounts import clearing_accounts
from bawaba.host.payments.settler import Settler
from bawaba.host.ports import Runtime
from bawaba.host.registry import CORE
from bawaba.host.schema.engine import Engine
from bawaba.host.server.app import build_app
from bawaba.host.server.leaving import going_away
from bawaba.host.server.sessions import Sessions
from bawaba.host.settings import Settings
from bawaba.host.storage.database import Database
from bawaba.host.storage.migrate import migrate, migrate_open
from bawaba.host.streams.broadcast import Broadcasts
from bawaba.plugin import Progress, Route
from bawaba.runtime import bound, correlated

log = structlog.get_logger(__name__)
_RETRY = 1.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What runs in the background, and who stands at the door."""

    live: Live
    worker: Worker
    settler: Settler
    identity: Identity
    sessions: Sessions
    broadcasts: Broadcasts
    correspondence: Correspondence


@dataclass(frozen=True, kw_only=True)
class Host:
    """One gateway in one process. Made by :func:`bawaba.host.boot.build`."""

    settings: Settings
    runtime: Runtime
    database: Database
    engine: Engine
    metrics: CollectorRegistry
    parts: Parts

    @property
    def sessions(self) -> Sessions:
        """Who stands at the door."""
        return self.parts.sessions

    @contextmanager
    def unit(self, correlation: str | None = None) -> Generator[Runtime]:
        """Bind runtime, database and a correlation id in this task, outside any transaction."""
        with (
            bound(self.runtime) as runtime,
            self.database.bound(),
            correlated(correlation or self.runtime.ids.new()),
        ):
            yield runtime

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Migrate and connect; close at the end. Nothing runs in the background."""
        apps = self.database.apps
        in_memory = self.settings.database.endswith(":memory:")
        if not in_memory:
            await migrate(self.settings.database, apps)
        await self.database.open()
        try:
            if in_memory:
                await migrate_open(self.database)
            with self.unit():
                await self._ensure_accounts()
            yield
        finally:
            await self.parts.correspondence.close()
            await self.parts.identity.close()
            await self.database.close()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """As :meth:`opened`, with live delivery, jobs, the settler and the watch on sessions."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.opened())
            self.parts.correspondence.announce(demo=self.settings.demo)
            for part in (self.parts.live, self.parts.worker, self.parts.settler):
                await part.start()
                stack.push_async_callback(part.stop)
            self.parts.live.hub.precede(SESSIONS_TOPIC, self.sessions.heard)
            watch = asyncio.create_task(self._watch_sessions())
            stack.push_async_callback(_cancelled, watch)
            yield

    async def _ensure_accounts(self) -> None:
        registry = self.runtime.registry
        accounts = [
            *registry.all("declare_accounts"),
            *clearing_accounts(registry.all("declare_gateways")),
        ]
        if self.runtime.ledger is not None:
            await self.runtime.ledger.ensure_accounts(accounts)

    async def load_demo(self, progress: Progress, transactions: int | None = None) -> None:
        """Load the demo's people and every plugin's demo data. Idempotent.

        Args:
            progress: told (what, done, total).
            transactions: how many single transactions of the past are wanted; None: no number.

        Raises:
            BootError: no plugin has such a number, or one cannot load it.
        """
        loaders = self.runtime.registry.demo_loaders()
        if transactions is not None and not any(loader.takes("transactions") for loader in loaders):
            raise BootError(
                CORE,
                "demo load --transactions",
                "no loaded plugin brings transactions",
                "install one that does, or leave the option out",
            )
        with self.unit():
            await load_people(self.runtime.registry.demo_people())
            for loader in loaders:
                await loader(progress=progress, transactions=transactions)

    async def _watch_sessions(self) -> None:
        """Keep the topic of sessions followed; after a gap, have every connection's rights read."""
        after: str | None = None
        while True:
            try:
                with self.unit():
                    async for event in self.parts.live.follow(SESSIONS_TOPIC, after):
                        if event.kind == live_door.SNAPSHOT:
                            self.sessions.heard(event)
                        after = event.cursor
            except Exception:
                log.exception("the watch on sessions failed; starting again")
                await asyncio.sleep(_RETRY)

    async def say_goodbye(self) -> None:
        """Tell every connection to come back later, spread over the drain period."""
        await going_away(self.sessions, self.settings.drain_period)

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        return build_app(self)

    def serving(self, address: str) -> AbstractAsyncContextManager[None]:
        """Return the block in which this process takes requests at ``address``, a URL.

        Letters between the platform and simulated agencies then go there over HTTP.
        """
        return self.parts.correspondence.served(address)

    def routes(self) -> list[Route]:
        """Return every page and endpoint outside GraphQL."""
        routes: list[Route] = self.runtime.registry.all("declare_routes")
        if self.settings.demo:
            issuer = DemoIssuer(
                self.settings.data_dir, demo=True, audience=self.settings.oidc_audience
            )
            routes += issuer.routes()
        return routes

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Return whether this process can serve, and a report; a sick plugin does not stop it."""
        checks: dict[str, bool] = {}
        parts = self.parts
        wanted = {
            "database": self.database.ping,
            "live": parts.live.check,
            "jobs": parts.worker.check,
            "settler": parts.settler.check,
        }
        for name, check in wanted.items():
            checks[name] = await _passes(check)
        plugins = await self.runtime.health.statuses() if checks["database"] else {}
        report = {"ready": all(checks.values()), "checks": checks, "plugins": plugins}
        report["correspondence"] = parts.correspondence.report()
        return all(checks.values()), report

    def explorer_config(self) -> str:
        """Return the explorer's configuration as JSON that is safe inside a script element."""
        people = [
            {
                "handle": person.handle,
                "name": f"{person.name.en} · {person.name.ar}",
                "token": issue_demo_token(self.settings, person, "explorer"),
            }
            for person in self.runtime.registry.demo_people()
        ]
        config = {"endpoint": "/graphql", "people": people, "defaultQuery": FIRST_QUERY}
        return orjson.dumps(config).decode().replace("<", "\\u003c")


FIRST_QUERY = """# بوابة Bawaba: choose a person above, then run this.
query MyBills {
  me {
    displayName
    bills(first: 10, statuses: [UNPAID]) {
      totalDue { amount currency }
      nodes { id reference description service { code } amountDue { amount currency } dueOn }
    }
  }
}
"""


async def _passes(check: Callable[[], Any]) -> bool:
    try:
        async with asyncio.timeout(2):
            await check()
    except Exception as error:  # noqa: BLE001  whatever it is, the check fails
        log.warning("readiness check failed", error=re.sub(r"\s+", " ", repr(error))[:300])
        return False
    return True


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
