"""Write what a batch decided, all in the current transaction."""

from __future__ import annotations

from dataclasses import replace

from bawaba import jobs, ledger, live
from bawaba.db import after_commit
from bawaba.host.payments.alarms import alarm
from bawaba.host.payments.desk import desk, topic
from bawaba.host.payments.domain import MessageStatus, PaymentStatus
from bawaba.host.payments.metrics import PaymentMetrics
from bawaba.host.payments.models import (
    Dispute,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
    RefundLine,
)
from bawaba.host.payments.services import claiming
from bawaba.host.payments.services.batch import Batch
from bawaba.ledger import Journal, Outcome
from bawaba.runtime import correlated, today
from bawaba.text import Text

_PAYMENT = (
    "status",
    "authorised_fils",
    "disputed_fils",
    "gateway_reference",
    "captured_fils",
    "surplus_fils",
    "surplus_reserved_fils",
    "surplus_refunded_fils",
    "refunded_fils",
    "failure_en",
    "failure_ar",
    "last_event_at",
    "paid_at",
    "receipt_number",
    "receipt_code",
    "receipt_at",
)
_ITEM = ("state", "reserved_fils", "refunded_fils", "postings", "undone")
_DECLINED = Text("The payment was declined.", "رُفضت عملية الدفع.")


class NotBookedError(Exception):
    """The ledger refused a journal: nothing of the batch may stand."""


def explain_decline(payment: Payment, message: GatewayMessage) -> None:
    """Say why a payment failed. A gateway's own words have one language: they stand in both."""
    reason = (message.reason or "").strip()[:300]
    payment.failure_en = f"{_DECLINED.en} ({reason})" if reason else _DECLINED.en
    payment.failure_ar = f"{_DECLINED.ar} ({reason})" if reason else _DECLINED.ar


async def write(batch: Batch) -> None:
    """Store the batch.

    Raises:
        NotBookedError: the ledger refused a journal.
    """
    await _book(batch)
    await _rows(batch)
    await _payables(batch)
    for kind, message in batch.alarms:
        await alarm(
            kind,
            f"GatewayMessage:{message.id}",
            {"payment": message.payment_id, "gateway": message.gateway, "note": message.note or ""},
        )
    # Last, and in one order: each topic's row stays locked until the commit.
    for payment_id, kind in sorted(batch.news, key=lambda news: news[0]):
        with correlated(batch.payments[payment_id].correlation_id):
            await live.emit(topic(payment_id), kind)
    await GatewayMessage.bulk_update(batch.messages, fields=["status", "due_at", "note"])
    captured = [
        payment.gateway
        for payment, _ in batch.captured
        if payment.status == PaymentStatus.CAPTURED.value
    ]
    if any(message.status != MessageStatus.WAITING.value for message in batch.messages):
        metrics = desk().metrics
        after_commit(lambda: _count(metrics, captured))


def _count(metrics: PaymentMetrics, gateways: list[str]) -> None:
    metrics.batches.inc()
    for gateway in gateways:
        metrics.captured.labels(gateway).inc()


async def _book(batch: Batch) -> None:
    if not batch.journals:
        return
    late: list[Journal] = []
    for journal, recorded in zip(batch.journals, await ledger.record(batch.journals), strict=True):
        if recorded.outcome is Outcome.PERIOD_CLOSED:
            late.append(replace(journal, effective_on=today()))
        elif recorded.outcome is not Outcome.RECORDED:
            raise NotBookedError(f"{recorded.reference}: {recorded.outcome.name}")
    # The books of that day are closed: the money is told of today, as it is heard of today.
    for recorded in await ledger.record(late) if late else ():
        if recorded.outcome is not Outcome.RECORDED:
            raise NotBookedError(f"{recorded.reference}: {recorded.outcome.name}")


async def _rows(batch: Batch) -> None:
    if batch.new_payments:
        await Payment.bulk_create(batch.new_payments)
    if batch.changed_payments:
        await Payment.bulk_update(list(batch.changed_payments.values()), fields=_PAYMENT)
    if batch.changed_items:
        await PaymentItem.bulk_update(list(batch.changed_items.values()), fields=_ITEM)
    if batch.changed_refunds:
        await Refund.bulk_update(
            list(batch.changed_refunds.values()), fields=("status", "ended_at", "failure", "fils")
        )
    if batch.new_refunds:
        await Refund.bulk_create(batch.new_refunds)
    if batch.new_lines:
        await RefundLine.bulk_create(batch.new_lines)
    known = [line for line in batch.changed_lines if line not in batch.new_lines]
    if known:
        await RefundLine.bulk_update(known, fields=("in_full",))
    if batch.new_disputes:
        await Dispute.bulk_create(batch.new_disputes)
    if batch.changed_disputes:
        await Dispute.bulk_update(
            list(batch.changed_disputes.values()), fields=("status", "ended_at", "uncovered_fils")
        )
    await claiming.release(batch)


async def _payables(batch: Batch) -> None:
    """Tell the payables, a sequence each; the agencies hear of it from jobs after the commit.

    Jobs carry the correlation id of the request that began the payment.
    """
    for service, settled in sorted(batch.settled.items()):
        items = sorted(settled, key=lambda item: item.bill_id)
        await desk().by_service[service].mark_paid(items)
        for payment_id in dict.fromkeys(item.payment_id for item in items):
            work = {"payment": payment_id, "service": service}
            with correlated(batch.payments[payment_id].correlation_id):
                await jobs.enqueue("payments.deliver", work, key=f"{payment_id}:{service}")
    for service, undone in sorted(batch.undone.items()):
        back = sorted(undone, key=lambda item: item.bill_id)
        await desk().by_service[service].mark_reversed(back)
        for refund_id, payment_id in {item.refund_id: item.payment_id for item in back}.items():
            work = {"refund": refund_id, "service": service}
            with correlated(batch.payments[payment_id].correlation_id):
                await jobs.enqueue("payments.deliver_reversal", work, key=f"{refund_id}:{service}")
