"""What payments say that a gateway moved, for whoever reconciles its files with the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tortoise.expressions import Q

from bawaba.host.payments.domain import RefundKind, RefundStatus
from bawaba.host.payments.models import Payment, Refund
from bawaba.settlement import LineKind, Movement

_SUCCEEDED, _REVERSED = RefundStatus.SUCCEEDED.value, RefundStatus.REVERSED.value


async def movements(
    gateway: str, references: Sequence[str], payment_ids: Sequence[str]
) -> list[Movement]:
    """Return captures and refunds of payments; see :func:`bawaba.settlement.movements`.

    Two statements. The journals' references are those that settlement gives them. A second charge
    is a payment of its own here, and the first one's at the gateway.
    """
    wanted = Q(id__in=list(payment_ids)) if payment_ids else Q(id="")
    if references:
        wanted |= Q(gateway_reference__in=list(references))
    rows = (
        await Payment.filter(wanted, gateway=gateway, captured_fils__gt=0)
        .order_by("id")
        .values(
            "id",
            "gateway_reference",
            "captured_fils",
            "paid_at",
            "last_event_at",
            "created_at",
            "double_of",
        )
    )
    payments = {row["id"]: row for row in rows}
    found = [_capture(row) for row in rows]
    refunds = (
        await Refund.filter(payment_id__in=list(payments), status__in=[_SUCCEEDED, _REVERSED])
        .filter(kind=RefundKind.REFUND.value)
        .order_by("payment_id", "id")
        .values("id", "payment_id", "fils", "created_at", "ended_at", "status")
        if payments
        else []
    )
    found += [_refund(row, payments[row["payment_id"]]) for row in refunds]
    back = [row for row in refunds if row["status"] == _REVERSED]
    return found + [_came_back(row, payments[row["payment_id"]]) for row in back]


def _capture(row: dict[str, Any]) -> Movement:
    return Movement(
        kind=LineKind.CAPTURE,
        gateway_reference=row["gateway_reference"] or "",
        payment_id=row["id"],
        refund_id=None,
        fils=row["captured_fils"],
        occurred_at=row["paid_at"] or row["last_event_at"] or row["created_at"],
        journal_reference=f"payment:{row['id']}:capture",
        known_as=row["double_of"],
    )


def _refund(row: dict[str, Any], payment: dict[str, Any]) -> Movement:
    return Movement(
        kind=LineKind.REFUND,
        gateway_reference=payment["gateway_reference"] or "",
        payment_id=row["payment_id"],
        refund_id=row["id"],
        fils=-row["fils"],
        occurred_at=row["ended_at"] or row["created_at"],
        journal_reference=f"refund:{row['id']}",
        known_as=payment["double_of"],
    )


def _came_back(row: dict[str, Any], payment: dict[str, Any]) -> Movement:
    gone = _refund(row, payment)
    return replace(
        gone,
        kind=LineKind.REFUND_REVERSED,
        fils=-gone.fils,
        journal_reference=f"{gone.journal_reference}:reversed",
    )
