"""Targets, ladders and amendments: which counts on a day, and which are acceptable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba_tawasul.domain import MAX_DAYS, MAX_HOURS, MIN_HOURS, Rung
from bawaba_tawasul.refusals import BadLadder, BadTargets, PastDate

MAX_RUNGS = 6
_LEAST, _MOST = 10, 1_000


def in_force(rows: Sequence[Mapping[str, Any]], on: dt.date) -> Mapping[str, Any] | None:
    """Return the row that counts on a day: the latest effective one, of these the newest."""
    found = [row for row in rows if row["effective_from"] <= on]
    return max(found, key=lambda row: (row["effective_from"], row["number"]), default=None)


def check_targets(first_reply_hours: int, resolution_days: int) -> None:
    """Pass, or refuse.

    Raises:
        BadTargets: out of 1..1,000 working hours or 1..250 working days.
    """
    if not (MIN_HOURS <= first_reply_hours <= MAX_HOURS and 1 <= resolution_days <= MAX_DAYS):
        raise BadTargets("firstReplyHours")


def check_ladder(rungs: Sequence[Rung], known: frozenset[str]) -> None:
    """Pass, or refuse.

    Raises:
        BadLadder: 1 to 6 rungs, percentages rising from 10 to 1,000, each telling somebody known.
    """
    percents = [rung.percent for rung in rungs]
    good = (
        1 <= len(rungs) <= MAX_RUNGS
        and percents == sorted(set(percents))
        and percents[0] >= _LEAST
        and percents[-1] <= _MOST
        and all(rung.tell and set(rung.tell) <= known for rung in rungs)
    )
    if not good:
        raise BadLadder("rungs")


def check_date(effective_from: dt.date, today: dt.date) -> None:
    """Pass, or refuse what would change the past.

    Raises:
        PastDate: it is before today.
    """
    if effective_from < today:
        raise PastDate("effectiveFrom")
