"""Working days: weekends, holidays and what was announced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import calendar, runtime
from bawaba.calendar import REACH, WEEKEND, Calendar, expected
from hypothesis import given
from hypothesis import strategies as st

DAY = dt.timedelta(days=1)
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


def test_nobody_works_on_weekends_and_holidays() -> None:
    days = (dt.date(2026, 12, 13) + n * DAY for n in range(7))
    # 16 and 17 December, Wednesday and Thursday, are the National Day and its eve.
    assert [day.day for day in days if Calendar().is_working(day)] == [13, 14, 15]


def test_a_holiday_on_a_weekend_is_compensated() -> None:
    # 1 May 2026 is a Friday: the Sunday after it is off in its place.
    assert dt.date(2026, 5, 1) in expected(2026)
    assert Calendar().first_working(dt.date(2026, 5, 1)) == dt.date(2026, 5, 4)
    assert Calendar({dt.date(2026, 5, 3): False}).is_working(dt.date(2026, 5, 3))


def test_announcements_overrule_what_was_expected() -> None:
    day = dt.date(2026, 12, 16)
    assert Calendar({day: False}).is_working(day)
    assert not Calendar({dt.date(2026, 12, 14): True}).is_working(dt.date(2026, 12, 14))


@given(day=days, announced=st.sets(days, max_size=5))
def test_the_first_working_day_is_the_first_and_one(day: dt.date, announced: set[dt.date]) -> None:
    known = Calendar(dict.fromkeys(announced, True))
    found = known.first_working(day)
    assert known.is_working(found)
    assert found.weekday() not in WEEKEND
    before = (day + n * DAY for n in range((found - day).days))
    assert not any(known.is_working(each) for each in before)


@pytest.mark.parametrize("off", [True, False])
async def test_the_plugin_that_announces_is_asked_far_enough_back(
    *,
    off: bool,
) -> None:
    asked = []

    async def announced(first: dt.date, last: dt.date) -> Mapping[dt.date, bool]:
        asked.append((first, last))
        return {dt.date(2026, 12, 14): off}

    bound: Any = SimpleNamespace(announced=announced)
    first, last = dt.date(2026, 12, 13), dt.date(2026, 12, 15)
    with runtime.bound(bound):
        assert (await calendar.between(first, last)).is_working(dt.date(2026, 12, 14)) is not off
    assert asked == [(first - REACH, last)], "a holiday before may be compensated inside"
    bound.announced = None
    with runtime.bound(bound):
        assert await calendar.between(first, last) == Calendar()
