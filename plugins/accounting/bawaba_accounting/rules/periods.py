"""Months of the books: which one comes next, and when a wish to reopen has lapsed."""

from __future__ import annotations

import calendar
import datetime as dt

from bawaba_accounting.domain.closing import PERIOD, REOPEN_WITHIN, Month, PeriodStatus
from bawaba_accounting.domain.closing import PeriodTrigger as Trigger
from bawaba_accounting.refusals import PeriodNotNext, PeriodNotOver, ReasonUnusable

__all__ = ["MAX_REASON", "check_next", "month_of", "reason_of", "status_at"]

MAX_REASON = 500


def month_of(day: dt.date) -> Month:
    """Return the month in which ``day`` lies."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Month(day.replace(day=1), day.replace(day=last))


def check_next(ends_on: dt.date, latest: dt.date | None, today: dt.date) -> Month:
    """Return the month that ends on ``ends_on``, if it is the next one to be closed.

    Args:
        latest: the last day of the closed months; None: none is closed. Then any month may be
            the first, and what came before it is closed with it.

    Raises:
        PeriodNotNext: it is no month's last day, or an older month is open, or it is closed.
        PeriodNotOver: it is not over.
    """
    month = month_of(ends_on)
    wanted = month if latest is None else month_of(latest + dt.timedelta(days=1))
    if ends_on != wanted.ends_on:
        raise PeriodNotNext("endsOn", ends_on=wanted.ends_on.isoformat())
    if ends_on >= today:
        raise PeriodNotOver("endsOn")
    return month


def status_at(
    status: PeriodStatus, requested_at: dt.datetime | None, at: dt.datetime
) -> PeriodStatus:
    """Return the status at ``at``: a wish that nobody confirmed in time has lapsed."""
    waits = PERIOD.allows(status, Trigger.LAPSE)
    if waits and requested_at is not None and at >= requested_at + REOPEN_WITHIN:
        return PERIOD.next(status, Trigger.LAPSE)
    return status


def reason_of(text: str) -> str:
    """Return a reason without blanks around it.

    Raises:
        ReasonUnusable: nothing is left, or more than ``MAX_REASON`` characters.
    """
    words = text.strip()
    if not 1 <= len(words) <= MAX_REASON:
        raise ReasonUnusable("reason")
    return words
