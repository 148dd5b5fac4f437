"""What is decided about a council: its rules, its adoption of e-Meeting, its operator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bawaba import audit, db, jobs, people, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    ADOPTION,
    MAX_MEMBERS,
    MEETING,
    VOTING_ROLES,
    AdoptionTrigger,
    MeetingAdoptionStatus,
    MeetingRole,
    MeetingStatus,
)
from bawaba_emeeting.models import (
    MeetingAdoption,
    MeetingCouncil,
    MeetingMember,
    MeetingRegulation,
    MeetingRow,
)
from bawaba_emeeting.refusals import (
    AgendaFull,
    HoldsASeat,
    NeedsOperator,
    RulesInThePast,
    WrongAdoption,
)
from bawaba_emeeting.rules import regulations
from bawaba_emeeting.rules.texts import reason_within, title_within
from bawaba_emeeting.rules.words import ADOPTION_WORDS
from bawaba_emeeting.services import councils, log
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.offer import MEMBER_ROLE, OPERATOR_ROLE, REGULATE

RULES_CHANGE = "meeting.rules"
"""The job that tells watchers when amended rules take effect."""
_GRACE = dt.timedelta(minutes=5)
"""So long ago is still now, for clocks that differ."""
_UNDER_WAY = [status.value for status in MeetingStatus if status not in MEETING.terminal]


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changes in the rules, and from when on.

    ``changes``: as ``rules/regulations.py`` has them; None: as it was.
    """

    effective_from: dt.datetime
    reason: str
    changes: regulations.Change


async def _council(viewer: Viewer, code: str) -> MeetingCouncil:
    """Lock a council whose rules the viewer may set."""
    viewer.require(REGULATE, code)
    await people.still_signed_in(viewer)
    found = await db.locked(MeetingCouncil.filter(code=code)).first()
    if found is None:
        raise NotFound("council")
    return found


async def amend_rules(viewer: Viewer, code: str, asked: Amendment) -> Row:
    """Amend the rules of procedure from a moment on; return the council.

    Raises:
        Forbidden: the viewer may not. NotFound: no such council.
        BadText, BadRules, RulesInThePast: see there.
    """
    reason = reason_within(asked.reason)
    async with db.transaction():
        council = await _council(viewer, code)
        at = runtime.now()
        if asked.effective_from < at - _GRACE:
            raise RulesInThePast("effectiveFrom")
        since = max(at, asked.effective_from)
        changes = {name: value for name, value in asked.changes.items() if value is not None}
        number = await _check_from(council.id, since, changes)
        await MeetingRegulation.create(
            id=runtime.new_id(),
            council_id=council.id,
            number=number,
            effective_from=since,
            changes=changes,
            reason=reason,
            set_by=viewer.person_id,
            set_at=at,
        )
        resource = f"MeetingCouncil:{code}"
        await audit.record(viewer, "meeting.rules.amended", resource, {"changes": changes})
        if since > at:
            await jobs.enqueue(RULES_CHANGE, {"council": council.id}, delay=since - at)
        else:
            await tell(council)
    return (await councils.by_ids([council.id]))[council.id]


async def _check_from(council_id: str, since: dt.datetime, changes: regulations.Change) -> int:
    """Check the rules as they will stand, then and after each later amendment.

    Return the number of this amendment.
    """
    rows = MeetingRegulation.filter(council_id=council_id).order_by("effective_from", "number")
    known = await rows.values("effective_from", "changes")
    rules = regulations.compose(r["changes"] for r in known if r["effective_from"] <= since)
    later = [row["changes"] for row in known if row["effective_from"] > since]
    for change in (changes, *later):
        rules = regulations.compose([change], rules)
        regulations.check(rules)
    return len(known) + 1


async def tell_of_rules(payload: Mapping[str, Any]) -> None:
    """Tell who watches a council's meetings that its rules have changed; a job."""
    async with db.transaction():
        council = await MeetingCouncil.get(id=payload["council"])
        await tell(council)


async def record_adoption(
    viewer: Viewer, code: str, status: MeetingAdoptionStatus, reference: str
) -> Row:
    """Write down the next step of a council's adoption; return the council.

    Raises:
        Forbidden: the viewer may not. NotFound: no such council.
        WrongAdoption: it is not the next step. NeedsOperator: nobody is appointed to operate.
    """
    told = title_within(reference, "reference")[:200]
    async with db.transaction():
        council = await _council(viewer, code)
        now = MeetingAdoptionStatus(council.adoption)
        trigger = _trigger(status)
        if trigger is None or not ADOPTION.allows(now, trigger):
            words = ADOPTION_WORDS[now]
            raise WrongAdoption("status", status=words.en, status_ar=words.ar)
        if status is MeetingAdoptionStatus.ACTIVE and await operator_of(council.id) is None:
            raise NeedsOperator("council")
        council.adoption = ADOPTION.next(now, trigger).value
        await council.save(update_fields=["adoption"])
        number = await MeetingAdoption.filter(council_id=council.id).count() + 1
        await MeetingAdoption.create(
            id=runtime.new_id(),
            council_id=council.id,
            number=number,
            status=status.value,
            reference=told,
            decided_by=viewer.person_id,
            decided_at=runtime.now(),
        )
        resource = f"MeetingCouncil:{code}"
        await audit.record(viewer, f"meeting.adoption.{status.value.lower()}", resource)
    return (await councils.by_ids([council.id]))[council.id]


def _trigger(status: MeetingAdoptionStatus) -> AdoptionTrigger | None:
    return next((each for each in AdoptionTrigger if each.value == status.value), None)


async def appoint_operator(viewer: Viewer, code: str, person_id: str) -> Row:
    """Give the operator's seat to a person, in place of who held it; return the council.

    Raises:
        Forbidden: the viewer may not. NotFound: no such council or person.
        AgendaFull: the council has as many seats as may be.
        HoldsASeat: the person votes in the council.
    """
    async with db.transaction():
        council = await _council(viewer, code)
        at = runtime.now()
        seats = await db.locked(
            MeetingMember.filter(council_id=council.id, left_at=None).order_by("id")
        )
        if len(seats) >= MAX_MEMBERS:
            raise AgendaFull("council", most=MAX_MEMBERS)
        operator = MeetingRole.OPERATOR.value
        if any(s.person_id == person_id and s.role == operator for s in seats):
            return (await councils.by_ids([council.id]))[council.id]
        if any(s.person_id == person_id and MeetingRole(s.role) in VOTING_ROLES for s in seats):
            raise HoldsASeat("personId")
        for seat in seats:
            if seat.role == operator or seat.person_id == person_id:
                seat.left_at = at
                await seat.save(update_fields=["left_at"])
                await people.withdraw(viewer, seat.person_id, _role(seat), code)
        await people.grant(viewer, person_id, OPERATOR_ROLE, code)
        await MeetingMember.create(
            id=runtime.new_id(),
            council_id=council.id,
            person_id=person_id,
            role=operator,
            weight=1,
            seniority=MAX_MEMBERS,
            since=at,
        )
        resource = f"MeetingCouncil:{code}"
        await audit.record(viewer, "meeting.operator.appointed", resource, {"person": person_id})
        await tell(council)
    return (await councils.by_ids([council.id]))[council.id]


def _role(seat: MeetingMember) -> str:
    return OPERATOR_ROLE if seat.role == MeetingRole.OPERATOR.value else MEMBER_ROLE


async def operator_of(council_id: str) -> Row | None:
    """Return who operates a council's meetings."""
    rows = MeetingMember.filter(
        council_id=council_id, left_at=None, role=MeetingRole.OPERATOR.value
    )
    found = await rows.limit(1).values(*councils.MEMBER)
    return found[0] if found else None


async def tell(council: MeetingCouncil) -> None:
    """Tell the watchers of meetings under way: rules and members are part of what they see."""
    meetings = MeetingRow.filter(council_id=council.id, status__in=_UNDER_WAY).order_by("id")
    for meeting_id in await meetings.values_list("id", flat=True):
        await log.announce(str(meeting_id), "COUNCIL_CHANGED")
