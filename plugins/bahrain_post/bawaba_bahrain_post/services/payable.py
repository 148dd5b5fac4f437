"""Bills of the post in the one basket: priced, settled, given back, and told to the post."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import correspondence, db, jobs, live, payments, runtime
from bawaba.ledger import Posting, Side
from bawaba.live import NewEvent
from bawaba.payments import Bill, ReversedItem, SettledItem
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_bahrain_post.domain import (
    AGENCY,
    BILL,
    CUSTOMS_ACCOUNT,
    POST_ACCOUNT,
    SERVICE,
    BillEvent,
    PostBillKind,
    PostBillStatus,
    PostShipmentStatus,
)
from bawaba_bahrain_post.models import PostBill, PostBox, PostShipment
from bawaba_bahrain_post.rules.bills import customs_share
from bawaba_bahrain_post.rules.journey import with_duty
from bawaba_bahrain_post.services import bills, boxes, notices
from bawaba_bahrain_post.services.shipments import DUTY_PAID, DUTY_REVERSED, TOPIC

GIVE_BACK = "post.give_back"
"""Name of the job that refunds money captured for a bill that was not payable any more."""
_NOT_OWED = Text(
    "The bill was withdrawn or paid already while this payment was under way.",
    "سُحبت الفاتورة أو سُددت أثناء إجراء عملية الدفع.",
)


@dataclass(frozen=True, slots=True)
class PostPayable:
    """Implements :class:`bawaba.payments.Payable`; ``show`` makes GraphQL objects of rows.

    The platform opens the bills itself, so that pricing asks nobody.
    """

    show: Callable[[Mapping[str, bills.Row]], Awaitable[Mapping[str, Any]]]
    service: str = SERVICE
    node_type: str = "PostBill"

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:
        """Return bills, priced for ``at``."""
        return {id_: bills.bill_of(row, at) for id_, row in (await bills.rows_of(bill_ids)).items()}

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:
        """Return the bills of the viewer as a debtor, newest first."""
        if viewer.national_id is None:
            return []
        await notices.meet(viewer)
        return [bills.bill_of(row, at) for row in await bills.rows_of_person(viewer.national_id)]

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Describe what is owed to customs, and what to the post: handling, storage, rent."""
        customs = min(customs_share(item.bill_id), item.fils)
        shares = ((CUSTOMS_ACCOUNT, customs), (POST_ACCOUNT, item.fils - customs))
        return [Posting(account, Side.CREDIT, fils) for account, fils in shares if fils]

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Mark bills as paid; money for one that is not payable any more is given back later."""
        held = await _locked(item.bill_id for item in items)
        events = [event for item in items for event in await _settle(held, item)]
        await live.emit_all(events)

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Note what was given back; in full makes the bill owed again and undoes what it bought."""
        held = await _locked(item.bill_id for item in items)
        events = [event for item in items for event in await _reverse(held, item)]
        await live.emit_all(events)

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Tell the post of what stands settled; duty that is paid orders the release.

        Raises:
            AgencyUnavailable: try again later.
        """
        standing = await _standing([item.bill_id for item in items])
        for item in items:
            bill = standing.get(item.item_id)
            if bill is None:
                continue
            body = {**_about(bill), **_payment(item), "customsFils": customs_share(item.bill_id)}
            await correspondence.send(AGENCY, "post.paid", body, f"post.paid:{item.item_id}")
            if bill.shipment is not None and not _released(bill):
                order = {**_about(bill), "itemId": item.item_id, "basis": "DUTY_PAID"}
                key = f"post.released:{item.item_id}"
                await correspondence.send(AGENCY, "post.released", order, key)

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Tell the post what was given back, and whether the shipment was released before.

        Raises:
            AgencyUnavailable: try again later.
        """
        query = PostBill.filter(id__in=[item.bill_id for item in items])
        found = {bill.id: bill for bill in await query.prefetch_related("shipment", "box")}
        for item in items:
            bill = found[item.bill_id]
            body = {
                **_about(bill),
                "itemId": item.item_id,
                "refundId": item.refund_id,
                "fils": item.fils,
                "inFull": item.in_full,
                "afterRelease": _released(bill),
                "refundedAt": item.refunded_at.isoformat(),
            }
            key = f"post.reversed:{item.refund_id}:{item.item_id}"
            await correspondence.send(AGENCY, "post.reversed", body, key)

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return GraphQL objects from local rows."""
        return await self.show(await bills.rows_of(bill_ids))


@dataclass(frozen=True, slots=True)
class _Held:
    """What a batch has locked: shipments and boxes first, as everybody does, then bills."""

    shipments: Mapping[str, PostShipment]
    boxes: Mapping[str, PostBox]
    bills: Mapping[str, PostBill]


async def _locked(bill_ids: Iterable[str]) -> _Held:
    ids = sorted(set(bill_ids))
    about = await PostBill.filter(id__in=ids).values("shipment_id", "box_id")
    shipments = PostShipment.filter(
        id__in=[row["shipment_id"] for row in about if row["shipment_id"]]
    )
    let = PostBox.filter(id__in=[row["box_id"] for row in about if row["box_id"]])
    return _Held(
        {each.id: each for each in await db.locked(shipments.order_by("tracking_number"))},
        {each.id: each for each in await db.locked(let.order_by("id"))},
        {each.id: each for each in await db.locked(PostBill.filter(id__in=ids).order_by("id"))},
    )


async def _settle(held: _Held, item: SettledItem) -> list[NewEvent]:
    bill = held.bills[item.bill_id]
    if bill.settled_item_id == item.item_id:
        return []
    status, day = PostBillStatus(bill.status), runtime.local_day(item.paid_at)
    box = held.boxes.get(bill.box_id or "")
    payable = BILL.allows(status, BillEvent.SETTLED) and (box is None or boxes.renewable(box, day))
    if not payable:
        payload = {"billId": bill.id, "itemId": item.item_id}
        await jobs.enqueue(GIVE_BACK, payload, key=item.item_id)
        return []
    bill.status = BILL.next(status, BillEvent.SETTLED).value
    bill.settled_item_id, bill.receipt_number = item.item_id, item.receipt_number
    bill.paid_fils, bill.reversed_fils, bill.paid_at = item.fils, 0, item.paid_at
    bill.until = bill.until or day
    await bill.save()
    if box is not None:
        await boxes.renew(box)
        return []
    return await _duty_changed(held.shipments[bill.shipment_id or ""], bill, DUTY_PAID)


async def _reverse(held: _Held, item: ReversedItem) -> list[NewEvent]:
    bill = held.bills[item.bill_id]
    if bill.settled_item_id != item.item_id:
        return []
    bill.reversed_fils += item.fils
    status = PostBillStatus(bill.status)
    if not item.in_full or not BILL.allows(status, BillEvent.REVERSED):
        await bill.save()
        return []
    bill.status = BILL.next(status, BillEvent.REVERSED).value
    bill.reversed_receipt = bill.receipt_number
    bill.settled_item_id = bill.receipt_number = bill.paid_at = None
    bill.paid_fils = bill.reversed_fils = 0
    box = held.boxes.get(bill.box_id or "")
    if box is not None:
        bill.until = None
        await boxes.undo(box, bill)
        await bill.save()
        await boxes.settle_time(box)
        return []
    shipment = held.shipments[bill.shipment_id or ""]
    if shipment.track == PostShipmentStatus.HELD_FOR_DUTY.value:
        bill.until = None
    await bill.save()
    return await _duty_changed(shipment, bill, DUTY_REVERSED)


async def _duty_changed(shipment: PostShipment, bill: PostBill, kind: str) -> list[NewEvent]:
    track = PostShipmentStatus(shipment.track)
    shipment.status = with_duty(track, PostBillStatus(bill.status)).value
    await shipment.save()
    return [NewEvent(TOPIC + shipment.id, kind, {"status": shipment.status})]


async def _standing(bill_ids: Sequence[str]) -> dict[str, PostBill]:
    """Return the bills that stand paid, by the item that paid them."""
    query = PostBill.filter(id__in=list(bill_ids), status=PostBillStatus.PAID.value)
    found = await query.prefetch_related("shipment", "box")
    return {str(bill.settled_item_id): bill for bill in found}


def _released(bill: PostBill) -> bool:
    """Return whether customs no longer holds what the bill is for."""
    held = PostShipmentStatus.HELD_FOR_DUTY.value
    return bill.shipment is not None and bill.shipment.track != held


def _about(bill: PostBill) -> dict[str, Any]:
    """Return what a letter says of a bill: its reference, and what it is for."""
    about: dict[str, Any] = {"bill": bill.reference, "kind": bill.kind}
    if bill.kind == PostBillKind.DUTY.value and bill.shipment is not None:
        return {**about, "trackingNumber": bill.shipment.tracking_number}
    box = bill.box
    if box is None:
        return about
    return {
        **about,
        "office": box.office,
        "number": box.number,
        "expiresOn": box.expires_on.isoformat(),
    }


def _payment(item: SettledItem) -> dict[str, Any]:
    return {
        "itemId": item.item_id,
        "fils": item.fils,
        "receipt": item.receipt_number,
        "paidAt": item.paid_at.isoformat(),
        "channel": item.channel.value,
    }


async def give_back(payload: Mapping[str, Any]) -> None:
    """Refund what was captured for a bill that was not payable any more (a job)."""
    async with db.transaction():
        await payments.refund_bill(SERVICE, payload["billId"], _NOT_OWED)
