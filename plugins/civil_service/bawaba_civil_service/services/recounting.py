"""Counting leave anew after the calendar changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba import calendar, db

from bawaba_civil_service.clock import working_days
from bawaba_civil_service.domain import HOLDING, CivilServiceLeaveStatus, CivilServiceLeaveStepKind
from bawaba_civil_service.models import CivilLeave
from bawaba_civil_service.rules import leave as law
from bawaba_civil_service.services import leaves

_BATCH = 200


async def recount(payload: Mapping[str, Any]) -> None:
    """Count anew the leaves near a day that was announced, batch by batch (a job).

    Days are only given back.
    """
    on, after = dt.date.fromisoformat(payload["on"]), ""
    holding = [status.value for status in HOLDING]
    reach = on + calendar.REACH
    query = CivilLeave.filter(first_on__lte=reach, last_on__gte=on, status__in=holding)
    while True:
        async with db.transaction():
            found = await db.locked(query.filter(id__gt=after).order_by("id").limit(_BATCH))
            for leave in found:
                await _recount(leave)
        if len(found) < _BATCH:
            return
        after = found[-1].id


async def _recount(leave: CivilLeave) -> None:
    now = await calendar.between(leave.first_on, leave.last_on)
    days = law.recounted(leave.days, working_days(now, leave.first_on, leave.last_on))
    if days == leave.days:
        return
    leave.days = days
    await leave.save(update_fields=["days"])
    await leaves.step(leave, CivilServiceLeaveStepKind.RECOUNTED, None)
    if leave.status != CivilServiceLeaveStatus.REQUESTED.value:
        await leaves.tell(leave)
