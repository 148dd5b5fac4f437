"""The demo: three councils on their way to e-Meeting, and a meeting that is ready to convene."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bawaba import db, files, pdf, people, runtime
from bawaba.files import File
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Language, Text

from bawaba_emeeting.domain import (
    MAX_MEMBERS,
    LogKind,
    MeetingAdoptionStatus,
    MeetingAgendaStatus,
    MeetingBallotKind,
    MeetingKind,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingMotionStatus,
    MeetingRole,
    MeetingStatus,
)
from bawaba_emeeting.models import (
    MeetingAdoption,
    MeetingAgendaItem,
    MeetingCouncil,
    MeetingDocument,
    MeetingMember,
    MeetingMotion,
    MeetingRow,
    MeetingTerm,
    MeetingVersion,
)
from bawaba_emeeting.services import documents, log
from bawaba_emeeting.services.offer import ATTEND, MEMBER_ROLE, OPERATOR_ROLE

MUHARRAQ, CAPITAL, CABINET = "muharraq-municipal", "capital-secretariat", "cabinet"
_A = MeetingAdoptionStatus
_SPENT = 3
"""Extraordinary meetings that were held on paper before."""


def _member(handle: str, name: Text, national_id: str) -> DemoPerson:
    return DemoPerson(handle, name, national_id, (Grant(MEMBER_ROLE, MUHARRAQ),))


PEOPLE = (
    _member("chair", Text("Abdulaziz Hamad Naar", "عبدالعزيز حمد النعار"), "690411207"),
    _member("member-2", Text("Salah Ahmed Buhazza", "صلاح أحمد بوهزاع"), "720819331"),
    _member("member-3", Text("Fatima Abbas Qasim", "فاطمة عباس قاسم"), "810203118"),
    _member("member-4", Text("Khalid Saad Jalahma", "خالد سعد الجلاهمة"), "770630425"),
    _member("member-5", Text("Mona Yusuf Alawi", "منى يوسف العلوي"), "840917562"),
    _member("member-6", Text("Rashid Isa Meraikhi", "راشد عيسى المريخي"), "750122674"),
    _member("member-7", Text("Huda Mohamed Sultan", "هدى محمد سلطان"), "880305781"),
    _member("member-8", Text("Jassim Ali Marzooqi", "جاسم علي المرزوقي"), "790514893"),
    DemoPerson(
        "operator",
        Text("Amal Khalifa Rumaihi", "أمل خليفة الرميحي"),
        "860721904",
        (Grant(OPERATOR_ROLE, MUHARRAQ), Grant(OPERATOR_ROLE, CABINET)),
    ),
    DemoPerson("gallery", Text("Nawal Saleh Darwish", "نوال صالح درويش"), "930208115"),
    DemoPerson(
        "minister",
        Text("Isa Salman Hamar", "عيسى سلمان الحمر"),
        "650926026",
        (Grant(MEMBER_ROLE, CABINET),),
    ),
    DemoPerson(
        "council-registrar",
        Text("Lulwa Jaber Ansari", "لولوة جابر الأنصاري"),
        "820130337",
        (Grant("meeting-registrar"),),
    ),
)


@dataclass(frozen=True, slots=True)
class _Council:
    """A council of the demo; ``steps``: of its adoption, with their papers."""

    code: str
    name: Text
    seats: int
    steps: tuple[tuple[MeetingAdoptionStatus, str], ...]


COUNCILS = (
    _Council(
        MUHARRAQ,
        Text("Muharraq Municipal Council", "مجلس المحرق البلدي"),
        8,
        ((_A.PROPOSED, "عرض على المجلس · Presentation to the council"),),
    ),
    _Council(
        CAPITAL,
        Text("Capital Secretariat", "أمانة العاصمة"),
        10,
        (
            (_A.PROPOSED, "عرض على الأمانة · Presentation to the secretariat"),
            (_A.ENDORSED, "قرار الأمانة · Resolution of the secretariat"),
            (_A.SENT_TO_MINISTER, "خطاب إلى الوزير · Letter to the minister"),
        ),
    ),
    _Council(
        CABINET,
        Text("Cabinet", "مجلس الوزراء"),
        1,
        (
            (_A.PROPOSED, "برنامج الحكومة الإلكترونية · Programme of e-government"),
            (_A.ENDORSED, "قرار مجلس الوزراء · Decision of the Cabinet"),
            (_A.SENT_TO_MINISTER, "خطاب إلى الوزير · Letter to the minister"),
            (_A.APPROVED, "اعتماد · Approval"),
            (_A.ACTIVE, "بدء التشغيل · Start of operation"),
        ),
    ),
)
_SEATS: dict[str, tuple[tuple[str, MeetingRole], ...]] = {
    MUHARRAQ: (
        ("chair", MeetingRole.CHAIR),
        ("member-2", MeetingRole.DEPUTY),
        *((f"member-{number}", MeetingRole.MEMBER) for number in range(3, 9)),
        ("operator", MeetingRole.OPERATOR),
    ),
    CAPITAL: (),
    CABINET: (("minister", MeetingRole.CHAIR), ("operator", MeetingRole.OPERATOR)),
}
_AGENDA = (
    ("اعتماد جدول الأعمال", "", None),
    (
        "ميزانية البلدية لسنة 2027",
        "مناقشة مشروع الميزانية المرفق.",
        "مشروع ميزانية البلدية لسنة 2027",
    ),
    (
        "تطوير كورنيش المحرق",
        "النظر في مقترح التطوير وتقرير اللجنة الفنية.",
        "تقرير اللجنة الفنية عن كورنيش المحرق",
    ),
    ("ما يستجد من أعمال", "", None),
)


async def load(progress: Progress) -> None:
    """Enter the councils and the meeting, once."""
    if not await MeetingCouncil.filter(code=CABINET).exists():
        async with db.transaction():
            for council in COUNCILS:
                await _council(council)
    if not await MeetingRow.filter(
        kind=MeetingKind.EXTRAORDINARY.value, number=_SPENT + 1
    ).exists():
        await _meeting()
    progress("e-Meeting", 1, 1)


async def _council(asked: _Council) -> None:
    at = runtime.now()
    row = await MeetingCouncil.create(
        id=runtime.new_id(),
        code=asked.code,
        name_en=asked.name.en,
        name_ar=asked.name.ar,
        seats=asked.seats,
        adoption=asked.steps[-1][0].value,
    )
    await MeetingTerm.create(
        id=runtime.new_id(),
        council_id=row.id,
        number=1,
        starts_at=at - dt.timedelta(days=700),
        ends_at=at + dt.timedelta(days=760),
    )
    for number, (status, reference) in enumerate(asked.steps, 1):
        await MeetingAdoption.create(
            id=runtime.new_id(),
            council_id=row.id,
            number=number,
            status=status.value,
            reference=reference,
            decided_at=at - dt.timedelta(days=30 * (len(asked.steps) - number + 1)),
        )
    persons = await _persons(asked.code)
    for seniority, (handle, role) in enumerate(_SEATS[asked.code], 1):
        await MeetingMember.create(
            id=runtime.new_id(),
            council_id=row.id,
            person_id=persons[handle],
            role=role.value,
            weight=1,
            seniority=MAX_MEMBERS if role is MeetingRole.OPERATOR else seniority,
            since=at - dt.timedelta(days=700),
        )


async def _persons(code: str) -> dict[str, str]:
    """Return the ids of the council's people by handle."""
    handles = {person.name.en: person.handle for person in PEOPLE}
    held = await people.holders(ATTEND, code, everywhere=False)
    return {handles[person.name.en]: person.id for person in held if person.name.en in handles}


async def _meeting() -> None:
    council = await MeetingCouncil.get(code=MUHARRAQ)
    operator = await MeetingMember.get(council_id=council.id, role=MeetingRole.OPERATOR.value)
    term = await MeetingTerm.get(council_id=council.id)
    meeting_id, versions = runtime.new_id(), [runtime.new_id() for _ in _AGENDA]
    stored = {
        place: await _file(version, title)
        for place, ((_, _, title), version) in enumerate(zip(_AGENDA, versions, strict=True))
        if title is not None
    }
    async with db.transaction():
        await db.locked(MeetingCouncil.filter(id=council.id)).first()
        if await MeetingRow.filter(term_id=term.id, number=_SPENT + 1).exists():
            return  # another process was first
        row = MeetingRow(
            id=meeting_id,
            council_id=council.id,
            term_id=term.id,
            number=_SPENT + 1,
            kind=MeetingKind.EXTRAORDINARY.value,
            is_closed=False,
            is_trial=True,
            title="الميزانية وتطوير الكورنيش",
            status=MeetingStatus.SCHEDULED.value,
            scheduled_at=_just_now(),
            convening=1,
            lines=0,
        )
        await log.append(row, LogKind.SCHEDULED, None, by_id=operator.id, data={"title": row.title})
        for place, (title, body, document) in enumerate(_AGENDA):
            item = await MeetingAgendaItem.create(
                id=runtime.new_id(),
                meeting_id=row.id,
                position=place + 1,
                title=title,
                body=body,
                status=MeetingAgendaStatus.PENDING.value,
            )
            if document is not None:
                await _document(row, item.id, versions[place], document, stored[place], operator.id)
                await _motion(row, item.id, f"الموافقة على {document}", operator.id)
        await row.save(force_create=True)
        await log.announce(row.id, LogKind.SCHEDULED.value)


def _just_now() -> dt.datetime:
    """Return a time on the clock that has come: the meeting may be convened at once."""
    come = runtime.now() - dt.timedelta(minutes=10)
    return come.replace(minute=come.minute // 5 * 5, second=0, microsecond=0)


async def _file(version_id: str, title: str) -> File:
    document = pdf.Document(
        title,
        Language.AR,
        [
            pdf.Heading("مقدمة"),
            pdf.Paragraph("وثيقة للعرض أُعدت لتجربة الاجتماع الإلكتروني، وليست وثيقة رسمية."),
            pdf.Table(
                ["البند", "المبلغ (BHD)"], [["الطرق", "120000.000"], ["الحدائق", "45000.000"]]
            ),
        ],
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        footer=title,
    )
    content = await pdf.rendered(document)
    name = f"{title}.pdf"
    return await files.store(documents.PURPOSE, version_id, name, "application/pdf", content)


async def _document(  # noqa: PLR0913, PLR0917  one argument a column
    row: MeetingRow, item_id: str, version_id: str, title: str, stored: File, by_id: str
) -> None:
    document = await MeetingDocument.create(
        id=runtime.new_id(),
        meeting_id=row.id,
        item_id=item_id,
        title=title,
        version=1,
        version_id=version_id,
        file_id=stored.id,
        sha256=stored.sha256,
    )
    await MeetingVersion.create(
        id=version_id,
        document_id=document.id,
        meeting_id=row.id,
        number=1,
        title=title,
        file_id=stored.id,
        sha256=stored.sha256,
        added_by=by_id,
        added_at=runtime.now(),
    )
    told = {"title": title, "version": 1, "sha256": stored.sha256, "item": item_id}
    await log.append(row, LogKind.DOCUMENT_ADDED, None, subject=document.id, by_id=by_id, data=told)


async def _motion(row: MeetingRow, item_id: str, text: str, by_id: str) -> None:
    motion = await MeetingMotion.create(
        id=runtime.new_id(),
        meeting_id=row.id,
        item_id=item_id,
        position=1,
        text=text,
        ballot=MeetingBallotKind.OPEN.value,
        majority=MeetingMajority.SIMPLE.value,
        base=MeetingMajorityBase.CAST.value,
        status=MeetingMotionStatus.PROPOSED.value,
        proposed_by=by_id,
        proposed_at=runtime.now(),
    )
    await log.append(row, LogKind.MOTION_PROPOSED, None, subject=motion.id, by_id=by_id)
