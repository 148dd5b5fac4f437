"""Targets, ladders and amendments: which counts on a day, and which are acceptable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.text import Text

from bawaba_tawasul.domain import MAX_DAYS, MAX_HOURS, MIN_HOURS, Rung
from bawaba_tawasul.refusals import BadLadder, BadTargets, PastDate

MAX_RUNGS = 6
_LEAST, _MOST = 10, 1_000
_SHOWN = 64
_COUNT = Text("it needs 1 to {most} rungs", "عدد درجاته من 1 إلى {most}")
_BOUNDS = Text("each percentage lies from {least} to {most}", "كل نسبة تقع بين {least} و{most}")
_RISING = Text(
    "the percentages must rise, and {percent} does not",
    "النسب يجب أن تكون تصاعدية، والنسبة {percent} ليست كذلك",
)
_NOBODY = Text("the rung at {percent} % tells nobody", "الدرجة عند {percent}٪ لا تخطر أحداً")
_UNKNOWN = Text(
    "{name} is no permission of an agency's team", "الصلاحية {name} ليست من صلاحيات فريق الجهة"
)


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
    if not 1 <= len(rungs) <= MAX_RUNGS:
        raise BadLadder("rungs", why=_COUNT.fill(most=MAX_RUNGS))
    before = 0
    for index, rung in enumerate(rungs):
        path = ("rungs", str(index))
        if not _LEAST <= rung.percent <= _MOST:
            raise BadLadder(*path, "percent", why=_BOUNDS.fill(least=_LEAST, most=_MOST))
        if rung.percent <= before:
            raise BadLadder(*path, "percent", why=_RISING.fill(percent=rung.percent))
        if not rung.tell:
            raise BadLadder(*path, "tell", why=_NOBODY.fill(percent=rung.percent))
        strange = next((each for each in rung.tell if each not in known), None)
        if strange is not None:
            raise BadLadder(*path, "tell", why=_UNKNOWN.fill(name=strange[:_SHOWN]))
        before = rung.percent


def check_date(effective_from: dt.date, today: dt.date) -> None:
    """Pass, or refuse what would change the past.

    Raises:
        PastDate: it is before today.
    """
    if effective_from < today:
        raise PastDate("effectiveFrom")
