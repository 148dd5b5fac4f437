"""A second pair of eyes: approve or decline refunds that were proposed or are over the limit."""

from __future__ import annotations

from bawaba import audit, idempotency, live
from bawaba.db import locked, transaction
from bawaba.graphql import NotFound
from bawaba.host.payments import rules
from bawaba.host.payments.desk import topic
from bawaba.host.payments.domain import REFUND, RefundStatus, RefundTrigger, UpdateKind
from bawaba.host.payments.models import Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.refusals import (
    PaymentDisputed,
    PaymentNotRefundable,
    ReasonMissing,
    RefundNeedsSecondPerson,
    RefundNotAwaiting,
)
from bawaba.host.payments.services import refunding
from bawaba.text import Text
from bawaba.viewer import Viewer


async def approve_refund(viewer: Viewer, refund_id: str, key: str) -> None:
    """Let a refund go out.

    A proposal becomes a refund asked for by the viewer: over the limit it then waits for somebody
    else. One that waits goes to the gateway, unless the viewer is who asked for it.

    Raises:
        NotFound: there is none.
        RefundNotAwaiting: it was decided before.
        RefundNeedsSecondPerson: the viewer asked for it.
        PaymentDisputed: the payer's bank is examining the payment.
    """
    viewer.require("payments.approve")

    async def work() -> str:
        async with transaction():
            payment, refund = await _locked(refund_id)
            if payment.disputed_fils:
                raise PaymentDisputed("refundId")
            if refund.status == RefundStatus.PROPOSED.value:
                await _carry_out(viewer, payment, refund)
            else:
                await _approve(viewer, refund)
            await idempotency.done(refund_id)
        return refund_id

    await idempotency.once(viewer, "payments.approve", key, refund_id, work)


async def decline_refund(viewer: Viewer, refund_id: str, reason: str, key: str) -> None:
    """Turn a refund down: what it reserved is free again; suspended money stays in suspense.

    Raises:
        NotFound: there is none.
        RefundNotAwaiting: it was decided before.
        ReasonMissing: no reason, or one of more than 500 characters.
    """
    viewer.require("payments.approve")

    async def work() -> str:
        words = reason.strip()
        if not 1 <= len(words) <= refunding.MAX_REASON:
            raise ReasonMissing("reason")
        async with transaction():
            payment, refund = await _locked(refund_id)
            reserves = refund.status != RefundStatus.PROPOSED.value
            await _move(viewer, refund, RefundTrigger.REJECT, words)
            if reserves:
                await _free(payment, refund)
            await live.emit(topic(payment.id), UpdateKind.REFUND_REJECTED.value)
            await idempotency.done(refund_id)
        return refund_id

    await idempotency.once(viewer, "payments.decline", key, [refund_id, reason], work)


async def _locked(refund_id: str) -> tuple[Payment, Refund]:
    """Lock the payment, which is what guards its refunds, then read the refund."""
    known = await Refund.get_or_none(id=refund_id)
    if known is None:
        raise NotFound("refundId")
    payment = await locked(Payment.filter(id=known.payment_id)).get()
    return payment, await Refund.get(id=refund_id)


async def _carry_out(viewer: Viewer, payment: Payment, refund: Refund) -> None:
    """Ask for what is left of what was proposed."""
    rows = await PaymentItem.filter(payment_id=payment.id).order_by("position")
    proposed = {line.item_id for line in await RefundLine.filter(refund_id=refund.id)}
    paid = [item for item in refunding.paid_of(rows) if item.item_id in proposed]
    surplus = refunding.surplus_left(payment) if None in proposed else 0
    lines = rules.refund_lines(paid, surplus, None)
    if not lines:
        raise PaymentNotRefundable("refundId")
    await refunding.request(viewer, payment, rows, lines, Text(refund.reason_en, refund.reason_ar))


async def _approve(viewer: Viewer, refund: Refund) -> None:
    if not REFUND.allows(RefundStatus(refund.status), RefundTrigger.APPROVE):
        raise RefundNotAwaiting("refundId")
    if refund.requested_by == viewer.person():
        raise RefundNeedsSecondPerson("refundId")
    await _move(viewer, refund, RefundTrigger.APPROVE, None)
    await refunding.order(refund.id)
    await live.emit(topic(refund.payment_id), UpdateKind.REFUND_REQUESTED.value)


async def _move(viewer: Viewer, refund: Refund, trigger: RefundTrigger, reason: str | None) -> None:
    status = RefundStatus(refund.status)
    if not REFUND.allows(status, trigger):
        raise RefundNotAwaiting("refundId")
    after = REFUND.next(status, trigger)
    refund.status, refund.decided_by = after.value, viewer.person()
    refund.failure = reason
    await refund.save(update_fields=["status", "decided_by", "failure"])
    verb = "rejected" if after is RefundStatus.REJECTED else "approved"
    detail = {"refund": refund.id, "fils": refund.fils, "reason": reason or ""}
    await audit.record(viewer, f"payments.refund.{verb}", f"Payment:{refund.payment_id}", detail)


async def _free(payment: Payment, refund: Refund) -> None:
    """Give back to each item, and to what belongs to none, what the refund had reserved."""
    for line in await RefundLine.filter(refund_id=refund.id):
        if line.item_id is None:
            payment.surplus_reserved_fils -= line.fils
            await payment.save(update_fields=["surplus_reserved_fils"])
        else:
            item = await PaymentItem.get(id=line.item_id)
            item.reserved_fils -= line.fils
            await item.save(update_fields=["reserved_fils"])
