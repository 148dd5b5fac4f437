"""Scheduling a meeting, and inviting its members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import db, notifications, people, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MAX_AGENDA,
    MEETING,
    LogKind,
    MeetingAdoptionStatus,
    MeetingAgendaStatus,
    MeetingKind,
    MeetingRole,
)
from bawaba_emeeting.models import MeetingAgendaItem, MeetingCouncil, MeetingRow
from bawaba_emeeting.refusals import BadAgenda, InThePast, NotAMember, NoTerm
from bawaba_emeeting.rules.texts import text_within, title_within
from bawaba_emeeting.services import councils, log
from bawaba_emeeting.services.councils import Chamber, Row

_SCHEDULERS = frozenset({MeetingRole.CHAIR, MeetingRole.SECRETARY, MeetingRole.OPERATOR})


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as it is asked for; ``agenda``: (title, body) of each item."""

    council: str
    kind: MeetingKind
    title: str
    scheduled_at: dt.datetime
    agenda: Sequence[tuple[str, str]]
    is_closed: bool = False


async def schedule(viewer: Viewer, plan: Plan) -> str:
    """Put a meeting on the council's calendar and invite the members; return its id.

    Raises:
        NotFound: no such council. Forbidden: it is not the viewer's.
        NotAMember: the viewer neither chairs, nor serves it.
        BadText, BadAgenda, InThePast, NoTerm: see there.
    """
    agenda, title = _agenda(plan.agenda), title_within(plan.title)
    council = await councils.by_code(plan.council)
    if council is None:
        raise NotFound("council")
    if not councils.attends(viewer, council):
        raise Forbidden
    async with db.transaction():
        # The council's row is locked: two meetings at once get two numbers.
        await db.locked(MeetingCouncil.filter(id=council["id"])).first()
        at = runtime.now()
        chamber = await councils.chamber(council, at)
        me = chamber.of_person(viewer.person())
        if me is None or MeetingRole(me["role"]) not in _SCHEDULERS:
            raise NotAMember("council")
        if plan.scheduled_at <= at:
            raise InThePast("scheduledAt")
        row = await _store(plan, title, chamber)
        await _items(row.id, agenda)
        await log.append(row, LogKind.SCHEDULED, viewer, by_id=me["id"], data={"title": title})
        await row.save(force_create=True)
        await _invite(row, chamber)
        await log.announce(row.id, LogKind.SCHEDULED.value)
    return row.id


def _agenda(given: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    if not 1 <= len(given) <= MAX_AGENDA:
        raise BadAgenda("agenda", most=MAX_AGENDA)
    return [
        (title_within(title, "agenda"), text_within(body, "agenda", least=0))
        for title, body in given
    ]


async def _store(plan: Plan, title: str, chamber: Chamber) -> MeetingRow:
    term = await councils.term_at(chamber.council["id"], plan.scheduled_at)
    if term is None:
        raise NoTerm("scheduledAt")
    numbered = MeetingRow.filter(term_id=term["id"], kind=plan.kind.value)
    last = await numbered.order_by("-number").limit(1).values_list("number", flat=True)
    previous: int = last[0] if last else 0  # type: ignore[assignment]
    return MeetingRow(
        id=runtime.new_id(),
        council_id=chamber.council["id"],
        term_id=term["id"],
        number=previous + 1,
        kind=plan.kind.value,
        is_closed=plan.is_closed,
        is_trial=chamber.council["adoption"] != MeetingAdoptionStatus.ACTIVE.value,
        title=title,
        status=MEETING.initial.value,
        scheduled_at=plan.scheduled_at,
        convening=1,
        lines=0,
    )


async def _items(meeting_id: str, agenda: Sequence[tuple[str, str]]) -> None:
    await MeetingAgendaItem.bulk_create(
        [
            MeetingAgendaItem(
                id=runtime.new_id(),
                meeting_id=meeting_id,
                position=position,
                title=title,
                body=body,
                status=MeetingAgendaStatus.PENDING.value,
            )
            for position, (title, body) in enumerate(agenda, 1)
        ]
    )


async def _invite(row: MeetingRow, chamber: Chamber) -> None:
    subject = Text("Invitation: {title}", "دعوة: {title}").fill(title=_plain(row.title))
    body = Text(
        "{council} meets on {at} (UTC). The agenda and the calendar entry are in e-Meeting.",
        "ينعقد {council} في {at} (بالتوقيت العالمي). جدول الأعمال وموعد التقويم في الاجتماع"
        " الإلكتروني.",
    )
    when = f"{row.scheduled_at:%Y-%m-%d %H:%M}"
    words = Text(
        body.en.format(council=councils.name_of(chamber.council, Language.EN), at=when),
        body.ar.format(council=councils.name_of(chamber.council, Language.AR), at=when),
    )
    await notifications.notify(
        [
            notifications.Notice(f"meeting.invited:{row.id}", member["person_id"], subject, words)
            for member in chamber.members
        ]
    )


def _plain(title: str) -> str:
    return title[:200]


async def attendees(chamber: Chamber, language: Language) -> list[tuple[Row, str]]:
    """Return the members with their names, in order of seniority."""
    names = await people.names([m["person_id"] for m in chamber.members], language)
    return [(member, names.get(member["person_id"], "")) for member in chamber.members]
