"""A portal of two fake services and a gateway with the real books, and the gateway's own account.

The gateway's book is the model: whatever is repeated, shuffled, lost on the way or cut short by a
crash, the platform's books must come to the same.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import bawaba_accounting.plugin
from bawaba import db, jobs, ledger, live
from bawaba.errors import Refusal
from bawaba.host.boot import build
from bawaba.host.jobs import requeue_all
from bawaba.host.jobs.models import JobRow
from bawaba.host.payments import inbox
from bawaba.host.payments.models import (
    BillBalance,
    BillClaim,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
    RefundLine,
)
from bawaba.host.payments.services import approving, ending, refunding, retrying, starting
from bawaba.host.settings import Settings
from bawaba.payments import Channel, GatewayEvent, GatewayEventKind, RefundOrder
from bawaba.plugin import hookimpl
from bawaba.testing.fakes import FakeGateway, FakePayable, FakePlugin, bill_id
from bawaba.viewer import Viewer
from bawaba_accounting.models import Difference
from bawaba_accounting.services import settlements
from money_files import Files
from tortoise.expressions import Q

START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
PAYER = Viewer("payer", national_id="N-payer", grants={"payments.pay": frozenset({"*"})})
_ALL = {f"payments.{verb}": frozenset({"*"}) for verb in ("pay", "read", "refund", "approve")}
TREASURERS = (Viewer("treasurer", grants=_ALL), Viewer("treasurer-2", grants=_ALL))
CLEARING = "gateway.fake.clearing"


class Crash(BaseException):
    """The process died here."""


SEAMS: dict[str, tuple[Any, str]] = {
    "ledger": (ledger, "record"),
    "paid": (FakePayable, "mark_paid"),
    "reversed": (FakePayable, "mark_reversed"),
    "event": (live, "emit"),
    "job": (jobs, "enqueue"),
}
"""Where a settlement can be cut short: inside the transaction, after some of its writes."""


@contextmanager
def dying(seam: str, *, after: bool) -> Iterator[None]:
    """Die at the first pass of a seam, before or ``after`` it did its part."""
    owner, name = SEAMS[seam]
    whole = getattr(owner, name)

    async def cut(*args: Any, **kwargs: Any) -> Any:
        if after:
            await whole(*args, **kwargs)
        raise Crash

    setattr(owner, name, cut)
    try:
        with contextlib.suppress(Crash):
            yield
    finally:
        setattr(owner, name, whole)


class _Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> dt.datetime:
        return self.at


class WatchedGateway(FakeGateway):
    """Remembers in ``breaches`` the refunds that it was asked for while a dispute was open."""

    def __init__(self) -> None:
        super().__init__()
        self.breaches: list[str] = []

    async def refund(self, order: RefundOrder) -> None:
        """Take an order to refund."""
        refund = await Refund.get(id=order.refund_id)
        if (await Payment.get(id=refund.payment_id)).disputed_fils:
            self.breaches.append(order.refund_id)
        await super().refund(order)


class MoneyPlugin(FakePlugin):
    """The fake services and gateway, and the gateway's files."""

    def __init__(self) -> None:
        super().__init__(
            [FakePayable(), FakePayable("other-bills", "OtherBill")], [WatchedGateway()]
        )
        self.files = Files()

    @hookimpl
    def declare_settlement_readers(self) -> list[Files]:
        return [self.files]


class MoneyWorld:
    """One host; short words for what payers, treasurers and the gateway do."""

    def __init__(self, url: str, folder: Path) -> None:
        self.plugin = MoneyPlugin()
        self.payables: list[FakePayable] = self.plugin.payables
        self.gateway: WatchedGateway = self.plugin.gateways[0]
        self.clock, self._keys = _Clock(), itertools.count()
        settings = Settings(
            database_url=url, data_dir=folder, demo=True, refund_approval_above=5_000
        )
        modules = {"fake": self.plugin, "accounting": bawaba_accounting.plugin}
        self.host = build(settings, modules=modules, clock=self.clock)
        self.told: dict[str, GatewayEvent] = {}

    def service_of(self, raw: str) -> FakePayable:
        """Return the service that has the bill."""
        return next(payable for payable in self.payables if raw in payable.bills)

    def _global(self, lines: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        return [(bill_id(raw, self.service_of(raw).node_type), fils) for raw, fils in lines]

    def mend(self) -> None:
        """Let every bill be marked again."""
        for payable in self.payables:
            payable.poison.clear()

    def key(self) -> str:
        return f"key-{next(self._keys)}"

    def move(self, **delta: float) -> None:
        self.clock.at += dt.timedelta(**delta)

    def total(self, lines: list[tuple[str, int | None]]) -> int:
        """Return what (bill, part) lines cost now."""
        due = {raw: self.service_of(raw).bills[raw].due_fils for raw, _ in lines}
        return sum(due[raw] if fils is None else fils for raw, fils in lines)

    async def start(self, lines: list[tuple[str, int | None]], key: str, total: int) -> str | None:
        """Start a payment over (bill, part); None where it is refused."""
        order = starting.StartOrder(
            items=self._global(lines),
            expected_fils=total,
            channel=Channel.PORTAL,
            return_url=None,
            gateway=None,
            key=key,
        )
        return await self._unless_refused(starting.start_payment(PAYER, order))

    async def cancel(self, payment_id: str) -> None:
        await self._unless_refused(ending.cancel_payment(PAYER, payment_id, self.key()))

    async def refund(self, payment_id: str, parts: list[tuple[str, int]] | None) -> None:
        items = None if parts is None else self._global(parts)
        await self._unless_refused(
            refunding.refund_payment(TREASURERS[0], payment_id, items, "a test", self.key())
        )

    async def decide(self, refund_id: str, who: int, *, approve: bool) -> None:
        viewer, key = TREASURERS[who], self.key()
        if approve:
            await self._unless_refused(approving.approve_refund(viewer, refund_id, key))
        else:
            await self._unless_refused(approving.decline_refund(viewer, refund_id, "no", key))

    async def _unless_refused(self, work: Any) -> Any:
        with self.host.unit():
            try:
                return await work
            except Refusal:
                return None

    async def expire(self) -> None:
        self.move(hours=1)
        with self.host.unit():
            await ending.expire_overdue({})

    async def tell(self, event: GatewayEvent) -> None:
        """Deliver one event of the gateway, for the first time or again."""
        self.told[event.event_id] = event
        with self.host.unit():
            await inbox.store("fake", [event], "{}")

    async def settle(self) -> None:
        await self.host.parts.settler.run_due()

    async def settle_all(self) -> None:
        """Settle until nothing waits that could be settled; alarms are tried again once.

        Services work again, so that nothing stays held.
        """
        self.mend()
        for _ in range(4):
            self.move(seconds=3)
            await self.settle()
            for message in await self.rows(GatewayMessage, status="ALARM"):
                await self._unless_refused(retrying.retry_message(TREASURERS[0], message.id))
        await self.work_off()
        self.move(seconds=3)
        await self.settle()

    async def work_off(self) -> None:
        """Run what services failed to do, once none is left alone; what died is taken up again."""
        self.move(seconds=31)
        with self.host.unit():
            for name in ("payments.settle", "payments.note_reversal"):
                await requeue_all(name)
                await JobRow.filter(name=name, state="READY").update(run_at=self.clock.at)
        await self.work()
        assert await self.rows(PaymentItem, state="HELD") == []
        assert await self.rows(RefundLine, held=True) == []

    async def work(self) -> None:
        await self.host.parts.worker.run_due()

    async def rows(self, model: Any, *conditions: Q, **where: Any) -> list[Any]:
        with self.host.unit():
            return list(await model.filter(*conditions, **where))

    async def fetch(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        with self.host.unit():
            return await db.fetch(statement, *values)

    # -- what must hold ---------------------------------------------------------------------

    async def check(self) -> None:
        """Assert what holds in every committed state: trust.md's properties 1, 2 and 4."""
        await self._check_books()
        await self._check_payments()
        await self._check_bills()
        await self._check_held()

    async def _check_books(self) -> None:
        sums = await self.fetch(
            "SELECT account, SUM(CASE side WHEN 'DEBIT' THEN fils ELSE 0 END) AS debits, "
            "SUM(CASE side WHEN 'CREDIT' THEN fils ELSE 0 END) AS credits "
            "FROM accounting_posting GROUP BY account"
        )
        folded = {r["account"]: (int(r["debits"]), int(r["credits"])) for r in sums}
        held = {
            r["account"]: (r["debits"], r["credits"])
            for r in await self.fetch("SELECT account, debits, credits FROM accounting_balance")
        }
        assert {a: s for a, s in held.items() if s != (0, 0)} == folded
        assert sum(d - c for d, c in folded.values()) == 0

    async def _check_payments(self) -> None:
        taken = await self.rows(Payment, captured_fils__gt=0)
        journals = {
            r["reference"]: r["debits"]
            for r in await self.fetch("SELECT reference, debits FROM accounting_journal")
        }
        captures = {p.id: p.captured_fils for p in taken}
        assert captures == {
            reference.split(":")[1]: fils
            for reference, fils in journals.items()
            if reference.endswith(":capture")
        }
        paid = Q(state="SETTLED") | Q(held_at__isnull=False)
        settled = {i.payment_id for i in await self.rows(PaymentItem, paid)}
        receipts = {p.id for p in taken if p.receipt_number}
        assert settled == receipts, "a receipt exactly where a bill was settled, or is held"
        gone: dict[str, int] = {}
        for refund in await self.rows(Refund, status__in=["SUCCEEDED", "REVERSED"]):
            assert journals[f"refund:{refund.id}"] == refund.fils
            if refund.status == "SUCCEEDED":
                gone[refund.payment_id] = gone.get(refund.payment_id, 0) + refund.fils
        assert {p.id: p.refunded_fils for p in taken if p.refunded_fils} == gone

    async def _check_bills(self) -> None:
        unnoted = Counter[str]()
        for line in await self.rows(RefundLine, held=True):
            unnoted[line.item_id] += line.fils
        claimed: dict[str, list[int]] = {}
        known = Counter[str]()
        for item in await self.rows(PaymentItem, state__in=["SETTLED", "HELD"]):
            if left := item.fils - item.refunded_fils + unnoted[item.id]:
                claimed.setdefault(item.bill_id, []).append(left)
                known[item.bill_id] += left if item.state == "SETTLED" else 0
        for raw, parts in claimed.items():
            bill = self.service_of(raw).bills[raw]
            assert sum(parts) <= bill.fils, f"{raw} is paid more than once"
            assert len(parts) == 1 or bill.least_fils is not None
        told = {raw: fils for p in self.payables for raw, fils in p.paid.items() if fils}
        assert +known == Counter(told), "each service knows what is settled of its bills"
        whole = {claim.bill_id for claim in await self.rows(BillClaim)}
        parts_of = await self.rows(BillBalance, claimed_fils__gt=0)
        taken = {row.key.partition(":")[2]: row.claimed_fils for row in parts_of}
        assert whole | taken.keys() == claimed.keys(), "a claim exactly where a bill is paid"
        assert all(fils == sum(claimed[raw]) for raw, fils in taken.items())

    async def _check_held(self) -> None:
        """What the books hold is what services have not taken; no refund goes out in a dispute."""
        items = await self.rows(PaymentItem, held_at__isnull=False, state__not="SETTLED")
        rows = await self.fetch(
            "SELECT debits, credits FROM accounting_balance WHERE account = $1", "payments.held"
        )
        held = sum(row["credits"] - row["debits"] for row in rows)
        assert held == sum(item.fils - item.refunded_fils for item in items)
        assert self.gateway.breaches == []

    async def take_files(self, events: list[GatewayEvent]) -> None:
        """Take in the gateway's files over ``events``, each twice."""
        with self.host.unit():
            for body in self.plugin.files.written(events):
                assert (await settlements.import_body(None, self.plugin.files, body)).is_new
                assert not (await settlements.import_body(None, self.plugin.files, body)).is_new

    async def check_against_gateway(self) -> None:
        """Assert that nothing waits, and that the books say what the gateway's book says.

        So do its settlement files: no difference is left open.
        """
        waiting = await self.rows(GatewayMessage, status="WAITING")
        assert [m for m in waiting if m.due_at <= self.clock.at] == []
        # What came before the thing it is about, which has not come yet, stays apart.
        ahead = await self.rows(GatewayMessage, status="ALARM", kind__not="CAPTURED")
        ignored = {message.event_id for message in (*waiting, *ahead)}
        known = [event for event in self.told.values() if event.event_id not in ignored]
        expected = expected_clearing(known)
        rows = await self.fetch(
            "SELECT debits, credits FROM accounting_balance WHERE account = $1", CLEARING
        )
        assert rows[0]["debits"] - rows[0]["credits"] == expected
        await self.take_files(known)
        with self.host.unit():
            await settlements.reconcile(self.plugin.files)
        assert await self.rows(Difference, status="OPEN") == []


def expected_clearing(events: list[GatewayEvent]) -> int:
    """What the gateway owes by its own book: each charge, refund and dispute once."""
    kinds = GatewayEventKind
    charges = {
        (e.payment_id, e.gateway_reference): e.fils for e in events if _is(e, kinds.CAPTURED)
    }
    refunds = {e.refund_id: e.fils for e in events if _is(e, kinds.REFUNDED)}
    back = {e.refund_id: e.fils for e in events if _is(e, kinds.REFUND_REVERSED)}
    opened = {e.dispute_id: e.fils for e in events if _is(e, kinds.DISPUTE_OPENED)}
    won = {e.dispute_id for e in events if _is(e, kinds.DISPUTE_WON)}
    withheld = sum(fils for dispute, fils in opened.items() if dispute not in won)
    return sum(charges.values()) - sum(refunds.values()) + sum(back.values()) - withheld


def _is(event: GatewayEvent, kind: GatewayEventKind) -> bool:
    return event.kind is kind


def replaced(event: GatewayEvent, **changes: Any) -> GatewayEvent:
    """Return the event with other words."""
    return dataclasses.replace(event, **changes)


@asynccontextmanager
async def money_world(url: str, folder: Path) -> AsyncIterator[MoneyWorld]:
    """Open a world on an empty database."""
    world = MoneyWorld(url, folder)
    async with world.host.opened():
        yield world
