"""The nouns: cases, categories, messages, steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from bawaba import files
from bawaba.core_types import Agency, Attachment, Channel
from bawaba.graphql import After, Connection, First, Info, Node, computed, global_id, leaf
from bawaba.text import Text, both

from bawaba_tawasul.domain import (
    MAX_ATTACHMENTS,
    Sight,
    TawasulAction,
    TawasulClockState,
    TawasulKind,
    TawasulPartyKind,
    TawasulResolution,
    TawasulStatus,
    TawasulStep,
)
from bawaba_tawasul.graphql import words as _words
from bawaba_tawasul.services import messages
from bawaba_tawasul.services.cases import CaseView
from bawaba_tawasul.services.categories import Row
from bawaba_tawasul.services.submitting import location_of

del _words
_PLATFORM = Text("The platform", "المنصة")
_ARBITER = Text("The arbiter", "المحكّم")
_CITIZEN = Text("The citizen", "مقدم الحالة")


@strawberry.type(description=both("Somebody, as the viewer may know them.", "طرف كما يجوز عرضه."))
class TawasulParty:
    """A name to show; behind an agency's team the citizen sees the agency."""

    kind: TawasulPartyKind = leaf("On whose side.", "الطرف.")
    display_name: str = leaf("The name to show.", "الاسم المعروض.")


@strawberry.type(description=both("What a category promises.", "مدد التصنيف."))
class TawasulTargets:
    """Targets in force today."""

    first_reply_hours: int = leaf("Working hours to the first reply.", "ساعات العمل حتى أول رد.")
    resolution_days: int = leaf("Working days to the resolution.", "أيام العمل حتى الحل.")


@strawberry.type(description=both("A category of an agency.", "تصنيف لدى جهة."))
class TawasulCategory(Node):
    """For one kind of case."""

    code: str = leaf("Its code, unique inside the agency.", "رمزه لدى الجهة.")
    kind: TawasulKind = leaf("The kind of case it takes.", "نوع الحالات التي يقبلها.")
    targets: TawasulTargets = leaf("Its targets today.", "مدده اليوم.")
    words: strawberry.Private[Text]

    @computed("Its name.", "اسمه.")
    def name(self, info: Info) -> str:
        """Return the name in the request's language."""
        return info.context.say(self.words)

    @classmethod
    def of(cls, row: Row) -> TawasulCategory:
        """Return the GraphQL object of a row."""
        targets = row["targets"]
        return cls(
            id=global_id("TawasulCategory", row["id"]),
            code=row["code"],
            kind=TawasulKind(row["kind"]),
            targets=TawasulTargets(
                first_reply_hours=targets["first_reply_hours"],
                resolution_days=targets["resolution_days"],
            ),
            words=Text(row["name_en"], row["name_ar"]),
        )


@strawberry.type(description=both("The clock of a case.", "وقت الحالة."))
class TawasulClock:
    """Working time spent; in ``SUBMITTED`` cases before the first working instant it is 0."""

    state: TawasulClockState = leaf("What it does.", "حالته.")
    as_of: dt.datetime = leaf("When it was read.", "وقت القراءة.")
    elapsed_working_minutes: int = leaf("Working minutes spent.", "دقائق العمل المنقضية.")
    target_working_minutes: int = leaf("Working minutes allowed.", "دقائق العمل المتاحة.")
    paused_since: dt.datetime | None = leaf(
        "Since when it waits for the citizen.", "وقت بدء انتظار مقدم الحالة."
    )


@strawberry.type(description=both("Where a case is about.", "موقع الحالة."))
class TawasulLocation:
    """Coordinates and words."""

    latitude: float = leaf("Degrees north, WGS 84.", "خط العرض.")
    longitude: float = leaf("Degrees east, WGS 84.", "خط الطول.")
    address: str = leaf("In words.", "العنوان.")


@strawberry.type(description=both("A citizen's judgement.", "تقييم مقدم الحالة."))
class TawasulRating:
    """Of the last resolution."""

    score: int = leaf("1 to 5; 1 and 2 unlock an appeal.", "من 1 إلى 5؛ و1 و2 يتيحان التظلم.")
    comment: str | None = leaf("In words.", "بالكلمات.")


@strawberry.type(description=both("A case that another one follows.", "الحالة الأصل."))
class TawasulCaseLink:
    """Only its reference: it is somebody else's."""

    reference: str = leaf("Its reference.", "مرجعها.")


@strawberry.type(description=both("A message of a case.", "رسالة في حالة."))
class TawasulMessage(Node):
    """Written by the citizen or the agency."""

    kind: TawasulStep = leaf("With which step it was written.", "الخطوة التي كُتبت معها.")
    author: TawasulParty = leaf("Who wrote it.", "كاتبها.")
    body: str = leaf("What it says.", "نصها.")
    sent_at: dt.datetime = leaf("When it was sent.", "وقت الإرسال.")
    attachments: list[Attachment] = leaf("Its files.", "مرفقاتها.", bound=MAX_ATTACHMENTS)


@strawberry.type(description=both("An internal note.", "ملاحظة داخلية."))
class TawasulNote(Node):
    """For the agency's own team."""

    author: TawasulParty = leaf("Who wrote it.", "كاتبها.")
    body: str = leaf("What it says.", "نصها.")
    added_at: dt.datetime = leaf("When it was added.", "وقت الإضافة.")


@strawberry.type(description=both("A step in the life of a case.", "خطوة في سير حالة."))
class TawasulHistoryEntry(Node):
    """Reasons that are for the agencies alone are empty for citizens."""

    at: dt.datetime = leaf("When.", "الوقت.")
    kind: TawasulStep = leaf("What happened.", "ما حدث.")
    status_from: TawasulStatus | None = leaf("The status before.", "الحالة قبلها.", name="from")
    status_to: TawasulStatus = leaf("The status after.", "الحالة بعدها.", name="to")
    note: str = leaf("The reason given.", "السبب.")
    actor: TawasulParty = leaf("Who did it.", "من قام بها.")


def _party(view: CaseView, info: Info, kind: str, name: str | None) -> TawasulParty:
    side = TawasulPartyKind(kind)
    fallback = {
        TawasulPartyKind.AGENCY: view.agency.name,
        TawasulPartyKind.ARBITER: _ARBITER,
        TawasulPartyKind.CITIZEN: _CITIZEN,
        TawasulPartyKind.PLATFORM: _PLATFORM,
    }[side]
    return TawasulParty(kind=side, display_name=name or info.context.say(fallback))


@strawberry.type(
    description=both("A complaint, suggestion or inquiry.", "شكوى أو مقترح أو استفسار.")
)
class TawasulCase(Node):
    """A case as its viewer sees it: citizen, follower, desk, arbiter."""

    reference: str = leaf("Its reference.", "مرجعها.")
    kind: TawasulKind = leaf("What it is.", "نوعها.")
    status: TawasulStatus = leaf("Where it stands.", "حالتها.")
    subject: str = leaf("What it is about.", "موضوعها.")
    agency: Agency = leaf("Who answers it.", "الجهة المعنية.")
    category: TawasulCategory = leaf("Its category.", "تصنيفها.")
    submitted_at: dt.datetime = leaf("When it was submitted.", "وقت التقديم.")
    due_at: dt.datetime = leaf(
        "The deadline; while the clock waits for the citizen, the latest possible one.",
        "الموعد النهائي؛ وأثناء انتظار مقدم الحالة هو أقصى موعد ممكن.",
    )
    first_reply_due_at: dt.datetime = leaf("The first reply's deadline.", "موعد أول رد.")
    first_replied_at: dt.datetime | None = leaf("When it was first answered.", "وقت أول رد.")
    resolved_at: dt.datetime | None = leaf("When it was resolved.", "وقت الحل.")
    resolution: TawasulResolution | None = leaf("Why it is resolved.", "سبب الحل.")
    clock: TawasulClock = leaf("Its clock.", "وقتها.")
    escalation_level: int = leaf("Rungs of the ladder reached, from 0.", "درجة التصعيد.")
    followers: int = leaf("Others whom it concerns too.", "عدد المتابعين.")
    channel: Channel | None = leaf("How it came; null for followers.", "قناة التقديم.")
    location: TawasulLocation | None = leaf("Where; null for followers.", "الموقع.")
    allowed_actions: list[TawasulAction] = leaf(
        "What the viewer may do now; in live values to a desk, what all of it may do.",
        "ما يجوز للمستخدم فعله الآن؛ وفي القيم الحية للمكتب ما يجوز للجميع.",
        bound=len(TawasulAction),
    )
    rating: TawasulRating | None = leaf("The citizen's rating.", "تقييم مقدمها.")
    view: strawberry.Private[CaseView]

    @computed("Who submitted it; null where the identity is hidden.", "مقدمها؛ فارغ إن أخفى هويته.")
    def submitter(self) -> TawasulParty | None:
        """Return the citizen, where the viewer may know them."""
        if self.view.submitter is None:
            return None
        return TawasulParty(kind=TawasulPartyKind.CITIZEN, display_name=self.view.submitter)

    @computed("Whom it is given to; for the desk.", "المسندة إليه؛ لفريق الجهة.")
    def assignee(self) -> TawasulParty | None:
        """Return the handler, for the desk."""
        if self.view.assignee is None:
            return None
        return TawasulParty(kind=TawasulPartyKind.AGENCY, display_name=self.view.assignee)

    @computed("The case that it is a duplicate of.", "الحالة التي تكررها.")
    def duplicate_of(self) -> TawasulCaseLink | None:
        """Return the head of its family."""
        head = self.view.duplicate_of
        if head is None or self.view.sight is Sight.SUMMARY:
            return None
        return TawasulCaseLink(reference=head)

    @computed("What was written, oldest first.", "الرسائل من الأقدم.")
    async def messages(
        self, info: Info, first: First, after: After = None
    ) -> Connection[TawasulMessage] | None:
        """Return a page of messages; null for who sees only the summary."""
        page = await messages.messages(self.view, first, after)
        return None if page is None else await _messages(self.view, info, page)

    @computed("Notes of the desk; null for all others.", "ملاحظات الفريق الداخلية؛ فارغة لغيره.")
    async def notes(
        self, info: Info, first: First, after: After = None
    ) -> Connection[TawasulNote] | None:
        """Return a page of the desk's own notes."""
        page = await messages.notes(info.context.viewer, self.view, first, after)
        return None if page is None else await _notes(self.view, info, page)

    @computed("What happened, oldest first.", "سجل الخطوات من الأقدم.")
    async def history(
        self, info: Info, first: First, after: After = None
    ) -> Connection[TawasulHistoryEntry] | None:
        """Return a page of steps; null for who sees only the summary."""
        page = await messages.history(self.view, first, after)
        return None if page is None else await _history(self.view, info, page)

    @classmethod
    def of(cls, view: CaseView) -> TawasulCase:
        """Return the GraphQL object of a case as somebody sees it."""
        row, reading = view.row, view.clock
        inside = view.sight is not Sight.SUMMARY
        place = location_of(row) if inside else None
        rated = row["rating_score"] if inside else None
        return cls(
            id=global_id("TawasulCase", row["id"]),
            reference=row["reference"],
            kind=TawasulKind(row["kind"]),
            status=TawasulStatus(row["status"]),
            subject=row["subject"],
            agency=Agency.of(view.agency),
            category=TawasulCategory.of(view.category),
            submitted_at=row["submitted_at"],
            due_at=row["due_at"],
            first_reply_due_at=row["first_reply_due_at"],
            first_replied_at=row["first_replied_at"],
            resolved_at=row["resolved_at"],
            resolution=TawasulResolution(row["resolution"]) if row["resolution"] else None,
            clock=TawasulClock(
                state=reading.state,
                as_of=reading.as_of,
                elapsed_working_minutes=reading.elapsed_minutes,
                target_working_minutes=reading.target_minutes,
                paused_since=reading.paused_since,
            ),
            escalation_level=row["escalation_level"],
            followers=row["followers"],
            channel=Channel(row["channel"]) if inside else None,
            location=TawasulLocation(
                latitude=place.latitude, longitude=place.longitude, address=place.address
            )
            if place
            else None,
            allowed_actions=sorted(view.allowed, key=lambda action: action.value),
            rating=TawasulRating(score=rated, comment=row["rating_comment"]) if rated else None,
            view=view,
        )


async def _messages(view: CaseView, info: Info, page: Any) -> Any:
    names = await messages.names_of(
        info.context.viewer, view, page.rows, "author_kind", "author_id"
    )
    attached = await files.of_subjects(messages.PURPOSE, [row["id"] for row in page.rows])
    nodes = [
        TawasulMessage(
            id=global_id("TawasulMessage", row["id"]),
            kind=TawasulStep(row["kind"]),
            author=_party(view, info, row["author_kind"], names.get(row["author_id"])),
            body=row["body"],
            sent_at=row["sent_at"],
            attachments=[Attachment.of(file) for file in attached.get(row["id"], ())],
        )
        for row in page.rows
    ]
    return Connection[TawasulMessage].over(nodes, page.cursors, page)


async def _notes(view: CaseView, info: Info, page: Any) -> Any:
    rows = [{**row, "kind": "AGENCY"} for row in page.rows]
    names = await messages.names_of(info.context.viewer, view, rows, "kind", "author_id")
    nodes = [
        TawasulNote(
            id=global_id("TawasulNote", row["id"]),
            author=_party(view, info, "AGENCY", names.get(row["author_id"])),
            body=row["body"],
            added_at=row["added_at"],
        )
        for row in page.rows
    ]
    return Connection[TawasulNote].over(nodes, page.cursors, page)


async def _history(view: CaseView, info: Info, page: Any) -> Any:
    names = await messages.names_of(info.context.viewer, view, page.rows, "actor_kind", "actor_id")
    nodes = [_entry(view, info, row, names) for row in page.rows]
    return Connection[TawasulHistoryEntry].over(nodes, page.cursors, page)


def _entry(
    view: CaseView, info: Info, row: Mapping[str, Any], names: Mapping[str, str]
) -> TawasulHistoryEntry:
    told = view.is_desk or row["public"]
    return TawasulHistoryEntry(
        id=global_id("TawasulHistoryEntry", row["id"]),
        at=row["at"],
        kind=TawasulStep(row["kind"]),
        status_from=TawasulStatus(row["status_from"]) if row["status_from"] else None,
        status_to=TawasulStatus(row["status_to"]),
        note=row["note"] if told else "",
        actor=_party(view, info, row["actor_kind"], names.get(row["actor_id"] or "")),
    )


def show(views: Sequence[CaseView]) -> list[TawasulCase]:
    """Return the GraphQL objects of cases."""
    return [TawasulCase.of(view) for view in views]
