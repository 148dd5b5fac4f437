"""Payouts: booked once their lines add up to them, and corrected by what changed later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bawaba import db, ledger, runtime
from bawaba.ledger import Outcome

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import Found, LineStatus
from bawaba_accounting.rules import differences
from bawaba_accounting.rules.differences import PayoutBooking, PayoutChange
from bawaba_accounting.services import reconciling

__all__ = ["NotBookedError", "book_payout", "parcel_of", "record_one", "settle_payouts"]


class NotBookedError(Exception):
    """The ledger refused a journal of the settlement: nothing of the import may stand."""


def parcel_of(reference: str) -> str:
    """Return the parcel under which differences of a payout stand."""
    return f"{reconciling.PAYOUT_PARCEL}{reference}"


async def settle_payouts(gateway: str, references: Iterable[str]) -> None:
    """Book payouts that agree with their lines; note a difference of the others."""
    found: dict[str, list[Found]] = {}
    for reference in sorted(references):
        difference = await _settle(gateway, reference)
        found[parcel_of(reference)] = [difference] if difference else []
    await reconciling.sync(gateway, found)


async def _settle(gateway: str, reference: str) -> Found | None:
    notice = await _notice(gateway, reference)
    booked = await models.Payout.get_or_none(gateway=gateway, reference=reference)
    if notice is None and booked is None:
        return None
    gross, fees = await _lines(gateway, reference)
    told = PayoutBooking(notice.fils if notice else 0, fees)
    on = notice.settled_on if notice else runtime.today()
    difference = differences.payout_found(reference, told, gross, on)
    if difference is None:
        await book_payout(gateway, reference)
    return difference


async def _notice(gateway: str, reference: str) -> models.PayoutNotice | None:
    """Return what the latest live file says of a payout."""
    notices = models.PayoutNotice.filter(gateway=gateway, reference=reference)
    return await notices.order_by("-settled_on", "-id").first()


async def _lines(gateway: str, reference: str) -> tuple[int, int]:
    """Return the sums of the lines of a payout, over all its files, and of their fees."""
    rows = await db.fetch(
        "SELECT CAST(COALESCE(SUM(fils), 0) AS BIGINT) AS gross, "
        "CAST(COALESCE(SUM(fee), 0) AS BIGINT) AS fees FROM accounting_statement_line "
        "WHERE gateway = $1 AND payout = $2 AND status <> $3",
        gateway,
        reference,
        LineStatus.SUPERSEDED.value,
    )
    return rows[0]["gross"], rows[0]["fees"]


async def book_payout(gateway: str, reference: str) -> None:
    """Book a payout as the gateway tells it, or what changed of it since it was booked.

    The caller holds the gateway's lock.
    """
    notice = await _notice(gateway, reference)
    _, fees = await _lines(gateway, reference)
    row = await models.Payout.get_or_none(gateway=gateway, reference=reference)
    before = PayoutBooking(row.fils, row.fees) if row else PayoutBooking(0, 0)
    now = PayoutBooking(notice.fils if notice else 0, fees)
    number = row.bookings + 1 if row else 1
    name = f"payout:{gateway}:{reference}" + (f":{number}" if row else "")
    on = notice.paid_on if notice else runtime.today()
    clearing = reconciling.clearing_account(gateway)
    change = PayoutChange(name, on, reference)
    journal = differences.payout_journal(change, clearing, before, now)
    if journal is not None:
        await record_one(journal)
    elif row is not None:
        return
    values: dict[str, Any] = {
        "fils": now.fils,
        "fees": now.fees,
        "paid_on": on,
        "bank_reference": notice.bank_reference if notice else row.bank_reference if row else "",
        "bookings": number,
        "booked_at": runtime.now(),
    }
    if row is not None:
        await models.Payout.filter(id=row.id).update(**values)
        return
    id_ = f"{gateway}:{reference}"
    await models.Payout.create(id=id_, gateway=gateway, reference=reference, **values)


async def record_one(journal: ledger.Journal) -> str:
    """Record a journal in the current transaction and return its id.

    Where its day lies in a closed period it is dated today and says of which day it is.

    Raises:
        NotBookedError: the ledger refused it.
    """
    recorded = (await ledger.record([journal]))[0]
    if recorded.outcome is Outcome.PERIOD_CLOSED:
        late = differences.dated_late(journal, runtime.today())
        recorded = (await ledger.record([late]))[0]
    if recorded.outcome is not Outcome.RECORDED or recorded.journal_id is None:
        raise NotBookedError(f"{journal.reference}: {recorded.outcome.value}")
    return recorded.journal_id
