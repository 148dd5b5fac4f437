"""Bahrain's calendar to begin with: the official holidays as the `holidays` package has them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays

from bawaba_tawasul.clock.calendar import EPOCH, Holiday, Hours, Version

__all__ = ["starting_versions"]

_SUNDAY_TO_THURSDAY = frozenset({6, 0, 1, 2, 3})
_HOURS = Hours(_SUNDAY_TO_THURSDAY, dt.time(7), dt.time(14, 15))


@lru_cache(maxsize=4)
def starting_versions(first_year: int, last_year: int) -> tuple[Version, ...]:
    """Return the calendar that amendments begin from: one version from 2007 on.

    Work is Sunday to Thursday, 07:00 to 14:15. Days that depend on the moon are computed, until
    an amendment announces them. Compensated days are not listed: calendars compute them.
    """
    years = range(max(first_year, EPOCH.year), last_year + 1)
    english, arabic = (
        holidays.country_holidays(
            "BH", years=years, language=language, observed=False, islamic_show_estimated=False
        )
        for language in ("en_US", "ar")
    )
    days = tuple(Holiday(day, name, arabic[day]) for day, name in sorted(english.items()))
    return (Version(EPOCH, (_HOURS,), days),)
