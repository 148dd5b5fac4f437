"""What front ends send."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.graphql import leaf
from bawaba.text import Language, both

from bawaba_emeeting.domain import (
    MeetingAdoptionStatus,
    MeetingAttendanceStatus,
    MeetingBallotKind,
    MeetingChoice,
    MeetingCommentVisibility,
    MeetingKind,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingQuorumBase,
    MeetingQuorumLossPolicy,
    MeetingTiePolicy,
)

_MEETING = ("The meeting.", "الاجتماع.")
_MOTION = ("The motion.", "المقترح.")
_COUNCIL = ("The council's code.", "رمز المجلس.")
_REASON = ("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
_KEY = ("A fresh random key for each wish.", "مفتاح عشوائي جديد لكل طلب.")


@strawberry.input(description=both("An item of a new agenda.", "بند في جدول أعمال جديد."))
class MeetingAgendaItemInput:
    """In its place."""

    title: str = leaf("Its title, 1 to 300 characters.", "عنوانه، من 1 إلى 300 حرف.")
    body: str | None = leaf("What it is about.", "تفاصيله.", default=None)


@strawberry.input(description=both("A new meeting.", "اجتماع جديد."))
class MeetingScheduleInput:
    """What is put on the calendar."""

    council: str = leaf(*_COUNCIL)
    kind: MeetingKind = leaf("Its kind.", "نوعه.")
    is_closed: bool | None = leaf("Whether the public is shut out.", "هل هو مغلق.", default=None)
    title: str = leaf("What it is about, 1 to 300 characters.", "موضوعه، من 1 إلى 300 حرف.")
    scheduled_at: dt.datetime = leaf("When it is to begin.", "موعده.")
    agenda: list[MeetingAgendaItemInput] = leaf("1 to 30 items.", "من 1 إلى 30 بنداً.")


@strawberry.input(description=both("Which meeting to open.", "الاجتماع المطلوب افتتاحه."))
class MeetingConveneInput:
    """Input of meetingConvene."""

    meeting_id: strawberry.ID = leaf(*_MEETING)


@strawberry.input(description=both("In which meeting to count.", "الاجتماع المطلوب إحصاء حضوره."))
class MeetingRecountInput:
    """Input of meetingRecount."""

    meeting_id: strawberry.ID = leaf(*_MEETING)


@strawberry.input(description=both("Which meeting to adjourn.", "الاجتماع المطلوب تأجيله."))
class MeetingAdjournInput:
    """Input of meetingAdjourn."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    reason: str | None = leaf(*_REASON, default=None)
    resumes_at: dt.datetime | None = leaf(
        "When it goes on; without it the meeting ends.", "موعد الاستئناف؛ وبدونه ينتهي الاجتماع.",
        default=None,
    )  # fmt: skip


@strawberry.input(description=both("Coming to a meeting.", "تسجيل الحضور."))
class MeetingCheckInInput:
    """Input of meetingCheckIn."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    remote: bool | None = leaf("Whether from afar.", "هل الحضور عن بعد.", default=None)


@strawberry.input(description=both("How a member attends.", "حضور عضو."))
class MeetingRecordAttendanceInput:
    """Input of meetingRecordAttendance."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    member_id: strawberry.ID = leaf("The member.", "العضو.")
    status: MeetingAttendanceStatus = leaf("How.", "الحالة.")
    reason: str | None = leaf(*_REASON, default=None)


@strawberry.input(description=both("To which item to go.", "البند المطلوب الانتقال إليه."))
class MeetingMoveToAgendaItemInput:
    """Input of meetingMoveToAgendaItem."""

    agenda_item_id: strawberry.ID = leaf("The item.", "البند.")


@strawberry.input(description=both("A document for an item.", "وثيقة لبند."))
class MeetingAddDocumentInput:
    """Input of meetingAddDocument."""

    agenda_item_id: strawberry.ID = leaf("The item.", "البند.")
    title: str = leaf("Its title, 1 to 300 characters.", "عنوانها، من 1 إلى 300 حرف.")
    attachment_id: strawberry.ID = leaf("The uploaded file.", "الملف المرفوع.")
    document_id: strawberry.ID | None = leaf(
        "Of which document it is a new version.", "الوثيقة التي تُضاف لها نسخة جديدة.", default=None
    )


@strawberry.input(description=both("A region of a page.", "منطقة من الصفحة."))
class MeetingRectangleInput:
    """Shares of the page, from its upper left corner."""

    x: float = leaf("From the left, 0 to 1.", "من اليسار، من 0 إلى 1.")
    y: float = leaf("From the top, 0 to 1.", "من الأعلى، من 0 إلى 1.")
    width: float = leaf("Its width, above 0.", "العرض، أكبر من 0.")
    height: float = leaf("Its height, above 0.", "الارتفاع، أكبر من 0.")


@strawberry.input(description=both("A comment on a document.", "تعليق على وثيقة."))
class MeetingCommentInput:
    """Input of meetingComment."""

    document_id: strawberry.ID = leaf("The document.", "الوثيقة.")
    page: int | None = leaf("The page, from 1.", "الصفحة، من 1.", default=None)
    rectangle: MeetingRectangleInput | None = leaf(
        "The region of the page.", "المنطقة من الصفحة.", default=None
    )
    quote: str | None = leaf("The words that it is about.", "الاقتباس.", default=None)
    body: str = leaf("What to say, 1 to 4,000 characters.", "النص، من 1 إلى 4000 حرف.")
    visibility: MeetingCommentVisibility = leaf("Who reads it.", "من يطلع عليه.")


@strawberry.input(description=both("A candidate.", "مرشح."))
class MeetingCandidateInput:
    """Of an election."""

    name: str = leaf("The name.", "الاسم.")
    member_id: strawberry.ID | None = leaf("If a member.", "إن كان عضواً.", default=None)


@strawberry.input(description=both("A new motion.", "مقترح جديد."))
class MeetingProposeMotionInput:
    """Input of meetingProposeMotion."""

    agenda_item_id: strawberry.ID = leaf("The item.", "البند.")
    text: str = leaf("What is proposed, 1 to 4,000 characters.", "النص، من 1 إلى 4000 حرف.")
    ballot: MeetingBallotKind = leaf("Open or secret.", "علني أو سري.")
    majority: MeetingMajority = leaf("How much must say Yes.", "الأغلبية المطلوبة.")
    base: MeetingMajorityBase = leaf("Of what.", "أساسها.")
    candidates: list[MeetingCandidateInput] | None = leaf(
        "Who stands in an election, 20 at most.", "المرشحون، 20 على الأكثر.", default=None
    )
    en_bloc: list[strawberry.ID] | None = leaf(
        "Motions of the meeting that are decided together by this one, 20 at most.",
        "مقترحات تُحسم معاً بهذا المقترح، 20 على الأكثر.",
        default=None,
    )


@strawberry.input(description=both("Which voting to open.", "التصويت المطلوب فتحه."))
class MeetingOpenVotingInput:
    """Input of meetingOpenVoting."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("A vote.", "صوت."))
class MeetingCastVoteInput:
    """Input of meetingCastVote."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    choice: MeetingChoice | None = leaf(
        "What to say; of an election only ABSTAIN.",
        "الصوت؛ وفي الانتخاب الامتناع فقط.",
        default=None,
    )
    on_behalf_of: strawberry.ID | None = leaf(
        "The member who gave you their vote.", "العضو الذي وكلك بصوته.", default=None
    )
    candidate_ids: list[strawberry.ID] | None = leaf(
        "The one candidate of an election.", "المرشح في الانتخاب.", default=None
    )
    ballot_nonce: str | None = leaf(
        "Of a secret ballot: 32 fresh random bytes as base64url without padding, kept by the"
        " tablet.",
        "للاقتراع السري: 32 بايتاً عشوائياً بترميز base64url دون حشو، يحتفظ بها الجهاز.",
        default=None,
    )
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Which voting to close.", "التصويت المطلوب إغلاقه."))
class MeetingCloseVotingInput:
    """Input of meetingCloseVoting."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Deciding a tie.", "حسم تعادل."))
class MeetingCastingVoteInput:
    """Input of meetingCastingVote."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    choice: MeetingChoice = leaf("YES or NO.", "موافق أو غير موافق.")
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Deciding a tied election by lot.", "حسم انتخاب بالقرعة."))
class MeetingDrawLotInput:
    """Input of meetingDrawLot."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Which voting to annul.", "التصويت المطلوب إلغاؤه."))
class MeetingAnnulVotingInput:
    """Input of meetingAnnulVoting."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    reason: str = leaf(*_REASON)
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Standing aside.", "التنحي."))
class MeetingRecuseInput:
    """Input of meetingRecuse."""

    motion_id: strawberry.ID = leaf(*_MOTION)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("Giving one's vote to another.", "توكيل عضو بالصوت."))
class MeetingGiveProxyInput:
    """Input of meetingGiveProxy."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    holder_id: strawberry.ID = leaf("The member who holds it.", "العضو الوكيل.")
    weight: int | None = leaf(
        "So much of it; all by default.", "الوزن؛ والافتراضي كله.", default=None
    )


@strawberry.input(description=both("Taking one's vote back.", "إلغاء توكيل."))
class MeetingRevokeProxyInput:
    """Input of meetingRevokeProxy."""

    proxy_id: strawberry.ID = leaf("The proxy.", "التوكيل.")


@strawberry.input(description=both("What a convening needs.", "ما يلزم لانعقاد."))
class MeetingConveningInput:
    """A rung of the ladder; of a later one as much as of the one before, or less."""

    numerator: int = leaf("Of the fraction.", "بسط الكسر.")
    denominator: int = leaf("Of the fraction.", "مقام الكسر.")
    is_strict: bool = leaf(
        "True: more than the fraction; false: at least it.",
        "القيمة true: أكثر من الكسر؛ وfalse: لا يقل عنه.",
    )
    wait_minutes: int = leaf("0 to 1,440.", "من 0 إلى 1440.")


@strawberry.input(description=both("Amended rules of procedure.", "تعديل قواعد الإجراءات."))
class MeetingAmendRulesInput:
    """What is absent stays as it was."""

    council: str = leaf(*_COUNCIL)
    effective_from: dt.datetime = leaf("From when on; now or later.", "يسري من؛ الآن أو بعده.")
    quorum_numerator: int | None = leaf("Of the fraction.", "بسط الكسر.", default=None)
    quorum_denominator: int | None = leaf("Of the fraction.", "مقام الكسر.", default=None)
    quorum_is_strict: bool | None = leaf(
        "True: more than the fraction; false: at least it.",
        "القيمة true: أكثر من الكسر؛ وfalse: لا يقل عنه.",
        default=None,
    )
    ladder: list[MeetingConveningInput] | None = leaf(
        "What the first, second, … convening needs, 1 to 5; instead of the fields for the first.",
        "ما يلزم للانعقاد الأول فالثاني وما بعدهما، من 1 إلى 5؛ بدلاً من حقول الأول.",
        default=None,
    )
    majorities: list[MeetingMajority] | None = leaf(
        "Those that a motion may ask for.", "الأغلبيات التي يجوز طلبها.", default=None
    )
    bases: list[MeetingMajorityBase] | None = leaf(
        "Those that a majority may be taken of.",
        "الأسس التي يجوز احتساب الأغلبية منها.",
        default=None,
    )
    quorum_base: MeetingQuorumBase | None = leaf("Of whom.", "أساس النصاب.", default=None)
    wait_minutes: int | None = leaf("0 to 1,440.", "من 0 إلى 1440.", default=None)
    on_quorum_loss: MeetingQuorumLossPolicy | None = leaf(
        "What becomes of a vote.", "أثر فقدان النصاب.", default=None
    )
    tie: MeetingTiePolicy | None = leaf("What becomes of a tie.", "حكم التعادل.", default=None)
    remote_counts: bool | None = leaf("Members may be remote.", "قبول الحضور عن بعد.", default=None)
    recused_count: bool | None = leaf(
        "The recused count for the quorum.", "احتساب المتنحي في النصاب.", default=None
    )
    abstentions_count: bool | None = leaf(
        "Abstentions are votes cast.", "احتساب الامتناع من الأصوات.", default=None
    )
    change_allowed: bool | None = leaf(
        "Open votes may be changed until the close.", "جواز تغيير الصوت العلني.", default=None
    )
    hide_until_close: bool | None = leaf(
        "Open votes are hidden until the close.", "إخفاء الأصوات العلنية حتى الإغلاق.", default=None
    )
    proxies_per_holder: int | None = leaf("0 to 100.", "من 0 إلى 100.", default=None)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("The next step of an adoption.", "الخطوة التالية في التطبيق."))
class MeetingRecordAdoptionInput:
    """Input of meetingRecordAdoption."""

    council: str = leaf(*_COUNCIL)
    status: MeetingAdoptionStatus = leaf("What was reached.", "المرحلة.")
    reference: str = leaf("The paper that says so.", "مرجع القرار.")


@strawberry.input(description=both("Who is to operate.", "تعيين مشغل."))
class MeetingAppointOperatorInput:
    """Input of meetingAppointOperator."""

    council: str = leaf(*_COUNCIL)
    person_id: strawberry.ID = leaf("The person.", "الشخص.")


@strawberry.input(description=both("An amendment of the minutes.", "تعديل على المحضر."))
class MeetingAmendMinutesInput:
    """Input of meetingAmendMinutes."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    version: int = leaf("The version that was read.", "النسخة المقروءة.")
    section: str = leaf("The section's key.", "مفتاح القسم.")
    text: str = leaf("The new text, 1 to 20,000 characters.", "النص الجديد، من 1 إلى 20000 حرف.")
    language: Language = leaf("In which language.", "اللغة.")


@strawberry.input(description=both("A signature under the minutes.", "توقيع على المحضر."))
class MeetingApproveMinutesInput:
    """Input of meetingApproveMinutes."""

    meeting_id: strawberry.ID = leaf(*_MEETING)
    version: int = leaf("The version that was read.", "النسخة المقروءة.")
