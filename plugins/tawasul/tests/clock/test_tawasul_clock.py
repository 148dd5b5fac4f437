"""The clock against an oracle that walks minute by minute, and against its own laws."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba_tawasul.clock.bahrain import starting_versions
from bawaba_tawasul.clock.calendar import Holiday, Hours, Version, WorkingCalendar, compose
from bawaba_tawasul.clock.timeline import Pause, Run, Segment
from bawaba_tawasul.clock.wire import (
    holidays_from_json,
    holidays_to_json,
    hours_from_json,
    hours_to_json,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

ZONE = dt.timezone(dt.timedelta(hours=3))
FIRST = dt.date(2026, 2, 1)
MINUTE = dt.timedelta(minutes=1)
BASE = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
SPAN = 40 * 24 * 60
CAP = dt.timedelta(hours=9)
PROFILE = settings(max_examples=25, deadline=None)


def minutes(limit: int = SPAN) -> st.SearchStrategy[int]:
    return st.integers(0, limit)


@st.composite
def shifts(draw: Any, *, season: bool = False) -> Hours:
    opens = draw(st.integers(0, 22 * 60))
    closes = draw(st.integers(opens + 1, 24 * 60)) % (24 * 60)
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
    first = last = None
    if season:
        first = FIRST + dt.timedelta(days=draw(st.integers(0, 30)))
        last = first + dt.timedelta(days=draw(st.integers(0, 15)))
    as_time = [dt.time(m // 60, m % 60) for m in (opens, closes)]
    return Hours(weekdays, as_time[0], as_time[1], first, last)


@st.composite
def versions(draw: Any, since: dt.date = FIRST) -> Version:
    at = since + dt.timedelta(days=draw(st.integers(0, 20)))
    hours = [
        *draw(st.lists(shifts(), max_size=2)),
        *draw(st.lists(shifts(season=True), max_size=1)),
    ]
    days = draw(st.lists(st.integers(0, 25), max_size=4, unique=True))
    holidays = tuple(Holiday(at + dt.timedelta(days=d), f"Day {d}", "عطلة") for d in days)
    return Version(at, tuple(hours) or None, holidays)


@st.composite
def calendars(draw: Any) -> WorkingCalendar:
    base = Version(dt.date(2007, 1, 1), tuple(draw(st.lists(shifts(), min_size=1, max_size=3))), ())
    more = draw(st.lists(versions(), max_size=2))
    return WorkingCalendar("Asia/Bahrain", (base, *more))


def works(calendar: WorkingCalendar, instant: dt.datetime) -> bool:
    """Whether anybody works in the minute that begins at ``instant``."""
    day = instant.astimezone(ZONE).date()
    return any(start <= instant < end for start, end in calendar.intervals(day))


@PROFILE
@given(calendars(), minutes(), minutes(3 * 24 * 60))
def test_between_is_what_a_walk_counts(calendar: WorkingCalendar, start: int, length: int) -> None:
    begin = BASE + start * MINUTE
    counted = sum(works(calendar, begin + n * MINUTE) for n in range(length))
    assert calendar.between(begin, begin + length * MINUTE) == counted * MINUTE


@PROFILE
@given(calendars(), minutes(), minutes(6_000))
def test_adding_and_measuring_are_inverses(
    calendar: WorkingCalendar, start: int, length: int
) -> None:
    begin, span = BASE + start * MINUTE, length * MINUTE
    end = calendar.add(begin, span)
    assert calendar.between(begin, end) == span
    # It is the first such instant: a second earlier not all was worked.
    if length:
        assert calendar.between(begin, end - dt.timedelta(seconds=1)) < span
    later = end + start * MINUTE
    assert calendar.between(begin, calendar.add(begin, calendar.between(begin, later))) == (
        calendar.between(begin, later)
    )
    assert calendar.add(begin, calendar.between(begin, later)) <= max(
        later, calendar.next_working(begin)
    )


@PROFILE
@given(calendars(), minutes())
def test_the_next_working_instant(calendar: WorkingCalendar, start: int) -> None:
    begin = BASE + start * MINUTE
    found = calendar.next_working(begin)
    assert works(calendar, found)
    assert calendar.between(begin, found) == dt.timedelta()
    assert works(calendar, begin) == (found == begin)


@st.composite
def runs(draw: Any) -> Run:
    """A run over one or two calendars with some pauses, the last perhaps open."""
    cuts = sorted(draw(st.lists(minutes(), min_size=2, max_size=9, unique=True)))
    instants = [BASE + cut * MINUTE for cut in cuts]
    segments = [Segment(instants[0], draw(calendars()))]
    if draw(st.booleans()):
        segments.append(Segment(draw(st.sampled_from(instants)), draw(calendars())))
    rest, pauses = instants[1:], []
    while rest:
        since, rest = rest[0], rest[1:]
        until = rest[0] if rest else None
        capped = until is None or draw(st.booleans())
        pauses.append(Pause(since, until, capped=capped))
        rest = rest[1:]
    if not draw(st.booleans()):
        pauses = [pause for pause in pauses if pause.until is not None]
    return Run(tuple(segments), instants[0], tuple(pauses), draw(st.sampled_from([CAP, CAP * 0])))


def worked(run: Run, at: dt.datetime) -> dt.timedelta:
    """All working time from the start of a run, pauses or not."""
    return Run(run.segments, run.started_at, (), run.cap).elapsed(at)


@PROFILE
@given(runs(), minutes(SPAN + 5_000), minutes(3_000))
def test_pauses_never_lose_time(run: Run, start: int, length: int) -> None:
    at, later = BASE + start * MINUTE, BASE + (start + length) * MINUTE
    assert run.elapsed(at) + run.stood(at) == worked(run, at)
    assert run.elapsed(at) <= run.elapsed(later)
    assert run.elapsed(later) - run.elapsed(at) <= later - at
    capped = Run(run.segments, run.started_at, run.pauses, run.cap)
    uncapped = sum(not pause.capped for pause in run.pauses)
    if not uncapped:
        assert capped.stood(later) <= run.cap


@PROFILE
@given(runs(), minutes(5_000))
def test_a_deadline_is_the_instant_at_which_all_is_spent(run: Run, target: int) -> None:
    found = run.reaches(target * MINUTE)
    assert run.elapsed(found) == target * MINUTE
    if target:
        assert run.elapsed(found - dt.timedelta(seconds=1)) < target * MINUTE
    ends = run.pause_ends()
    if ends is not None:
        assert run.is_paused(ends) is False
        assert ends >= run.pauses[-1].since


@PROFILE
@given(runs(), minutes(5_000), minutes())
def test_cutting_changes_nothing(run: Run, target: int, where: int) -> None:
    cut = BASE + where * MINUTE
    last = run.segments[-1]
    assume(cut > last.since)
    twice = Run((*run.segments, Segment(cut, last.calendar)), run.started_at, run.pauses, run.cap)
    assert twice.reaches(target * MINUTE) == run.reaches(target * MINUTE)
    halves: list[Pause] = []
    for pause in run.pauses:
        inside = pause.since < cut and (pause.until is None or cut < pause.until)
        if inside:
            halves += [
                Pause(pause.since, cut, capped=pause.capped),
                Pause(cut, pause.until, capped=pause.capped),
            ]
        else:
            halves.append(pause)
    parted = Run(run.segments, run.started_at, tuple(halves), run.cap)
    assert parted.reaches(target * MINUTE) == run.reaches(target * MINUTE)


@PROFILE
@given(
    st.lists(shifts(), min_size=1, max_size=2),
    st.lists(versions(), max_size=3),
    minutes(),
    minutes(5_000),
)
def test_a_deadline_recomputed_is_one_computed_from_scratch(
    hours: list[Hours], amendments: list[Version], start: int, length: int
) -> None:
    base = Version(dt.date(2007, 1, 1), tuple(hours), ())
    begin, target = BASE + start * MINUTE, length * MINUTE
    known = WorkingCalendar("Asia/Bahrain", (base,))
    known.add(begin, target)  # asked before, compiled before: nothing of it is kept
    for place in range(len(amendments)):
        amended = (base, *amendments[: place + 1])
        grown = WorkingCalendar("Asia/Bahrain", compose((*known.versions, amendments[place]), ()))
        scratch = WorkingCalendar("Asia/Bahrain", amended)
        assert grown.add(begin, target) == scratch.add(begin, target)
        known = grown


@PROFILE
@given(calendars(), st.integers(0, 60), minutes(), minutes(5_000))
def test_a_day_off_makes_no_deadline_earlier(
    calendar: WorkingCalendar, day: int, start: int, length: int
) -> None:
    on = FIRST + dt.timedelta(days=day)
    more = Version(on, None, (Holiday(on, "A day nobody knew", "يوم"),))
    longer = WorkingCalendar("Asia/Bahrain", (*calendar.versions, more))
    begin = BASE + start * MINUTE
    assert longer.add(begin, length * MINUTE) >= calendar.add(begin, length * MINUTE)


def bahrain(*more: Version) -> WorkingCalendar:
    return WorkingCalendar("Asia/Bahrain", (*starting_versions(2007, 2030), *more))


def local(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_a_weekend_costs_nothing() -> None:
    calendar = bahrain()
    assert calendar.add(local("2026-02-12T14:00"), dt.timedelta(hours=1)) == (
        local("2026-02-15T07:45")
    )
    assert calendar.minutes_a_day(dt.date(2026, 2, 12)) == 435


def test_a_holiday_on_a_weekend_is_compensated_on_the_next_working_days() -> None:
    days = bahrain()
    # National Day of 2027 is a Thursday and a Friday: the Friday moves to the Sunday.
    off = [day for day in range(12, 23) if not days.is_working_day(dt.date(2027, 12, day))]
    assert off == [16, 17, 18, 19]
    assert days.holiday_on(dt.date(2027, 12, 19)) is not None


def test_eid_is_announced_late_and_ramadan_has_its_hours() -> None:
    eid = tuple(
        Holiday(dt.date(2027, 3, day), "Eid al-Fitr Holiday", "عيد الفطر") for day in (8, 9, 10)
    )
    expected = [h.on for h in starting_versions(2007, 2030)[0].holidays if h.key == "eid al-fitr"]
    assert any(day.year == 2027 for day in expected)
    sunday_to_thursday = frozenset({6, 0, 1, 2, 3})
    ramadan = Hours(
        sunday_to_thursday, dt.time(8), dt.time(14), dt.date(2027, 2, 8), dt.date(2027, 3, 7)
    )
    calendar = bahrain(
        Version(dt.date(2027, 2, 7), (ramadan,), ()), Version(dt.date(2027, 3, 7), None, eid)
    )
    off = [day for day in range(7, 15) if not calendar.is_working_day(dt.date(2027, 3, day))]
    assert off == [8, 9, 10, 12, 13]
    assert calendar.between(local("2027-03-07T00:00"), local("2027-03-08T00:00")) == (
        dt.timedelta(hours=6)
    )
    assert calendar.minutes_a_day(dt.date(2027, 3, 7)) == 435


def test_an_agency_has_its_own_hours_and_everybodys_holidays() -> None:
    night = Hours(frozenset({4}), dt.time(20), dt.time(0))
    own = (Version(dt.date(2026, 3, 1), (night,), ()),)
    calendar = WorkingCalendar("Asia/Bahrain", compose(starting_versions(2007, 2030), own))
    assert calendar.intervals(dt.date(2026, 3, 6)) == (
        (local("2026-03-06T20:00"), local("2026-03-07T00:00")),
    )
    assert not calendar.is_working_day(dt.date(2026, 3, 8))
    assert calendar.is_working_day(dt.date(2026, 2, 26))


def test_what_makes_no_calendar() -> None:
    sunday = frozenset({6})
    with pytest.raises(ValueError, match="close after"):
        Hours(sunday, dt.time(9), dt.time(9))
    with pytest.raises(ValueError, match="before it"):
        Version(dt.date(2026, 2, 2), None, (Holiday(dt.date(2026, 2, 1), "Day", "يوم"),))
    season = Hours(sunday, dt.time(8), dt.time(9), dt.date(2026, 1, 1), dt.date(2026, 1, 2))
    idle = WorkingCalendar("Asia/Bahrain", (Version(dt.date(2007, 1, 1), (season,), ()),))
    with pytest.raises(ValueError, match="no working time"):
        idle.add(BASE, MINUTE)
    with pytest.raises(ValueError, match="no working time"):
        idle.next_working(BASE)
    with pytest.raises(OverflowError):
        bahrain().worked(dt.datetime(2201, 6, 1, tzinfo=dt.UTC))


@given(st.lists(shifts(), max_size=3), st.lists(shifts(season=True), max_size=2), versions())
def test_amendments_are_stored_as_json(
    week: list[Hours], seasons: list[Hours], version: Version
) -> None:
    hours = (*week, *seasons)
    assert hours_from_json(hours_to_json(hours)) == hours
    assert holidays_from_json(holidays_to_json(version.holidays)) == version.holidays
