"""What the platform does by itself as time goes by: escalate, lapse, close. Periodic jobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bawaba import db, runtime

from bawaba_tawasul.domain import TawasulStatus, TawasulStep
from bawaba_tawasul.models import TawasulCase
from bawaba_tawasul.rules import clockwork
from bawaba_tawasul.services import notices, steps, transferring

T = TawasulStep
BATCH = 500
"""Cases taken up in one run; the next follows soon."""


async def watch(_payload: Mapping[str, Any]) -> None:
    """Do what is due: escalations, lapsed waits and offers, closings. One transaction a case."""
    at = runtime.now()
    due = {
        escalate: TawasulCase.filter(stopped_at=None, escalates_at__lte=at),
        end_wait: TawasulCase.filter(pause_ends_at__lte=at),
        transferring.lapse: TawasulCase.filter(transfer_expires_at__lte=at),
        close: TawasulCase.filter(status=TawasulStatus.RESOLVED.value, closes_at__lte=at),
    }
    work: Callable[[str], Awaitable[None]]
    for work, query in due.items():
        for case_id in await query.order_by("id").limit(BATCH).values_list("id", flat=True):
            await work(str(case_id))


async def escalate(case_id: str) -> None:
    """Take the next rung of the ladder, and tell whoever stands on it in working hours."""
    async with db.transaction():
        work = await steps.begin_alone(case_id)
        if work is None or work.case.stopped_at is not None:
            return
        case = work.case
        if case.escalates_at is None or case.escalates_at > work.at:
            return
        ladder = work.book.ladder(case.agency, runtime.local_day(case.started_at))
        if case.escalation_level >= len(ladder):
            return
        rung = ladder[case.escalation_level]
        case.escalation_level += 1
        line = await steps.finish(work, T.ESCALATED, moves=False, note=f"{rung.percent} %")
        opens = work.book.of(case.agency).next_working(work.at)
        await notices.tell_ladder(case, line, rung.percent, rung.tell, opens)


async def end_wait(case_id: str) -> None:
    """Give a case back to its handler where the citizen's time to answer is used up."""
    async with db.transaction():
        work = await steps.begin_alone(case_id)
        if work is None or work.was is not TawasulStatus.AWAITING_INFORMATION:
            return
        case = work.case
        if case.pause_ends_at is None or case.pause_ends_at > work.at:
            return
        case.pauses = clockwork.resumed(case.pauses, case.pause_ends_at)
        await steps.finish(work, T.WAIT_LAPSED)


async def close(case_id: str) -> None:
    """Close a resolved case whose windows are over."""
    async with db.transaction():
        work = await steps.begin_alone(case_id)
        if work is None or work.was is not TawasulStatus.RESOLVED:
            return
        if work.case.closes_at is None or work.case.closes_at > work.at:
            return
        await steps.finish(work, T.CLOSED)


WATCH = "tawasul.watch"
EVERY = dt.timedelta(seconds=15)
__all__ = ["EVERY", "WATCH", "close", "end_wait", "escalate", "watch"]
