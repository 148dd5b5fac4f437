"""Give money back: ask for a refund, send it to the gateway, undo a paid bill for a plugin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tortoise.expressions import Q

from bawaba import audit, idempotency, jobs, live
from bawaba.db import locked, require_transaction, transaction
from bawaba.graphql import NotFound, split_id
from bawaba.host.payments import rules
from bawaba.host.payments.desk import callback_url, desk, topic
from bawaba.host.payments.domain import (
    OPEN,
    REFUND,
    DisputeStatus,
    ItemState,
    RefundKind,
    RefundStatus,
    RefundTrigger,
    UpdateKind,
)
from bawaba.host.payments.models import Dispute, Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.refusals import PaymentDisputed, PaymentNotRefundable, ReasonMissing
from bawaba.host.payments.rules import BillKey, Line, Paid
from bawaba.host.payments.services import claiming
from bawaba.payments import RefundOrder
from bawaba.runtime import new_id, now
from bawaba.text import Text
from bawaba.viewer import Viewer

MAX_REASON = 500
_PAID = (ItemState.SETTLED, ItemState.HELD)
"""Where the money of a bill is that nobody else can pay."""
_ASKED = [
    status.value
    for status in (
        RefundStatus.AWAITING_APPROVAL,
        RefundStatus.DISPUTED,
        RefundStatus.REQUESTED,
        RefundStatus.SUCCEEDED,
    )
]


_NEWS = {
    RefundStatus.AWAITING_APPROVAL: UpdateKind.REFUND_AWAITING_APPROVAL,
    RefundStatus.DISPUTED: UpdateKind.REFUND_DISPUTED,
    RefundStatus.REQUESTED: UpdateKind.REFUND_REQUESTED,
}


async def refund_payment(
    viewer: Viewer,
    payment_id: str,
    items: Sequence[tuple[str, int]] | None,
    reason: str,
    key: str,
) -> str:
    """Ask for a refund of (global bill id, fils) items, or of all that is left; return its id.

    Several refunds of a payment may stand side by side, up to what is left of each item. A refund
    that was proposed for the payment becomes this one.

    Raises:
        Refusal: see ``domain.py``.
    """
    viewer.require("payments.refund")

    async def work() -> str:
        words = reason.strip()
        if not 1 <= len(words) <= MAX_REASON:
            raise ReasonMissing("reason")
        wanted = (
            None
            if items is None
            else [(_bill_key(index, bill_id), fils) for index, (bill_id, fils) in enumerate(items)]
        )
        rules.check_size(1 if wanted is None else len(wanted))
        async with transaction():
            payment = await locked(Payment.filter(id=payment_id)).get_or_none()
            if payment is None:
                raise NotFound("paymentId")
            rows = await PaymentItem.filter(payment_id=payment_id).order_by("position")
            lines = rules.refund_lines(paid_of(rows), surplus_left(payment), wanted)
            refund_id = await request(viewer, payment, rows, lines, Text(words, words))
            await idempotency.done(refund_id)
        return refund_id

    fingerprint = [payment_id, None if items is None else [list(item) for item in items], reason]
    return await idempotency.once(viewer, "payments.refund", key, fingerprint, work)


def _bill_key(index: int, bill_id: str) -> BillKey:
    parts = split_id(bill_id)
    payable = desk().by_node_type.get(parts[0]) if parts else None
    if parts is None or payable is None:
        raise NotFound("items", str(index), "billId")
    return payable.service, parts[1]


def paid_of(rows: Sequence[PaymentItem]) -> list[Paid]:
    """Return what is known of each item when money is to go back."""
    return [
        Paid(
            row.id,
            (row.service, row.bill_id),
            ItemState(row.state),
            row.fils,
            row.reserved_fils + row.refunded_fils,
        )
        for row in rows
    ]


def left_of(item: PaymentItem) -> int:
    """Return what of a taken item can still go back, in fils."""
    return int(item.fils - item.reserved_fils - item.refunded_fils)


def surplus_left(payment: Payment) -> int:
    """Return what belongs to no item and can still go back, in fils."""
    return int(payment.surplus_fils - payment.surplus_reserved_fils - payment.surplus_refunded_fils)


async def request(
    viewer: Viewer | None,
    payment: Payment,
    rows: Sequence[PaymentItem],
    lines: Sequence[Line],
    reason: Text,
) -> str:
    """Reserve the money and store the refund, under the payment's lock.

    Over the limit, alone or with the payment's other refunds, it waits for a second person; else
    a job asks the gateway. While the payer's bank is examining the payment nobody can ask for a
    refund; what a plugin's own rule gives back (no ``viewer``) waits until that ends.

    Raises:
        PaymentDisputed: somebody asks while the payer's bank is examining the payment.
    """
    if payment.disputed_fils and viewer is not None:
        raise PaymentDisputed("paymentId")
    await _reserve(payment, rows, lines)
    refund, new = await _drafted(payment, rows, lines)
    refund.fils = sum(line.fils for line in lines)
    held = refund.fils + await _asked_before(payment, refund) > desk().approval_above_fils
    trigger = RefundTrigger.DISPUTE if payment.disputed_fils else RefundTrigger.REQUEST
    status = REFUND.next(RefundStatus.PROPOSED, RefundTrigger.HOLD if held else trigger)
    refund.status = status.value
    refund.reason_en, refund.reason_ar = reason.en, reason.ar
    refund.requested_by = viewer.person() if viewer else None
    await refund.save(force_create=new, force_update=not new)
    await RefundLine.bulk_create(
        [
            RefundLine(id=new_id(), refund_id=refund.id, item_id=line.item_id, fils=line.fils)
            for line in lines
        ]
    )
    await audit.record(
        viewer,
        "payments.refund.requested",
        f"Payment:{payment.id}",
        {"refund": refund.id, "fils": refund.fils, "needsApproval": held},
    )
    if status is RefundStatus.REQUESTED:
        await order(refund.id)
    await live.emit(topic(payment.id), _NEWS[status].value)
    return str(refund.id)


async def _drafted(
    payment: Payment, rows: Sequence[PaymentItem], lines: Sequence[Line]
) -> tuple[Refund, bool]:
    """Return the proposal that these lines carry out, emptied, or a new refund; and whether new.

    Where they carry it out in part, the rest stays proposed. What the lines take is reserved.
    """
    fresh = Refund(id=new_id(), payment_id=payment.id, created_at=now())
    proposed = await Refund.get_or_none(payment_id=payment.id, status=RefundStatus.PROPOSED.value)
    suspended = [row for row in rows if row.state == ItemState.SUSPENDED.value]
    if proposed is None or {None, *(row.id for row in suspended)}.isdisjoint(
        line.item_id for line in lines
    ):
        return fresh, True
    drafted = RefundLine.filter(refund_id=proposed.id)
    named = {line.item_id for line in await drafted}
    await drafted.delete()
    left: list[tuple[str | None, int]] = [(i.item_id, i.left_fils) for i in paid_of(suspended)]
    left.append((None, surplus_left(payment)))
    rest = [(item_id, fils) for item_id, fils in left if fils and item_id in named]
    if not rest:
        return proposed, False
    proposed.fils = sum(fils for _, fils in rest)
    await proposed.save(update_fields=["fils"])
    await RefundLine.bulk_create(
        [
            RefundLine(id=new_id(), refund_id=proposed.id, item_id=item_id, fils=fils)
            for item_id, fils in rest
        ]
    )
    return fresh, True


async def _asked_before(payment: Payment, refund: Refund) -> int:
    """Return what other refunds of the payment gave back or are to give back, in fils.

    They count against the limit too: a large refund is no smaller in several parts.
    """
    others = Refund.filter(payment_id=payment.id, kind=RefundKind.REFUND.value, status__in=_ASKED)
    amounts = await others.exclude(id=refund.id).values_list("fils", flat=True)
    return sum(int(str(fils)) for fils in amounts)


async def order(refund_id: str) -> None:
    """Have a job ask the gateway for a refund, after the commit."""
    await jobs.enqueue("payments.refund", {"refund": refund_id}, key=refund_id)


async def _reserve(payment: Payment, rows: Sequence[PaymentItem], lines: Sequence[Line]) -> None:
    by_id = {row.id: row for row in rows}
    for line in lines:
        if line.item_id is None:
            payment.surplus_reserved_fils += line.fils
            await payment.save(update_fields=["surplus_reserved_fils"])
        else:
            item = by_id[line.item_id]
            item.reserved_fils += line.fils
            await item.save(update_fields=["reserved_fils"])


async def send_refund(payload: Mapping[str, Any]) -> None:
    """Ask the gateway for a refund: the job ``payments.refund``. Its outcome comes as a callback.

    Raises:
        GatewayUnavailable: the job is tried again.
    """
    known = await Refund.get(id=payload["refund"])
    async with transaction():
        payment = await locked(Payment.filter(id=known.payment_id)).get()
        refund = await Refund.get(id=known.id)
        if not await _may_be_sent(payment, refund):
            return
        # From here on the gateway may know of it, whether or not it answers.
        refund.sent_at = refund.sent_at or now()
        await refund.save(update_fields=["sent_at"])
    gateway = desk().by_gateway[payment.gateway]
    await gateway.refund(
        RefundOrder(
            refund_id=refund.id,
            payment_id=payment.double_of or payment.id,
            gateway_reference=payment.gateway_reference or "",
            fils=refund.fils,
            reason=refund.reason_en,
            callback_url=callback_url(payment.gateway),
        )
    )


async def _may_be_sent(payment: Payment, refund: Refund) -> bool:
    """Return whether the gateway is to be asked.

    Not while a dispute is open, which would pay the payer twice if it is lost; when it is won all
    are asked for again. Nor a second time after one was lost since: the payer has the money.
    """
    if refund.status != RefundStatus.REQUESTED.value or payment.disputed_fils:
        return False
    if refund.sent_at is None:
        return True
    lost = Dispute.filter(payment_id=payment.id, status=DisputeStatus.LOST.value)
    return not await lost.filter(ended_at__gte=refund.sent_at).exists()


async def is_settled(service: str, bill_id: str) -> bool:
    """Return whether something of a bill stands paid."""
    return any((await claiming.claimed_of([(service, bill_id)])).values())


async def refund_bill(service: str, bill_id: str, reason: Text) -> str | None:
    """Ask for a refund of what is left paid of a bill; see :func:`bawaba.payments.refund_bill`.

    Payments of it that are open are locked too, so that one that is being settled right now is
    waited for.

    Raises:
        RuntimeError: called outside a transaction.
    """
    require_transaction()
    open_ = Q(state=ItemState.WAITING.value, payment__status__in=[state.value for state in OPEN])
    items = PaymentItem.filter(
        Q(state__in=[state.value for state in _PAID]) | open_, service=service, bill_id=bill_id
    )
    paying = {str(found) for found in await items.values_list("payment_id", flat=True)}
    refunds: list[str] = []
    for payment in await locked(Payment.filter(id__in=paying).order_by("id")):
        rows = await PaymentItem.filter(payment_id=payment.id).order_by("position")
        paid = [
            item for item in paid_of(rows) if item.key == (service, bill_id) and item.state in _PAID
        ]
        try:
            lines = rules.refund_lines(paid, 0, None)
        except PaymentNotRefundable:
            continue
        refunds.append(await request(None, payment, rows, lines, reason))
    return refunds[0] if refunds else None
