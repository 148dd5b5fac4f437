"""Tell the agencies, after the commit and as often as it takes: jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import ItemState, RefundStatus
from bawaba.host.payments.models import Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.services.batch import settled_item
from bawaba.host.payments.services.returning import reversed_item

_GONE = (RefundStatus.SUCCEEDED, RefundStatus.REVERSED)


async def deliver(payload: Mapping[str, Any]) -> None:
    """Tell one agency of the settled items of one payment: the job ``payments.deliver``.

    Raises:
        AgencyUnavailable: the job is tried again.
    """
    payment = await Payment.get(id=payload["payment"])
    items = await PaymentItem.filter(
        payment_id=payment.id, service=payload["service"], state=ItemState.SETTLED.value
    ).order_by("position")
    await (
        desk()
        .by_service[payload["service"]]
        .deliver([settled_item(payment, item) for item in items])
    )


async def deliver_reversal(payload: Mapping[str, Any]) -> None:
    """Tell one agency of one refund: the job ``payments.deliver_reversal``.

    Of what its service has noted, also where the payer's bank sent the money back since: the bill
    stays undone.

    Raises:
        AgencyUnavailable: the job is tried again.
    """
    refund = await Refund.get(id=payload["refund"])
    ended_at = refund.ended_at
    if RefundStatus(refund.status) not in _GONE or ended_at is None:
        return
    noted = await RefundLine.filter(refund_id=refund.id, held=False)
    lines = {str(line.item_id): line for line in noted}
    items = await PaymentItem.filter(
        id__in=list(lines), service=payload["service"], state=ItemState.SETTLED.value
    ).order_by("position")
    await (
        desk()
        .by_service[payload["service"]]
        .deliver_reversal([reversed_item(item, lines[item.id], ended_at) for item in items])
    )
