"""Duty of held shipments: the bill, and the order to release what bears none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba import audit, correspondence, jobs, runtime

from bawaba_bahrain_post.domain import (
    AGENCY,
    BILL,
    Assessment,
    BillEvent,
    Declaration,
    PostBillKind,
    PostBillStatus,
    PostShipmentStatus,
)
from bawaba_bahrain_post.models import PostBill, PostShipment
from bawaba_bahrain_post.rules.bills import bill_id
from bawaba_bahrain_post.rules.duty import NotAssessable, assess
from bawaba_bahrain_post.services import bills, notices
from bawaba_bahrain_post.services.tariffs import tariffs

RELEASE_FREE = "post.release_free"
"""Name of the job that tells the post to release what bears no duty."""


async def open_bill(shipment: PostShipment, held_on: dt.date) -> PostBill | None:
    """Assess a held shipment whose declaration is known; return its bill, if it bears duty.

    In the transaction that holds the shipment's lock. What bears nothing is ordered to be
    released; what no tariff speaks of is audited and left to the desk.
    """
    if shipment.declared_heading is None or shipment.declared_fils is None:
        return None
    declared = Declaration(shipment.declared_heading, shipment.declared_fils)
    try:
        assessed = assess(tariffs(), declared, held_on)
    except NotAssessable:
        about = f"PostShipment:{shipment.id}"
        await audit.record(None, "post.duty.not_assessable", about, {"heading": declared.heading})
        return None
    if assessed is None:
        await jobs.enqueue(RELEASE_FREE, {"shipmentId": shipment.id}, key=shipment.id)
        return None
    bill = await _create(shipment, assessed, held_on)
    await notices.duty(shipment, bill)
    return bill


async def _create(shipment: PostShipment, assessed: Assessment, held_on: dt.date) -> PostBill:
    return await PostBill.create(
        id=bill_id(runtime.new_id(), assessed.customs),
        kind=PostBillKind.DUTY.value,
        reference=f"PD-{shipment.tracking_number}",
        shipment_id=shipment.id,
        debtor_national_id=shipment.recipient_national_id,
        status=BILL.initial.value,
        fixed_fils=assessed.fils,
        customs_fils=assessed.customs,
        lines=bills.kept_lines(assessed.lines),
        since=held_on,
        opened_at=runtime.now(),
        paid_fils=0,
        reversed_fils=0,
    )


async def left_customs(bill: PostBill, track: PostShipmentStatus, day: dt.date) -> None:
    """Note that a shipment is not held any more: storage stops to count.

    A bill that was never paid here is withdrawn: it was settled elsewhere, or waived. One that
    was paid and undone stays owed, unless the shipment goes back to its sender.
    """
    bill.until = bill.until or day
    status = PostBillStatus(bill.status)
    goes_back = track is PostShipmentStatus.RETURNED
    if BILL.allows(status, BillEvent.WITHDRAWN) and (goes_back or bill.reversed_receipt is None):
        bill.status = BILL.next(status, BillEvent.WITHDRAWN).value
    await bill.save()


async def release_free(payload: Mapping[str, Any]) -> None:
    """Tell the post to release a shipment that bears no duty (a job).

    Raises:
        AgencyUnavailable: try again later.
    """
    shipment = await PostShipment.get(id=payload["shipmentId"])
    if shipment.track != PostShipmentStatus.HELD_FOR_DUTY.value:
        return
    body = {
        "trackingNumber": shipment.tracking_number,
        "itemId": f"free-{shipment.id}",
        "basis": "DUTY_FREE",
    }
    await correspondence.send(AGENCY, "post.released", body, f"post.released:free:{shipment.id}")
