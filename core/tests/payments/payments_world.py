"""A host with a fake service, a fake gateway and a ledger in memory; short words for deeds."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bawaba.graphql import Context
from bawaba.host.boot import build
from bawaba.host.payments import inbox
from bawaba.host.payments.domain import PaymentStatus
from bawaba.host.payments.models import (
    BillBalance,
    BillClaim,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
)
from bawaba.host.payments.services import approving, ending, refunding, starting
from bawaba.host.settings import Settings
from bawaba.payments import Channel, GatewayEventKind
from bawaba.testing.fakes import FakePayable, FakePlugin, bill_id
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Language
from bawaba.viewer import Viewer

START = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
PAY = {"payments.pay": frozenset({"*"})}
TREASURER = Viewer(
    "treasurer",
    grants={
        **PAY,
        **{f"payments.{verb}": frozenset({"*"}) for verb in ("read", "refund", "approve")},
    },
)
COLLEAGUE = Viewer("colleague", grants=TREASURER.grants)


def payer(name: str = "payer", language: Language = Language.EN) -> Viewer:
    return Viewer(name, national_id=f"N-{name}", grants=PAY, language=language)


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> dt.datetime:
        return self.at

    def move(self, **delta: float) -> None:
        self.at += dt.timedelta(**delta)


class World:
    """One host, and what a test says and asks."""

    def __init__(self, url: str, folder: Path, plugin: FakePlugin | None = None) -> None:
        self.plugin = plugin or FakePlugin()
        self.payable, self.gateway = self.plugin.payables[0], self.plugin.gateways[0]
        self.ledger, self.clock = MemoryLedger(), ManualClock()
        settings = Settings(
            database_url=url, data_dir=folder, demo=True, public_url="https://pay.example"
        )
        self.host = build(
            settings, modules={"fake": self.plugin}, clock=self.clock, ledger=self.ledger
        )
        self._keys = itertools.count()

    def unit(self) -> Any:
        return self.host.unit()

    def service_of(self, raw: str) -> FakePayable:
        """Return the service that has the bill; the first where none has."""
        return next((p for p in self.plugin.payables if raw in p.bills), self.payable)

    def global_id(self, raw: str) -> str:
        return bill_id(raw, self.service_of(raw).node_type)

    async def start(self, *bills: str, by: Viewer | None = None, **changes: Any) -> str:
        order: dict[str, Any] = {
            "items": [(self.global_id(raw), None) for raw in bills],
            "expected_fils": sum(self.service_of(raw).bills[raw].due_fils for raw in bills),
            "channel": Channel.PORTAL,
            "return_url": None,
            "gateway": None,
            "key": f"key-{next(self._keys)}",
        }
        with self.unit():
            return await starting.start_payment(
                by or payer(), starting.StartOrder(**{**order, **changes})
            )

    async def report(
        self, kind: GatewayEventKind, payment_id: str, fils: int | None = None, **changes: Any
    ) -> None:
        """Store one message of the gateway, as the route does after it verified it."""
        with self.unit():
            if fils is None:
                fils = (await Payment.get(id=payment_id)).fils
            event = self.gateway.event(kind, payment_id, fils, **changes)
            await inbox.store(self.gateway.name, [event], "{}")

    async def settle(self) -> int:
        return await self.host.parts.settler.run_due()

    async def work(self) -> int:
        return await self.host.parts.worker.run_due()

    async def captured(self, *bills: str, by: Viewer | None = None) -> str:
        payment_id = await self.start(*bills, by=by)
        await self.report(GatewayEventKind.CAPTURED, payment_id)
        await self.settle()
        return payment_id

    async def refund(
        self, payment_id: str, items: list[tuple[str, int]] | None = None, **changes: Any
    ) -> str:
        parts = None if items is None else [(self.global_id(raw), fils) for raw, fils in items]
        wish = {"items": parts, "reason": "a test", "key": f"key-{next(self._keys)}", **changes}
        with self.unit():
            return await refunding.refund_payment(TREASURER, payment_id, **wish)

    async def approve(self, refund_id: str, by: Viewer = TREASURER, key: str = "") -> None:
        with self.unit():
            key = key or f"key-{next(self._keys)}"
            await approving.approve_refund(by, refund_id, key)

    async def decline(self, refund_id: str, by: Viewer = TREASURER) -> None:
        with self.unit():
            await approving.decline_refund(by, refund_id, "no", f"key-{next(self._keys)}")

    async def refunded(self, payment_id: str, items: list[tuple[str, int]] | None = None) -> str:
        refund_id = await self.refund(payment_id, items)
        await self.work()
        await self.report_refund(refund_id)
        return refund_id

    async def report_refund(
        self, refund_id: str, kind: GatewayEventKind = GatewayEventKind.REFUNDED, **changes: Any
    ) -> None:
        with self.unit():
            refund = await Refund.get(id=refund_id)
        await self.report(kind, refund.payment_id, refund.fils, refund_id=refund_id, **changes)
        await self.settle()

    async def cancel(self, payment_id: str, by: Viewer | None = None) -> None:
        with self.unit():
            await ending.cancel_payment(by or payer(), payment_id, f"key-{next(self._keys)}")

    async def expire(self) -> None:
        self.clock.move(hours=1)
        with self.unit():
            await ending.expire_overdue({})

    async def payment(self, payment_id: str) -> Payment:
        with self.unit():
            return await Payment.get(id=payment_id)

    async def status(self, payment_id: str) -> PaymentStatus:
        return PaymentStatus((await self.payment(payment_id)).status)

    async def items(self, payment_id: str) -> list[PaymentItem]:
        with self.unit():
            return await PaymentItem.filter(payment_id=payment_id).order_by("position")

    async def refunds(self, payment_id: str) -> list[Refund]:
        with self.unit():
            return await Refund.filter(payment_id=payment_id).order_by("created_at", "id")

    async def messages(self) -> list[GatewayMessage]:
        with self.unit():
            return await GatewayMessage.all().order_by("id")

    async def claims(self) -> set[str]:
        with self.unit():
            whole = {claim.bill_id for claim in await BillClaim.all()}
            parts = await BillBalance.filter(claimed_fils__gt=0).values_list("key", flat=True)
            return whole | {str(key).partition(":")[2] for key in parts}

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, *, by: Viewer | None = None
    ) -> dict[str, Any]:
        """Run an operation in process, as the server would."""
        viewer = by or payer()
        with self.unit():
            prepared = self.host.engine.prepare(query, None, viewer.language)
            return await self.host.engine.execute(prepared, variables, Context(viewer))


@asynccontextmanager
async def opened(url: str, folder: Path, plugin: FakePlugin | None = None) -> AsyncIterator[World]:
    world = World(url, folder, plugin)
    async with world.host.opened():
        yield world
        assert world.ledger.trial_balance() == 0
        world.clock.move(days=30)
        assert await world.settle() >= 0  # whatever was put off: nothing may explode at last
