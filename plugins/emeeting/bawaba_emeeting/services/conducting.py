"""Conducting a meeting: convene, recount, go through the agenda, adjourn, end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bawaba import db, jobs
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    LogKind,
    MeetingAgendaStatus,
    MeetingAttendanceStatus,
    MeetingMotionStatus,
    MeetingRole,
    MeetingStatus,
    MeetingTrigger,
    Quorum,
)
from bawaba_emeeting.models import MeetingAgendaItem, MeetingMotion
from bawaba_emeeting.refusals import (
    InThePast,
    NoDate,
    NoTerm,
    NotPresiding,
    TooEarly,
    VotingOpen,
)
from bawaba_emeeting.rules.quorum import convening_of
from bawaba_emeeting.rules.texts import reason_within
from bawaba_emeeting.services import councils, log, scheduling
from bawaba_emeeting.services.sittings import (
    Sitting,
    Work,
    begin,
    move,
    require_not_over,
    require_presiding,
    require_status,
)

DRAFT = "meeting.draft"
"""The job that writes the minutes of a meeting that has ended."""
_OFFICERS = frozenset(
    {MeetingRole.CHAIR, MeetingRole.DEPUTY, MeetingRole.SECRETARY, MeetingRole.OPERATOR}
)
_UNDECIDED = [
    MeetingMotionStatus.OPEN.value,
    MeetingMotionStatus.SUSPENDED.value,
    MeetingMotionStatus.TIED.value,
    MeetingMotionStatus.RUN_OFF.value,
]


async def convene(viewer: Viewer, meeting_id: str) -> None:
    """Open the meeting if enough are there; put the opening off otherwise.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``. NotPresiding: see there.
        WrongStatus: it sits already, or is over.
        TooEarly: it is not time yet. NoDate: nobody has said when the adjourned meeting resumes.
    """
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        sitting = await require_presiding(work)
        _check_time(work)
        found = sitting.quorum()
        if not found.is_met and work.status is MeetingStatus.WAITING_FOR_QUORUM:
            await _write(work, LogKind.RECOUNTED, found)
            return
        move(work, MeetingTrigger.CONVENE if found.is_met else MeetingTrigger.LACK_QUORUM)
        if found.is_met:
            work.row.wait_until, work.row.convened_at = None, work.row.convened_at or work.at
            await _write(work, LogKind.CONVENED, found, chair=sitting.chair)
            return
        rung = convening_of(work.chamber.rules, work.row.convening)
        work.row.wait_until = work.at + dt.timedelta(minutes=rung.wait_minutes)
        until = work.row.wait_until.isoformat()
        await _write(work, LogKind.QUORUM_LACKING, found, until=until)


def _check_time(work: Work) -> None:
    """Pass from the time on for which the members were invited."""
    if work.status not in {MeetingStatus.SCHEDULED, MeetingStatus.ADJOURNED}:
        return
    left = work.row.adjourned_at
    if left is not None and work.row.scheduled_at <= left:
        raise NoDate("meetingId")
    if work.at < work.row.scheduled_at:
        raise TooEarly("meetingId", at=f"{work.row.scheduled_at:%Y-%m-%dT%H:%MZ}")


async def recount(viewer: Viewer, meeting_id: str) -> None:
    """Count again. When the wait is over and they are still too few, the meeting is adjourned.

    The next convening needs what the ladder says.

    Raises as :func:`convene`; WrongStatus: it neither waits nor sits.
    """
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        sitting = await require_presiding(work)
        require_status(work, MeetingStatus.WAITING_FOR_QUORUM, MeetingStatus.IN_SESSION)
        found = sitting.quorum()
        await _line(work, LogKind.RECOUNTED, found)
        until = work.row.wait_until
        if not found.is_met and until is not None and work.at >= until:
            move(work, MeetingTrigger.ADJOURN)
            work.row.wait_until, work.row.convening = None, work.row.convening + 1
            work.row.adjourned_at = work.at
            await _line(work, LogKind.ADJOURNED, found, reason="NO_QUORUM")
            await _send_home(work, sitting)
            await _save(work, LogKind.ADJOURNED)
            return
        await _save(work, LogKind.RECOUNTED)


async def adjourn(
    viewer: Viewer, meeting_id: str, reason: str | None, resumes_at: dt.datetime | None
) -> None:
    """Adjourn the meeting to a later moment; without one, end or cancel it.

    A meeting that sat ends, and its minutes are drafted; one that never did is cancelled.

    Raises as :func:`convene`, and:
        VotingOpen: a vote is under way or tied.
        InThePast: it resumes in the future. NoTerm: that is after the council's term.
    """
    why = reason_within(reason) if reason else ""
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        sitting = await _adjourner(work)
        if await MeetingMotion.filter(meeting_id=meeting_id, status__in=_UNDECIDED).exists():
            raise VotingOpen("meetingId")
        await _check_resumption(work, resumes_at)
        trigger, kind = _farewell(work, resumes_at)
        move(work, trigger)
        work.row.wait_until = None
        if kind is LogKind.ADJOURNED:
            work.row.scheduled_at = resumes_at or work.row.scheduled_at
            work.row.adjourned_at = work.at
        else:
            work.row.ended_at = work.at
        more = {"resumes_at": resumes_at.isoformat()} if resumes_at else {}
        await _line(work, kind, sitting.quorum(), reason=why, **more)
        if kind is LogKind.ADJOURNED:
            await _send_home(work, sitting)
        await _close_item(work)
        await _save(work, kind)
        await scheduling.tell_of_adjourning(work.row, work.chamber)
        if kind is LogKind.ENDED:
            await jobs.enqueue(DRAFT, {"meeting": meeting_id}, key=f"draft:{meeting_id}")


async def _check_resumption(work: Work, resumes_at: dt.datetime | None) -> None:
    if resumes_at is None:
        return
    if resumes_at <= work.at:
        raise InThePast("resumesAt")
    term = await councils.term_at(work.row.council_id, resumes_at)
    if term is None or term["id"] != work.row.term_id:
        raise NoTerm("resumesAt")


async def _adjourner(work: Work) -> Sitting:
    """In session whoever presides or operates; else only an officer: no member alone cancels it."""
    if work.status is MeetingStatus.IN_SESSION:
        return await require_presiding(work)
    if MeetingRole(work.me["role"]) not in _OFFICERS:
        raise NotPresiding("meetingId")
    return await work.sitting()


def _farewell(work: Work, resumes_at: dt.datetime | None) -> tuple[MeetingTrigger, LogKind]:
    require_not_over(work)
    if resumes_at is not None:
        return MeetingTrigger.ADJOURN, LogKind.ADJOURNED
    if work.row.convened_at is not None:
        return MeetingTrigger.END, LogKind.ENDED
    return MeetingTrigger.CANCEL, LogKind.CANCELLED


async def to_item(viewer: Viewer, item_id: str) -> str:
    """Go to an item of the agenda; return the meeting's id.

    Raises as :func:`convene`; NotFound: no such item; VotingOpen: a vote is under way.
    """
    path = "agendaItemId"
    async with db.transaction():
        item = await MeetingAgendaItem.filter(id=item_id).first()
        if item is None:
            raise NotFound(path)
        work = await begin(viewer, item.meeting_id, path=path)
        await require_presiding(work)
        require_status(work, MeetingStatus.IN_SESSION)
        if work.row.current_item_id == item_id:
            return work.row.id
        if await MeetingMotion.filter(meeting_id=work.row.id, status__in=_UNDECIDED).exists():
            raise VotingOpen(path)
        await _close_item(work)
        await MeetingAgendaItem.filter(id=item_id).update(status=MeetingAgendaStatus.CURRENT.value)
        work.row.current_item_id = item_id
        await log.append(
            work.row, LogKind.ITEM_STARTED, viewer, subject=item_id, by_id=work.me["id"]
        )
        await _save(work, LogKind.ITEM_STARTED)
    return work.row.id


async def _close_item(work: Work) -> None:
    current = MeetingAgendaItem.filter(
        meeting_id=work.row.id, status=MeetingAgendaStatus.CURRENT.value
    )
    await current.update(status=MeetingAgendaStatus.DONE.value)
    work.row.current_item_id = None


async def _send_home(work: Work, sitting: Sitting) -> None:
    """Write down that those who were there left with the adjournment: they check in anew."""
    there = {MeetingAttendanceStatus.PRESENT, MeetingAttendanceStatus.REMOTE}
    for member_id in sorted(sitting.presence):
        if sitting.presence[member_id].status in there:
            await log.append(
                work.row, LogKind.LEFT, None, member=member_id, data={"adjourned": True}
            )


async def _line(work: Work, kind: LogKind, found: Quorum, **more: Any) -> None:
    data = {"present": found.present, "required": found.required, "entitled": found.entitled}
    told = {name: value for name, value in more.items() if value not in {None, ""}}
    await log.append(work.row, kind, work.viewer, by_id=work.me["id"], data=data | told)


async def _save(work: Work, kind: LogKind) -> None:
    await work.row.save()
    await log.announce(work.row.id, kind.value)


async def _write(work: Work, kind: LogKind, found: Quorum, **more: Any) -> None:
    await _line(work, kind, found, **more)
    await _save(work, kind)


__all__ = ["DRAFT", "adjourn", "convene", "recount", "to_item"]
