"""The calendars and ladders in force, read once for each amendment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bawaba import runtime

from bawaba_tawasul.clock.bahrain import starting_versions
from bawaba_tawasul.clock.calendar import Version, WorkingCalendar, compose
from bawaba_tawasul.clock.wire import holidays_from_json, hours_from_json
from bawaba_tawasul.domain import LADDER, NATIONAL, Rung
from bawaba_tawasul.models import TawasulCalendarAmendment, TawasulLadder
from bawaba_tawasul.rules.ladders import in_force

_FIRST_YEAR = 2007
_AHEAD = 5
_KEPT = 8


@dataclass(frozen=True)
class Book:
    """Every calendar and ladder, as of the newest amendments."""

    timezone: str
    last_year: int
    amendments: Sequence[Mapping[str, Any]]
    ladders: Sequence[Mapping[str, Any]]
    _made: dict[str, WorkingCalendar] = field(default_factory=dict)

    def of(self, agency: str) -> WorkingCalendar:
        """Return the agency's calendar; agencies without amendments share the national one."""
        own = [row for row in self.amendments if row["agency"] == agency != NATIONAL]
        key = agency if own else NATIONAL
        if key not in self._made:
            national = [row for row in self.amendments if row["agency"] == NATIONAL]
            base = (*starting_versions(_FIRST_YEAR, self.last_year), *map(_version, national))
            versions = compose(base, tuple(map(_version, own)))
            self._made[key] = WorkingCalendar(self.timezone, versions)
        return self._made[key]

    def number(self, agency: str) -> int:
        """Return the number of the newest amendment that concerns the agency; 0: there is none."""
        mine = [r["number"] for r in self.amendments if r["agency"] in {agency, NATIONAL}]
        return max(mine, default=0)

    def amended(self) -> Mapping[str, int]:
        """Return the numbers of the newest amendments, by scope."""
        return {row["agency"]: row["number"] for row in self.amendments}

    def ladder(self, agency: str, on: dt.date) -> Sequence[Rung]:
        """Return the escalation ladder of the agency on a day."""
        for scope in (agency, NATIONAL):
            row = in_force([r for r in self.ladders if r["agency"] == scope], on)
            if row is not None:
                return [Rung(rung["percent"], tuple(rung["tell"])) for rung in row["rungs"]]
        return LADDER


_books: dict[tuple[str, str, int, str], Book] = {}
"""By the newest calendar's and the newest ladder's ids: histories are never changed."""


async def book() -> Book:
    """Return the calendars and ladders as the current transaction, if any, sees them."""
    newest = await TawasulCalendarAmendment.all().order_by("-number").first().values("id")
    ladder = await TawasulLadder.all().order_by("-number").first().values("id")
    timezone = runtime.current().timezone
    year = runtime.today().year + _AHEAD
    key = (newest["id"] if newest else "", ladder["id"] if ladder else "", year, timezone)
    if key not in _books:
        amendments = await TawasulCalendarAmendment.all().order_by("number").values()
        ladders = await TawasulLadder.all().order_by("number").values()
        found = Book(timezone, year, amendments, ladders)
        while len(_books) >= _KEPT:
            _books.pop(next(iter(_books)))
        _books[key] = found
    return _books[key]


def _version(row: Mapping[str, Any]) -> Version:
    return Version(
        row["effective_from"],
        None if row["hours"] is None else hours_from_json(row["hours"]),
        holidays_from_json(row["holidays"]),
    )
