"""Up to which day the books are closed."""

from __future__ import annotations

import datetime as dt

from bawaba import db

from bawaba_accounting.domain.closing import PeriodStatus
from bawaba_accounting.services.sql import day

__all__ = ["closed_through"]


async def closed_through() -> dt.date | None:
    """Return the last day of the closed months, into which nothing is booked any more.

    Asked under the lock of the chain's head, which whoever closes a month takes too.
    """
    rows = await db.fetch(
        "SELECT MAX(ends_on) AS day FROM accounting_period WHERE status <> $1",
        PeriodStatus.OPEN.value,
    )
    return None if rows[0]["day"] is None else day(rows[0]["day"])
