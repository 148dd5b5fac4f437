"""From a bill to a disconnected supply: when each step falls due, and what stops it.

Days count from the day of the oldest bill that was open when the round began. A step never comes
sooner than ``gap_days`` after the one before, so that whoever was warned late has time to pay.
Supplies are cut on working days alone, and early enough to be connected again the same day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bawaba.calendar import Calendar

from bawaba_payments_ewa.domain import DunningEvent, DunningRule, EwaDunningStatus, Open

RUNNING = frozenset(EwaDunningStatus) - {EwaDunningStatus.CLEAR, EwaDunningStatus.RECONNECTION_DUE}
"""The states in which a payment stops something."""


def next_step(  # noqa: PLR0913, PLR0917  one argument a fact that the day hangs on
    state: EwaDunningStatus,
    since: dt.date,
    stepped_on: dt.date,
    today: dt.date,
    rule: DunningRule,
    days: Calendar,
) -> tuple[DunningEvent, dt.date] | None:
    """Return the next step by the calendar and its day; None where none follows.

    Warnings count every day; the order to disconnect waits for a working day.

    Args:
        since: the day of the bill; ``stepped_on``: the day of the step before.
    """
    steps = {
        EwaDunningStatus.BILLED: (DunningEvent.REMIND, rule.remind_day, 0),
        EwaDunningStatus.REMINDED: (DunningEvent.WARN, rule.final_day, rule.gap_days),
        EwaDunningStatus.FINAL_NOTICE: (DunningEvent.FALL_DUE, rule.disconnect_day, rule.gap_days),
    }
    if state not in steps:
        return None
    event, after, gap = steps[state]
    day = max(since + dt.timedelta(days=after), stepped_on + dt.timedelta(days=gap))
    if event is DunningEvent.FALL_DUE:
        day = days.first_working(max(day, today))
    return event, day


def cut_from(local: dt.datetime, rule: DunningRule, days: Calendar) -> dt.datetime:
    """Return the first instant, ``local`` or later, at which a supply may be cut; local time."""
    day = local.date()
    if local.time() >= rule.disconnect_until:
        day += dt.timedelta(days=1)
    day = days.first_working(day)
    return max(local, dt.datetime.combine(day, rule.disconnect_from, local.tzinfo))


def overdue(charges: Sequence[Open], today: dt.date) -> int:
    """Return how much of the charges is past its last day, in fils."""
    return sum(charge.fils for charge in charges if charge.due_on < today)


def may_step(event: DunningEvent, charges: Sequence[Open], today: dt.date) -> bool:
    """Return whether a step may be taken: nobody is threatened while nothing is overdue yet.

    A bill that reached the platform late, or with a long time to pay, may be older than the day of
    a step and still be in time.
    """
    return event is DunningEvent.REMIND or overdue(charges, today) > 0


def is_stopped(charges: Sequence[Open], since: dt.date, today: dt.date, rule: DunningRule) -> bool:
    """Return whether what is still open lets the round that began with ``since`` end.

    By ``OVERDUE`` the bills of the round and all that is past its last day must be paid; by
    ``ALL`` everything.
    """
    if rule.stops == "ALL":
        return not any(charge.fils for charge in charges)
    concerned = [c for c in charges if c.issued_on <= since or c.due_on < today]
    return not any(charge.fils for charge in concerned)


def begins_with(charges: Sequence[Open]) -> dt.date | None:
    """Return the day of the oldest open bill, from which a new round counts; None: all is paid."""
    return min((charge.issued_on for charge in charges if charge.fils), default=None)
