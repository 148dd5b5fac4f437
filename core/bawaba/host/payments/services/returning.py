"""Money that went back: the gateway reported the outcome of a refund."""

from __future__ import annotations

from bawaba.host.payments import rules
from bawaba.host.payments.accounts import SUSPENSE, clearing_account
from bawaba.host.payments.domain import (
    REFUND,
    ItemState,
    MessageStatus,
    RefundStatus,
    RefundTrigger,
    UpdateKind,
)
from bawaba.host.payments.models import GatewayMessage, Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.services.batch import Batch
from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.payments import GatewayEventKind, ReversedItem
from bawaba.runtime import local_day
from bawaba.text import Text


def settle_refund(batch: Batch, message: GatewayMessage) -> None:
    """Apply REFUNDED or REFUND_FAILED to the refund that the message names."""
    refund = batch.refunds.get(message.refund_id or "")
    if refund is None or refund.payment_id != message.payment_id:
        batch.alarm("refund_unknown", message, "no such refund of this payment")
        return
    succeeded = message.kind == GatewayEventKind.REFUNDED.value
    trigger = RefundTrigger.SUCCEED if succeeded else RefundTrigger.FAIL
    status = RefundStatus(refund.status)
    if not REFUND.allows(status, trigger):
        batch.alarm(
            "refund_state",
            message,
            f"{message.kind} is not possible for a refund that is {status.name}",
        )
        return
    if succeeded and message.fils != refund.fils:
        batch.alarm("refund_amount", message, "gave back another amount than asked")
        return
    refund.status = REFUND.next(status, trigger).value
    refund.ended_at = batch.at
    refund.failure = None if succeeded else (message.reason or "")[:500]
    message.status = MessageStatus.APPLIED.value
    payment = batch.payments[refund.payment_id]
    batch.changed_refunds[refund.id] = refund
    batch.changed_payments[payment.id] = payment
    _unreserve(batch, payment, refund)
    if succeeded:
        _give_back(batch, payment, refund, message)
    kind = UpdateKind.REFUND_SUCCEEDED if succeeded else UpdateKind.REFUND_FAILED
    batch.news.append((payment.id, kind.value))


def _parts(
    batch: Batch, payment: Payment, refund: Refund
) -> list[tuple[PaymentItem | None, RefundLine]]:
    items = {item.id: item for item in batch.items[payment.id]}
    return [
        (items[line.item_id] if line.item_id else None, line) for line in batch.lines[refund.id]
    ]


def _unreserve(batch: Batch, payment: Payment, refund: Refund) -> None:
    for item, line in _parts(batch, payment, refund):
        if item is None:
            payment.surplus_reserved_fils -= line.fils
        else:
            item.reserved_fils -= line.fils
            batch.changed_items[item.id] = item


def _give_back(batch: Batch, payment: Payment, refund: Refund, message: GatewayMessage) -> None:
    debits: list[Posting] = []
    activities: list[Activity] = []
    payment.refunded_fils += refund.fils
    for item, line in _parts(batch, payment, refund):
        if item is None:
            payment.surplus_refunded_fils += line.fils
        else:
            item.refunded_fils += line.fils
        if item is None or item.state == ItemState.SUSPENDED.value:
            debits.append(Posting(SUSPENSE.code, Side.DEBIT, line.fils))
            continue
        debits += _undo(item, line.fils)
        activities.append(_activity(batch, payment, item, line.fils))
        _reverse(batch, item, line)
    batch.journals.append(
        Journal(
            reference=f"refund:{refund.id}",
            kind="REFUND",
            description=Text(f"Refund of {payment.reference}", f"استرداد من {payment.reference}"),
            effective_on=local_day(message.occurred_at),
            postings=[
                *debits,
                Posting(clearing_account(payment.gateway), Side.CREDIT, refund.fils),
            ],
            activities=activities,
            payment_id=payment.id,
            reverses=f"payment:{payment.id}:capture",
        )
    )


def _undo(item: PaymentItem, fils: int) -> list[Posting]:
    parts = rules.undone([posted for _, posted in item.postings], item.undone, fils)
    item.undone = [before + part for before, part in zip(item.undone, parts, strict=True)]
    return [
        Posting(account, Side.DEBIT, part)
        for (account, _), part in zip(item.postings, parts, strict=True)
        if part
    ]


def _activity(batch: Batch, payment: Payment, item: PaymentItem, fils: int) -> Activity:
    return Activity(
        service=item.service,
        agency=batch.agencies[item.service],
        channel=payment.channel,
        gateway=payment.gateway,
        count=0,
        fils=0,
        refunded=fils,
    )


def _reverse(batch: Batch, item: PaymentItem, line: RefundLine) -> None:
    line.in_full = item.refunded_fils == item.fils
    batch.changed_lines.append(line)
    if line.in_full:
        batch.released.append(item)
    batch.undone.setdefault(item.service, []).append(
        ReversedItem(
            payment_id=item.payment_id,
            item_id=item.id,
            refund_id=line.refund_id,
            bill_id=item.bill_id,
            fils=line.fils,
            in_full=line.in_full,
            refunded_at=batch.at,
        )
    )
