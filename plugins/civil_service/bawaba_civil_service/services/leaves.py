"""Leave: asked for, decided, cancelled, taken; balances that are nowhere negative."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import audit, calendar, db, idempotency, jobs, notifications, runtime
from bawaba.errors import NotFound
from bawaba.notifications import Notice
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_civil_service.clock import working_days
from bawaba_civil_service.domain import (
    HOLDING,
    LEAVE,
    REASON_LENGTH,
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    CivilServiceLeaveStepKind,
    Draw,
    LeaveEvent,
    Opening,
)
from bawaba_civil_service.models import CivilEmployee, CivilLeave, CivilLeaveStep
from bawaba_civil_service.refusals import BalanceTooLow, NoRecord, NotEmployed
from bawaba_civil_service.rules import leave as law
from bawaba_civil_service.rules import papers, wire
from bawaba_civil_service.services.data import accruals
from bawaba_civil_service.services.offer import APPROVE, READ

Row = Mapping[str, Any]
TELL_LEAVE = "civilService.tell_leave"
"""Name of the job that tells the bureau of a leave that was granted or given up."""
COLUMNS = (
    "id", "employee_id", "employee__entity_id", "employee__national_id", "kind", "first_on",
    "last_on", "days", "status", "reason", "requested_at", "decided_at", "decision",
)  # fmt: skip
_HOLDING = [status.value for status in HOLDING]
_S, _K = CivilServiceLeaveStatus, CivilServiceLeaveStepKind
_BATCH = 200
_DECIDED = {
    _S.APPROVED: Text("Your leave was approved", "تمت الموافقة على إجازتك"),
    _S.REJECTED: Text("Your leave was rejected", "رُفض طلب إجازتك"),
}
_PERIOD = Text("From {first} to {last}.", "من {first} إلى {last}.")


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of a kind today, in whole days."""

    kind: CivilServiceLeaveKind
    days_remaining: int


async def balances(employees: Mapping[str, Row]) -> dict[str, list[Balance]]:
    """Return the balances of employees (rows by id) today, in one statement."""
    today = runtime.today()
    held = await _draws(list(employees))
    return {
        id_: [
            Balance(
                kind,
                law.remaining(
                    accruals(), kind, opening(row["hired_on"], row["openings"], kind),
                    held[id_, kind.value], today,
                ),
            )
            for kind in CivilServiceLeaveKind
        ]
        for id_, row in employees.items()
    }  # fmt: skip


def opening(hired_on: dt.date, told: Any, kind: CivilServiceLeaveKind) -> Opening:
    """Return what a balance begins with."""
    return law.opening_of(accruals(), kind, hired_on, wire.read_openings(told))


async def _draws(ids: Sequence[str]) -> defaultdict[tuple[str, str], list[Draw]]:
    found: defaultdict[tuple[str, str], list[Draw]] = defaultdict(list)
    query = CivilLeave.filter(employee_id__in=list(ids), status__in=_HOLDING)
    for row in await query.values("employee_id", "kind", "first_on", "days"):
        draw = Draw(row["first_on"], row["days"])
        found[row["employee_id"], row["kind"]].append(draw)
    return found


async def request(  # noqa: PLR0913, PLR0917  one argument a part of the request
    viewer: Viewer,
    kind: CivilServiceLeaveKind,
    first: dt.date,
    last: dt.date,
    reason: str,
    key: str,
) -> Row:
    """Ask for leave; return its row. Its days are held from now on.

    Raises:
        NoRecord, NotEmployed, BadText, BadPeriod, NoWorkingDays, LeaveOverlaps, BalanceTooLow:
            see there.
    """
    why = papers.bounded_text(reason, REASON_LENGTH, "reason")

    async def work() -> str:
        async with db.transaction():
            leave_id = await _request(viewer, kind, first, last, why)
            await idempotency.done(leave_id)
        return leave_id

    facts = [kind.value, first.isoformat(), last.isoformat(), why]
    return await one(await idempotency.once(viewer, "civilService.requestLeave", key, facts, work))


async def _request(
    viewer: Viewer, kind: CivilServiceLeaveKind, first: dt.date, last: dt.date, reason: str
) -> str:
    query = CivilEmployee.filter(national_id=viewer.national_id or "")
    employee = await db.locked(query).get_or_none()
    if employee is None:
        raise NoRecord
    if employee.left_on is not None and employee.left_on < last:
        raise NotEmployed("lastOn")
    begins = opening(employee.hired_on, employee.openings, kind)
    days = 0
    if dt.timedelta() <= last - first < law.LONGEST:
        days = working_days(await calendar.between(first, last), first, last)
    law.check_period(first, last, today=runtime.today(), opening=begins, working_days=days)
    held = await CivilLeave.filter(employee_id=employee.id, status__in=_HOLDING).values_list(
        "first_on", "last_on"
    )
    law.check_free(first, last, held)
    draws = (await _draws([employee.id]))[employee.id, kind.value]
    if not law.holds(accruals(), kind, begins, [*draws, Draw(first, days)]):
        raise BalanceTooLow("lastOn", days=days)
    leave = await CivilLeave.create(
        id=runtime.new_id(),
        employee_id=employee.id,
        person_id=viewer.person(),
        kind=kind.value,
        first_on=first,
        last_on=last,
        days=days,
        status=LEAVE.initial.value,
        reason=reason,
        requested_at=runtime.now(),
    )
    await step(leave, _K.REQUESTED, viewer.person())
    return leave.id


async def decide(viewer: Viewer, leave_id: str, *, approve: bool, reason: str) -> Row:
    """Approve or reject a leave of one's own entity; never one's own leave.

    Raises:
        NotFound: no such leave, or of an entity that the viewer does not manage.
        OwnLeave, LeaveDecided, BadText: see there.
    """
    why = papers.bounded_text(reason, REASON_LENGTH, "reason")
    async with db.transaction():
        leave = await _locked(leave_id)
        if leave is None or not viewer.can(APPROVE, leave.employee.entity_id):
            raise NotFound("leaveId")
        status = _S(leave.status)
        law.check_decision(
            status=status, employee=leave.employee.national_id, national_id=viewer.national_id
        )
        event = LeaveEvent.APPROVE if approve else LeaveEvent.REJECT
        leave.decided_at, leave.decision = runtime.now(), why
        await _move(leave, event, viewer)
        await _tell_person(leave)
    return await one(leave_id)


async def _tell_person(leave: CivilLeave) -> None:
    if leave.person_id is None:
        return
    after = _S(leave.status)
    body = _PERIOD.fill(first=leave.first_on.isoformat(), last=leave.last_on.isoformat())
    about = f"civilService.leave:{leave.id}:{after.value}"
    await notifications.notify([Notice(about, leave.person_id, _DECIDED[after], body)])


async def cancel(viewer: Viewer, leave_id: str) -> Row:
    """Give up one's own leave, until the day before it begins; its days are free again.

    Raises:
        NotFound: no such leave, or somebody else's.
        LeaveBegun, LeaveDecided: see there.
    """
    async with db.transaction():
        leave = await _locked(leave_id)
        if leave is None or leave.employee.national_id != viewer.national_id:
            raise NotFound("leaveId")
        law.check_cancelling(status=_S(leave.status), first=leave.first_on, today=runtime.today())
        await _move(leave, LeaveEvent.CANCEL, viewer)
    return await one(leave_id)


async def _locked(leave_id: str) -> CivilLeave | None:
    leave = await db.locked(CivilLeave.filter(id=leave_id)).get_or_none()
    if leave is not None:
        await leave.fetch_related("employee")
    return leave


async def _move(leave: CivilLeave, event: LeaveEvent, viewer: Viewer | None) -> None:
    """Take a locked leave along an edge, with its history and the letter to the bureau."""
    before = _S(leave.status)
    leave.status = LEAVE.next(before, event).value
    await leave.save()
    await step(leave, _K(leave.status), viewer.person_id if viewer else None)
    verb = leave.status.lower()
    await audit.record(viewer, f"civilService.leave.{verb}", f"CivilServiceLeave:{leave.id}")
    if _S.APPROVED in {before, _S(leave.status)} and event is not LeaveEvent.TAKE:
        await tell(leave)


async def tell(leave: CivilLeave) -> None:
    """Have the bureau told how a leave stands now, in the current transaction."""
    key = f"{leave.id}:{leave.status}:{leave.days}"
    payload = {"leave": leave.id, "status": leave.status, "days": leave.days}
    await jobs.enqueue(TELL_LEAVE, payload, key=key)


async def step(
    leave: CivilLeave,
    what: CivilServiceLeaveStepKind,
    person_id: str | None,
    at: dt.datetime | None = None,
) -> None:
    """Write a line of a leave's history; ``at`` None: it happens now."""
    await CivilLeaveStep.create(
        id=runtime.new_id(),
        leave_id=leave.id,
        step=what.value,
        days=leave.days,
        person_id=person_id,
        at=at or runtime.now(),
    )


async def mark_taken(_payload: Mapping[str, Any]) -> None:
    """Mark as taken the approved leaves whose last day is over (a periodic job)."""
    query = CivilLeave.filter(status=_S.APPROVED.value, last_on__lt=runtime.today())
    while True:
        async with db.transaction():
            due = await db.skip_locked(query.order_by("id").limit(_BATCH))
            for leave in due:
                await _move(leave, LeaveEvent.TAKE, None)
        if len(due) < _BATCH:
            return


async def end_with_service(employee_id: str, left_on: dt.date) -> None:
    """Cancel what is asked for or approved after the end of service, in the transaction."""
    open_states = (_S.REQUESTED.value, _S.APPROVED.value)
    query = CivilLeave.filter(employee_id=employee_id, first_on__gt=left_on, status__in=open_states)
    for leave in await db.locked(query.order_by("id")):
        await _move(leave, LeaveEvent.CANCEL, None)


async def one(leave_id: str) -> Row:
    """Return a leave's row."""
    row: Row = await CivilLeave.get(id=leave_id).values(*COLUMNS)
    return row


async def of_employee(employee_id: str, first: int, after: str | None) -> Page:
    """Return a page of an employee's leaves, the latest first. The caller has asked for rights."""
    query, order = CivilLeave.filter(employee_id=employee_id), ("-first_on", "-id")
    return await keyset_page(query, order=order, first=first, after=after, columns=COLUMNS)


async def of_entity(
    viewer: Viewer, entity: str, status: CivilServiceLeaveStatus, first: int, after: str | None
) -> Page:
    """Return a page of an entity's leaves in a state, the oldest request first.

    Raises:
        Forbidden: the viewer is not over that entity.
    """
    viewer.require(READ, entity)
    query = CivilLeave.filter(employee__entity_id=entity, status=status.value)
    order = ("requested_at", "id")
    return await keyset_page(query, order=order, first=first, after=after, columns=COLUMNS)


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the leaves that the viewer may see: one's own, or of one's entity."""
    rows = await CivilLeave.filter(id__in=list(ids)).values(*COLUMNS)
    mine = viewer.national_id
    return {
        row["id"]: row
        for row in rows
        if (mine is not None and row["employee__national_id"] == mine)
        or viewer.can(READ, row["employee__entity_id"])
    }


async def steps_of(ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the history of leaves, oldest line first, in one statement."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    query = CivilLeaveStep.filter(leave_id__in=list(ids)).order_by("at", "id")
    for row in await query.values("leave_id", "step", "days", "at"):
        found[row["leave_id"]].append(row)
    return dict(found)
