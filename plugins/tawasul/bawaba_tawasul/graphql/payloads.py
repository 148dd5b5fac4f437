"""The outcomes of mutations, and what inputs mean."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from bawaba.graphql import Node, UserError, argument, global_id, leaf, raw_id
from bawaba.text import both
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import Location, Sight, Submission, TawasulIdentityRequestStatus
from bawaba_tawasul.graphql import inputs
from bawaba_tawasul.graphql.types import TawasulCase, TawasulCategory, TawasulParty
from bawaba_tawasul.services import cases

ASKED = argument("What to do.", "المطلوب.")
_ERRORS = ("Why it was refused.", "أسباب الرفض.")


@strawberry.type(description=both("What became of a case.", "نتيجة العملية على الحالة."))
class TawasulCasePayload:
    """The case, or why nothing was done."""

    case: TawasulCase | None = leaf(
        "The case now; null when refused. Once it is not yours to work on any more (e.g. declined),"
        " its summary: what anybody may know who follows it.",
        "الحالة الآن؛ وقيمة فارغة عند الرفض. وإن لم تعد من اختصاصك (كأن رفضت إحالتها)"
        " فملخصها: ما يتاح لكل من يتابعها.",
        default=None,
    )
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("A wish to know a hidden identity.", "طلب كشف هوية."))
class TawasulIdentityRequest(Node):
    """Asked by one person, approved by another."""

    status: TawasulIdentityRequestStatus = leaf("Where it stands.", "حالته.")
    reason: str = leaf("Why it was asked.", "السبب.")
    requested_at: dt.datetime = leaf("When it was asked.", "وقت الطلب.")
    case_reference: str = leaf("The case's reference.", "مرجع الحالة.")
    submitter: TawasulParty | None = leaf(
        "Who submitted the case; for the two people once it is approved.",
        "مقدم الحالة؛ للشخصين بعد الموافقة.",
    )


@strawberry.type(description=both("What became of the wish.", "نتيجة طلب كشف الهوية."))
class TawasulIdentityPayload:
    """The request, or why nothing was done."""

    request: TawasulIdentityRequest | None = leaf("The request.", "الطلب.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("A step in a calendar's history.", "تعديل على التقويم."))
class TawasulCalendar(Node):
    """An amendment."""

    effective_from: dt.date = leaf("From which day it counts.", "يسري من.")
    reason: str = leaf("Why.", "السبب.")


@strawberry.type(description=both("Deadlines being computed anew.", "إعادة حساب المواعيد."))
class TawasulRecomputation(Node):
    """How far it is; ask ``node(id)`` again."""

    done: int = leaf("Cases computed so far.", "الحالات المنجزة.")
    total: int = leaf("Open cases in all.", "إجمالي الحالات المفتوحة.")
    finished_at: dt.datetime | None = leaf("When it ended.", "وقت الانتهاء.")

    @classmethod
    def of(cls, row: Any) -> TawasulRecomputation:
        """Return the GraphQL object of a row."""
        return cls(
            id=global_id("TawasulRecomputation", row["id"]),
            done=row["done"],
            total=row["total"],
            finished_at=row["finished_at"],
        )


@strawberry.type(description=both("What became of an amendment.", "نتيجة تعديل التقويم."))
class TawasulCalendarPayload:
    """The amendment and what hangs on it."""

    calendar: TawasulCalendar | None = leaf("The amendment.", "التعديل.", default=None)
    recomputation: TawasulRecomputation | None = leaf(
        "The open cases' deadlines being computed anew.", "إعادة حساب مواعيد الحالات.", default=None
    )
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("What became of new targets.", "نتيجة تعديل المدد."))
class TawasulTargetsPayload:
    """The category with its targets of today."""

    category: TawasulCategory | None = leaf("The category.", "التصنيف.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("A rung of a ladder.", "درجة في سلم التصعيد."))
class TawasulRung:
    """At which part of the target who is told."""

    percent: int = leaf("Of the target.", "نسبة من المدة.")
    tell: list[str] = leaf("Permissions whose holders are told.", "الصلاحيات المخطرة.", bound=20)


@strawberry.type(description=both("An escalation ladder.", "سلم تصعيد."))
class TawasulLadder(Node):
    """From a day on."""

    effective_from: dt.date = leaf("From which day it counts.", "يسري من.")
    rungs: list[TawasulRung] = leaf("Its rungs, rising.", "درجاته.", bound=6)


@strawberry.type(description=both("What became of a new ladder.", "نتيجة تعديل سلم التصعيد."))
class TawasulLadderPayload:
    """The ladder, or why nothing was done."""

    ladder: TawasulLadder | None = leaf("The ladder.", "السلم.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("A reply to be used again.", "قالب رد."))
class TawasulTemplate(Node):
    """In both languages."""

    title: str = leaf("Its title.", "عنوانه.")
    body_en: str = leaf("In English.", "بالإنجليزية.")
    body_ar: str = leaf("In Arabic.", "بالعربية.")
    used: int = leaf("How often it was used.", "عدد مرات الاستخدام.")
    retired: bool = leaf("Whether it is out of use.", "هل أوقف استخدامه.")

    @classmethod
    def of(cls, row: Any) -> TawasulTemplate:
        """Return the GraphQL object of a row."""
        return cls(
            id=global_id("TawasulTemplate", row["id"]),
            title=row["title"],
            body_en=row["body_en"],
            body_ar=row["body_ar"],
            used=row["used"],
            retired=row["retired"],
        )


@strawberry.type(description=both("What became of a template.", "نتيجة تعديل القالب."))
class TawasulTemplatePayload:
    """The template, or why nothing was done."""

    template: TawasulTemplate | None = leaf("The template.", "القالب.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


async def case_payload(viewer: Viewer, reference: str) -> TawasulCasePayload:
    """Return the case as the viewer sees it after what was done: its summary at least."""
    view = await cases.case(viewer, reference, Sight.SUMMARY)
    return TawasulCasePayload(case=TawasulCase.of(view) if view else None, errors=[])


def submission(asked: inputs.TawasulSubmitCaseInput) -> Submission:
    """Return what is submitted, as typed."""
    place = asked.location
    return Submission(
        kind=asked.kind,
        agency=asked.agency,
        category=asked.category,
        subject=asked.subject,
        body=asked.body,
        channel=asked.channel.value,
        location=Location(place.latitude, place.longitude, place.address or "") if place else None,
        attachment_ids=tuple(map(str, asked.attachment_ids or ())),
        hide_identity=bool(asked.hide_identity),
    )


def uploads(asked: Any) -> list[str]:
    """Return the ids of the files that an input names."""
    return [str(each) for each in asked.attachment_ids or ()]


def person(value: strawberry.ID | None) -> str | None:
    """Return the raw id of a person, if one is named.

    Raises:
        NotFound: it is not a person's id.
    """
    return None if value is None else raw_id(value, "Person", "assigneeId")


def template(value: strawberry.ID | None) -> str | None:
    """Return the raw id of a template, if one is named.

    Raises:
        NotFound: it is not a template's id.
    """
    return None if value is None else raw_id(value, "TawasulTemplate", "templateId")
