"""A payable service and a payment gateway that live in memory, and the plugin that brings them.

And letters that go by hand, for the tests of a plugin alone.

Each can be told to misbehave: tests of core, and contract tests of real ones, use them alike.
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import orjson
import strawberry

from bawaba import catalogue, core_types
from bawaba.catalogue import Agency, Service
from bawaba.correspondence import Answer, Correspondent, Letter, Line
from bawaba.db import after_commit, in_transaction, require_transaction, transaction
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import Info, global_id
from bawaba.ledger import Account, AccountKind, Posting, Side
from bawaba.payments import (
    Bill,
    BillStatus,
    CallbackRejected,
    Checkout,
    CheckoutOrder,
    GatewayEvent,
    GatewayEventKind,
    GatewayUnavailable,
    RefundOrder,
    ReversedItem,
    SettledItem,
)
from bawaba.plugin import Manifest, NodeType, SchemaPart, hookimpl
from bawaba.runtime import correlation_id, new_id, now
from bawaba.text import Text, both
from bawaba.viewer import Viewer

__all__ = ["FakeBill", "FakeCorrespondence", "FakeGateway", "FakePayable", "FakePlugin", "bill_id"]

AGENCY, SERVICE = "fake-agency", "fake-bills"
SHARE_ACCOUNT, FEE_ACCOUNT = "fake.share", "fake.fee"
SIGNATURE = {"X-Fake-Signature": "genuine"}


@strawberry.type(description=both("A bill of the fake service.", "فاتورة الخدمة التجريبية."))
class FakeBill(core_types.Bill):
    """What :class:`FakePayable` presents."""


def bill_id(raw: str, node_type: str = "FakeBill") -> str:
    """Return the global id of a fake bill."""
    return str(global_id(node_type, raw))


class FakePayable:
    """Bills in memory.

    Attributes:
        bills: by id; change them as you like. One with ``least_fils`` is paid in parts.
        paid: what was paid of each bill, less what was given back, in fils.
        owed: national id to ids of bills.
        delivered: how often each item was delivered; ``reversals``: likewise, by (refund, item).
        down: the agency does not answer; ``delay``: seconds that it takes.
        poison: bills that cannot be marked, as paid or given back.
        crooked: bills with wrong postings.
    """

    def __init__(self, service: str = SERVICE, node_type: str = "FakeBill") -> None:
        self.service, self.node_type = service, node_type
        self.bills: dict[str, Bill] = {}
        self.paid: dict[str, int] = {}
        self.owed: dict[str, list[str]] = {}
        self.delivered: dict[str, int] = {}
        self.reversals: dict[tuple[str, str], ReversedItem] = {}
        self.down = False
        self.delay = 0.0
        self.poison: set[str] = set()
        self.crooked: set[str] = set()

    def add(self, raw: str, fils: int, *, owner: str | None = None, **changes: Any) -> Bill:
        """Add an unpaid bill and return it."""
        bill = Bill(
            id=raw,
            service=self.service,
            reference=f"REF-{raw}",
            description=Text(f"Bill {raw}", f"فاتورة {raw}"),
            status=BillStatus.UNPAID,
            fils=fils,
            due_fils=fils,
            explanation=Text("The full amount.", "المبلغ الكامل."),
        )
        self.bills[raw] = dataclasses.replace(bill, **changes)
        if owner is not None:
            self.owed.setdefault(owner, []).append(raw)
        return self.bills[raw]

    async def _answer(self) -> None:
        await asyncio.sleep(self.delay)
        if self.down:
            raise AgencyUnavailable("the fake agency is down")

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:  # noqa: ARG002
        """Return bills by id."""
        await self._answer()
        return {raw: self.bills[raw] for raw in bill_ids if raw in self.bills}

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:  # noqa: ARG002
        """Return the viewer's bills."""
        await self._answer()
        return [self.bills[raw] for raw in self.owed.get(viewer.national_id or "", [])]

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Credit a tenth to the platform's fee, the rest to the agency."""
        fee = item.fils // 10
        share = item.fils - fee - (1 if item.bill_id in self.crooked else 0)
        parts = [(SHARE_ACCOUNT, share), (FEE_ACCOUNT, fee)]
        return [Posting(account, Side.CREDIT, fils) for account, fils in parts if fils]

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Take what was paid of bills when the transaction commits."""
        require_transaction()
        self._choke(items)
        after_commit(lambda: self._mark([(item.bill_id, item.fils) for item in items]))

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Take back what was given back of bills when the transaction commits."""
        require_transaction()
        self._choke(items)
        after_commit(lambda: self._mark([(item.bill_id, -item.fils) for item in items]))

    def _choke(self, items: Sequence[SettledItem | ReversedItem]) -> None:
        for item in items:
            if item.bill_id in self.poison:
                raise RuntimeError(f"the fake service chokes on {item.bill_id}")

    def _mark(self, moved: Sequence[tuple[str, int]]) -> None:
        for raw, fils in moved:
            bill, paid = self.bills[raw], self.paid.get(raw, 0) + fils
            self.paid[raw] = paid
            if bill.least_fils is not None:
                due = max(0, bill.fils - paid)
                part = BillStatus.PARTIALLY_PAID if paid else BillStatus.UNPAID
                status = part if due else BillStatus.PAID
                self.bills[raw] = dataclasses.replace(bill, status=status, due_fils=due)
            else:
                status = BillStatus.PAID if paid else BillStatus.UNPAID
                self.bills[raw] = dataclasses.replace(bill, status=status)

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Count deliveries."""
        await self._answer()
        for item in items:
            self.delivered[item.item_id] = self.delivered.get(item.item_id, 0) + 1

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Remember reversals."""
        await self._answer()
        self.reversals |= {(item.refund_id, item.item_id): item for item in items}

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return the GraphQL objects of bills."""
        services, agencies = await catalogue.services(), await catalogue.agencies()
        service = services[self.service]
        shown = core_types.Service.of(service, agencies[service.agency])
        return {raw: self._object(self.bills[raw], shown) for raw in bill_ids if raw in self.bills}

    def _object(self, bill: Bill, service: core_types.Service) -> FakeBill:
        face = FakeBill.face(bill, service)
        return FakeBill(**{**face, "id": global_id(self.node_type, bill.id)})


class FakeGateway:
    """A gateway in memory.

    Attributes:
        orders, refunds: what it was asked, by payment and refund id.
        down: it does not answer; ``too_late``: it cancels nothing.
    """

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.title = Text("Fake gateway", "بوابة تجريبية")
        self.orders: dict[str, CheckoutOrder] = {}
        self.refunds: dict[str, RefundOrder] = {}
        self.cancelled: list[str] = []
        self.down = False
        self.too_late = False

    def _answer(self) -> None:
        if self.down:
            raise GatewayUnavailable

    async def open_checkout(self, order: CheckoutOrder) -> Checkout:
        """Open a checkout."""
        self._answer()
        self.orders[order.payment_id] = order
        return Checkout(f"https://{self.name}.example/{order.payment_id}", f"gw-{order.payment_id}")

    async def cancel(self, payment_id: str) -> bool:
        """Close a checkout, unless it is too late."""
        self._answer()
        self.cancelled.append(payment_id)
        return not self.too_late

    async def refund(self, order: RefundOrder) -> None:
        """Take an order to refund."""
        self._answer()
        self.refunds[order.refund_id] = order

    def event(
        self, kind: GatewayEventKind, payment_id: str, fils: int, **changes: Any
    ) -> GatewayEvent:
        """Return an event as this gateway would report it."""
        event = GatewayEvent(
            event_id=new_id(),
            kind=kind,
            payment_id=payment_id,
            fils=fils,
            gateway_reference=f"gw-{payment_id}",
            occurred_at=now(),
        )
        return dataclasses.replace(event, **changes)

    def body(self, *events: GatewayEvent) -> bytes:
        """Return a callback's body; send it with the header ``SIGNATURE``."""
        return orjson.dumps(
            [{**dataclasses.asdict(event), "kind": event.kind.value} for event in events]
        )

    def read_callback(
        self,
        headers: Mapping[str, str],
        body: bytes,
        at: dt.datetime,  # noqa: ARG002
    ) -> Sequence[GatewayEvent]:
        """Read what :meth:`body` wrote."""
        if headers.get("X-Fake-Signature") != SIGNATURE["X-Fake-Signature"]:
            raise CallbackRejected("the signature is wrong")
        return [
            GatewayEvent(
                **{
                    **event,
                    "kind": GatewayEventKind(event["kind"]),
                    "occurred_at": dt.datetime.fromisoformat(event["occurred_at"]),
                }
            )
            for event in orjson.loads(body)
        ]


class FakeCorrespondence:
    """Letters in memory: neither signed nor sealed, taken once for each key.

    Attributes:
        letters: those that were taken, oldest first.
        down: agencies that do not answer.
    """

    def __init__(self, correspondents: Sequence[Correspondent]) -> None:
        self._entries = list(correspondents)
        self.letters: list[Letter] = []
        self.down: set[str] = set()
        self._replies: dict[tuple[str, str, bool], tuple[str, Any, Mapping[str, Any]]] = {}

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`bawaba.correspondence.send`."""
        desks = {
            name: (answer, entry.line)
            for entry in self._of(agency)
            for name, answer in entry.simulated.items()
        }
        return await self._taken(desks, Letter(agency, kind, body, key, correlation_id(), now()))

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`bawaba.correspondence.send_as_agency`."""
        desks: dict[str, tuple[Answer, Line | None]] = {
            name: (answer, None)
            for entry in self._of(agency)
            for name, answer in entry.takes.items()
        }
        letter = Letter(agency, kind, body, key, correlation_id(), now())
        return await self._taken(desks, letter, back=True)

    def _of(self, agency: str) -> list[Correspondent]:
        return [entry for entry in self._entries if entry.agency == agency]

    async def _taken(
        self, desks: Mapping[str, tuple[Answer, Line | None]], letter: Letter, *, back: bool = False
    ) -> Mapping[str, Any]:
        if in_transaction():
            raise RuntimeError("a letter must not be sent inside a transaction")
        if letter.kind not in desks:
            raise LookupError(f"nobody takes {letter.kind} at {letter.agency}")
        if letter.agency in self.down:
            raise AgencyUnavailable(f"{letter.agency} is down")
        answer, line = desks[letter.kind]
        place, said = (letter.agency, letter.key, back), orjson.dumps(dict(letter.body))
        async with line(letter) if line else nullcontext():
            if place not in self._replies:
                async with transaction():
                    self._replies[place] = (letter.kind, said, await answer(letter))
                self.letters.append(letter)
            kind, body, reply = self._replies[place]
            if (kind, body) != (letter.kind, said):
                raise ValueError(f"the key {letter.key!r} was used for another letter")
        return reply


class FakePlugin:
    """The plugin that brings both: ``build(settings, modules={"fake": FakePlugin()})``."""

    # A package of its own: the registry takes whatever shares a package for the plugin's.
    __name__ = "fake_plugin"

    def __init__(
        self,
        payables: Sequence[FakePayable] | None = None,
        gateways: Sequence[FakeGateway] | None = None,
    ) -> None:
        self.payables = list(payables) if payables is not None else [FakePayable()]
        self.gateways = list(gateways) if gateways is not None else [FakeGateway()]

    @hookimpl
    def declare_manifest(self) -> Manifest:
        """Name: fake."""
        return Manifest("fake", "fake", Text("Fake", "تجريبي"), "0")

    @hookimpl
    def declare_agencies(self) -> Sequence[Agency]:
        """One agency."""
        return [Agency(AGENCY, Text("Fake agency", "جهة تجريبية"))]

    @hookimpl
    def declare_services(self) -> Sequence[Service]:
        """A service for each payable."""
        name = Text("Fake bills", "فواتير تجريبية")
        return [
            Service(payable.service, AGENCY, name, name, payable=True) for payable in self.payables
        ]

    @hookimpl
    def declare_accounts(self) -> Sequence[Account]:
        """What the fake postings name."""
        return [
            Account(SHARE_ACCOUNT, Text("Share", "الحصة"), AccountKind.LIABILITY),
            Account(FEE_ACCOUNT, Text("Fee", "الرسم"), AccountKind.REVENUE),
        ]

    @hookimpl
    def declare_payables(self) -> Sequence[FakePayable]:
        """The fake services."""
        return self.payables

    @hookimpl
    def declare_gateways(self) -> Sequence[FakeGateway]:
        """The fake gateways."""
        return self.gateways

    @hookimpl
    def declare_schema(self) -> Sequence[SchemaPart]:
        """The fake bill's type."""
        return [SchemaPart(types=[FakeBill])]

    @hookimpl
    def declare_nodes(self) -> Sequence[NodeType]:
        """Fake bills are everybody's to see."""

        async def load(_: Info, ids: Sequence[str]) -> Mapping[str, Any]:
            return await self.payables[0].present(ids)

        return [NodeType("FakeBill", load)]
