"""Working days: weekends, and the official holidays that are expected or were announced.

Expected holidays are those of the `holidays` package for Bahrain; those that depend on the moon
are estimates. Announcements, which are data of the plugin that provides them
(``provide_holidays``), overrule them day by day. A holiday on a weekend is compensated on the next
working day.

The package takes a third of a second to find a country for the first time: it is imported by name
here, when the process starts, so that no request waits for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from holidays.countries.bahrain import Bahrain

from bawaba.runtime import current
from bawaba.text import Text

__all__ = ["REACH", "WEEKEND", "Announcements", "Calendar", "between", "expected"]

WEEKEND = frozenset({4, 5})
"""Friday and Saturday, as ``date.weekday`` counts."""
REACH = dt.timedelta(days=30)
"""A holiday is compensated sooner than this: how far an announcement may reach."""
Announcements = Callable[[dt.date, dt.date], Awaitable[Mapping[dt.date, bool]]]
"""Answers what was announced from one day to another, both in. True: a day off; False: none."""
_DAY = dt.timedelta(days=1)
_Said = frozenset[tuple[dt.date, bool]]


@lru_cache(maxsize=64)
def expected(year: int) -> Mapping[dt.date, Text]:
    """Return the holidays that are expected in a year, with their names; none compensated."""
    english, arabic = (
        Bahrain(years=year, language=language, observed=False) for language in ("en_US", "ar")
    )
    return {day: Text(name, arabic[day]) for day, name in english.items() if day.year == year}


@lru_cache(maxsize=256)
def _off(year: int, announced: _Said) -> frozenset[dt.date]:
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
        """Return whether offices are open on ``day``."""
        return day.weekday() not in WEEKEND and not self.is_holiday(day)

    def is_holiday(self, day: dt.date) -> bool:
        """Return whether ``day`` is an official holiday, or compensates for one."""
        return day in _off(day.year, frozenset(self.announced.items()))

    def first_working(self, day: dt.date) -> dt.date:
        """Return ``day`` itself, or the first working day after it."""
        while not self.is_working(day):
            day += _DAY
        return day


async def between(first: dt.date, last: dt.date) -> Calendar:
    """Return the calendar with all that was announced and bears on ``first`` to ``last``.

    Beyond ``last`` it knows only what is expected. Reads rows; may be called in a transaction.
    """
    announced = current().announced
    return Calendar({} if announced is None else await announced(first - REACH, last))
