"""Fines in the one basket: priced, settled, given back, and told to the directorate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db, jobs, payments, runtime
from bawaba.ledger import Posting, Side
from bawaba.payments import Bill, ReversedItem, SettledItem
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_payments_traffic import gateway
from bawaba_payments_traffic.domain import (
    FINE,
    PAYABLE_ACCOUNT,
    SERVICE,
    FineEvent,
    FineStatus,
    PaidNotice,
    ReversedNotice,
)
from bawaba_payments_traffic.gateway import letters
from bawaba_payments_traffic.models import TrafficFine
from bawaba_payments_traffic.services import fines
from bawaba_payments_traffic.services.pricing import bill_of

GIVE_BACK = "traffic.give_back"
"""Name of the job that refunds money captured for a fine that was not payable any more."""

_NOT_OWED = Text(
    "The fine was cancelled or paid elsewhere while this payment was under way.",
    "أُلغيت المخالفة أو سُددت بطريق آخر أثناء إجراء عملية الدفع.",
)
_MONEY = (
    "status", "settled_item_id", "receipt_number", "paid_fils", "reversed_fils", "paid_at",
    "notified_at", "reversed_receipt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrafficPayable:
    """Implements :class:`bawaba.payments.Payable`; ``show`` makes GraphQL objects of rows."""

    show: Callable[[Mapping[str, fines.Row]], Awaitable[Mapping[str, Any]]]
    service: str = SERVICE
    node_type: str = "TrafficFine"

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:
        """Return bills asked afresh; one that the register forgot is absent, unless settled.

        Raises:
            AgencyUnavailable: the directorate did not answer.
        """
        known = await fines.rows_of(bill_ids)
        if not known:
            return {}
        references = [row["reference"] for row in known.values()]
        fresh = await fines.refresh(await gateway.ask(lambda register: register.find(references)))
        told = {row["id"]: row for row in fresh}
        kept = {
            id_: told.get(id_, row)
            for id_, row in known.items()
            if id_ in told or row["status"] != FineStatus.UNPAID.value
        }
        return {id_: bill_of(row, at) for id_, row in kept.items()}

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:
        """Return the bills of the viewer as a debtor, newest first.

        Raises:
            AgencyUnavailable: the directorate did not answer.
        """
        number = viewer.national_id
        if number is None:
            return []
        await fines.refresh(await gateway.ask(lambda register: register.of_person(number)))
        return [bill_of(row, at) for row in await fines.rows_of_person(number)]

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Describe that the whole amount is owed to the directorate."""
        return (Posting(PAYABLE_ACCOUNT, Side.CREDIT, item.fils),)

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Mark fines as paid; money for one that is not payable any more is given back later."""
        locked = await _locked(item.bill_id for item in items)
        for item in items:
            fine = locked[item.bill_id]
            if fine.settled_item_id == item.item_id:
                continue
            status = FineStatus(fine.status)
            if not FINE.allows(status, FineEvent.SETTLED):
                payload = {"fineId": fine.id, "itemId": item.item_id}
                await jobs.enqueue(GIVE_BACK, payload, key=item.item_id)
                continue
            fine.status = FINE.next(status, FineEvent.SETTLED).value
            fine.settled_item_id, fine.receipt_number = item.item_id, item.receipt_number
            fine.paid_fils, fine.reversed_fils = item.fils, 0
            fine.paid_at, fine.notified_at = item.paid_at, None
        await TrafficFine.bulk_update(locked.values(), _MONEY)

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Note what was given back; in full makes the fine payable again unless cancelled."""
        locked = await _locked(item.bill_id for item in items)
        for item in items:
            fine = locked[item.bill_id]
            if fine.settled_item_id != item.item_id:
                continue
            fine.reversed_fils += item.fils
            status = FineStatus(fine.status)
            if item.in_full and FINE.allows(status, FineEvent.REVERSED):
                fine.status = FINE.next(status, FineEvent.REVERSED).value
                fine.reversed_receipt = fine.receipt_number
                fine.settled_item_id = fine.receipt_number = None
                fine.paid_at = fine.notified_at = None
                fine.paid_fils = fine.reversed_fils = 0
        await TrafficFine.bulk_update(locked.values(), _MONEY)

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Give the directorate the receipts of what stands settled.

        Raises:
            AgencyUnavailable: try again later.
        """
        by_item = {item.item_id: item for item in items}
        rows = await fines.rows_of(item.bill_id for item in items)
        standing = {row["settled_item_id"]: row["reference"] for row in rows.values()}
        notices = [
            PaidNotice(
                item_id=item.item_id,
                reference=standing[item.item_id],
                receipt=item.receipt_number,
                fils=item.fils,
                paid_at=item.paid_at,
                channel=item.channel.value,
            )
            for item in by_item.values()
            if item.item_id in standing
        ]
        if not notices:
            return
        await letters.tell_paid(notices)
        delivered = [notice.item_id for notice in notices]
        await TrafficFine.filter(settled_item_id__in=delivered).update(notified_at=runtime.now())

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Tell the directorate what was given back.

        Raises:
            AgencyUnavailable: try again later.
        """
        rows = await fines.rows_of(item.bill_id for item in items)
        notices = [
            ReversedNotice(
                refund_id=item.refund_id,
                item_id=item.item_id,
                reference=rows[item.bill_id]["reference"],
                fils=item.fils,
                in_full=item.in_full,
                refunded_at=item.refunded_at,
            )
            for item in items
        ]
        await letters.tell_reversed(notices)

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return GraphQL objects from the mirror alone."""
        return await self.show(await fines.rows_of(bill_ids))


async def _locked(ids: Any) -> dict[str, TrafficFine]:
    query = TrafficFine.filter(id__in=sorted(set(ids))).order_by("id")
    return {fine.id: fine for fine in await db.locked(query)}


async def give_back(payload: Mapping[str, Any]) -> None:
    """Refund what was captured for a fine that was not payable any more (a job)."""
    async with db.transaction():
        await payments.refund_bill(SERVICE, payload["fineId"], _NOT_OWED)
