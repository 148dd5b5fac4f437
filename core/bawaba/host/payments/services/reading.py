"""What a viewer may see of payments, refunds and disputes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bawaba.errors import Forbidden
from bawaba.graphql import split_id
from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import ItemState, MessageStatus
from bawaba.host.payments.models import Dispute, GatewayMessage, Payment, PaymentItem, Refund
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

PAYMENT_COLUMNS = (
    "id",
    "reference",
    "payer_id",
    "status",
    "channel",
    "gateway",
    "checkout_url",
    "fils",
    "authorised_fils",
    "disputed_fils",
    "refunded_fils",
    "failure_en",
    "failure_ar",
    "created_at",
    "expires_at",
    "paid_at",
    "receipt_number",
    "receipt_code",
    "receipt_at",
)
REFUND_COLUMNS = (
    "id",
    "payment_id",
    "kind",
    "status",
    "fils",
    "reason_en",
    "reason_ar",
    "requested_by",
    "decided_by",
    "failure",
    "created_at",
    "sent_at",
    "ended_at",
)
DISPUTE_COLUMNS = (
    "id",
    "payment_id",
    "reference",
    "status",
    "fils",
    "refunded_fils",
    "reason",
    "opened_at",
    "ended_at",
)
MESSAGE_COLUMNS = (
    "id",
    "gateway",
    "event_id",
    "kind",
    "payment_id",
    "fils",
    "status",
    "note",
    "received_at",
    "attempts",
)
_ITEM_COLUMNS = (
    "id",
    "payment_id",
    "service",
    "bill_id",
    "bill_reference",
    "description_en",
    "description_ar",
    "explanation_en",
    "explanation_ar",
    "fils",
    "refunded_fils",
    "state",
)

Row = Mapping[str, Any]


def sees_all(viewer: Viewer) -> bool:
    """Return whether the viewer may see other people's payments."""
    return any(viewer.can(f"payments.{deed}") for deed in ("read", "refund", "approve"))


async def seen_payments(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return the payments among ``ids`` that exist and that the viewer may see."""
    query = Payment.filter(id__in=list(ids))
    if not sees_all(viewer):
        query = query.filter(payer_id=viewer.person_id or "")
    return {row["id"]: row for row in await query.values(*PAYMENT_COLUMNS)}


async def seen_refunds(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return the refunds among ``ids`` that exist and that the viewer may see."""
    query = Refund.filter(id__in=list(ids))
    if not sees_all(viewer):
        query = query.filter(Q(payment__payer_id=viewer.person_id or ""))
    return {row["id"]: row for row in await query.values(*REFUND_COLUMNS)}


async def followed_payment(viewer: Viewer, payment_id: str) -> str:
    """Return the raw id of a payment that the viewer may follow.

    Raises:
        Forbidden: there is none, or it is not the viewer's to see; which of the two is not told.
    """
    parts = split_id(payment_id)
    if parts is None or parts[0] != "Payment" or not await seen_payments(viewer, [parts[1]]):
        raise Forbidden
    return parts[1]


async def payments_of(person_id: str, first: int, after: str | None) -> Page:
    """Return a page of somebody's payments, newest first."""
    query = Payment.filter(payer_id=person_id)
    return await keyset_page(
        query, order=("-created_at", "-id"), first=first, after=after, columns=PAYMENT_COLUMNS
    )


async def refunds_of(payment_id: str, first: int, after: str | None) -> Page:
    """Return a page of a payment's refunds, newest first."""
    query = Refund.filter(payment_id=payment_id)
    return await keyset_page(
        query, order=("-created_at", "-id"), first=first, after=after, columns=REFUND_COLUMNS
    )


async def refunds_with(statuses: Collection[str] | None, first: int, after: str | None) -> Page:
    """Return a page of all refunds in some states, newest first."""
    query = Refund.all() if statuses is None else Refund.filter(status__in=list(statuses))
    return await keyset_page(
        query, order=("-created_at", "-id"), first=first, after=after, columns=REFUND_COLUMNS
    )


async def seen_disputes(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return the disputes among ``ids`` that exist and that the viewer may see."""
    query = Dispute.filter(id__in=list(ids))
    if not sees_all(viewer):
        query = query.filter(Q(payment__payer_id=viewer.person_id or ""))
    return {row["id"]: row for row in await query.values(*DISPUTE_COLUMNS)}


async def disputes_of(payment_id: str, first: int, after: str | None) -> Page:
    """Return a page of a payment's disputes, newest first."""
    return await _disputes(Dispute.filter(payment_id=payment_id), first, after)


async def disputes_with(statuses: Collection[str] | None, first: int, after: str | None) -> Page:
    """Return a page of all disputes in some states, newest first."""
    query = Dispute.all() if statuses is None else Dispute.filter(status__in=list(statuses))
    return await _disputes(query, first, after)


async def _disputes(query: QuerySet[Dispute], first: int, after: str | None) -> Page:
    return await keyset_page(
        query, order=("-opened_at", "-id"), first=first, after=after, columns=DISPUTE_COLUMNS
    )


async def seen_messages(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return the gateways' messages among ``ids``, for those who may see all payments."""
    if not sees_all(viewer):
        return {}
    query = GatewayMessage.filter(id__in=list(ids))
    return {row["id"]: row for row in await query.values(*MESSAGE_COLUMNS)}


async def messages_in_alarm(first: int, after: str | None) -> Page:
    """Return a page of the messages that were put aside with an alarm, newest first."""
    return await keyset_page(
        GatewayMessage.filter(status=MessageStatus.ALARM.value),
        order=("-received_at", "-id"),
        first=first,
        after=after,
        columns=MESSAGE_COLUMNS,
    )


async def items_by_payment(payment_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the items of payments, in the order of their baskets, in one statement."""
    found: dict[str, list[Row]] = {payment_id: [] for payment_id in payment_ids}
    query = PaymentItem.filter(payment_id__in=list(found)).order_by("payment_id", "position")
    for row in await query.values(*_ITEM_COLUMNS):
        found[row["payment_id"]].append(row)
    return found


async def presented(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Return the GraphQL objects of (service, bill id) bills, with one call a service."""
    asked: dict[str, list[str]] = {}
    for service, bill_id in dict.fromkeys(keys):
        asked.setdefault(service, []).append(bill_id)

    async def ask(service: str, ids: list[str]) -> Mapping[str, Any]:
        payable = desk().by_service.get(service)
        return await payable.present(ids) if payable else {}

    answers = await asyncio.gather(*(ask(service, ids) for service, ids in asked.items()))
    return {
        (service, bill_id): shown
        for service, found in zip(asked, answers, strict=True)
        for bill_id, shown in found.items()
    }


async def receipt(number: str) -> tuple[Row, list[Row]] | None:
    """Return the payment behind a receipt's number, and the items whose bills it paid.

    One that was held is among them from the first, whether or not its service has taken it since.
    """
    columns = (
        "id",
        "fils",
        "refunded_fils",
        "receipt_number",
        "receipt_code",
        "receipt_at",
        "paid_at",
    )
    found = await Payment.filter(receipt_number=number).values(*columns)
    if not found:
        return None
    paid = PaymentItem.filter(
        Q(state=ItemState.SETTLED.value) | Q(held_at__isnull=False), payment_id=found[0]["id"]
    )
    items = await paid.order_by("position").values("service", "fils", "refunded_fils")
    return found[0], list(items)
