"""Amending calendars and ladders, and computing anew what hangs on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import audit, catalogue, db, jobs, live, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.clock.calendar import Holiday, Hours, Version, WorkingCalendar, compose
from bawaba_tawasul.clock.wire import holidays_to_json, hours_to_json
from bawaba_tawasul.domain import NATIONAL, Rung, TawasulPartyKind, TawasulStatus, TawasulStep
from bawaba_tawasul.models import (
    TawasulCalendarAmendment,
    TawasulCase,
    TawasulHistory,
    TawasulLadder,
    TawasulRecomputation,
)
from bawaba_tawasul.refusals import BadCalendar
from bawaba_tawasul.rules import ladders
from bawaba_tawasul.rules.texts import text_within_bounds
from bawaba_tawasul.services import steps
from bawaba_tawasul.services.book import Book, book
from bawaba_tawasul.services.cases import AGENCY_TOPIC
from bawaba_tawasul.services.offer import PERMISSIONS

Row = Mapping[str, Any]
RECOMPUTE = "tawasul.recompute"
CHANGED = TawasulStep.DEADLINE_CHANGED
BATCH = 200
"""Cases computed in one transaction."""
MAX_DAYS = 60
MAX_HOURS = 30
_CALENDAR = ("number", "id", "agency", "effective_from", "hours", "holidays", "reason", "set_at")


async def amend(  # noqa: PLR0913, PLR0917  one argument a part of the amendment
    viewer: Viewer,
    agency: str | None,
    hours: Sequence[Hours] | None,
    holidays: Sequence[Holiday],
    effective_from: dt.date,
    reason: str,
) -> tuple[Row, Row]:
    """Amend a calendar from a day on, and begin to compute the open cases' deadlines anew.

    Args:
        agency: None: everybody's calendar.

    Returns:
        The amendment, and the recomputation that has begun.

    Raises:
        Forbidden: the viewer does not regulate the agency, or everybody.
        NotFound: no such agency.
        BadCalendar, PastDate, BadText: see there.
    """
    scope = agency or NATIONAL
    viewer.require("tawasul.regulate", scope)
    if agency is not None and agency not in await catalogue.agencies():
        raise NotFound("agency")
    why = text_within_bounds(reason, "reason")
    ladders.check_date(effective_from, runtime.today())
    _check(await book(), scope, effective_from, hours, holidays)
    async with db.transaction():
        amendment = await TawasulCalendarAmendment.create(
            id=runtime.new_id(),
            agency=scope,
            effective_from=effective_from,
            hours=None if hours is None else hours_to_json(hours),
            holidays=holidays_to_json(holidays),
            reason=why,
            set_by=viewer.person_id,
            set_at=runtime.now(),
        )
        running = await _begin(amendment)
        detail = {"amendment": amendment.id, "effectiveFrom": effective_from.isoformat()}
        await audit.record(viewer, "tawasul.calendar.amended", f"TawasulCalendar:{scope}", detail)
    return await _amendment(amendment.number), await recomputation(running)


def _check(
    now: Book,
    scope: str,
    effective_from: dt.date,
    hours: Sequence[Hours] | None,
    holidays: Sequence[Holiday],
) -> None:
    """Refuse an amendment that makes no calendar: it is tried before it is stored."""
    if (not hours and not holidays) or len(holidays) > MAX_DAYS or len(hours or ()) > MAX_HOURS:
        raise BadCalendar("holidays")
    try:
        tried = Version(effective_from, tuple(hours) if hours else None, tuple(holidays))
        pattern = now.of(scope).versions
        calendar = WorkingCalendar(now.timezone, compose((*pattern, tried), ()))
        noon = dt.datetime.combine(effective_from, dt.time(9), dt.UTC)
        calendar.add(noon, dt.timedelta(hours=1))
    except (ValueError, OverflowError) as error:
        raise BadCalendar("effectiveFrom") from error


async def _begin(amendment: TawasulCalendarAmendment) -> str:
    query = _affected(amendment.agency, amendment.number)
    row = await TawasulRecomputation.create(
        id=runtime.new_id(),
        amendment=amendment.number,
        agency=amendment.agency,
        total=await query.count(),
        done=0,
        after="",
    )
    await jobs.enqueue(RECOMPUTE, {"id": row.id}, key=row.id)
    return row.id


def _affected(agency: str, number: int) -> Any:
    """Return the open cases whose deadline was computed before the amendment."""
    query = TawasulCase.filter(stopped_at=None, calendar__lt=number)
    return query if agency == NATIONAL else query.filter(agency=agency)


async def recompute(payload: Mapping[str, Any]) -> None:
    """Compute deadlines anew, batch by batch (a job): where it stopped, it goes on.

    Each batch is one transaction with its mark, so that a process may die at any point.
    """
    while await _batch(payload["id"]):
        pass


async def _batch(recomputation_id: str) -> bool:
    """Compute one batch; return whether there is more to do."""
    async with db.transaction():
        running = await db.locked(TawasulRecomputation.filter(id=recomputation_id)).first()
        if running is None or running.finished_at is not None:
            return False
        query = _affected(running.agency, running.amendment).order_by("id")
        cases = await db.locked(query.limit(BATCH))
        await _recomputed(cases, await book())
        running.done += len(cases)
        running.total = max(running.total, running.done)
        if len(cases) < BATCH:
            running.finished_at = runtime.now()
            running.total = running.done
        await running.save()
    return running.finished_at is None


async def _recomputed(cases: Sequence[TawasulCase], calendars: Book) -> None:
    """Compute locked cases anew; a step of its history where a deadline moved."""
    at, moved = runtime.now(), []
    for case in cases:
        before = case.due_at
        status = TawasulStatus(case.status)
        work = steps.Work(case, None, TawasulPartyKind.PLATFORM, at, calendars, status)
        steps.set_deadlines(work)
        if case.due_at != before:
            case.steps += 1
            moved.append(work)
    await db.execute_many(
        "UPDATE tawasul_case SET calendar = $2, due_at = $3, first_reply_due_at = $4, "
        "escalates_at = $5, pause_ends_at = $6, steps = $7 WHERE id = $1",
        [
            (
                case.id,
                case.calendar,
                case.due_at,
                case.first_reply_due_at,
                case.escalates_at,
                case.pause_ends_at,
                case.steps,
            )
            for case in cases
        ],
    )
    await TawasulHistory.bulk_create([steps.line(work, CHANGED) for work in moved])
    told = [event for work in moved for event in steps.events_of(work.case, CHANGED)]
    agencies = {f"{AGENCY_TOPIC}{work.case.agency}" for work in moved}
    told += [live.NewEvent(topic, live.SNAPSHOT) for topic in agencies]
    await live.emit_all(told)


async def sweep(_payload: Mapping[str, Any]) -> None:
    """Compute what an amendment overtook: cases stored with an older calendar (periodic).

    A case that was being changed while its calendar was amended may be missed by the job.
    """
    if await TawasulRecomputation.filter(finished_at=None).exists():
        return
    for scope, number in (await book()).amended().items():
        stale = _affected(scope, number).order_by("id").limit(BATCH)
        if not await stale.exists():
            continue
        async with db.transaction():
            await _recomputed(await db.locked(stale), await book())


async def recomputation(recomputation_id: str) -> Row:
    """Return how far a recomputation is.

    Raises:
        NotFound: there is none.
    """
    row = await TawasulRecomputation.filter(id=recomputation_id).first().values()
    if row is None:
        raise NotFound("id")
    found: Row = row
    return found


async def _amendment(number: int) -> Row:
    row: Row = await TawasulCalendarAmendment.get(number=number).values(*_CALENDAR)
    return row


async def amend_ladder(
    viewer: Viewer,
    agency: str | None,
    rungs: Sequence[Rung],
    effective_from: dt.date,
    reason: str,
) -> Row:
    """Set an escalation ladder from a day on, for cases whose clock starts then or later.

    Raises:
        Forbidden, NotFound, BadLadder, PastDate, BadText: as for :func:`amend`.
    """
    scope = agency or NATIONAL
    viewer.require("tawasul.regulate", scope)
    if agency is not None and agency not in await catalogue.agencies():
        raise NotFound("agency")
    ladders.check_date(effective_from, runtime.today())
    known = frozenset(permission.name for permission in PERMISSIONS) - {"tawasul.use"}
    ladders.check_ladder(rungs, known)
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        row = await TawasulLadder.create(
            id=runtime.new_id(),
            agency=scope,
            effective_from=effective_from,
            rungs=[{"percent": rung.percent, "tell": list(rung.tell)} for rung in rungs],
            reason=why,
            set_by=viewer.person_id,
            set_at=runtime.now(),
        )
        detail = {"ladder": row.id, "effectiveFrom": effective_from.isoformat()}
        await audit.record(viewer, "tawasul.ladder.amended", f"TawasulLadder:{scope}", detail)
    found: Row = await TawasulLadder.get(id=row.id).values("id", "effective_from", "rungs")
    return found


__all__ = ["RECOMPUTE", "amend", "amend_ladder", "recomputation", "recompute", "sweep"]
