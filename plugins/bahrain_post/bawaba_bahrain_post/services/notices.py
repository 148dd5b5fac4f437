"""What people are told outside the platform: once of each event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bawaba import db, notifications, runtime
from bawaba.money import format_fils
from bawaba.notifications import Notice
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_bahrain_post.domain import OFFICES, PostBillKind, PostBillStatus
from bawaba_bahrain_post.models import PostBill, PostBox, PostCustomer, PostShipment

_DUTY = Text("Duty to pay for shipment {number}", "رسوم مستحقة على الشحنة {number}")
_DUTY_BODY = Text(
    "Customs holds your shipment until BHD {fils} is paid. Sign in to pay.",
    "تحتجز الجمارك شحنتك حتى سداد {fils} د.ب. سجّل الدخول للدفع.",
)
_DELIVERED = Text("Shipment {number} was delivered", "سُلّمت الشحنة {number}")
_DELIVERED_BODY = Text("It reached you or your address.", "وصلت إليك أو إلى عنوانك.")
_DUE = Text("Renew post box {number}", "جدّد صندوق البريد {number}")
_DUE_BODY = Text(
    "The rent of your box at {office} is paid through {day}. Sign in to renew it.",
    "إيجار صندوقك في {office} مدفوع حتى {day}. سجّل الدخول لتجديده.",
)
_GRACE = Text("Post box {number} has expired", "انتهى إيجار صندوق البريد {number}")
_GRACE_BODY = Text(
    "Renew your box at {office} through {day}; after that it is closed.",
    "جدّد صندوقك في {office} حتى {day}؛ وبعد ذلك يُغلق.",
)
_CLOSED = Text("Post box {number} is closed", "أُغلق صندوق البريد {number}")
_CLOSED_BODY = Text(
    "The grace period of your box at {office} ended on {day}.",
    "انتهت فترة السماح لصندوقك في {office} في {day}.",
)


def _tail(shipment: PostShipment) -> str:
    """Return the end of a tracking number: enough for whom it concerns, useless to others."""
    return f"…{shipment.tracking_number[-6:]}"


async def duty(shipment: PostShipment, bill: PostBill) -> None:
    """Tell the recipient of duty to pay; called in the transaction, as all of these are."""
    subject = _DUTY.fill(number=_tail(shipment))
    body = _DUTY_BODY.fill(fils=format_fils(bill.fixed_fils))
    await _tell(shipment.recipient_national_id, f"post.duty:{bill.id}", subject, body)


async def delivered(shipment: PostShipment) -> None:
    """Tell the recipient that a shipment was delivered."""
    subject = _DELIVERED.fill(number=_tail(shipment))
    await _tell(
        shipment.recipient_national_id, f"post.delivered:{shipment.id}", subject, _DELIVERED_BODY
    )


async def box_due(box: PostBox, bill: PostBill) -> None:
    """Tell the holder that a renewal bill stands."""
    await _box(box, f"post.box_due:{bill.id}", _DUE, _DUE_BODY, box.expires_on)


async def box_grace(box: PostBox, last: dt.date) -> None:
    """Tell the holder that the box expired and that ``last`` is the last day of grace."""
    await _box(box, f"post.box_grace:{box.id}:{box.expires_on}", _GRACE, _GRACE_BODY, last)


async def box_closed(box: PostBox, last: dt.date) -> None:
    """Tell the holder that the box is closed."""
    await _box(box, f"post.box_closed:{box.id}", _CLOSED, _CLOSED_BODY, last)


async def _box(box: PostBox, key: str, subject: Text, body: Text, day: dt.date) -> None:
    office = OFFICES[box.office]
    words = Text(
        body.en.format(office=office.en, day=day.isoformat()),
        body.ar.format(office=office.ar, day=day.isoformat()),
    )
    await _tell(box.holder_national_id, key, subject.fill(number=box.number), words)


async def _tell(national_id: str | None, key: str, subject: Text, body: Text) -> None:
    if national_id is None:
        return
    people: Any = PostCustomer.filter(national_id=national_id).order_by("person_id")
    found = await people.limit(10).values_list("person_id", flat=True)
    await notifications.notify([Notice(key, str(person), subject, body) for person in found])


async def meet(viewer: Viewer) -> None:
    """Note who is behind a personal number, and tell them of what is to pay already.

    The post knows personal numbers, the platform knows people once they have signed in. Runs
    outside a transaction; writes only when the person is new or their number has changed.
    """
    person_id, national_id = viewer.person_id, viewer.national_id
    if person_id is None or national_id is None:
        return
    known = PostCustomer.filter(person_id=person_id, national_id=national_id)
    if await known.exists():
        return
    async with db.transaction():
        row = PostCustomer(person_id=person_id, national_id=national_id, seen_at=runtime.now())
        # The fields of one operation run side by side: each may be the first to meet the person.
        await PostCustomer.bulk_create([row], ignore_conflicts=True)
        await PostCustomer.filter(person_id=person_id).update(national_id=national_id)
        await _standing(national_id)


async def _standing(national_id: str) -> None:
    unpaid = PostBill.filter(
        debtor_national_id=national_id, status=PostBillStatus.UNPAID.value
    ).order_by("-opened_at")
    for bill in await unpaid.limit(20):
        if bill.kind == PostBillKind.DUTY.value:
            await duty(await PostShipment.get(id=bill.shipment_id), bill)
        else:
            await box_due(await PostBox.get(id=bill.box_id), bill)
