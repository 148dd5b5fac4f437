"""Settle: take waiting messages of the gateways in batches, one transaction a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import structlog
from tortoise.queryset import QuerySet

from bawaba import catalogue
from bawaba.db import StorageUnavailable, locked, retrying, skip_locked, transaction
from bawaba.host.payments import rules
from bawaba.host.payments.alarms import alarm
from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import (
    PAYMENT,
    MessageStatus,
    PaymentStatus,
    PaymentTrigger,
    ServiceFailedError,
)
from bawaba.host.payments.models import GatewayMessage, Payment, PaymentItem
from bawaba.host.payments.services import capturing, disputing, returning, writing
from bawaba.host.payments.services.batch import Batch, load, wait_or_alarm
from bawaba.payments import GatewayEventKind
from bawaba.runtime import correlated, now

log = structlog.get_logger(__name__)

BATCH = 200
"""Messages of one transaction."""
MAX_ATTEMPTS = 5
"""Failures after which a message is put aside with an alarm."""
_ABOUT_REFUNDS = {
    GatewayEventKind.REFUNDED.value,
    GatewayEventKind.REFUND_FAILED.value,
    GatewayEventKind.REFUND_REVERSED.value,
}
_ABOUT_DISPUTES = {
    GatewayEventKind.DISPUTE_OPENED.value,
    GatewayEventKind.DISPUTE_WON.value,
    GatewayEventKind.DISPUTE_LOST.value,
}


async def settle_waiting() -> int:
    """Settle one batch of what waits; return how many messages were taken.

    A batch in which a service fails is done again without that service: its bills are held, and a
    job settles each. A service that keeps failing is left out from the first for a while. A batch
    that fails otherwise is done again message by message, so that one that cannot be settled holds
    up nobody: it is tried again later, and put aside with an alarm after ``MAX_ATTEMPTS``.

    Raises:
        StorageUnavailable: nothing was changed; try again.
    """
    services = await catalogue.services()
    agencies = {code: service.agency for code, service in services.items()}
    at = now()
    failing = {code for code, circuit in desk().settling.items() if not circuit.asks(at)}
    while True:
        try:
            return await retrying(lambda: _settle(agencies, failing, None))
        except StorageUnavailable:
            raise
        except ServiceFailedError as error:
            log.exception("a service failed in settlement; its bills are held")
            failing.add(error.service)
        except Exception:
            log.exception("a settlement batch failed; its messages are settled one by one")
            break
    waiting = _waiting().order_by("received_at", "id").limit(BATCH)
    ids = [str(found) for found in await waiting.values_list("id", flat=True)]
    for message_id in ids:
        await _settle_alone(agencies, failing, message_id)
    return len(ids)


def _waiting() -> QuerySet[GatewayMessage]:
    return GatewayMessage.filter(status=MessageStatus.WAITING.value, due_at__lte=now())


async def _settle_alone(
    agencies: Mapping[str, str], failing: Collection[str], message_id: str
) -> None:
    """Settle one message; where that fails, without any service: jobs find out which is broken."""
    message = await GatewayMessage.get(id=message_id)
    items = PaymentItem.filter(payment_id=message.payment_id)
    every = {str(found) for found in await items.values_list("service", flat=True)}
    failure = await _failure(agencies, failing, message_id)
    if failure is not None and not every <= set(failing):
        failure = await _failure(agencies, every, message_id)
    if failure is not None:
        await _put_off(message_id, failure)


async def _failure(
    agencies: Mapping[str, str], failing: Collection[str], message_id: str
) -> Exception | None:
    """Settle one message; return what kept it from being settled."""
    try:
        await retrying(lambda: _settle(agencies, failing, message_id))
    except StorageUnavailable:
        raise
    except Exception as error:
        log.exception("a gateway message could not be settled", message=message_id)
        return error
    return None


async def _put_off(message_id: str, error: Exception) -> None:
    async with transaction():
        message = await locked(GatewayMessage.filter(id=message_id)).get()
        if message.status != MessageStatus.WAITING.value:
            return
        message.attempts += 1
        message.note = f"{type(error).__name__}: {error}"[:500]
        message.due_at = now() + dt.timedelta(seconds=2**message.attempts)
        if message.attempts >= MAX_ATTEMPTS:
            message.status = MessageStatus.ALARM.value
            await alarm("poison", f"GatewayMessage:{message.id}", {"payment": message.payment_id})
        await message.save(update_fields=["attempts", "note", "due_at", "status"])


async def _settle(agencies: Mapping[str, str], failing: Collection[str], only: str | None) -> int:
    """Apply a batch, or one message, in one transaction, without the ``failing`` services."""
    async with transaction():
        waiting = _waiting() if only is None else _waiting().filter(id=only)
        messages = await skip_locked(waiting.order_by("received_at", "id").limit(BATCH))
        if not messages:
            return 0
        batch = Batch(at=now(), agencies=agencies, messages=messages, failing=failing)
        await load(batch)
        with correlated(
            messages[0].correlation_id if len(messages) == 1 else f"settle-{messages[0].id}"
        ):
            await _apply(batch)
    return len(messages)


async def _apply(batch: Batch) -> None:
    after: list[GatewayMessage] = []
    for message in in_order(batch.messages):
        payment = batch.payments.get(message.payment_id)
        if payment is None:
            wait_or_alarm(batch, message, "payment_unknown", "no such payment")
        elif payment.gateway != message.gateway:
            batch.alarm(
                "foreign_gateway", message, f"the payment went to gateway {payment.gateway}"
            )
        elif message.kind in _ABOUT_REFUNDS | _ABOUT_DISPUTES:
            after.append(message)
        else:
            advance(batch, payment, message)
    known = [item for items in batch.items.values() for item in items]
    await capturing.settle_captures(batch, known if after else ())
    for message in after:
        if message.kind in _ABOUT_REFUNDS:
            returning.settle_refund(batch, message)
            disputing.after_refund(batch, message)
        else:
            disputing.settle_dispute(batch, message)
    await writing.write(batch)


def in_order(messages: Sequence[GatewayMessage]) -> list[GatewayMessage]:
    """Return messages in the order in which the gateway says that they happened."""
    order = [kind.value for kind in GatewayEventKind]
    return sorted(messages, key=lambda m: (m.occurred_at, order.index(m.kind), m.id))


def advance(batch: Batch, payment: Payment, message: GatewayMessage) -> None:
    """Apply a message about a payment to it, in memory, by the transition table."""
    found = rules.verdict(
        status=PaymentStatus(payment.status),
        fils=payment.fils,
        # A capture of this same batch counts before it is booked.
        captured_fils=payment.captured_fils
        or sum(m.fils for p, m in batch.captured if p is payment),
        last_event_at=payment.last_event_at,
        kind=GatewayEventKind(message.kind),
        event_fils=message.fils,
        occurred_at=message.occurred_at,
        same_charge=_is_known_charge(batch, payment, message),
    )
    message.status = MessageStatus.APPLIED.value
    if found.alarm:
        batch.alarm("payment", message, found.alarm)
    if found.effect is rules.Effect.NOTHING:
        message.status = MessageStatus.NO_EFFECT.value
    if found.effect in (rules.Effect.NOTHING, rules.Effect.ALARM):
        return
    if found.effect is rules.Effect.DOUBLE:
        # Kept as an alarm that an operator sees; the money is booked all the same.
        batch.doubled.append((payment, message))
        return
    batch.changed_payments[payment.id] = payment
    payment.last_event_at = max(payment.last_event_at or message.occurred_at, message.occurred_at)
    if message.gateway_reference:
        payment.gateway_reference = message.gateway_reference
    if found.trigger is not None:
        payment.status = PAYMENT.next(PaymentStatus(payment.status), found.trigger).value
        batch.news.append((payment.id, payment.status))
    if found.trigger is PaymentTrigger.AUTHORISE:
        payment.authorised_fils = message.fils
    if found.trigger is PaymentTrigger.DECLINE:
        writing.explain_decline(payment, message)
    if found.effect is rules.Effect.LATE or found.trigger in (
        PaymentTrigger.CAPTURE,
        PaymentTrigger.MISPAY,
    ):
        batch.captured.append((payment, message))


def _is_known_charge(batch: Batch, payment: Payment, message: GatewayMessage) -> bool:
    """Return whether the message's charge, by the gateway's reference, was told of before."""
    known = {payment.gateway_reference, *(m.gateway_reference for _, m in batch.doubled)}
    known |= {double.gateway_reference for double in batch.doubles.get(payment.id, ())}
    return message.gateway_reference in known or not message.gateway_reference
