"""A working calendar: weekly hours, seasons, holidays, each from a day on.

The calendar is compiled into one increasing function: the working time ``W(t)`` between a fixed
epoch and ``t``. Everything else follows: ``between(a, b)`` is ``W(b) - W(a)``, ``add(t, d)`` is the
first instant at which ``W`` is ``W(t) + d``. Instants are UTC, days are local.
"""

from __future__ import annotations

import bisect
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

__all__ = ["EPOCH", "Holiday", "Hours", "Version", "WorkingCalendar", "compose"]

EPOCH = dt.date(2007, 1, 1)
"""The first day of every calendar."""
LAST_YEAR = 2200
_DAY = dt.timedelta(days=1)
_MIDNIGHT = dt.time(0)
_NEAR = dt.timedelta(days=20)
_WEEK = 7
_SUFFIX = re.compile(r"\s*(\(.*\)|holiday)\s*$", re.IGNORECASE)
Interval = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """Work from ``opens`` to ``closes``, local time, on some weekdays (Monday is 0).

    Undated hours are the weekly pattern, several for split shifts; dated ones, ``first`` to
    ``last``, are a season that replaces the pattern on its days. ``closes`` of 00:00 is the end of
    the day.

    Raises:
        ValueError: it closes before it opens, names no weekday, or a season is half open.
    """

    weekdays: frozenset[int]
    opens: dt.time
    closes: dt.time
    first: dt.date | None = None
    last: dt.date | None = None

    def __post_init__(self) -> None:
        """Check the hours."""
        if not self.weekdays or not all(0 <= day < _WEEK for day in self.weekdays):
            raise ValueError("weekdays are 0 to 6, one at least")
        if self.closes != _MIDNIGHT and self.closes <= self.opens:
            raise ValueError("hours close after they open")
        if self.opens.tzinfo or self.closes.tzinfo or self.opens.microsecond:
            raise ValueError("hours are local times of whole seconds")
        if (self.first is None) != (self.last is None):
            raise ValueError("a season has a first and a last day")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError("a season begins before it ends")


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off."""

    on: dt.date
    name_en: str
    name_ar: str

    @property
    def key(self) -> str:
        """The name by which an announcement replaces what was expected."""
        name = self.name_en.casefold().strip()
        while (shorter := _SUFFIX.sub("", name)) != name:
            name = shorter
        return name


@dataclass(frozen=True, slots=True)
class Version:
    """One amendment: what counts from a day on. ``hours`` None: the hours in force go on.

    Undated hours replace the weekly pattern; dated ones are added as seasons, of which the later
    one wins where they overlap. Holidays are added; whoever names a holiday states all its days:
    those of the same English name within 20 days, from ``effective_from`` on, are replaced: an
    Eid that was computed beforehand by the one that is announced.

    Raises:
        ValueError: a holiday lies before ``effective_from``: the past is not amended.
    """

    effective_from: dt.date
    hours: tuple[Hours, ...] | None
    holidays: tuple[Holiday, ...]

    def __post_init__(self) -> None:
        """Check the amendment."""
        if any(day.on < self.effective_from for day in self.holidays):
            raise ValueError("a version does not alter days before it")


def compose(national: Sequence[Version], own: Sequence[Version]) -> tuple[Version, ...]:
    """Return an agency's calendar: everybody's versions, overlaid by its own.

    Holidays are the union. From the first of its own versions with a weekly pattern, the agency's
    pattern counts and later national patterns do not; seasons of both are kept.
    """
    patterns = [v.effective_from for v in own if any(h.first is None for h in v.hours or ())]
    since = min(patterns, default=None)
    kept: list[Version] = []
    for version in national:
        hours = version.hours
        if since is not None and hours is not None and version.effective_from >= since:
            hours = tuple(h for h in hours if h.first is not None) or None
        kept.append(Version(version.effective_from, hours, version.holidays))
    return (*kept, *own)


@dataclass(frozen=True, slots=True)
class _Pattern:
    since: dt.date
    hours: tuple[Hours, ...]


class WorkingCalendar:
    """A calendar, compiled year by year as it is asked.

    Args:
        timezone: an IANA name.
        versions: in any order of ``effective_from``; of equal ones the later in the sequence wins.
    """

    def __init__(self, timezone: str, versions: Iterable[Version]) -> None:
        self.timezone = timezone
        self.versions = tuple(sorted(versions, key=lambda version: version.effective_from))
        self._zone = ZoneInfo(timezone)
        self._patterns = _patterns(self.versions)
        self._seasons = _seasons(self.versions)
        self._holidays = _holidays(self.versions)
        self._off: dict[dt.date, Holiday] = {}
        self._starts: list[dt.datetime] = []
        self._ends: list[dt.datetime] = []
        self._before: list[dt.timedelta] = []
        self._total = dt.timedelta()
        self._carried: list[Holiday] = []
        self._next_day = EPOCH

    def is_working_day(self, day: dt.date) -> bool:
        """Return whether anybody works on that day."""
        return bool(self.intervals(day))

    def holiday_on(self, day: dt.date) -> Holiday | None:
        """Return the holiday, compensated ones included, for which that day is off."""
        self._compile(day)
        return self._off.get(day)

    def intervals(self, day: dt.date) -> tuple[Interval, ...]:
        """Return the working time of a local day, in UTC, in order and without overlaps.

        Raises:
            ValueError: the day is before 2007.
            OverflowError: it is after 2200.
        """
        if day < EPOCH:
            raise ValueError("the calendar begins in 2007")
        self._compile(day)
        return () if day in self._off else self._pattern_intervals(day)

    def worked(self, instant: dt.datetime) -> dt.timedelta:
        """Return the working time from the epoch to ``instant``.

        Raises:
            ValueError: it is before 2007, or has no offset.
            OverflowError: it is after 2200.
        """
        place = self._place(instant)
        if place < 0:
            return dt.timedelta()
        inside = min(instant, self._ends[place]) - self._starts[place]
        return self._before[place] + inside

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """Return the working time from ``start`` to ``end``.

        Raises:
            ValueError: ``end`` is before ``start``; and as :meth:`worked`.
        """
        if end < start:
            raise ValueError("the end is before the start")
        return self.worked(end) - self.worked(start)

    def add(self, start: dt.datetime, duration: dt.timedelta) -> dt.datetime:
        """Return the first instant from ``start`` on by which ``duration`` was worked.

        Of nothing, that is the next working instant; of what ends with a shift, its close.

        Raises:
            ValueError: ``duration`` is negative; there is no working time within some years.
        """
        if duration < dt.timedelta():
            raise ValueError("a duration is not negative")
        if not duration:
            return self.next_working(start)
        goal = self.worked(start) + duration
        self._compile_until(goal)
        place = bisect.bisect_left(self._before, goal) - 1
        return self._starts[place] + (goal - self._before[place])

    def next_working(self, instant: dt.datetime) -> dt.datetime:
        """Return ``instant`` itself inside a shift (its close not included), or the next opening.

        Raises as :meth:`add`.
        """
        place = self._place(instant)
        if place >= 0 and instant < self._ends[place]:
            return instant
        if place + 1 >= len(self._starts):
            self._compile_until(self._total + dt.timedelta(microseconds=1))
        return self._starts[place + 1]

    def minutes_a_day(self, day: dt.date) -> int:
        """Return the length of a standard working day of the weekly pattern, in whole minutes.

        It is the mean over the pattern's working weekdays. Seasons and holidays do not count.

        Raises:
            ValueError: nobody works.
        """
        lengths = [
            sum(((end - start) for start, end in _merged(found)), dt.timedelta())
            for weekday in range(_WEEK)
            if (found := _of_weekday(self._pattern(day), weekday))
        ]
        if not lengths:
            raise ValueError("nobody works")
        return int(sum(lengths, dt.timedelta()) / len(lengths) / dt.timedelta(minutes=1))

    def _place(self, instant: dt.datetime) -> int:
        """Return the index of the last interval that starts at or before ``instant``; -1: none."""
        if instant.tzinfo is None:
            raise ValueError("an instant has an offset")
        day = instant.astimezone(self._zone).date()
        if day < EPOCH:
            raise ValueError("the calendar begins in 2007")
        self._compile(day)
        return bisect.bisect_right(self._starts, instant) - 1

    def _compile(self, day: dt.date) -> None:
        """Compile every year up to that of ``day``, and the next days into which it may reach."""
        while self._next_day <= day:
            if self._next_day.year > LAST_YEAR:
                raise OverflowError("the calendar ends in 2200")
            self._compile_year(self._next_day.year)

    def _compile_until(self, goal: dt.timedelta) -> None:
        """Compile years until so much working time is there.

        Raises:
            ValueError: there is none for years.
        """
        idle = 0
        while self._total < goal:
            before = self._total
            if self._next_day.year > LAST_YEAR:
                raise ValueError("there is not so much working time")
            self._compile_year(self._next_day.year)
            idle = idle + 1 if self._total == before else 0
            if idle > 10:  # noqa: PLR2004  years without work
                raise ValueError("there is no working time")

    def _compile_year(self, year: int) -> None:
        day, end = self._next_day, dt.date(year + 1, 1, 1)
        while day < end:
            self._compile_day(day)
            day += _DAY
        self._next_day = day

    def _compile_day(self, day: dt.date) -> None:
        works = self._pattern_intervals(day)
        today = self._holidays.get(day, [])
        if today and not works:
            self._carried += today[:1]
        elif today:
            self._off[day] = today[0]
        elif works and self._carried:
            self._off[day] = self._carried.pop(0)
        if day in self._off:
            return
        for start, end in works:
            self._starts.append(start)
            self._ends.append(end)
            self._before.append(self._total)
            self._total += end - start

    def _pattern(self, day: dt.date) -> tuple[Hours, ...]:
        found: tuple[Hours, ...] = ()
        for pattern in self._patterns:
            if pattern.since > day:
                break
            found = pattern.hours
        return found

    def _hours(self, day: dt.date) -> tuple[Hours, ...]:
        for pattern in reversed(self._seasons):
            season = pattern.hours
            if pattern.since <= day and any(_covers(hours, day) for hours in season):
                return tuple(hours for hours in season if _covers(hours, day))
        return self._pattern(day)

    def _pattern_intervals(self, day: dt.date) -> tuple[Interval, ...]:
        shifts = _merged(_of_weekday(self._hours(day), day.weekday()))
        midnight = dt.datetime.combine(day, _MIDNIGHT)
        return tuple(
            (self._utc(midnight + start), self._utc(midnight + end)) for start, end in shifts
        )

    def _utc(self, local: dt.datetime) -> dt.datetime:
        return local.replace(tzinfo=self._zone).astimezone(dt.UTC)


def _covers(hours: Hours, day: dt.date) -> bool:
    return hours.first is not None and hours.last is not None and hours.first <= day <= hours.last


def _of_weekday(hours: Iterable[Hours], weekday: int) -> list[tuple[dt.timedelta, dt.timedelta]]:
    return [
        (_offset(each.opens), _offset(each.closes) or _DAY)
        for each in hours
        if weekday in each.weekdays
    ]


def _offset(time: dt.time) -> dt.timedelta:
    return dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)


def _merged(
    shifts: Iterable[tuple[dt.timedelta, dt.timedelta]],
) -> list[tuple[dt.timedelta, dt.timedelta]]:
    """Return shifts in order, those that touch or overlap as one."""
    merged: list[tuple[dt.timedelta, dt.timedelta]] = []
    for start, end in sorted(shifts):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _patterns(versions: Iterable[Version]) -> list[_Pattern]:
    found = []
    for version in versions:
        undated = tuple(hours for hours in version.hours or () if hours.first is None)
        if undated:
            found.append(_Pattern(version.effective_from, undated))
    return found


def _seasons(versions: Iterable[Version]) -> list[_Pattern]:
    found = []
    for version in versions:
        dated = [hours for hours in version.hours or () if hours.first is not None]
        for span in dict.fromkeys((hours.first, hours.last) for hours in dated):
            season = tuple(hours for hours in dated if (hours.first, hours.last) == span)
            found.append(_Pattern(version.effective_from, season))
    return found


def _holidays(versions: Iterable[Version]) -> dict[dt.date, list[Holiday]]:
    """Return the holidays that count by day: announced ones have replaced what was expected."""
    days: list[Holiday] = []
    for version in versions:
        days = [
            day
            for day in days
            if not (
                day.on >= version.effective_from
                and any(day.key == n.key and abs(day.on - n.on) <= _NEAR for n in version.holidays)
            )
        ]
        days += version.holidays
    found: dict[dt.date, list[Holiday]] = {}
    for day in sorted(days, key=lambda day: day.on):
        found.setdefault(day.on, []).append(day)
    return found
