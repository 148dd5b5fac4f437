"""How a leave counts: in working days of the official calendar."""

from __future__ import annotations

import datetime as dt

from bawaba.calendar import Calendar

__all__ = ["working_days"]


def working_days(calendar: Calendar, first: dt.date, last: dt.date) -> int:
    """Return how many working days lie from ``first`` to ``last``, both in."""
    span = (last - first).days + 1
    return sum(calendar.is_working(first + dt.timedelta(days=n)) for n in range(span))
