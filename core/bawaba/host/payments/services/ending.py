"""End a payment that was not paid: cancelled by its payer, or expired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from tortoise.expressions import Subquery

from bawaba import idempotency, jobs, live
from bawaba.db import locked, skip_locked, transaction
from bawaba.graphql import NotFound
from bawaba.host.payments.desk import desk, topic, within
from bawaba.host.payments.domain import (
    OPEN,
    PAYMENT,
    MessageStatus,
    PaymentStatus,
    PaymentTrigger,
)
from bawaba.host.payments.models import GatewayMessage, Payment
from bawaba.host.payments.refusals import GatewayNotAnswering, PaymentNotCancellable
from bawaba.payments import GatewayEventKind
from bawaba.runtime import now
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
SWEEP = 200


async def cancel_payment(viewer: Viewer, payment_id: str, key: str) -> None:
    """Cancel the viewer's own payment while no money was taken.

    Raises:
        NotFound: there is none, or it is somebody else's.
        PaymentNotCancellable: it has ended, or the gateway took the money already.
        GatewayNotAnswering: try again.
    """
    viewer.require("payments.pay")

    async def work() -> str:
        payment = await Payment.get_or_none(id=payment_id, payer_id=viewer.person())
        if payment is None:
            raise NotFound("paymentId")
        if PaymentStatus(payment.status) not in OPEN or not await _closed_at_gateway(payment):
            raise PaymentNotCancellable("paymentId")
        await _store_cancelled(payment_id)
        return payment_id

    await idempotency.once(viewer, "payments.cancel", key, payment_id, work)


async def _closed_at_gateway(payment: Payment) -> bool:
    gateway = desk().by_gateway.get(payment.gateway)
    if gateway is None or payment.checkout_url is None:
        return True
    try:
        return await within(desk().deadlines.gateway, gateway.cancel(payment.id))
    except Exception as error:
        log.warning(
            "a gateway cancelled nothing",
            gateway=payment.gateway,
            payment=payment.id,
            error=repr(error),
        )
        raise GatewayNotAnswering("paymentId") from error


async def _store_cancelled(payment_id: str) -> None:
    async with transaction():
        payment = await locked(Payment.filter(id=payment_id)).get()
        status = PaymentStatus(payment.status)
        # The gateway may have told meanwhile that the checkout was closed: as asked.
        if status is not PaymentStatus.CANCELLED:
            if not PAYMENT.allows(status, PaymentTrigger.CANCEL):
                raise PaymentNotCancellable("paymentId")
            await _end(payment, PaymentTrigger.CANCEL)
        await idempotency.done(payment_id)


async def expire_overdue(_: Mapping[str, Any]) -> None:
    """Expire the payments whose time is over. A periodic job.

    The gateway was told the time when the checkout was opened; money that comes all the same goes
    to suspense. Money that was told of already, and waits to be settled, came in time.
    """
    open_states = [state.value for state in OPEN]
    told = GatewayMessage.filter(
        kind=GatewayEventKind.CAPTURED.value,
        fils__gt=0,
        status__in=[MessageStatus.WAITING.value, MessageStatus.ALARM.value],
    )
    while True:
        async with transaction():
            overdue = (
                Payment.filter(status__in=open_states, expires_at__lte=now())
                .exclude(id__in=Subquery(told.values("payment_id")))
                .order_by("id")
                .limit(SWEEP)
            )
            found = await skip_locked(overdue)
            for payment in found:
                await _end(payment, PaymentTrigger.EXPIRE)
        if len(found) < SWEEP:
            return


async def let_go(payload: Mapping[str, Any]) -> None:
    """Have the gateway let go what it holds for an expired payment: the job ``payments.void``.

    Raises:
        GatewayNotAnswering: the job is tried again.
    """
    payment = await Payment.get(id=payload["payment"])
    if not await _closed_at_gateway(payment):
        log.warning("a hold was taken before it was let go", payment=payment.id)


async def _end(payment: Payment, trigger: PaymentTrigger) -> None:
    ended = PAYMENT.next(PaymentStatus(payment.status), trigger)
    if trigger is PaymentTrigger.EXPIRE and payment.status == PaymentStatus.AUTHORISED.value:
        await jobs.enqueue("payments.void", {"payment": payment.id}, key=payment.id)
    await Payment.filter(id=payment.id).update(status=ended.value)
    await live.emit(topic(payment.id), ended.value)
