"""One batch of gateway messages being applied: what it loaded, and what it will write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bawaba.db import locked
from bawaba.host.payments.domain import MessageStatus, RefundStatus
from bawaba.host.payments.models import (
    BillBalance,
    Dispute,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
    RefundLine,
)
from bawaba.ledger import Journal
from bawaba.payments import Channel, ReversedItem, SettledItem


@dataclass
class Batch:
    """Locked rows, changed in memory; lists of what follows from the changes.

    ``agencies`` maps each service to its agency's code; ``failing`` names services that are not
    asked to mark anything: a job does so for each of their bills, so that they hold up nobody.
    ``released`` holds (item, fils given back, whether that was the last of it); ``orders`` refunds
    that the gateway is to be asked for, each with what sets this order apart from earlier ones.
    """

    at: dt.datetime
    agencies: Mapping[str, str]
    messages: Sequence[GatewayMessage] = ()
    failing: Collection[str] = ()
    payments: dict[str, Payment] = field(default_factory=dict)
    items: dict[str, list[PaymentItem]] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    lines: dict[str, list[RefundLine]] = field(default_factory=dict)
    proposed: dict[str, Refund] = field(default_factory=dict)
    pending: dict[str, list[Refund]] = field(default_factory=dict)
    disputes: dict[tuple[str, str], Dispute] = field(default_factory=dict)
    doubles: dict[str, list[Payment]] = field(default_factory=dict)
    captured: list[tuple[Payment, GatewayMessage]] = field(default_factory=list)
    doubled: list[tuple[Payment, GatewayMessage]] = field(default_factory=list)
    journals: list[Journal] = field(default_factory=list)
    settled: dict[str, list[SettledItem]] = field(default_factory=dict)
    held: list[PaymentItem] = field(default_factory=list)
    unnoted: list[tuple[PaymentItem, RefundLine]] = field(default_factory=list)
    undone: dict[str, list[ReversedItem]] = field(default_factory=dict)
    released: list[tuple[PaymentItem, int, bool]] = field(default_factory=list)
    news: list[tuple[str, str]] = field(default_factory=list)
    orders: list[tuple[Refund, str]] = field(default_factory=list)
    alarms: list[tuple[str, GatewayMessage, str]] = field(default_factory=list)
    changed_payments: dict[str, Payment] = field(default_factory=dict)
    changed_items: dict[str, PaymentItem] = field(default_factory=dict)
    changed_refunds: dict[str, Refund] = field(default_factory=dict)
    changed_lines: list[RefundLine] = field(default_factory=list)
    changed_disputes: dict[str, Dispute] = field(default_factory=dict)
    balances: dict[str, BillBalance] = field(default_factory=dict)
    new_payments: list[Payment] = field(default_factory=list)
    new_refunds: list[Refund] = field(default_factory=list)
    new_lines: list[RefundLine] = field(default_factory=list)
    new_disputes: list[Dispute] = field(default_factory=list)

    def alarm(self, kind: str, message: GatewayMessage, note: str) -> None:
        """Keep the message, marked, and tell an operator."""
        message.status = MessageStatus.ALARM.value
        self.warn(kind, message, note)

    def warn(self, kind: str, message: GatewayMessage, note: str) -> None:
        """Tell an operator of a message that was applied, but that somebody must know of."""
        message.note = note[:500]
        self.alarms.append((kind, message, note))


EARLY = dt.timedelta(minutes=5)
"""How long a message may wait for what it is about."""
_PATIENCE = dt.timedelta(seconds=2)


def wait_or_alarm(batch: Batch, message: GatewayMessage, kind: str, note: str) -> None:
    """Put a message off that came before what it is about; after ``EARLY`` it is an alarm."""
    if message.received_at + EARLY > batch.at:
        message.due_at = batch.at + _PATIENCE
    else:
        batch.alarm(kind, message, note)


async def load(batch: Batch) -> None:
    """Lock the payments that the messages are about, in order of id, and load the rest.

    A refund or a dispute of a second charge is reported under the payment that was charged twice;
    its money is the second charge's, so that is locked too.
    """
    ids = {message.payment_id for message in batch.messages}
    refund_ids = [message.refund_id for message in batch.messages if message.refund_id]
    disputed = [message.payment_id for message in batch.messages if message.dispute_id]
    if disputed:
        doubles = Payment.filter(double_of__in=disputed)
        ids |= {str(found) for found in await doubles.values_list("id", flat=True)}
    if refund_ids:
        for refund in await Refund.filter(id__in=refund_ids):
            ids.add(refund.payment_id)
    for payment in await locked(Payment.filter(id__in=ids).order_by("id")):
        batch.payments[payment.id] = payment
    await _load_items(batch, refund_ids)
    for double in await Payment.filter(double_of__in=list(ids)):
        known = batch.payments.get(double.id, double)
        batch.doubles.setdefault(str(double.double_of), []).append(known)
    if refund_ids or disputed:
        await _load_disputes(batch)


async def _load_items(batch: Batch, refund_ids: Sequence[str]) -> None:
    """Load items, refunds and lines, now that their payments are locked."""
    for item in await PaymentItem.filter(payment_id__in=list(batch.payments)).order_by("position"):
        batch.items.setdefault(item.payment_id, []).append(item)
    waiting = RefundStatus.PROPOSED.value
    for refund in await Refund.filter(payment_id__in=list(batch.payments), status=waiting):
        batch.proposed[refund.payment_id] = refund
    if refund_ids:
        for refund in await Refund.filter(id__in=list(refund_ids)):
            batch.refunds[refund.id] = refund
        for line in await RefundLine.filter(refund_id__in=list(batch.refunds)).order_by("id"):
            batch.lines.setdefault(line.refund_id, []).append(line)


_PENDING = (RefundStatus.AWAITING_APPROVAL, RefundStatus.REQUESTED, RefundStatus.DISPUTED)


async def _load_disputes(batch: Batch) -> None:
    """Load the disputes of the payments, and the refunds of them that have not ended."""
    for dispute in await Dispute.filter(payment_id__in=list(batch.payments)):
        batch.disputes[dispute.gateway, dispute.reference] = dispute
    pending = [status.value for status in _PENDING]
    refunds = await Refund.filter(payment_id__in=list(batch.payments), status__in=pending)
    for refund in sorted(refunds, key=lambda each: each.id):
        known = batch.refunds.get(refund.id, refund)
        batch.pending.setdefault(refund.payment_id, []).append(known)
    unread = [refund.id for refund in refunds if refund.id not in batch.lines]
    for line in await RefundLine.filter(refund_id__in=unread).order_by("id"):
        batch.lines.setdefault(line.refund_id, []).append(line)


def settled_item(payment: Payment, item: PaymentItem) -> SettledItem:
    """Return a settled item of a captured payment as payables see it."""
    if payment.paid_at is None:
        raise ValueError(f"payment {payment.id} is not paid")
    return SettledItem(
        payment_id=payment.id,
        payment_reference=payment.reference,
        item_id=item.id,
        bill_id=item.bill_id,
        bill_reference=item.bill_reference,
        fils=item.fils,
        paid_at=payment.paid_at,
        receipt_number=payment.receipt_number or "",
        channel=Channel(payment.channel),
    )
