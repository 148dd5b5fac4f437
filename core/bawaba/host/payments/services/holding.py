"""What a service failed to do while a payment was settled, done later and bill by bill: jobs.

The money of such a bill is held, the bill is claimed, and everybody else's bills are settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import catalogue
from bawaba.db import locked, transaction
from bawaba.host.payments.accounts import HELD
from bawaba.host.payments.domain import ItemState, UpdateKind
from bawaba.host.payments.models import Payment, PaymentItem, Refund, RefundLine
from bawaba.host.payments.services import capturing, returning, writing
from bawaba.host.payments.services.batch import Batch
from bawaba.ledger import Journal, Posting, Side
from bawaba.runtime import now, today
from bawaba.text import Text


async def settle_held(payload: Mapping[str, Any]) -> None:
    """Settle one held bill: the job ``payments.settle``.

    Raises:
        ServiceFailedError: the job is tried again, and in the end waits for an operator.
    """
    known = await PaymentItem.get(id=payload["item"])
    agencies = await _agencies()
    async with transaction():
        batch, payment, item = await _locked(agencies, known)
        if item.state != ItemState.HELD.value:
            return
        capturing.settle_items(batch, payment, [item])
        batch.journals.append(_settlement(batch, payment, item))
        batch.news.append((payment.id, UpdateKind.BILLS_SETTLED.value))
        await writing.write(batch)


async def note_reversal(payload: Mapping[str, Any]) -> None:
    """Have one bill's service note what went back of it: the job ``payments.note_reversal``.

    Raises:
        ServiceFailedError: the job is tried again, and in the end waits for an operator.
    """
    line = await RefundLine.get(id=payload["line"])
    known = await PaymentItem.get(id=line.item_id)
    agencies = await _agencies()
    async with transaction():
        batch, _, item = await _locked(agencies, known)
        line = await RefundLine.get(id=line.id)
        if not line.held:
            return
        line.held = False
        batch.changed_lines.append(line)
        refund = await Refund.get(id=line.refund_id)
        returning.note(batch, item, line, refund.ended_at or batch.at)
        await writing.write(batch)


async def _agencies() -> dict[str, str]:
    return {code: service.agency for code, service in (await catalogue.services()).items()}


async def _locked(
    agencies: Mapping[str, str], known: PaymentItem
) -> tuple[Batch, Payment, PaymentItem]:
    """Lock a payment, which is what guards its items, then read the item."""
    payment = await locked(Payment.filter(id=known.payment_id)).get()
    item = await PaymentItem.get(id=known.id)
    batch = Batch(now(), agencies, payments={payment.id: payment}, items={payment.id: [item]})
    return batch, payment, item


def _settlement(batch: Batch, payment: Payment, item: PaymentItem) -> Journal:
    """What was held is owed to whom the service says, from today on."""
    return Journal(
        reference=returning.settlement_reference(item),
        kind="SETTLEMENT",
        description=Text(
            f"Payment {payment.reference}, {item.bill_reference}",
            f"عملية الدفع {payment.reference}، {item.bill_reference}",
        ),
        effective_on=today(),
        postings=[Posting(HELD.code, Side.DEBIT, item.fils), *capturing.credits_of(item)],
        activities=[capturing.activity_of(batch, payment, item)],
        payment_id=payment.id,
    )
