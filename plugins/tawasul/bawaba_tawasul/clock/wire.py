"""Calendars as JSON, as amendments are stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bawaba_tawasul.clock.calendar import Holiday, Hours

__all__ = ["holidays_from_json", "holidays_to_json", "hours_from_json", "hours_to_json"]


def hours_to_json(hours: Sequence[Hours]) -> list[dict[str, Any]]:
    """Return hours as JSON; times and days in ISO 8601."""
    return [
        {
            "weekdays": sorted(each.weekdays),
            "opens": each.opens.isoformat(),
            "closes": each.closes.isoformat(),
            "first": each.first and each.first.isoformat(),
            "last": each.last and each.last.isoformat(),
        }
        for each in hours
    ]


def hours_from_json(content: Any) -> tuple[Hours, ...]:
    """Return the hours of :func:`hours_to_json`."""
    return tuple(
        Hours(
            frozenset(each["weekdays"]),
            dt.time.fromisoformat(each["opens"]),
            dt.time.fromisoformat(each["closes"]),
            _day(each["first"]),
            _day(each["last"]),
        )
        for each in content
    )


def holidays_to_json(holidays: Sequence[Holiday]) -> list[dict[str, Any]]:
    """Return holidays as JSON."""
    return [
        {
            "on": each.on.isoformat(),
            "nameEn": each.name_en,
            "nameAr": each.name_ar,
        }
        for each in holidays
    ]


def holidays_from_json(content: Any) -> tuple[Holiday, ...]:
    """Return the holidays of :func:`holidays_to_json`."""
    return tuple(
        Holiday(dt.date.fromisoformat(each["on"]), each["nameEn"], each["nameAr"])
        for each in content
    )


def _day(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)
