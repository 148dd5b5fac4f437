"""Write what a batch decided, all in the current transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from operator import methodcaller

from bawaba import jobs, ledger, live
from bawaba.db import StorageUnavailable, after_commit
from bawaba.host.payments.alarms import alarm
from bawaba.host.payments.desk import desk, topic, within
from bawaba.host.payments.domain import MessageStatus, PaymentStatus, ServiceFailedError
from bawaba.host.payments.metrics import PaymentMetrics
from bawaba.host.payments.models import (
    Dispute,
    GatewayMessage,
    Payment,
    PaymentItem,
    Refund,
    RefundLine,
)
from bawaba.host.payments.rules import Circuit
from bawaba.host.payments.services import claiming
from bawaba.host.payments.services.batch import Batch
from bawaba.ledger import Journal, Outcome
from bawaba.payments import Payable
from bawaba.runtime import correlated, now, today
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
_ITEM = ("state", "reserved_fils", "refunded_fils", "postings", "undone", "held_at")
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
        ServiceFailedError: a service could not mark its bills.
    """
    await _book(batch)
    await _rows(batch)
    await _payables(batch)
    await _enqueue(batch)
    for kind, message, note in batch.alarms:
        await alarm(
            kind,
            f"GatewayMessage:{message.id}",
            {"payment": message.payment_id, "gateway": message.gateway, "note": note},
        )
    # Last, and in one order: each topic's row stays locked until the commit.
    for payment_id, kind in sorted(batch.news, key=lambda news: news[0]):
        with correlated(batch.payments[payment_id].correlation_id):
            await live.emit(topic(payment_id), kind)
    if batch.messages:
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
        await RefundLine.bulk_update(known, fields=("in_full", "held"))
    if batch.new_disputes:
        await Dispute.bulk_create(batch.new_disputes)
    if batch.changed_disputes:
        await Dispute.bulk_update(
            list(batch.changed_disputes.values()),
            fields=("status", "ended_at", "uncovered_fils", "refunded_fils"),
        )
    await claiming.release(batch)


async def _payables(batch: Batch) -> None:
    """Tell the payables, a sequence each; the agencies hear of it from jobs after the commit."""
    for service, settled in sorted(batch.settled.items()):
        items = sorted(settled, key=lambda item: item.bill_id)
        await _told(service, methodcaller("mark_paid", items))
        first = {item.payment_id: item.item_id for item in reversed(items)}
        for payment_id, item_id in first.items():
            # An item is settled once: so is this enqueued once, each time some of a payment are.
            work = {"payment": payment_id, "service": service}
            await _later(batch, payment_id, "payments.deliver", work, item_id)
    for service, undone in sorted(batch.undone.items()):
        back = sorted(undone, key=lambda item: item.bill_id)
        await _told(service, methodcaller("mark_reversed", back))
        for item in {item.refund_id: item for item in reversed(back)}.values():
            work = {"refund": item.refund_id, "service": service}
            key = f"{item.refund_id}:{item.item_id}"
            await _later(batch, item.payment_id, "payments.deliver_reversal", work, key)


async def _told(service: str, tell: Callable[[Payable], Awaitable[None]]) -> None:
    """Have a service's payable do its part, within its deadline, through its circuit.

    A service that hangs would keep jobs of the others waiting, were it asked for each of its bills;
    one that raises hurts nobody else.

    Raises:
        ServiceFailedError: it did not. Whoever settles does it all again without that service.
    """
    circuits, at = desk().settling, now()
    circuit = circuits.get(service, Circuit())
    if not circuit.asks(at):
        raise ServiceFailedError(service, f"failed {circuit.failures} times; asked again later")
    circuits[service] = circuit.asked(at)
    try:
        await within(desk().deadlines.settling, tell(desk().by_service[service]))
    except Exception as error:
        # A statement that waited too long is the service's own doing, more likely than not.
        slow = isinstance(error, TimeoutError)
        if isinstance(error, StorageUnavailable):
            if error.reason not in ("timeout", "lock_timeout"):
                raise
            slow = True
        if slow:
            circuits[service] = circuits[service].failed(now())
        raise ServiceFailedError(service, repr(error)) from error
    circuits[service] = circuits[service].answered()


async def _enqueue(batch: Batch) -> None:
    """Have jobs do what services failed to do, bill by bill, and send refunds."""
    for item in batch.held:
        await _later(batch, item.payment_id, "payments.settle", {"item": item.id}, item.id)
    for item, line in batch.unnoted:
        await _later(batch, item.payment_id, "payments.note_reversal", {"line": line.id}, line.id)
    for refund, occasion in batch.orders:
        key = f"{refund.id}:{occasion}"
        await _later(batch, refund.payment_id, "payments.refund", {"refund": refund.id}, key)
    failing = [*batch.held, *(item for item, _ in batch.unnoted)]
    for service in sorted({item.service for item in failing}):
        payments = sorted({item.payment_id for item in failing if item.service == service})
        await alarm("held", f"Service:{service}", {"payments": payments})


async def _later(
    batch: Batch, payment_id: str, job: str, work: Mapping[str, str], key: str
) -> None:
    """Enqueue a job under the correlation id of the request that began the payment."""
    with correlated(batch.payments[payment_id].correlation_id):
        await jobs.enqueue(job, work, key=key)
