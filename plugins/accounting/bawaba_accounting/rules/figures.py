"""The laws of the statistics: which rows an activity changes, and which rows answer a question."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bawaba_accounting.domain import (
    BEGINNING,
    Cell,
    Dimension,
    Figures,
    Grain,
    Group,
    Span,
)

__all__ = ["cells", "finest", "named", "period", "ranked", "spans", "starts"]

_PERIODS = {Dimension.YEAR: Grain.YEAR, Dimension.MONTH: Grain.MONTH, Dimension.DAY: Grain.DAY}
_FROM_COARSE = (Grain.TOTAL, Grain.YEAR, Grain.MONTH, Grain.DAY)


def starts(grain: Grain, day: dt.date) -> dt.date:
    """Return the first day of the period of ``grain`` that holds ``day``."""
    if grain is Grain.DAY:
        return day
    if grain is Grain.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if grain is Grain.YEAR else BEGINNING


def period(grain: Grain, start: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the period of ``grain`` (not TOTAL) holding ``start``."""
    first = starts(grain, start)
    if grain is Grain.DAY:
        return first, first
    if grain is Grain.MONTH:
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first, first.replace(month=12, day=31)


def cells(day: dt.date, service: str, agency: str, channel: str, gateway: str) -> list[Cell]:
    """Return the rows, one of each grain, that an activity of ``day`` adds to."""
    place = (service, agency, channel, gateway)
    return [Cell(grain.value, starts(grain, day), *place) for grain in Grain]


def finest(dimensions: Sequence[Dimension]) -> Grain:
    """Return the shortest period asked for; TOTAL where none is."""
    asked = [_PERIODS[dimension] for dimension in dimensions if dimension in _PERIODS]
    return max(asked, key=_FROM_COARSE.index, default=Grain.TOTAL)


def spans(since: dt.date | None, until: dt.date | None, grain: Grain) -> list[Span]:
    """Return the fewest runs of periods, none longer than ``grain``, that cover the days.

    Whole years where they fit, whole months beside them, days at the edges: at most five runs,
    which never overlap. An empty range has none.
    """
    if since is None and until is None:
        first = BEGINNING if grain is Grain.TOTAL else dt.date.min
        return [Span(grain, first, dt.date.max)]
    low, high = since or dt.date.min, until or dt.date.max
    coarsest = Grain.YEAR if grain is Grain.TOTAL else grain
    return _cover(low, high, _FROM_COARSE[_FROM_COARSE.index(coarsest) :]) if low <= high else []


def _cover(low: dt.date, high: dt.date, grains: Sequence[Grain]) -> list[Span]:
    """Cover low..high with whole periods of the first grain, and its edges with the finer ones."""
    grain, finer = grains[0], grains[1:]
    if grain is Grain.DAY:
        return [Span(grain, low, high)]
    inner_low = low if starts(grain, low) == low else _day_after(period(grain, low)[1])
    inner_high = high if period(grain, high)[1] == high else _day_before(starts(grain, high))
    if inner_low is None or inner_high is None or inner_low > inner_high:
        return _cover(low, high, finer)
    found = [Span(grain, inner_low, starts(grain, inner_high))]
    if low < inner_low:
        found = [*_cover(low, inner_low - dt.timedelta(days=1), finer), *found]
    if inner_high < high:
        found += _cover(inner_high + dt.timedelta(days=1), high, finer)
    return found


def _day_after(day: dt.date) -> dt.date | None:
    return day + dt.timedelta(days=1) if day < dt.date.max else None


def _day_before(day: dt.date) -> dt.date | None:
    return day - dt.timedelta(days=1) if day > dt.date.min else None


def ranked(groups: Sequence[Group]) -> list[Group]:
    """Return the groups with shares and ranks: periods in their order, then the largest first.

    ``share`` is of the amount, 0 to 1. Equal figures share a rank, and the next rank is skipped.
    """
    total = sum((group.figures for group in groups), Figures())
    by_amount = _ranks([group.figures.fils for group in groups])
    by_count = _ranks([group.figures.count for group in groups])
    full = [
        replace(
            group,
            share=group.figures.fils / total.fils if total.fils else 0.0,
            rank_by_amount=by_amount[group.figures.fils],
            rank_by_count=by_count[group.figures.count],
        )
        for group in groups
    ]
    return sorted(full, key=_order)


def _ranks(values: Sequence[int]) -> dict[int, int]:
    ordered = sorted(values, reverse=True)
    ranks = {ordered[0]: 1} if ordered else {}
    for place, (before, value) in enumerate(pairwise(ordered), start=2):
        if value != before:
            ranks[value] = place
    return ranks


def _order(group: Group) -> tuple[object, ...]:
    names = (group.service, group.agency, group.channel, group.gateway)
    return (
        group.starts_on or BEGINNING,
        group.rank_by_amount,
        group.rank_by_count,
        *(name or "" for name in names),
    )


def named(text: str) -> dt.date:
    """Return the first day of the period that an ISO day's beginning names: 2024, 2024-05."""
    year, month, day = (*text.split("-"), "1", "1")[:3]
    return dt.date(int(year), int(month), int(day))
