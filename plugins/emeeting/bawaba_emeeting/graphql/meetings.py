"""A meeting: what the screen in the chamber shows."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.graphql import After, Connection, First, Info, Node, computed, global_id, leaf
from bawaba.text import both

from bawaba_emeeting.domain import (
    MAX_AGENDA,
    MAX_DOCUMENTS,
    MAX_MEMBERS,
    MAX_MOTIONS,
    MeetingAgendaStatus,
    MeetingAttendanceStatus,
    MeetingKind,
    MeetingStatus,
)
from bawaba_emeeting.graphql import loaders
from bawaba_emeeting.graphql.councils import MeetingCouncil, MeetingMember
from bawaba_emeeting.graphql.documents import MeetingDocument, connection
from bawaba_emeeting.graphql.minutes import MeetingMinutes
from bawaba_emeeting.graphql.motions import MeetingMotion
from bawaba_emeeting.rules import quorum as law
from bawaba_emeeting.services import councils, documents, invitations
from bawaba_emeeting.services.agendas import Item, Seen
from bawaba_emeeting.services.councils import Row


@strawberry.type(description=both("Whether enough are there.", "النصاب."))
class MeetingQuorum:
    """Heads, not weights."""

    required: int = leaf("How many are needed.", "العدد المطلوب.")
    present: int = leaf("How many are there.", "عدد الحاضرين.")
    entitled: int = leaf("Of how many.", "العدد الكلي.")
    is_met: bool = leaf("Whether the meeting may decide.", "هل النصاب مكتمل.")
    explanation: str = leaf("All that in a sentence.", "شرح النصاب.")


@strawberry.type(description=both("How a member attends.", "حضور عضو."))
class MeetingAttendance:
    """By the log."""

    member: MeetingMember = leaf("The member.", "العضو.")
    status: MeetingAttendanceStatus = leaf("How.", "الحالة.")
    at: dt.datetime | None = leaf("Since when; null: never seen.", "منذ متى؛ وفارغة لمن لم يحضر.")


@strawberry.type(description=both("An item of the agenda.", "بند في جدول الأعمال."))
class MeetingAgendaItem(Node):
    """With what hangs on it."""

    position: int = leaf("Its place, from 1.", "ترتيبه، من 1.")
    title: str = leaf("Its title.", "عنوانه.")
    body: str = leaf("What it is about; may be empty.", "تفاصيله؛ وقد تكون فارغة.")
    status: MeetingAgendaStatus = leaf("Where it stands.", "حالته.")
    documents: list[MeetingDocument] = leaf(
        "Its documents; empty for who does not belong to the council.",
        "وثائقه؛ وفارغة لغير أعضاء المجلس.",
        bound=MAX_DOCUMENTS,
    )
    motions: list[MeetingMotion] = leaf("Its motions.", "مقترحاته.", bound=MAX_MOTIONS)

    @classmethod
    def of(cls, item: Item, *, inside: bool) -> MeetingAgendaItem:
        """Return the GraphQL object of an item; ``inside``: for the council itself."""
        return cls(
            id=global_id("MeetingAgendaItem", item.row["id"]),
            position=item.row["position"],
            title=item.row["title"],
            body=item.row["body"],
            status=MeetingAgendaStatus(item.row["status"]),
            documents=[MeetingDocument.of(row) for row in item.documents] if inside else [],
            motions=[MeetingMotion.of(view) for view in item.motions],
        )


@strawberry.type(
    description=both("All files of a meeting, to be kept offline.", "ملفات الاجتماع للحفظ.")
)
class MeetingManifest:
    """Changes when any file does."""

    sha256: str = leaf(
        "SHA-256 over one line `id version sha256` for each document, in the order of `files`;"
        " each line ends with a line feed.",
        "بصمة SHA-256 لسطر عن كل وثيقة: `id version sha256`، بترتيب `files`؛"
        " وينتهي كل سطر بمحرف سطر جديد.",
    )
    meeting_id: strawberry.Private[str]

    @computed("The documents.", "الوثائق.")
    async def files(self, first: First, after: After = None) -> Connection[MeetingDocument]:
        """Return a page of documents."""
        return connection(await documents.page(self.meeting_id, first, after))


@strawberry.type(description=both("A meeting of a council.", "اجتماع مجلس."))
class Meeting(Node):
    """An open one is for everybody to see, a closed one for its council."""

    number: int = leaf("Its number within the term, by kind.", "رقمه في الدورة حسب نوعه.")
    kind: MeetingKind = leaf("Its kind.", "نوعه.")
    is_closed: bool = leaf("Whether it is closed to the public.", "هل هو مغلق.")
    is_trial: bool = leaf("Whether it is a trial.", "هل هو تجريبي.")
    title: str = leaf("What it is about.", "موضوعه.")
    status: MeetingStatus = leaf("Where it stands.", "حالته.")
    scheduled_at: dt.datetime = leaf("When it is to begin.", "موعده.")
    convening: int = leaf("The how-manieth convening, from 1.", "رقم الانعقاد، من 1.")
    wait_until: dt.datetime | None = leaf(
        "Until when the opening is put off.", "الوقت الذي أُرجئ إليه الافتتاح."
    )
    convened_at: dt.datetime | None = leaf("When it was first opened.", "وقت افتتاحه.")
    ended_at: dt.datetime | None = leaf("When it ended.", "وقت انتهائه.")
    row: strawberry.Private[Row]
    body: strawberry.Private[Row]

    @computed("Whose meeting it is.", "المجلس.")
    def council(self) -> MeetingCouncil:
        """Return the council."""
        return MeetingCouncil.of(self.body)

    @computed("Whether enough are there.", "النصاب.")
    async def quorum(self, info: Info) -> MeetingQuorum:
        """Return the quorum as it stands."""
        return _quorum(info, await loaders.seen(info, self.row["id"]))

    @computed("The item being dealt with.", "البند قيد البحث.")
    async def current_item(self, info: Info) -> MeetingAgendaItem | None:
        """Return the item that the agenda is at."""
        items = await self.agenda(info)
        found = self.row["current_item_id"]
        wanted = None if found is None else global_id("MeetingAgendaItem", found)
        return next((item for item in items if item.id == wanted), None)

    @computed("The agenda, in order.", "جدول الأعمال.", bound=MAX_AGENDA)
    async def agenda(self, info: Info) -> list[MeetingAgendaItem]:
        """Return the agenda with documents and motions."""
        inside = councils.attends(info.context.viewer, self.body)
        items = await loaders.agenda(info, self.row["id"])
        return [MeetingAgendaItem.of(item, inside=inside) for item in items]

    @computed("How each voting member attends.", "حضور الأعضاء.", bound=MAX_MEMBERS)
    async def attendance(self, info: Info) -> list[MeetingAttendance]:
        """Return the attendance, by seniority."""
        return _attendance(await loaders.seen(info, self.row["id"]))

    @computed("Who presides: chair, deputy or the most senior.", "رئيس الجلسة.")
    async def presiding(self, info: Info) -> MeetingMember | None:
        """Return the acting chair; null: nobody is there."""
        seen = await loaders.seen(info, self.row["id"])
        row = seen.sitting.chamber.member(seen.sitting.chair)
        return None if row is None else MeetingMember.of(row, seen.names)

    @computed(
        "Its files with their hashes; null for who does not belong to the council.",
        "ملفاته وبصماتها؛ وفارغة لغير أعضاء المجلس.",
    )
    async def manifest(self, info: Info) -> MeetingManifest | None:
        """Return what a tablet keeps offline."""
        if not councils.attends(info.context.viewer, self.body):
            return None
        return MeetingManifest(
            sha256=await documents.manifest(self.row["id"]), meeting_id=self.row["id"]
        )

    @computed("Its entry for a calendar, as iCalendar.", "موعده بصيغة iCalendar.")
    async def invitation(self, info: Info) -> str:
        """Return the invitation, as RFC 5545 says."""
        seen = await loaders.seen(info, self.row["id"])
        return invitations.entry(seen, info.context.language)

    @computed(
        "Its minutes; null before there are any, and before their approval for the public.",
        "محضره؛ وفارغ قبل صياغته، ولغير المجلس قبل اعتماده.",
    )
    async def minutes(self, info: Info) -> MeetingMinutes | None:
        """Return the minutes."""
        row = await loaders.minutes_of(info, self.row["id"])
        inside = councils.attends(info.context.viewer, self.body)
        if row is None or (not inside and row["approved_at"] is None):
            return None
        return MeetingMinutes.of(row)

    @classmethod
    def of(cls, row: Row, council: Row) -> Meeting:
        """Return the GraphQL object of a meeting."""
        return cls(
            id=global_id("Meeting", row["id"]),
            number=row["number"],
            kind=MeetingKind(row["kind"]),
            is_closed=bool(row["is_closed"]),
            is_trial=bool(row["is_trial"]),
            title=row["title"],
            status=MeetingStatus(row["status"]),
            scheduled_at=row["scheduled_at"],
            convening=row["convening"],
            wait_until=row["wait_until"],
            convened_at=row["convened_at"],
            ended_at=row["ended_at"],
            row=row,
            body=council,
        )


def _quorum(info: Info, seen: Seen) -> MeetingQuorum:
    found = seen.sitting.quorum()
    told = law.explained(found, seen.sitting.meeting["convening"])
    return MeetingQuorum(
        required=found.required,
        present=found.present,
        entitled=found.entitled,
        is_met=found.is_met,
        explanation=info.context.say(told),
    )


def _attendance(seen: Seen) -> list[MeetingAttendance]:
    found = []
    for row in seen.sitting.chamber.members:
        if not councils.seat_of(row).votes:
            continue
        change = seen.sitting.presence.get(row["id"])
        found.append(
            MeetingAttendance(
                member=MeetingMember.of(row, seen.names),
                status=change.status if change else MeetingAttendanceStatus.ABSENT,
                at=change.at if change else None,
            )
        )
    return found
