"""A host of core, this plugin and a gateway, asked as front ends ask."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from bawaba import db, ledger, settlement
from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.identity import issue_demo_token, load_people
from bawaba.host.settings import Settings
from bawaba.ledger import Account, AccountKind, Journal, Outcome, Posting, Side
from bawaba.plugin import Manifest, hookimpl
from bawaba.testing.clock import FrozenClock
from bawaba.text import Language, Text
from bawaba.viewer import Viewer
from bawaba_accounting.services import settlements, verify
from treasury_till import Till

NOW = dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)


class Gateway:
    """A way to pay that nobody uses here."""

    name = "till"
    title = Text("Till", "صندوق")


def gateway_plugin(reader: Till) -> Any:
    module = ModuleType("till_plugin")
    payable = Account("agency.post.payable", Text("Post", "البريد"), AccountKind.LIABILITY)
    module.declare_manifest = hookimpl(  # type: ignore[attr-defined]
        lambda: Manifest("till", "till", Text("Till", "صندوق"), "1")
    )
    module.declare_gateways = hookimpl(lambda: [Gateway()])  # type: ignore[attr-defined]
    module.declare_accounts = hookimpl(lambda: [payable])  # type: ignore[attr-defined]
    module.declare_settlement_readers = hookimpl(lambda: [reader])  # type: ignore[attr-defined]
    return module


async def signed_in(host: Any, person: str | None) -> Viewer:
    people = {p.handle: p for p in host.runtime.registry.demo_people()}
    token = None
    moved = host.runtime.clock.instant
    if person:
        host.runtime.clock.instant = dt.datetime.now(dt.UTC)
        token = issue_demo_token(host.settings, people[person], "test")
    with host.unit():
        viewer: Viewer = await host.parts.identity.authenticate(
            token, language=Language.EN, user_agent=None
        )
    host.runtime.clock.instant = moved
    return viewer


async def ask(host: Any, person: str | None, query: str, **variables: Any) -> dict[str, Any]:
    viewer = await signed_in(host, person)
    with host.unit():
        prepared = host.engine.prepare(query, None, viewer.language)
        answer: dict[str, Any] = await host.engine.execute(
            prepared, variables, Context(viewer=viewer)
        )
        return answer


async def done(host: Any, person: str, query: str, **variables: Any) -> Any:
    answer = await ask(host, person, query, **variables)
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))


async def told(host: Any, body: bytes) -> None:
    with host.unit():
        await settlements.import_body(None, settlement.readers()["till"], body)


async def ready_to_close(host: Any) -> None:
    with host.unit():
        await verify.run({})


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Any]:
    """Open the host, without the portal's history."""
    settings = Settings(data_dir=folder / "data", database_url=url, demo=True)
    plugin = importlib.import_module("bawaba_accounting.plugin")
    modules = {"accounting": plugin, "till": gateway_plugin(Till())}
    host = boot.build(settings, modules=modules, clock=FrozenClock(NOW))
    async with host.opened():
        with host.unit():
            await load_people(host.runtime.registry.demo_people())
        yield host


async def record(host: Any, reference: str, on: dt.date) -> Outcome:
    with host.unit():
        async with db.transaction():
            [recorded] = await ledger.record(
                [
                    Journal(
                        reference,
                        "X",
                        Text("x", "س"),
                        on,
                        [
                            Posting("treasury.bank", Side.DEBIT, 1),
                            Posting("agency.post.payable", Side.CREDIT, 1),
                        ],
                    )
                ]
            )
    return recorded.outcome
