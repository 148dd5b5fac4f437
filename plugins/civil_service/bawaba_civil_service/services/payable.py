"""Fees in the one basket: settled, given back, and told to the bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import correspondence, db, jobs, live, payments, runtime
from bawaba.ledger import Posting, Side
from bawaba.payments import Bill, ReversedItem, SettledItem
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_civil_service.domain import (
    AGENCY,
    PAYABLE_ACCOUNT,
    REQUEST,
    SERVICE,
    CivilServiceRequestStatus,
    RequestEvent,
)
from bawaba_civil_service.models import CivilCertificate, CivilRequest
from bawaba_civil_service.services import requests

GIVE_BACK = "civilService.give_back"
"""Name of the job that refunds money captured for a request that had ended."""
MOST_BILLS = 500
_MONEY = (
    "status", "settled_item_id", "receipt_number", "paid_fils", "reversed_fils", "paid_at",
    "ended_at",
)  # fmt: skip
_NOT_OWED = Text(
    "The request had lapsed or was cancelled before the payment arrived.",
    "انتهت مهلة الطلب أو أُلغي قبل وصول الدفعة.",
)
_REFUNDED = "The fee was refunded in full."


@dataclass(frozen=True, slots=True)
class CivilServicePayable:
    """Implements :class:`bawaba.payments.Payable`; ``show`` makes GraphQL objects of rows."""

    show: Callable[[Mapping[str, requests.Row]], Awaitable[Mapping[str, Any]]]
    service: str = SERVICE
    node_type: str = "CivilServiceFeeBill"

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:
        """Return bills by id. The fee is the platform's own data: nobody is asked."""
        rows = await requests.of_ids(bill_ids)
        return {id_: requests.bill_of(row, at) for id_, row in rows.items()}

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:
        """Return the bills of the viewer's requests, newest first."""
        if viewer.national_id is None:
            return []
        rows = await requests.of_debtor(viewer.national_id, MOST_BILLS)
        return [requests.bill_of(row, at) for row in rows if row["fee_fils"]]

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Describe that the whole fee is owed to the bureau."""
        return (Posting(PAYABLE_ACCOUNT, Side.CREDIT, item.fils),)

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Mark requests as paid and have them issued; money for an ended one goes back later."""
        locked = await _locked(item.bill_id for item in items)
        told = []
        for item in items:
            request = locked[item.bill_id]
            if request.settled_item_id == item.item_id:
                continue
            if not REQUEST.allows(CivilServiceRequestStatus(request.status), RequestEvent.SETTLE):
                payload = {"request": request.id, "item": item.item_id}
                await jobs.enqueue(GIVE_BACK, payload, key=item.item_id)
                continue
            requests.move(request, RequestEvent.SETTLE)
            request.settled_item_id, request.receipt_number = item.item_id, item.receipt_number
            request.paid_fils, request.reversed_fils = item.fils, 0
            request.paid_at = item.paid_at
            await jobs.enqueue(requests.ISSUE, {"request": request.id}, key=request.id)
            told.append(live.NewEvent(requests.TOPIC + request.id, request.status))
        await CivilRequest.bulk_update(locked.values(), _MONEY)
        await live.emit_all(told)

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Note what was given back. In full: not issued yet, it is cancelled; issued, revoked."""
        locked = await _locked(item.bill_id for item in items)
        told = {}
        for item in items:
            request = locked[item.bill_id]
            if request.settled_item_id != item.item_id:
                continue
            request.reversed_fils += item.fils
            status = CivilServiceRequestStatus(request.status)
            if item.in_full and REQUEST.allows(status, RequestEvent.REVERSE):
                requests.move(request, RequestEvent.REVERSE)
                told[request.id] = live.NewEvent(requests.TOPIC + request.id, request.status)
        await CivilRequest.bulk_update(locked.values(), _MONEY)
        await CivilCertificate.filter(
            request_id__in=list(told), revoked_at=None, file_id__not_isnull=True
        ).update(revoked_at=runtime.now(), revoked_reason=_REFUNDED)
        await live.emit_all(list(told.values()))

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Tell the bureau what was paid, a letter an item.

        Raises:
            AgencyUnavailable: try again later.
        """
        rows = await requests.of_ids([item.bill_id for item in items])
        standing = {row["settled_item_id"]: row for row in rows.values()}
        for item in items:
            if item.item_id in standing:
                body = _paid(item, standing[item.item_id])
                key = f"civilService.paid:{item.item_id}"
                await correspondence.send(AGENCY, "civilService.paid", body, key)
        delivered = [item.item_id for item in items if item.item_id in standing]
        now = runtime.now()
        await CivilRequest.filter(settled_item_id__in=delivered).update(delivered_at=now)

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Tell the bureau what was given back, a letter an item and refund.

        Raises:
            AgencyUnavailable: try again later.
        """
        rows = await requests.of_ids([item.bill_id for item in items])
        for item in items:
            body = {
                "reference": rows[item.bill_id]["reference"],
                "fils": item.fils,
                "inFull": item.in_full,
                "refundedAt": item.refunded_at.isoformat(),
            }
            key = f"civilService.reversed:{item.refund_id}:{item.item_id}"
            await correspondence.send(AGENCY, "civilService.reversed", body, key)

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return GraphQL objects."""
        return await self.show(await requests.of_ids(bill_ids))


def _paid(item: SettledItem, row: requests.Row) -> Mapping[str, Any]:
    return {
        "reference": row["reference"],
        "kind": row["kind"],
        "receipt": item.receipt_number,
        "fils": item.fils,
        "paidAt": item.paid_at.isoformat(),
        "channel": item.channel.value,
    }


async def _locked(ids: Iterable[str]) -> dict[str, CivilRequest]:
    query = CivilRequest.filter(id__in=sorted(set(ids))).order_by("id")
    return {request.id: request for request in await db.locked(query)}


async def give_back(payload: Mapping[str, Any]) -> None:
    """Refund what was captured for a request that had ended (a job)."""
    async with db.transaction():
        await payments.refund_bill(SERVICE, payload["request"], _NOT_OWED)
