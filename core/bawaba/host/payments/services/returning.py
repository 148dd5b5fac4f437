"""Money that went back: the gateway reported the outcome of a refund."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bawaba.host.payments import rules
from bawaba.host.payments.accounts import HELD, SUSPENSE, clearing_account
from bawaba.host.payments.domain import (
    ITEM,
    REFUND,
    ItemState,
    ItemTrigger,
    MessageStatus,
    RefundStatus,
    RefundTrigger,
    UpdateKind,
)
from bawaba.host.payments.models import GatewayMessage, Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.services.batch import Batch, wait_or_alarm
from bawaba.host.payments.services.capturing import propose
from bawaba.host.payments.services.refunding import left_of, surplus_left
from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.payments import GatewayEventKind, ReversedItem
from bawaba.runtime import local_day
from bawaba.text import Text

_TRIGGERS = {
    GatewayEventKind.REFUNDED.value: RefundTrigger.SUCCEED,
    GatewayEventKind.REFUND_FAILED.value: RefundTrigger.FAIL,
    GatewayEventKind.REFUND_REVERSED.value: RefundTrigger.REVERSE,
}
_NEWS = {
    RefundTrigger.SUCCEED: UpdateKind.REFUND_SUCCEEDED,
    RefundTrigger.FAIL: UpdateKind.REFUND_FAILED,
    RefundTrigger.REVERSE: UpdateKind.REFUND_REVERSED,
}


def settle_refund(batch: Batch, message: GatewayMessage) -> None:
    """Apply what a gateway says of a refund to the refund that it names."""
    refund = batch.refunds.get(message.refund_id or "")
    payment = batch.payments.get(refund.payment_id) if refund else None
    if refund is None or payment is None or not _is_about(payment, message):
        batch.alarm("refund_unknown", message, "no such refund of this payment")
        return
    trigger, status = _TRIGGERS[message.kind], RefundStatus(refund.status)
    if not REFUND.allows(status, trigger):
        _out_of_turn(batch, message, status)
        return
    if trigger is not RefundTrigger.FAIL and message.fils != refund.fils:
        batch.alarm("refund_amount", message, "gave back another amount than asked")
        return
    refund.status = REFUND.next(status, trigger).value
    refund.ended_at = batch.at
    refund.failure = None if trigger is RefundTrigger.SUCCEED else (message.reason or "")[:500]
    message.status = MessageStatus.APPLIED.value
    batch.changed_refunds[refund.id] = refund
    batch.changed_payments[payment.id] = payment
    if trigger is RefundTrigger.REVERSE:
        _take_back(batch, payment, refund, message)
    else:
        unreserve(batch, payment, refund)
    if trigger is RefundTrigger.FAIL:
        propose_again(batch, payment, refund)
    if trigger is RefundTrigger.SUCCEED:
        lines = batch.lines[refund.id]
        way = Way(local_day(message.occurred_at), clearing_account(payment.gateway))
        give_back(batch, payment, refund, lines, way)
    batch.news.append((payment.id, _NEWS[trigger].value))


def _is_about(payment: Payment, message: GatewayMessage) -> bool:
    return message.payment_id in (payment.id, payment.double_of)


def _out_of_turn(batch: Batch, message: GatewayMessage, status: RefundStatus) -> None:
    note = f"{message.kind} is not possible for a refund that is {status.name}"
    early = message.kind == GatewayEventKind.REFUND_REVERSED.value
    if early and status is RefundStatus.REQUESTED:
        wait_or_alarm(batch, message, "refund_state", note)
    else:
        batch.alarm("refund_state", message, note)


def _take_back(batch: Batch, payment: Payment, refund: Refund, message: GatewayMessage) -> None:
    """A refund came back from the payer's bank: the money waits for another way to its owner."""
    payment.refunded_fils -= refund.fils
    payment.surplus_fils += refund.fils
    batch.journals.append(
        Journal(
            reference=f"refund:{refund.id}:reversed",
            kind="REFUND_REVERSED",
            description=Text(
                f"Refund of {payment.reference} came back",
                f"عاد استرداد عملية الدفع {payment.reference}",
            ),
            effective_on=local_day(message.occurred_at),
            postings=[
                Posting(clearing_account(payment.gateway), Side.DEBIT, refund.fils),
                Posting(SUSPENSE.code, Side.CREDIT, refund.fils),
            ],
            payment_id=payment.id,
        )
    )
    propose(batch, payment, [(None, refund.fils)])


def _parts(
    batch: Batch, payment: Payment, lines: Sequence[RefundLine]
) -> list[tuple[PaymentItem | None, RefundLine]]:
    items = {item.id: item for item in batch.items.get(payment.id, ())}
    return [(items[line.item_id] if line.item_id else None, line) for line in lines]


def unreserve(batch: Batch, payment: Payment, refund: Refund) -> None:
    """Make free again what a refund had reserved."""
    for item, line in _parts(batch, payment, batch.lines[refund.id]):
        if item is None:
            payment.surplus_reserved_fils -= line.fils
        else:
            item.reserved_fils -= line.fils
            batch.changed_items[item.id] = item


def propose_again(batch: Batch, payment: Payment, refund: Refund) -> None:
    """Money in suspense is nobody's: what a refund leaves there awaits a decision anew."""
    lines: list[tuple[str | None, int]] = []
    for item, line in _parts(batch, payment, batch.lines[refund.id]):
        if item is None:
            lines.append((None, min(line.fils, surplus_left(payment))))
        elif item.state == ItemState.SUSPENDED.value:
            lines.append((item.id, min(line.fils, left_of(item))))
    if lines := [line for line in lines if line[1]]:
        propose(batch, payment, lines)


@dataclass(frozen=True, slots=True)
class Way:
    """How money goes back: on which day, and out of which account."""

    day: dt.date
    account: str


def give_back(
    batch: Batch, payment: Payment, refund: Refund, lines: Sequence[RefundLine], way: Way
) -> None:
    """Book ``lines`` of a payment as gone back to its payer, and undo what they paid.

    The gateway moves the money once, and so does one journal. It undoes the capture, unless some of
    it came back from an earlier refund, which is not part of the capture any more. What a service
    took late had been held since the capture: it is held once more, by a journal that undoes the
    late one, and goes back from there.
    """
    debits: list[Posting] = []
    activities: list[Activity] = []
    came_back = False
    for item, line in _parts(batch, payment, lines):
        payment.refunded_fils += line.fils
        if item is None:
            came_back |= line.fils > _surplus_of_capture(batch, payment)
            payment.surplus_refunded_fils += line.fils
            debits.append(Posting(SUSPENSE.code, Side.DEBIT, line.fils))
            continue
        item.refunded_fils += line.fils
        batch.changed_items[item.id] = item
        if item.state == ItemState.HELD.value:
            _let_go(batch, payment, item)
        parts = [Posting((HELD if item.held_at else SUSPENSE).code, Side.DEBIT, line.fils)]
        if item.state == ItemState.SETTLED.value:
            credited = _undo(item, line.fils)
            if item.held_at is None:
                parts = credited
            else:
                batch.journals.append(_held_again(payment, refund, item, credited, way))
            activities.append(_activity(batch, payment, item, line.fils))
            _reverse(batch, item, line)
        debits += parts
    journal = replace(_journal(payment, refund, debits, way), activities=activities)
    batch.journals.append(replace(journal, reverses=None) if came_back else journal)


def _let_go(batch: Batch, payment: Payment, item: PaymentItem) -> None:
    """Of a held item money goes back: it settles nothing, and the rest awaits a decision too."""
    item.state = ITEM.next(ItemState(item.state), ItemTrigger.SUSPEND).value
    batch.released.append((item, item.fils, True))
    if rest := left_of(item):
        propose(batch, payment, [(item.id, rest)])


def settlement_reference(item: PaymentItem) -> str:
    """Return the reference of the journal by which a held item was settled."""
    return f"payment:{item.payment_id}:settled:{item.id}"


def _held_again(
    payment: Payment, refund: Refund, item: PaymentItem, parts: Sequence[Posting], way: Way
) -> Journal:
    journal = _journal(payment, refund, parts, Way(way.day, HELD.code))
    return replace(
        journal,
        reference=f"{journal.reference}:held:{item.id}",
        reverses=settlement_reference(item),
    )


def _surplus_of_capture(batch: Batch, payment: Payment) -> int:
    """Return what of the capture belongs to no item and has not gone back yet, in fils."""
    items = batch.items.get(payment.id, ())
    if any(item.state != ItemState.WAITING.value for item in items):
        return 0
    return max(0, int(payment.captured_fils - payment.surplus_refunded_fils))


def _journal(payment: Payment, refund: Refund, debits: Sequence[Posting], way: Way) -> Journal:
    """The journal of what went back of a capture: whoever was owed it is owed it no more."""
    fils = sum(posting.fils for posting in debits)
    return Journal(
        reference=f"refund:{refund.id}",
        kind=refund.kind,
        description=Text(f"Refund of {payment.reference}", f"استرداد من {payment.reference}"),
        effective_on=way.day,
        postings=[*debits, Posting(way.account, Side.CREDIT, fils)],
        payment_id=payment.id,
        reverses=f"payment:{payment.id}:capture",
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
    line.held = item.service in batch.failing
    batch.changed_lines.append(line)
    if line.held:
        batch.unnoted.append((item, line))
    else:
        note(batch, item, line, batch.at)


def note(batch: Batch, item: PaymentItem, line: RefundLine, at: dt.datetime) -> None:
    """Have the item's service note what went back, and the bill be payable by it again."""
    batch.released.append((item, line.fils, line.in_full))
    batch.undone.setdefault(item.service, []).append(reversed_item(item, line, at))


def reversed_item(item: PaymentItem, line: RefundLine, at: dt.datetime) -> ReversedItem:
    """Return what went back of a settled item as payables see it."""
    return ReversedItem(
        payment_id=item.payment_id,
        item_id=item.id,
        refund_id=line.refund_id,
        bill_id=item.bill_id,
        fils=line.fils,
        in_full=line.in_full,
        refunded_at=at,
    )
