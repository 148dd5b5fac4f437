"""The calendar of leave: weekends, and the holidays that are expected or were announced.

Expected holidays are those of the `holidays` package for Bahrain; those that depend on the moon
are estimates. Announcements, which are data, overrule them day by day. A holiday on a weekend is
compensated on the next working day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import holidays
from bawaba.text import Text

__all__ = ["COMPENSATED_WITHIN", "WEEKEND", "Calendar", "expected"]

WEEKEND = frozenset({4, 5})
"""Friday and Saturday, as ``date.weekday`` counts."""
COMPENSATED_WITHIN = dt.timedelta(days=30)
"""A holiday is compensated sooner than this: how far an announcement may reach."""
_DAY = dt.timedelta(days=1)
Announced = frozenset[tuple[dt.date, bool]]


@lru_cache(maxsize=64)
def expected(year: int) -> Mapping[dt.date, Text]:
    """Return the holidays that are expected in a year, with their names; none compensated."""
    english, arabic = (
        holidays.country_holidays("BH", years=year, language=language, observed=False)
        for language in ("en_US", "ar")
    )
    return {day: Text(name, arabic[day]) for day, name in english.items() if day.year == year}


@lru_cache(maxsize=256)
def _off(year: int, announced: Announced) -> frozenset[dt.date]:
    """Return the days off of a year, compensations of this and the last included."""
    said = dict(announced)
    near = {*expected(year - 1), *expected(year), *(day for day, is_off in said.items() if is_off)}
    named = sorted(day for day in near if said.get(day, True))
    taken = set(named)
    for day in named:
        if day.weekday() not in WEEKEND:
            continue
        instead = day + _DAY
        while instead.weekday() in WEEKEND or instead in taken:
            instead += _DAY
        if said.get(instead, True):
            taken.add(instead)
    return frozenset(day for day in taken if day.year == year)


@dataclass(frozen=True)
class Calendar:
    """What counts as a working day. ``announced``: True, a day off; False, a working day."""

    announced: Mapping[dt.date, bool] = field(default_factory=dict)

    def is_working(self, day: dt.date) -> bool:
        """Return whether a day of leave on ``day`` is drawn from the balance."""
        return day.weekday() not in WEEKEND and not self.is_holiday(day)

    def is_holiday(self, day: dt.date) -> bool:
        """Return whether ``day`` is an official holiday, or compensates for one."""
        return day in _off(day.year, frozenset(self.announced.items()))

    def working_days(self, first: dt.date, last: dt.date) -> int:
        """Return how many working days lie from ``first`` to ``last``, both in."""
        span = (last - first).days + 1
        return sum(self.is_working(first + n * _DAY) for n in range(span))
