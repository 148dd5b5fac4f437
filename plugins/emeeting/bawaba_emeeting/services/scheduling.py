"""Scheduling a meeting, and telling its members when it is, moves or is off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import db, notifications, people, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MAX_AGENDA,
    MEETING,
    LogKind,
    MeetingAdoptionStatus,
    MeetingAgendaStatus,
    MeetingKind,
    MeetingRole,
    MeetingStatus,
)
from bawaba_emeeting.models import MeetingAgendaItem, MeetingCouncil, MeetingRow
from bawaba_emeeting.refusals import BadAgenda, InThePast, NotAMember, NoTerm
from bawaba_emeeting.rules.clockface import Clockface
from bawaba_emeeting.rules.minutes import heading
from bawaba_emeeting.rules.texts import text_within, title_within
from bawaba_emeeting.services import councils, log
from bawaba_emeeting.services.councils import Chamber

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
        await people.still_signed_in(viewer)
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


@dataclass(frozen=True, slots=True)
class _Notice:
    """What members are told; of a closed meeting its title stays inside the platform."""

    subject: Text
    closed: Text
    body: Text


_WHERE = Text(
    " The agenda and the calendar entry are in e-Meeting.",
    " جدول الأعمال وموعد التقويم في الاجتماع الإلكتروني.",
)
_INVITED = _Notice(
    Text("Invitation: {title}", "دعوة: {title}"),
    Text("Invitation to a closed meeting", "دعوة إلى اجتماع مغلق"),
    Text(
        f"{{meeting}} takes place on {{day}} at {{hour}}.{_WHERE.en}",
        f"ينعقد {{meeting}} يوم {{day}} الساعة {{hour}}.{_WHERE.ar}",
    ),
)
_MOVED = _Notice(
    Text("New date: {title}", "موعد جديد: {title}"),
    Text("New date of a closed meeting", "موعد جديد لاجتماع مغلق"),
    Text(
        f"{{meeting}} was adjourned and meets on {{day}} at {{hour}}.{_WHERE.en}",
        f"أُجّل {{meeting}} وينعقد يوم {{day}} الساعة {{hour}}.{_WHERE.ar}",
    ),
)
_CANCELLED = _Notice(
    Text("Cancelled: {title}", "إلغاء: {title}"),
    Text("A closed meeting is cancelled", "إلغاء اجتماع مغلق"),
    Text("{meeting} is cancelled.", "أُلغي {meeting}."),
)


async def _invite(row: MeetingRow, chamber: Chamber) -> None:
    await _tell(row, chamber, f"meeting.invited:{row.id}", _INVITED)


async def tell_of_adjourning(row: MeetingRow, chamber: Chamber) -> None:
    """Tell the members that the meeting has another time, or is cancelled; not that it ended.

    Call it in the transaction, once the meeting stands as it will.
    """
    if row.status == MeetingStatus.ADJOURNED.value:
        await _tell(row, chamber, f"meeting.moved:{row.id}:{row.lines}", _MOVED)
    elif row.status == MeetingStatus.CANCELLED.value:
        await _tell(row, chamber, f"meeting.cancelled:{row.id}", _CANCELLED)


async def _tell(row: MeetingRow, chamber: Chamber, key: str, notice: _Notice) -> None:
    subject = notice.closed if row.is_closed else notice.subject.fill(title=_plain(row.title))
    meeting = {"kind": row.kind, "number": row.number}
    name = heading({"meeting": meeting, "council": chamber.council})
    clock, at = Clockface(runtime.current().timezone), row.scheduled_at.isoformat()
    day, hour = clock.day(at), clock.time(at)
    body = Text(
        notice.body.en.format(meeting=name.en, day=day.en, hour=hour),
        notice.body.ar.format(meeting=name.ar, day=day.ar, hour=hour),
    )
    await notifications.notify(
        [
            notifications.Notice(key, member["person_id"], subject, body)
            for member in chamber.members
        ]
    )


def _plain(title: str) -> str:
    return title[:200]
