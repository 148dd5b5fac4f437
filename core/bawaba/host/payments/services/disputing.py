"""A payer's dispute at the bank: the gateway withholds the money, then it is back or gone."""

from __future__ import annotations

from collections.abc import Mapping

from bawaba.host.payments import rules
from bawaba.host.payments.accounts import DISPUTED, LOSS, clearing_account
from bawaba.host.payments.domain import (
    DISPUTE,
    REFUND,
    DisputeStatus,
    DisputeTrigger,
    ItemState,
    MessageStatus,
    RefundKind,
    RefundStatus,
    RefundTrigger,
    UpdateKind,
)
from bawaba.host.payments.models import Dispute, GatewayMessage, Payment, Refund, RefundLine
from bawaba.host.payments.services.batch import Batch, wait_or_alarm
from bawaba.host.payments.services.refunding import paid_of, surplus_left
from bawaba.host.payments.services.returning import Way, give_back, propose_again, unreserve
from bawaba.ledger import Journal, Posting, Side
from bawaba.payments import GatewayEventKind
from bawaba.runtime import local_day, new_id
from bawaba.text import Text

_TRIGGERS = {
    GatewayEventKind.DISPUTE_WON.value: DisputeTrigger.WIN,
    GatewayEventKind.DISPUTE_LOST.value: DisputeTrigger.LOSE,
}
_NEWS = {
    DisputeTrigger.WIN: UpdateKind.DISPUTE_WON,
    DisputeTrigger.LOSE: UpdateKind.DISPUTE_LOST,
}
_BANK = Text("The payer's bank took the money back.", "استعاد مصرف الدافع المبلغ.")
_TURNED_DOWN = f"{_BANK.en} / {_BANK.ar}"
"""Of a refund, what it failed of is one text: both languages stand in it."""


def settle_dispute(batch: Batch, message: GatewayMessage) -> None:
    """Apply what a gateway says of a dispute."""
    reference = message.dispute_id or ""
    dispute = batch.disputes.get((message.gateway, reference))
    charges = _charges(batch, message)
    if not charges.keys() <= batch.payments.keys():
        wait_or_alarm(batch, message, "dispute_unknown", "a charge came meanwhile")
    elif not reference:
        batch.alarm("dispute_unknown", message, "names no dispute")
    elif message.kind == GatewayEventKind.DISPUTE_OPENED.value:
        _open(batch, _charge(charges, message), dispute, message)
    elif dispute is None or dispute.payment_id not in charges:
        wait_or_alarm(batch, message, "dispute_unknown", "no such dispute of this payment")
    else:
        _end(batch, charges[dispute.payment_id], dispute, message)


def _charges(batch: Batch, message: GatewayMessage) -> dict[str, Payment]:
    """Return the payment that the message names and the further charges of it, by id."""
    doubles = batch.doubles.get(message.payment_id, ())
    return {p.id: p for p in (batch.payments[message.payment_id], *doubles)}


def _charge(charges: Mapping[str, Payment], message: GatewayMessage) -> Payment:
    """Return the charge that is disputed, by the gateway's reference; the first where none fits."""
    first, *_ = charges.values()
    named = (p for p in charges.values() if p.gateway_reference == message.gateway_reference)
    return next(named, first)


def _open(batch: Batch, payment: Payment, known: Dispute | None, message: GatewayMessage) -> None:
    if known is not None:
        message.status = MessageStatus.NO_EFFECT.value
        return
    if not payment.captured_fils:
        wait_or_alarm(batch, message, "dispute_state", "no money of this payment was taken")
        return
    if not 0 < message.fils <= payment.captured_fils - payment.disputed_fils:
        batch.alarm("dispute_amount", message, "disputes another amount than was taken")
        return
    dispute = Dispute(
        id=new_id(),
        refunded_fils=payment.refunded_fils,
        payment_id=payment.id,
        gateway=message.gateway,
        reference=message.dispute_id,
        status=DISPUTE.initial.value,
        fils=message.fils,
        reason=(message.reason or "")[:500] or None,
        opened_at=message.occurred_at,
    )
    batch.disputes[dispute.gateway, dispute.reference] = dispute
    batch.new_disputes.append(dispute)
    payment.disputed_fils += dispute.fils
    batch.changed_payments[payment.id] = payment
    message.status = MessageStatus.APPLIED.value
    batch.news.append((payment.id, UpdateKind.DISPUTE_OPENED.value))
    _withhold(batch, payment, dispute, message, back=False)
    _stop_refunds(batch, payment, message)


def _stop_refunds(batch: Batch, payment: Payment, message: GatewayMessage) -> None:
    """Hold back what was not sent yet. What was sent may happen: somebody must know of it."""
    for refund in batch.pending.get(payment.id, ()):
        if refund.status != RefundStatus.REQUESTED.value:
            continue
        if refund.sent_at is None:
            _move(batch, refund, RefundTrigger.DISPUTE, UpdateKind.REFUND_DISPUTED)
        else:
            batch.warn("refund_disputed", message, f"refund {refund.id} is with the gateway")


def _resume_refunds(batch: Batch, payment: Payment, dispute: Dispute) -> None:
    """Let refunds go on, once nothing of the payment is disputed any more.

    One that was sent may have been lost on the way: to ask again changes nothing where it was not.
    """
    if payment.disputed_fils:
        return
    for refund in batch.pending.get(payment.id, ()):
        if refund.status == RefundStatus.DISPUTED.value:
            _move(batch, refund, RefundTrigger.RESUME, UpdateKind.REFUND_REQUESTED)
        if refund.status == RefundStatus.REQUESTED.value:
            batch.orders.append((refund, dispute.id))


def _move(batch: Batch, refund: Refund, trigger: RefundTrigger, kind: UpdateKind) -> None:
    refund.status = REFUND.next(RefundStatus(refund.status), trigger).value
    batch.changed_refunds[refund.id] = refund
    batch.news.append((refund.payment_id, kind.value))


def _withhold(
    batch: Batch, payment: Payment, dispute: Dispute, message: GatewayMessage, *, back: bool
) -> None:
    """The gateway withholds the disputed amount, or owes it again (``back``)."""
    held, owed = Side.DEBIT, Side.CREDIT
    if back:
        held, owed = owed, held
    opened = f"dispute:{dispute.id}:opened"
    batch.journals.append(
        Journal(
            reference=f"dispute:{dispute.id}:ended" if back else opened,
            kind="DISPUTE",
            description=Text(
                f"Dispute over {payment.reference}", f"اعتراض على عملية الدفع {payment.reference}"
            ),
            effective_on=local_day(message.occurred_at),
            postings=[
                Posting(DISPUTED.code, held, dispute.fils),
                Posting(clearing_account(payment.gateway), owed, dispute.fils),
            ],
            payment_id=payment.id,
            reverses=opened if back else None,
        )
    )


def _end(batch: Batch, payment: Payment, dispute: Dispute, message: GatewayMessage) -> None:
    trigger, status = _TRIGGERS[message.kind], DisputeStatus(dispute.status)
    if not DISPUTE.allows(status, trigger):
        batch.alarm(
            "dispute_state",
            message,
            f"{message.kind} is not possible for a dispute that is {status.name}",
        )
        return
    dispute.status = DISPUTE.next(status, trigger).value
    dispute.ended_at = message.occurred_at
    dispute.refunded_fils = payment.refunded_fils
    _keep(batch, dispute)
    payment.disputed_fils -= dispute.fils
    batch.changed_payments[payment.id] = payment
    message.status = MessageStatus.APPLIED.value
    batch.news.append((payment.id, _NEWS[trigger].value))
    if trigger is DisputeTrigger.WIN:
        _withhold(batch, payment, dispute, message, back=True)
        _resume_refunds(batch, payment, dispute)
    else:
        _charge_back(batch, payment, dispute, message)


def _charge_back(batch: Batch, payment: Payment, dispute: Dispute, message: GatewayMessage) -> None:
    """The money is gone: as a refund that nobody asked for, and a loss where nothing was left.

    A refund that was not sent gives way: the payer has the money. One that was sent may happen all
    the same, at the platform's loss.
    """
    turned_down = _turn_down(batch, payment, message)
    # What the gateway withheld it keeps: its clearing account was credited when it did.
    way = Way(local_day(message.occurred_at), DISPUTED.code)
    dispute.uncovered_fils = dispute.fils - _bear(batch, payment, dispute.fils, way)
    if dispute.uncovered_fils:
        _lose(batch, payment, dispute, message)
    for refund in turned_down:
        propose_again(batch, payment, refund)


def _turn_down(batch: Batch, payment: Payment, message: GatewayMessage) -> list[Refund]:
    """Turn down what was not sent, and return it."""
    pending = batch.pending.get(payment.id, ())
    turned_down = [
        r for r in pending if REFUND.allows(RefundStatus(r.status), RefundTrigger.REJECT)
    ]
    for refund in turned_down:
        refund.failure = _TURNED_DOWN
        _move(batch, refund, RefundTrigger.REJECT, UpdateKind.REFUND_REJECTED)
        unreserve(batch, payment, refund)
    for refund in pending:
        if refund.status == RefundStatus.REQUESTED.value:
            batch.warn("refund_disputed", message, f"refund {refund.id} is with the gateway")
    return turned_down


def after_refund(batch: Batch, message: GatewayMessage) -> None:
    """Tell the payment's disputes what a refund gave back, or did not take after all.

    What it gave back while a dispute is open is evidence for the bank. What it did not take covers
    what lost disputes cost: the payer has had that money from the bank, so that it is neither left
    to give back, nor pays a bill.
    """
    refund = batch.refunds.get(message.refund_id or "")
    payment = batch.payments.get(refund.payment_id) if refund else None
    if payment is None:
        return
    way = Way(local_day(message.occurred_at), LOSS.code)
    for dispute in batch.disputes.values():
        if dispute.payment_id != payment.id:
            continue
        if dispute.status == DisputeStatus.OPEN.value:
            _note_refunded(batch, payment, dispute, message)
        if dispute.uncovered_fils:
            dispute.uncovered_fils -= _bear(batch, payment, dispute.uncovered_fils, way)
            _keep(batch, dispute)


def _note_refunded(
    batch: Batch, payment: Payment, dispute: Dispute, message: GatewayMessage
) -> None:
    more = payment.refunded_fils > dispute.refunded_fils
    dispute.refunded_fils = payment.refunded_fils
    _keep(batch, dispute)
    if more:
        batch.warn(
            "refund_disputed", message, f"gave money back during dispute {dispute.reference}"
        )


def _keep(batch: Batch, dispute: Dispute) -> None:
    if dispute not in batch.new_disputes:
        batch.changed_disputes[dispute.id] = dispute


def _bear(batch: Batch, payment: Payment, fils: int, way: Way) -> int:
    """Take ``fils`` out of what is left of a payment; return how much there was."""
    paid = paid_of(batch.items.get(payment.id, ()))
    borne = rules.charged_back(paid, surplus_left(payment), fils)
    if borne.lines:
        refund = Refund(
            id=new_id(),
            payment_id=payment.id,
            kind=RefundKind.CHARGEBACK.value,
            status=REFUND.next(RefundStatus.PROPOSED, RefundTrigger.CHARGE_BACK).value,
            fils=sum(line.fils for line in borne.lines),
            reason_en=_BANK.en,
            reason_ar=_BANK.ar,
            created_at=batch.at,
            ended_at=batch.at,
        )
        lines = [
            RefundLine(id=new_id(), refund_id=refund.id, item_id=line.item_id, fils=line.fils)
            for line in borne.lines
        ]
        batch.new_refunds.append(refund)
        batch.new_lines += lines
        batch.changed_payments[payment.id] = payment
        give_back(batch, payment, refund, lines, way)
        _drop_empty_proposal(batch, payment)
    return fils - borne.uncovered_fils


def _drop_empty_proposal(batch: Batch, payment: Payment) -> None:
    """Turn down the proposal to give back money of which nothing is left."""
    refund = batch.proposed.get(payment.id)
    suspended = [i for i in batch.items.get(payment.id, ()) if i.state == ItemState.SUSPENDED.value]
    if refund is None or surplus_left(payment) or any(p.left_fils for p in paid_of(suspended)):
        return
    del batch.proposed[payment.id]
    refund.status = REFUND.next(RefundStatus(refund.status), RefundTrigger.REJECT).value
    refund.failure = _TURNED_DOWN
    if refund not in batch.new_refunds:
        batch.changed_refunds[refund.id] = refund
    batch.news.append((payment.id, UpdateKind.REFUND_REJECTED.value))


def _lose(batch: Batch, payment: Payment, dispute: Dispute, message: GatewayMessage) -> None:
    batch.journals.append(
        Journal(
            reference=f"dispute:{dispute.id}:loss",
            kind="CHARGEBACK",
            description=Text(
                f"Lost over {payment.reference}", f"خسارة في عملية الدفع {payment.reference}"
            ),
            effective_on=local_day(message.occurred_at),
            postings=[
                Posting(LOSS.code, Side.DEBIT, dispute.uncovered_fils),
                Posting(DISPUTED.code, Side.CREDIT, dispute.uncovered_fils),
            ],
            payment_id=payment.id,
        )
    )
