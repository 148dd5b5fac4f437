"""The calendar's announcements: a holiday declared late gives days of leave back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba import audit, calendar, db, jobs, runtime
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_civil_service.models import CivilHoliday
from bawaba_civil_service.refusals import HolidayKnown
from bawaba_civil_service.rules import leave as law
from bawaba_civil_service.rules import papers

RECOUNT = "civilService.recount"
"""Name of the job that counts leaves anew after an announcement."""
NAME_LENGTH = range(2, 101)
_LATER = dt.timedelta(minutes=2)
"""After this, whoever read the old calendar has committed: the leaves are counted once more."""


async def announced(first: dt.date, last: dt.date) -> Mapping[dt.date, bool]:
    """Return what was announced from ``first`` to ``last`` (implements ``provide_holidays``)."""
    rows = CivilHoliday.filter(on__gte=first, on__lte=last)
    return dict(await rows.values_list("on", "is_off"))


async def announce(viewer: Viewer, on: dt.date, name: Text, *, is_off: bool) -> Mapping[str, Any]:
    """Declare a day a holiday, or a working day after all; return the announcement's row.

    Raises:
        BadPeriod: more than 60 days ago or a year ahead.
        BadText: a name is too short or too long.
        HolidayKnown: the calendar says so already.
    """
    today = runtime.today()
    law.check_near(on, "on", earliest=today - law.BACK, today=today)
    names = {
        "name_en": papers.bounded_text(name.en, NAME_LENGTH, "nameEn"),
        "name_ar": papers.bounded_text(name.ar, NAME_LENGTH, "nameAr"),
    }
    async with db.transaction():
        if (await calendar.between(on, on)).is_holiday(on) is is_off:
            raise HolidayKnown("on")
        said: dict[str, Any] = {
            **names, "is_off": is_off, "announced_at": runtime.now(),
            "announced_by": viewer.person(),
        }  # fmt: skip
        row = await db.locked(CivilHoliday.filter(on=on)).get_or_none()
        if row is None:
            row = await CivilHoliday.create(id=runtime.new_id(), on=on, **said)
        else:
            await row.update_from_dict(said).save()
        detail = {"on": on.isoformat(), "isOff": is_off}
        await audit.record(viewer, "civilService.holiday", f"CivilServiceHoliday:{row.id}", detail)
        for delay in (dt.timedelta(), _LATER):
            await jobs.enqueue(RECOUNT, {"on": on.isoformat()}, delay=delay)
    return {"on": on, "is_off": is_off, **names}
