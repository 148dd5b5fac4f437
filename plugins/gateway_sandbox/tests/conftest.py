"""The gateway on a database of its own, beside a platform that only listens."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from bawaba.db import after_commit, require_transaction
from bawaba.host.ports import Runtime
from bawaba.host.storage.database import Database, ModelApp
from bawaba.host.storage.migrate import migrate
from bawaba.payments import CheckoutOrder, RefundOrder
from bawaba.runtime import bound
from bawaba.testing.databases import postgres_database
from bawaba.text import Text
from bawaba_gateway_sandbox import plugin, services
from bawaba_gateway_sandbox.settings import SandboxSettings

APP = ModelApp("sandbox", "bawaba_gateway_sandbox.models", "bawaba_gateway_sandbox.migrations")
NOON = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Counting:
    """Ids and secrets that a test can foresee."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self) -> str:
        return f"{next(self._numbers):032x}"

    def secret(self) -> str:
        raw = next(self._numbers).to_bytes(32, "big")
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> dt.datetime:
        return self.at


class Queue:
    """Jobs that were committed, and nothing of what was rolled back."""

    def __init__(self) -> None:
        self.committed: list[tuple[str, dict[str, Any]]] = []

    async def enqueue(
        self, name: str, payload: Any, *, key: str | None, delay: dt.timedelta
    ) -> None:
        require_transaction()
        after_commit(lambda: self.committed.append((name, dict(payload))))


@dataclass
class World:
    database: Database
    runtime: Runtime
    clock: Watch
    jobs: Queue
    gateway: services.SandboxGateway = field(default_factory=services.SandboxGateway)

    @contextmanager
    def unit(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(self.database.bound())
            stack.enter_context(bound(self.runtime))
            yield

    def order(self, payment: str = "pay1", fils: int = 12_500, **changes: Any) -> CheckoutOrder:
        given: dict[str, Any] = {
            "payment_id": payment,
            "reference": f"REF-{payment}",
            "fils": fils,
            "description": Text("A fine", "مخالفة"),
            "callback_url": "http://127.0.0.1:9/callback",
            "return_url": None,
            "expires_at": NOON + dt.timedelta(minutes=30),
        }
        return CheckoutOrder(**{**given, **changes})

    def refund(self, refund: str, fils: int, payment: str = "pay1", **changes: Any) -> RefundOrder:
        given: dict[str, Any] = {
            "refund_id": refund,
            "payment_id": payment,
            "gateway_reference": "ref",
            "fils": fils,
            "reason": "overpaid",
            "callback_url": "http://127.0.0.1:9/callback",
        }
        return RefundOrder(**{**given, **changes})

    async def opened(self, **changes: Any) -> str:
        """Open a checkout and return the token of its page."""
        checkout = await self.gateway.open_checkout(self.order(**changes))
        return checkout.url.rpartition("/")[2]

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[TestClient[web.Request, web.Application]]:
        """Serve the gateway's routes as a host does."""

        @web.middleware
        async def in_a_unit(request: web.Request, handler: Any) -> web.StreamResponse:
            with self.unit():
                return await handler(request)

        app = web.Application(middlewares=[in_a_unit])
        for route in plugin.declare_routes():
            app.router.add_route(route.method, route.path, route.handler)
        async with TestClient(TestServer(app)) as client:
            yield client


@pytest.fixture(params=["sqlite", "postgres"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setenv("BAWABA_DEMO", "1")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite://{tmp_path}/sandbox.sqlite3"
        else:
            url = stack.enter_context(postgres_database())
        await migrate(url, [APP])
        database = Database(url, [APP], pool_size=5)
        await database.open()
        clock, jobs = Watch(), Queue()
        # The ports that this plugin has no business with are absent: using one fails.
        ports: dict[str, Any] = dict.fromkeys(port.name for port in fields(Runtime))
        ports.update(
            clock=clock, ids=Counting(), public_url="http://portal.test", jobs=jobs,
            timezone="Asia/Bahrain",
            data_dir=str(tmp_path), demo=True,
            plugin_settings_by_type={SandboxSettings: SandboxSettings(webhook_secret=SECRET)},
        )  # fmt: skip
        runtime = Runtime(**ports)
        yield World(database, runtime, clock, jobs)
        await database.close()
