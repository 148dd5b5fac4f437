"""The figures of performance: facts into tallies, tallies into rows, medians from histograms."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bawaba_tawasul.domain import Fact, FactKind

MONTH, DAY = "M", "D"
_HOUR = 60


@dataclass(slots=True)
class Figures:
    """Counts of one group. ``hours``: working hours to the final resolution -> cases."""

    received: int = 0
    resolved: int = 0
    resolved_on_time: int = 0
    first_resolved: int = 0
    first_on_time: int = 0
    reopened: int = 0
    rated: int = 0
    score: int = 0
    hours: dict[int, int] = field(default_factory=dict)

    def add(self, other: Figures) -> None:
        """Add another group's."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for hour, count in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + count

    def take(self, fact: Fact) -> None:
        """Add one fact. A reopening takes the resolution back, on the day it was reopened."""
        one = 1 if fact.kind is not FactKind.UNRESOLVED else -1
        if fact.kind is FactKind.RECEIVED:
            self.received += 1
        elif fact.kind is FactKind.FIRST_RESOLVED:
            self.first_resolved += 1
            self.first_on_time += fact.on_time
        elif fact.kind is FactKind.RATED:
            self.rated += 1
            self.score += fact.score
        else:
            hour = -(-fact.minutes // _HOUR)
            self.resolved += one
            self.resolved_on_time += one * fact.on_time
            self.reopened += fact.kind is FactKind.UNRESOLVED
            self.hours[hour] = self.hours.get(hour, 0) + one

    @property
    def on_time_rate(self) -> float | None:
        """The share of resolved cases that were in time, 0 to 1; None of none."""
        return self.resolved_on_time / self.resolved if self.resolved > 0 else None

    @property
    def average_rating(self) -> float | None:
        """The mean score, 1 to 5; None without ratings."""
        return self.score / self.rated if self.rated else None

    @property
    def median_hours(self) -> float | None:
        """The median of the working hours to the resolution, each rounded up; None of none."""
        counts = {hour: count for hour, count in self.hours.items() if count > 0}
        total = sum(counts.values())
        if not total:
            return None
        low, high = _nth(counts, (total - 1) // 2), _nth(counts, total // 2)
        return (low + high) / 2


COUNTS = (
    "received", "resolved", "resolved_on_time", "first_resolved", "first_on_time", "reopened",
    "rated", "score",
)  # fmt: skip


def _nth(counts: Mapping[int, int], place: int) -> int:
    for hour in sorted(counts):
        place -= counts[hour]
        if place < 0:
            return hour
    raise ValueError("fewer cases than that")


@dataclass(frozen=True, slots=True)
class Span:
    """Whole periods of one grain, first to last start, both included."""

    grain: str
    first: dt.date
    last: dt.date


def spans(since: dt.date, until: dt.date) -> Sequence[Span]:
    """Return the fewest whole months and single days that make up the range."""
    first = since if since.day == 1 else month_end(since) + dt.timedelta(days=1)
    last = month_start(until)
    if month_end(until) != until:
        last = month_start(last - dt.timedelta(days=1))
    if first > last:
        return [Span(DAY, since, until)]
    found = [Span(MONTH, first, last)]
    if since < first:
        found.append(Span(DAY, since, first - dt.timedelta(days=1)))
    if month_end(last) < until:
        found.append(Span(DAY, month_end(last) + dt.timedelta(days=1), until))
    return found


def month_start(day: dt.date) -> dt.date:
    """Return the first day of its month."""
    return day.replace(day=1)


def month_end(day: dt.date) -> dt.date:
    """Return the last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def cells(facts: Iterable[Fact]) -> dict[tuple[str, dt.date, str, str], Figures]:
    """Return the facts added up by (grain, start, agency, category), days and months."""
    found: dict[tuple[str, dt.date, str, str], Figures] = {}
    for fact in facts:
        for grain, start in ((DAY, fact.day), (MONTH, month_start(fact.day))):
            key = (grain, start, fact.agency, fact.category)
            found.setdefault(key, Figures()).take(fact)
    return found
