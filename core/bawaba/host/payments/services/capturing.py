"""Money that came in: claim the bills, book it, and put what settles nothing into suspense."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.host.payments import rules
from bawaba.host.payments.accounts import HELD, SUSPENSE, clearing_account
from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import (
    ITEM,
    ItemState,
    ItemTrigger,
    PaymentStatus,
    RefundStatus,
    ServiceFailedError,
    UpdateKind,
)
from bawaba.host.payments.models import GatewayMessage, Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.services import claiming
from bawaba.host.payments.services.batch import Batch, settled_item
from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.money import format_fils
from bawaba.payments import SettledItem
from bawaba.runtime import current, local_day, new_id
from bawaba.text import Text

_DOUBLE = Text(
    "{count} of the bills had been paid already; BHD {amount} will be returned.",
    "سبق دفع {count} من الفواتير؛ سيُعاد مبلغ {amount} د.ب.",
)
_LATE = Text(
    "The money arrived after the payment had ended; BHD {amount} will be returned.",
    "وصل المبلغ بعد انتهاء عملية الدفع؛ سيُعاد مبلغ {amount} د.ب.",
)
_MISPAID = Text(
    "The gateway took BHD {amount}, which is not what was asked; it will be returned.",
    "حصّلت بوابة الدفع {amount} د.ب. وهو غير المبلغ المطلوب؛ وسيُعاد.",
)
_CHARGED_TWICE = Text(
    "Payment {reference} was charged a second time; BHD {amount} will be returned.",
    "حُصّلت عملية الدفع {reference} مرة ثانية؛ سيُعاد مبلغ {amount} د.ب.",
)
_PROPOSAL = Text("Money that settled no bill.", "مبلغ لم يسدد أي فاتورة.")


async def settle_captures(batch: Batch, going_back: Sequence[PaymentItem] = ()) -> None:
    """Book the captured money of ``batch``: bills are paid, or the money is suspended.

    ``going_back``: items whose money the batch may give back afterwards.
    """
    claimed = await claiming.claim(
        batch,
        [
            item
            for payment, _ in batch.captured
            if payment.status == PaymentStatus.CAPTURED.value
            for item in batch.items[payment.id]
        ],
        going_back,
    )
    for payment, message in batch.captured:
        payment.captured_fils = message.fils
        batch.changed_payments[payment.id] = payment
        if payment.status == PaymentStatus.CAPTURED.value:
            payment.paid_at = message.occurred_at
            _settle(batch, payment, claimed)
        elif message.fils == payment.fils:
            _suspend(batch, payment, batch.items[payment.id], _LATE)
        else:
            _hold_surplus(batch, payment)
        _book(batch, payment, message)
    for payment, message in batch.doubled:
        _hold_double(batch, payment, message)


def _settle(batch: Batch, payment: Payment, claimed: set[str]) -> None:
    items = batch.items[payment.id]
    paid = [item for item in items if item.id in claimed]
    if paid:
        payment.receipt_number = rules.reference_of("RCT", batch.at.year, f"receipt {payment.id}")
        payment.receipt_code = current().ids.secret()
        payment.receipt_at = batch.at
    settle_items(batch, payment, [item for item in paid if item.service not in batch.failing])
    _hold(batch, payment, [item for item in paid if item.service in batch.failing])
    if len(paid) < len(items):
        _suspend(batch, payment, [item for item in items if item.id not in claimed], _DOUBLE)


def settle_items(batch: Batch, payment: Payment, items: Sequence[PaymentItem]) -> None:
    """Let ``items``, whose bills are claimed, pay them: what of each is credited to whom.

    Raises:
        ServiceFailedError: a service described no postings, or wrong ones.
    """
    for item in items:
        settled = settled_item(payment, item)
        postings = _described(settled, item)
        _move(batch, item, ItemTrigger.SETTLE)
        item.postings = [[posting.account, posting.fils] for posting in postings]
        item.undone = [0] * len(postings)
        batch.settled.setdefault(item.service, []).append(settled)


def _described(settled: SettledItem, item: PaymentItem) -> list[Posting]:
    try:
        return rules.checked(desk().by_service[item.service].postings(settled), item.fils)
    except Exception as error:
        raise ServiceFailedError(item.service, repr(error)) from error


def _hold(batch: Batch, payment: Payment, items: Sequence[PaymentItem]) -> None:
    """Keep the money of items whose services fail. Their bills are claimed; jobs settle them."""
    for item in items:
        _move(batch, item, ItemTrigger.HOLD)
        item.held_at = batch.at
    batch.held += items
    if items:
        batch.news.append((payment.id, UpdateKind.BILLS_HELD.value))


def _move(batch: Batch, item: PaymentItem, trigger: ItemTrigger) -> None:
    item.state = ITEM.next(ItemState(item.state), trigger).value
    batch.changed_items[item.id] = item


def _suspend(batch: Batch, payment: Payment, items: list[PaymentItem], why: Text) -> None:
    for item in items:
        _move(batch, item, ItemTrigger.SUSPEND)
    amount = sum(item.fils for item in items)
    _explain(payment, why.fill(count=len(items), amount=format_fils(amount)))
    propose(batch, payment, [(item.id, item.fils) for item in items])


def _hold_surplus(batch: Batch, payment: Payment) -> None:
    payment.surplus_fils = payment.captured_fils
    _explain(payment, _MISPAID.fill(amount=format_fils(payment.captured_fils)))
    propose(batch, payment, [(None, payment.captured_fils)])


def _hold_double(batch: Batch, payment: Payment, message: GatewayMessage) -> None:
    """Keep a second charge as a failed payment of its own, whose money awaits its return."""
    payment_id = new_id()
    double = Payment(
        id=payment_id,
        reference=rules.reference_of("PAY", batch.at.year, payment_id),
        payer_id=payment.payer_id,
        status=PaymentStatus.FAILED.value,
        channel=payment.channel,
        gateway=payment.gateway,
        gateway_reference=message.gateway_reference,
        correlation_id=payment.correlation_id,
        fils=message.fils,
        captured_fils=message.fils,
        created_at=batch.at,
        expires_at=batch.at,
        last_event_at=message.occurred_at,
        double_of=payment.id,
    )
    batch.payments[double.id], batch.items[double.id] = double, []
    batch.doubles.setdefault(payment.id, []).append(double)
    batch.new_payments.append(double)
    _hold_surplus(batch, double)
    words = _CHARGED_TWICE.fill(amount=format_fils(double.fils), reference=payment.reference)
    _explain(double, words)
    _book(batch, double, message)


def _explain(payment: Payment, why: Text) -> None:
    payment.failure_en, payment.failure_ar = why.en, why.ar


def propose(batch: Batch, payment: Payment, lines: list[tuple[str | None, int]]) -> None:
    """Propose to give suspended money back. A proposal reserves nothing yet.

    A payment has one proposal at most: further money joins it.
    """
    refund = batch.proposed.get(payment.id)
    if refund is None:
        refund = batch.proposed[payment.id] = Refund(
            id=new_id(),
            payment_id=payment.id,
            status=RefundStatus.PROPOSED.value,
            fils=0,
            reason_en=_PROPOSAL.en,
            reason_ar=_PROPOSAL.ar,
            created_at=batch.at,
        )
        batch.new_refunds.append(refund)
    elif refund not in batch.new_refunds:
        batch.changed_refunds[refund.id] = refund
    refund.fils += sum(fils for _, fils in lines)
    batch.new_lines += [
        RefundLine(id=new_id(), refund_id=refund.id, item_id=item, fils=fils)
        for item, fils in lines
    ]
    batch.news.append((payment.id, UpdateKind.REFUND_PROPOSED.value))


def _book(batch: Batch, payment: Payment, message: GatewayMessage) -> None:
    """One journal: the gateway owes what it took; payables and suspense are owed it."""
    items = batch.items[payment.id]
    settled = [item for item in items if item.state == ItemState.SETTLED.value]
    held = sum(item.fils for item in items if item.state == ItemState.HELD.value)
    rest = payment.captured_fils - held - sum(item.fils for item in settled)
    credited = [posting for item in settled for posting in credits_of(item)]
    credited += [Posting(HELD.code, Side.CREDIT, held)] if held else []
    credited += [Posting(SUSPENSE.code, Side.CREDIT, rest)] if rest else []
    batch.journals.append(
        Journal(
            reference=f"payment:{payment.id}:capture",
            kind="SETTLEMENT" if settled else "SUSPENSE",
            description=Text(f"Payment {payment.reference}", f"عملية الدفع {payment.reference}"),
            effective_on=local_day(message.occurred_at),
            postings=[
                Posting(clearing_account(payment.gateway), Side.DEBIT, payment.captured_fils),
                *credited,
            ],
            activities=[activity_of(batch, payment, item) for item in settled],
            payment_id=payment.id,
        )
    )


def credits_of(item: PaymentItem) -> list[Posting]:
    """Return what a settled item credits to whom."""
    return [Posting(account, Side.CREDIT, fils) for account, fils in item.postings]


def activity_of(batch: Batch, payment: Payment, item: PaymentItem) -> Activity:
    """Return what a settled item adds to the statistics."""
    return Activity(
        service=item.service,
        agency=batch.agencies[item.service],
        channel=payment.channel,
        gateway=payment.gateway,
        count=1,
        fils=item.fils,
    )
