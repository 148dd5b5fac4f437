"""The calendar of leave: weekends, and the holidays that are expected or were announced.

Expected holidays are those of the `holidays` package for Bahrain, days that compensate for a
weekend included; those that depend on the moon are estimates. Announcements, which are data,
overrule them day by day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import holidays
from bawaba.text import Text

__all__ = ["WEEKEND", "Calendar", "expected"]

WEEKEND = frozenset({4, 5})
"""Friday and Saturday, as ``date.weekday`` counts."""


@lru_cache(maxsize=64)
def expected(year: int) -> Mapping[dt.date, Text]:
    """Return the holidays that are expected in a year, with their names."""
    english, arabic = (
        holidays.country_holidays("BH", years=year, language=language)
        for language in ("en_US", "ar")
    )
    return {day: Text(name, arabic[day]) for day, name in english.items() if day.year == year}


@dataclass(frozen=True)
class Calendar:
    """What counts as a working day. ``announced``: True, a day off; False, a working day."""

    announced: Mapping[dt.date, bool] = field(default_factory=dict)

    def is_working(self, day: dt.date) -> bool:
        """Return whether a day of leave on ``day`` is drawn from the balance."""
        return day.weekday() not in WEEKEND and not self.is_holiday(day)

    def is_holiday(self, day: dt.date) -> bool:
        """Return whether ``day`` is an official holiday."""
        said = self.announced.get(day)
        return day in expected(day.year) if said is None else said

    def working_days(self, first: dt.date, last: dt.date) -> int:
        """Return how many working days lie from ``first`` to ``last``, both in."""
        span = (last - first).days + 1
        return sum(self.is_working(first + dt.timedelta(days=n)) for n in range(span))
