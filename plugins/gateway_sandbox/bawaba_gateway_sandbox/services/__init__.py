"""The verbs of the sandbox gateway: open, decide, cancel, refund, report."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import runtime
from bawaba.db import IntegrityError, locked, retrying, transaction
from bawaba.jobs import enqueue
from bawaba.payments import (
    Checkout,
    CheckoutOrder,
    GatewayEvent,
    GatewayEventKind,
    RefundOrder,
)
from bawaba.text import Text

from bawaba_gateway_sandbox import gateway, rules
from bawaba_gateway_sandbox.domain import (
    CHECKOUT,
    REPORTED,
    CheckoutNotLate,
    CheckoutState,
    CheckoutTrigger,
    CheckoutUnknown,
    Outcome,
)
from bawaba_gateway_sandbox.models import (
    REFERENCE_LENGTH,
    SandboxCheckout,
    SandboxEvent,
    SandboxRefund,
)

__all__ = [
    "DELIVER",
    "Decision",
    "SandboxGateway",
    "capture_late",
    "check",
    "decide",
    "deliver",
    "is_held",
    "latest_events",
    "present",
    "resend",
    "taken",
    "tell",
]

DELIVER = "sandbox.deliver_event"
"""Name of the job that posts one event to the platform."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A checkout after somebody pressed a button; ``accepted``: it stands as they wished."""

    checkout: SandboxCheckout
    accepted: bool


class SandboxGateway:
    """The way to pay named ``sandbox``: play money, a real page, real signed callbacks."""

    name = "sandbox"
    title = Text("Sandbox (no real money)", "بوابة تجريبية (بلا أموال حقيقية)")

    async def open_checkout(self, order: CheckoutOrder) -> Checkout:
        """Open a checkout; asked again for the same payment, return the same one.

        Raises:
            ValueError: the payment has a checkout over another amount.
        """
        row = await SandboxCheckout.get_or_none(payment_id=order.payment_id)
        if row is None:
            try:
                row = await retrying(lambda: _opened(order))
            except IntegrityError:  # somebody opened it in the meantime
                row = await SandboxCheckout.get(payment_id=order.payment_id)
        if row.fils != order.fils:
            raise ValueError(f"payment {order.payment_id} was opened over {row.fils} fils before")
        return Checkout(f"{runtime.current().public_url}/sandbox/checkout/{row.token}", row.id)

    async def cancel(self, payment_id: str) -> bool:
        """Close the checkout of a payment; False when money was taken."""
        return await retrying(lambda: _cancelled(payment_id))

    async def refund(self, order: RefundOrder) -> None:
        """Give money back; the outcome comes as a callback. A reason saying ``fail`` fails."""
        await retrying(lambda: _refunded(order))

    def read_callback(
        self, headers: Mapping[str, str], body: bytes, at: dt.datetime
    ) -> Sequence[GatewayEvent]:
        """Verify and read a callback.

        Raises:
            CallbackRejected: forged, more than five minutes old or ahead, or malformed.
        """
        return (rules.read_message(gateway.keys(), headers, body, at),)


async def _opened(order: CheckoutOrder) -> SandboxCheckout:
    async with transaction():
        return await SandboxCheckout.create(
            id=runtime.new_id(),
            token=runtime.current().ids.secret(),
            payment_id=order.payment_id,
            reference=order.reference,
            fils=order.fils,
            description_en=order.description.en,
            description_ar=order.description.ar,
            callback_url=order.callback_url,
            return_url=order.return_url,
            state=CheckoutState.OPEN.value,
            opened_at=runtime.now(),
            expires_at=order.expires_at,
        )


async def present(token: str) -> SandboxCheckout:
    """Return a checkout as it stands now (expired, where its time has passed), to be shown.

    Raises:
        CheckoutUnknown: no checkout has this token.
    """
    row = await SandboxCheckout.get_or_none(token=token) if rules.is_key(token) else None
    if row is None:
        raise CheckoutUnknown
    row.state = rules.after_expiry(CheckoutState(row.state), row.expires_at, runtime.now()).value
    return row


async def decide(token: str, outcome: Outcome) -> Decision:
    """Do as the payer chose. Choosing the same again changes nothing and is accepted.

    Raises:
        CheckoutUnknown: no checkout has this token.
    """
    if not rules.is_key(token):
        raise CheckoutUnknown
    return await retrying(lambda: _decided(token, outcome))


async def _decided(token: str, outcome: Outcome) -> Decision:
    async with transaction():
        row = await taken(token=token)
        if CheckoutState(row.state) is CheckoutState.OPEN:
            await _move(row, outcome.trigger)
        return Decision(row, accepted=row.state == outcome.result.value)


async def _cancelled(payment_id: str) -> bool:
    async with transaction():
        try:
            row = await taken(payment_id=payment_id)
        except CheckoutUnknown:
            return True  # what was never opened takes no money
        if CheckoutState(row.state) is CheckoutState.OPEN:
            await _move(row, CheckoutTrigger.CANCEL)
        if CheckoutState(row.state) is CheckoutState.APPROVED:
            return False
        if await is_held(row):
            await tell(row, GatewayEventKind.VOIDED)
        return True


async def capture_late(payment_reference: str) -> str:
    """Take the money of a checkout that ended without it, and report that; return the event's id.

    For trying what the platform does with a capture that nobody expects any more.

    Raises:
        CheckoutUnknown: no checkout has this payment reference.
        CheckoutNotLate: it is still open, declined, or captured already.
    """
    if len(payment_reference) > REFERENCE_LENGTH:
        raise CheckoutUnknown
    return await retrying(lambda: _captured_late(payment_reference))


async def _captured_late(payment_reference: str) -> str:
    async with transaction():
        row = await taken(reference=payment_reference)
        if not CHECKOUT.allows(CheckoutState(row.state), CheckoutTrigger.CAPTURE_LATE):
            raise CheckoutNotLate(f"{payment_reference} is {row.state}")
        await _move(row, CheckoutTrigger.CAPTURE_LATE)
        return (await SandboxEvent.get(payment_id=row.payment_id, kind="CAPTURED")).id


async def taken(**key: str) -> SandboxCheckout:
    """Return a checkout under lock, after its expiry has been booked."""
    row = await locked(SandboxCheckout.filter(**key)).get_or_none()
    if row is None:
        raise CheckoutUnknown
    state = CheckoutState(row.state)
    if rules.after_expiry(state, row.expires_at, runtime.now()) is not state:
        await _move(row, CheckoutTrigger.EXPIRE)
    return row


async def _move(row: SandboxCheckout, trigger: CheckoutTrigger) -> None:
    """Advance a locked checkout and report what the platform has to know, in one transaction."""
    state = CHECKOUT.next(CheckoutState(row.state), trigger)
    row.state, row.decided_at = state.value, runtime.now()
    await row.save(update_fields=["state", "decided_at"])
    if (kind := REPORTED.get(state)) is not None:
        await tell(row, kind)


async def tell(row: SandboxCheckout, kind: GatewayEventKind, **more: Any) -> str:
    """Report something of a checkout to the platform, in the transaction; return the event's id."""
    event = GatewayEvent(
        event_id=runtime.new_id(),
        kind=kind,
        payment_id=row.payment_id,
        fils=row.fils,
        gateway_reference=row.id,
        occurred_at=runtime.now(),
    )
    await _report(dataclasses.replace(event, **more), row.callback_url)
    return event.event_id


async def is_held(row: SandboxCheckout) -> bool:
    """Return whether the amount is held and was not let go."""
    kinds = [GatewayEventKind.AUTHORISED.value, GatewayEventKind.VOIDED.value]
    told = SandboxEvent.filter(payment_id=row.payment_id, kind__in=kinds)
    return [str(kind) for kind in await told.values_list("kind", flat=True)] == kinds[:1]


async def _refunded(order: RefundOrder) -> None:
    async with transaction():
        row = await locked(SandboxCheckout.filter(payment_id=order.payment_id)).get_or_none()
        if await SandboxRefund.exists(id=order.refund_id):
            return
        state = CheckoutState(row.state) if row else None
        left = row.fils - row.refunded_fils if row else 0
        verdict = rules.refund_verdict(state, left, order.fils, order.reason)
        at = runtime.now()
        await SandboxRefund.create(
            id=order.refund_id,
            payment_id=order.payment_id,
            fils=order.fils,
            reason=order.reason,
            succeeded=verdict.succeeds,
            requested_at=at,
        )
        if row is not None and verdict.succeeds:
            row.refunded_fils += order.fils
            await row.save(update_fields=["refunded_fils"])
        await _report(
            GatewayEvent(
                event_id=runtime.new_id(),
                kind=verdict.kind,
                payment_id=order.payment_id,
                fils=order.fils,
                gateway_reference=order.gateway_reference,
                occurred_at=at,
                refund_id=order.refund_id,
                reason=verdict.reason,
            ),
            order.callback_url,
        )


async def _report(event: GatewayEvent, callback_url: str) -> None:
    await SandboxEvent.create(
        id=event.event_id,
        kind=event.kind.value,
        payment_id=event.payment_id,
        gateway_reference=event.gateway_reference,
        fils=event.fils,
        refund_id=None if _comes_back(event.kind) else event.refund_id,
        about=event.refund_id if _comes_back(event.kind) else event.dispute_id,
        reason=event.reason,
        callback_url=callback_url,
        occurred_at=event.occurred_at,
    )
    await enqueue(DELIVER, {"event": event.event_id}, key=event.event_id)


async def deliver(payload: Mapping[str, Any]) -> None:
    """Post one event (``{"event": id}``) to the platform, unless it has taken it already.

    Raises:
        DeliveryFailed: it did not; the job is retried.
    """
    row = await SandboxEvent.get(id=payload["event"])
    if row.delivered_at is None:
        await _post(row)


async def resend(event_id: str) -> None:
    """Post an event to the platform, once more if need be, under the same ``webhook-id``.

    Raises:
        LookupError: there is no such event.
        DeliveryFailed: the platform did not answer with 2xx.
    """
    row = await SandboxEvent.get_or_none(id=event_id) if rules.is_key(event_id) else None
    if row is None:
        raise LookupError(event_id)
    await _post(row)


def _comes_back(kind: GatewayEventKind) -> bool:
    return kind is GatewayEventKind.REFUND_REVERSED


async def _post(row: SandboxEvent) -> None:
    kind = GatewayEventKind(row.kind)
    event = GatewayEvent(
        event_id=row.id,
        kind=kind,
        payment_id=row.payment_id,
        fils=row.fils,
        gateway_reference=row.gateway_reference,
        occurred_at=row.occurred_at,
        refund_id=row.about if _comes_back(kind) else row.refund_id,
        dispute_id=None if _comes_back(kind) else row.about,
        reason=row.reason,
    )
    await gateway.send(event, row.callback_url)
    await SandboxEvent.filter(id=row.id, delivered_at=None).update(delivered_at=runtime.now())


async def latest_events(count: int) -> list[dict[str, Any]]:
    """Return id, kind, payment_id and delivered_at of the newest ``count`` events, in order."""
    rows = await (
        SandboxEvent.all()
        .order_by("-occurred_at", "-id")
        .limit(count)
        .values("id", "kind", "payment_id", "delivered_at")
    )
    return list(reversed(rows))


async def check() -> None:
    """Raise unless the gateway's book can be read and its callbacks can be signed."""
    for table in (SandboxCheckout, SandboxRefund, SandboxEvent):
        await table.all().limit(1).values("id")
    gateway.keys()
