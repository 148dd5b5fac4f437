"""What payments say that a gateway moved, for whoever reconciles its files with the books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.expressions import Q

from bawaba.host.payments.domain import RefundStatus
from bawaba.host.payments.models import Payment, Refund
from bawaba.settlement import LineKind, Movement


async def movements(
    gateway: str, references: Sequence[str], payment_ids: Sequence[str]
) -> list[Movement]:
    """Return captures and refunds of payments; see :func:`bawaba.settlement.movements`.

    Two statements. The journals' references are those that settlement gives them. A second charge
    is told as its payment's, as the gateway tells it.
    """
    ids = list(payment_ids)
    wanted = Q(id__in=ids) | Q(double_of__in=ids) if ids else Q(id="")
    if references:
        wanted |= Q(gateway_reference__in=list(references))
    rows = (
        await Payment.filter(wanted, gateway=gateway, captured_fils__gt=0)
        .order_by("id")
        .values(
            "id",
            "double_of",
            "gateway_reference",
            "captured_fils",
            "paid_at",
            "last_event_at",
            "created_at",
        )
    )
    payments = {row["id"]: row for row in rows}
    found = [_capture(row) for row in rows]
    refunds = (
        await Refund.filter(payment_id__in=list(payments), status=RefundStatus.SUCCEEDED.value)
        .order_by("payment_id", "id")
        .values("id", "payment_id", "fils", "created_at", "ended_at")
        if payments
        else []
    )
    return found + [_refund(row, payments[row["payment_id"]]) for row in refunds]


def _capture(row: dict[str, Any]) -> Movement:
    return Movement(
        kind=LineKind.CAPTURE,
        gateway_reference=row["gateway_reference"] or "",
        payment_id=row["double_of"] or row["id"],
        refund_id=None,
        fils=row["captured_fils"],
        occurred_at=row["paid_at"] or row["last_event_at"] or row["created_at"],
        journal_reference=f"payment:{row['id']}:capture",
    )


def _refund(row: dict[str, Any], payment: dict[str, Any]) -> Movement:
    return Movement(
        kind=LineKind.REFUND,
        gateway_reference=payment["gateway_reference"] or "",
        payment_id=payment["double_of"] or payment["id"],
        refund_id=row["id"],
        fils=-row["fils"],
        occurred_at=row["ended_at"] or row["created_at"],
        journal_reference=f"refund:{row['id']}",
    )
