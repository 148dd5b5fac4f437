"""The payer's bank: it holds, lets go, takes back what it paid, and sends refunds back."""

from __future__ import annotations

from bawaba import runtime
from bawaba.db import retrying, transaction
from bawaba.payments import GatewayEventKind

from bawaba_gateway_sandbox.domain import CheckoutState, CheckoutUnknown, NotPossible
from bawaba_gateway_sandbox.models import REFERENCE_LENGTH, SandboxCheckout, SandboxEvent
from bawaba_gateway_sandbox.services import is_held, taken, tell

__all__ = ["dispute", "end_dispute", "hold", "return_refund"]

_OPENED = GatewayEventKind.DISPUTE_OPENED
_REVERSED = GatewayEventKind.REFUND_REVERSED


async def hold(reference: str) -> str:
    """Hold the amount of an open checkout; return the event's id.

    It is taken when the payer approves, and let go when the platform cancels or the time is over.

    Raises:
        CheckoutUnknown: no checkout has this payment reference.
        NotPossible: it is not open, or its amount is held already.
    """
    return await retrying(lambda: _held(reference))


async def _held(reference: str) -> str:
    async with transaction():
        row = await _checkout(reference)
        if CheckoutState(row.state) is not CheckoutState.OPEN:
            raise NotPossible(f"the checkout is {row.state}")
        if await is_held(row):
            raise NotPossible("the amount is held already")
        return await tell(row, GatewayEventKind.AUTHORISED)


async def dispute(reference: str) -> str:
    """Take back what a payment took, until it is known who is right; return the event's id.

    Raises:
        CheckoutUnknown: no checkout has this payment reference.
        NotPossible: no money was taken, all of it was given back, or it is disputed already.
    """
    return await retrying(lambda: _disputed(reference))


async def _disputed(reference: str) -> str:
    async with transaction():
        row = await _checkout(reference)
        left = row.fils - row.refunded_fils
        if CheckoutState(row.state) is not CheckoutState.APPROVED or left <= 0:
            raise NotPossible("nothing of it was taken, or all was given back")
        if await _disputes(row):
            raise NotPossible("it is disputed already")
        return await tell(row, _OPENED, fils=left, dispute_id=runtime.new_id())


async def end_dispute(reference: str, *, won: bool) -> str:
    """Decide a dispute: ``won`` by the platform, or by the payer; return the event's id.

    Raises:
        CheckoutUnknown: no checkout has this payment reference.
        NotPossible: no dispute of it is open.
    """
    kind = GatewayEventKind.DISPUTE_WON if won else GatewayEventKind.DISPUTE_LOST
    return await retrying(lambda: _ended(reference, kind))


async def _ended(reference: str, kind: GatewayEventKind) -> str:
    async with transaction():
        row = await _checkout(reference)
        told = await _disputes(row)
        if [event.kind for event in told] != [_OPENED.value]:
            raise NotPossible("no dispute of it is open")
        return await tell(row, kind, fils=told[0].fils, dispute_id=told[0].about)


async def return_refund(reference: str) -> str:
    """Send the newest refund of a payment back, as of a closed account; return the event's id.

    Raises:
        CheckoutUnknown: no checkout has this payment reference.
        NotPossible: nothing was given back, or it came back already.
    """
    return await retrying(lambda: _returned(reference))


async def _returned(reference: str) -> str:
    async with transaction():
        row = await _checkout(reference)
        events = SandboxEvent.filter(payment_id=row.payment_id)
        back = {event.about for event in await events.filter(kind=_REVERSED.value)}
        given = events.filter(kind=GatewayEventKind.REFUNDED.value).order_by("-occurred_at", "-id")
        newest = next((event for event in await given if event.refund_id not in back), None)
        if newest is None:
            raise NotPossible("nothing was given back, or all of it came back")
        reason = "the payer's account is closed"
        row.refunded_fils -= newest.fils
        await row.save(update_fields=["refunded_fils"])
        return await tell(
            row, _REVERSED, fils=newest.fils, refund_id=newest.refund_id, reason=reason
        )


async def _disputes(row: SandboxCheckout) -> list[SandboxEvent]:
    """Return what was told of disputes of a payment: it is disputed once at most."""
    told = SandboxEvent.filter(payment_id=row.payment_id, kind__startswith="DISPUTE_")
    return list(await told.order_by("occurred_at", "id"))


async def _checkout(reference: str) -> SandboxCheckout:
    if len(reference) > REFERENCE_LENGTH:
        raise CheckoutUnknown
    return await taken(reference=reference)
