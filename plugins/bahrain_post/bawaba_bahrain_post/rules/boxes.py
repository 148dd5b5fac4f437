"""When a post box is to be renewed, what that costs, and when it closes. Pure.

Days are calendar days where the services are; ``expires_on`` is the last day that is paid.
"""

from __future__ import annotations

import datetime as dt

from bawaba.text import Text

from bawaba_bahrain_post.domain import BOX, BoxEvent, BoxTerms, Line, PostBoxStatus, Price

_FEBRUARY, _LEAP_DAY = 2, 29
_ONE_DAY = dt.timedelta(days=1)
_ON_ITS_WAY = dt.timedelta(days=1)
"""After the last day of grace: money that was captured on it may still arrive."""
_RENT = Text("Rent from {since} through {until}.", "إيجار من {since} حتى {until}.")
_SURCHARGE = Text("Surcharge for renewing after {expires}.", "رسم إضافي للتجديد بعد {expires}.")
_CLOSED = Text(
    "The box was closed after its grace period ended on {day}; it cannot be renewed.",
    "أُغلق الصندوق بعد انتهاء فترة السماح في {day}؛ ولا يمكن تجديده.",
)


def year_later(day: dt.date, years: int = 1) -> dt.date:
    """Return the same day of another year; 29 February becomes 28 February."""
    leap = (day.month, day.day) == (_FEBRUARY, _LEAP_DAY)
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def closes_on(expires_on: dt.date, terms: BoxTerms) -> dt.date:
    """Return the last day of grace."""
    return expires_on + dt.timedelta(days=terms.grace_days)


def next_step_on(status: PostBoxStatus, expires_on: dt.date, terms: BoxTerms) -> dt.date | None:
    """Return the day on which time alone moves the box on; None: never.

    A box is closed a day after it can be paid no more, for the money that is on its way then.
    """
    return {
        PostBoxStatus.ACTIVE: expires_on - dt.timedelta(days=terms.notice_days),
        PostBoxStatus.DUE: expires_on + _ONE_DAY,
        PostBoxStatus.GRACE: closes_on(expires_on, terms) + _ONE_DAY + _ON_ITS_WAY,
    }.get(status)


def steps(
    status: PostBoxStatus, expires_on: dt.date, terms: BoxTerms, day: dt.date
) -> list[BoxEvent]:
    """Return what has happened to a box by ``day``, in order, because time went by."""
    by_time = {
        PostBoxStatus.ACTIVE: BoxEvent.RENEWAL_OPENED,
        PostBoxStatus.DUE: BoxEvent.EXPIRED,
        PostBoxStatus.GRACE: BoxEvent.GRACE_ENDED,
    }
    taken = []
    while (on := next_step_on(status, expires_on, terms)) is not None and on <= day:
        taken.append(by_time[status])
        status = BOX.next(status, by_time[status])
    return taken


def price(rent: int, expires_on: dt.date, terms: BoxTerms, day: dt.date) -> Price:
    """Return what renewing costs on ``day``: the year after ``expires_on``, whenever it is paid."""
    since, until = expires_on + _ONE_DAY, year_later(expires_on)
    lines = [Line(_RENT.fill(since=since.isoformat(), until=until.isoformat()), rent)]
    if day > expires_on and terms.surcharge:
        lines.append(Line(_SURCHARGE.fill(expires=expires_on.isoformat()), terms.surcharge))
    last = closes_on(expires_on, terms)
    closed = _CLOSED.fill(day=last.isoformat()) if day > last else None
    due_on = expires_on if day <= expires_on else last
    return Price(sum(line.fils for line in lines), tuple(lines), due_on, closed)
