"""The enums of Tawasul, described."""

from __future__ import annotations

import enum

import strawberry
from bawaba.core_types import described
from bawaba.graphql import enum_value
from bawaba.text import both

from bawaba_tawasul import domain
from bawaba_tawasul.domain import TawasulStep

described(
    domain.TawasulKind,
    {
        "COMPLAINT": ("A complaint.", "شكوى."),
        "SUGGESTION": ("A suggestion.", "مقترح."),
        "INQUIRY": ("An inquiry.", "استفسار."),
    },
    "What a citizen has to say.",
    "نوع الحالة.",
)
described(
    domain.TawasulStatus,
    {
        "SUBMITTED": ("With its agency, with nobody yet.", "لدى الجهة ولم تُسند بعد."),
        "ASSIGNED": ("Somebody works on it.", "مسندة إلى موظف."),
        "AWAITING_INFORMATION": ("The citizen was asked something.", "بانتظار معلومات من مقدمها."),
        "TRANSFER_OFFERED": ("Offered to another agency.", "معروضة على جهة أخرى."),
        "IN_ARBITRATION": ("An arbiter decides whose it is.", "لدى المحكّم لتحديد الجهة."),
        "RESOLVED": (
            "Resolved; it can be rated and reopened.",
            "محلولة ويمكن تقييمها وإعادة فتحها.",
        ),
        "REOPENED": ("The citizen opened it again.", "أعاد مقدمها فتحها."),
        "APPEALED": ("The citizen appealed against the resolution.", "تظلم مقدمها من الحل."),
        "CLOSED": ("Over.", "مغلقة."),
        "WITHDRAWN": ("The citizen took it back.", "سحبها مقدمها."),
    },
    "Where a case stands.",
    "حالة سير الحالة.",
)
STEP_WORDS = {
    "SUBMITTED": ("It was submitted.", "قُدمت."),
    "ASSIGNED": ("It was given to somebody.", "أُسندت."),
    "REPLIED": ("Agency or citizen wrote.", "أُضيف رد."),
    "INFORMATION_REQUESTED": ("The agency asked; the clock waits.", "طُلبت معلومات وتوقف الوقت."),
    "INFORMATION_GIVEN": ("The citizen answered; the clock runs.", "قُدمت المعلومات واستؤنف الوقت."),
    "WAIT_LAPSED": ("No answer came in time; the clock runs.", "انتهت مهلة الرد واستؤنف الوقت."),
    "NOTE_ADDED": ("The desk wrote a note for itself.", "أُضيفت ملاحظة داخلية."),
    "TRANSFER_OFFERED": ("It was offered to another agency.", "عُرضت على جهة أخرى."),
    "TRANSFER_ACCEPTED": ("Another agency took it over.", "قبلتها جهة أخرى."),
    "TRANSFER_DECLINED": ("The other agency declined.", "رفضتها الجهة الأخرى."),
    "SENT_TO_ARBITER": ("An arbiter must decide whose it is.", "أُحيلت إلى المحكّم."),
    "ARBITRATED": ("The arbiter decided.", "حسمها المحكّم."),
    "RESOLVED": ("It was resolved.", "تم حل الحالة."),
    "RATED": ("The citizen rated the resolution.", "قُيّم الحل."),
    "REOPENED": ("The citizen opened it again.", "أُعيد فتحها."),
    "APPEALED": ("The citizen appealed.", "قُدم تظلم."),
    "WITHDRAWN": ("The citizen took it back.", "سُحبت."),
    "CLOSED": ("It was closed.", "أُغلقت."),
    "LINKED": ("It follows another case like it.", "رُبطت بحالة مشابهة."),
    "SPLIT": ("It goes its own way again.", "فُصلت عن الحالة المشابهة."),
    "FOLLOWED": ("Somebody else follows it.", "تابعها شخص آخر."),
    "ESCALATED": ("It used up a part of its time that others are told of.", "صُعّدت."),
    "DEADLINE_CHANGED": ("A calendar was amended.", "تغير الموعد لتعديل التقويم."),
    "IDENTITY_REQUESTED": ("The desk asked to know who submitted it.", "طُلب كشف الهوية."),
    "IDENTITY_OPENED": ("A second person agreed.", "كُشفت الهوية."),
}
described(TawasulStep, STEP_WORDS, "What happened to a case.", "خطوة في سير الحالة.")
described(
    domain.TawasulResolution,
    {
        "DONE": ("What was asked for is done.", "نُفذ المطلوب."),
        "ANSWERED": ("The question is answered.", "أُجيب عن الاستفسار."),
        "ACCEPTED": ("The suggestion is accepted.", "قُبل المقترح."),
        "NOT_JUSTIFIED": ("Nothing wrong was found.", "لم يثبت ما ورد فيها."),
        "NOT_POSSIBLE": (
            "It cannot be done, for the reasons given.",
            "يتعذر التنفيذ للأسباب المبينة.",
        ),
    },
    "Why a case is resolved.",
    "سبب الحل.",
)
described(
    domain.TawasulClockState,
    {
        "RUNNING": ("In time, running in working hours.", "ضمن المدة."),
        "PAUSED": ("Waiting for the citizen.", "متوقف بانتظار مقدم الحالة."),
        "OVERDUE": ("Past the deadline.", "متجاوز للمدة."),
        "STOPPED": ("Resolved, closed or withdrawn.", "متوقف لانتهاء الحالة."),
    },
    "What the clock of a case does.",
    "حالة احتساب الوقت.",
)
described(
    domain.TawasulAction,
    {
        "ASSIGN": ("Give it to a handler.", "إسناد."),
        "REPLY": ("Write a reply.", "رد."),
        "REQUEST_INFORMATION": ("Ask the citizen.", "طلب معلومات."),
        "ANSWER_REQUEST": ("Answer the agency's question.", "تقديم المعلومات."),
        "ADD_NOTE": ("Write an internal note.", "إضافة ملاحظة داخلية."),
        "TRANSFER": ("Offer it to another agency.", "إحالة إلى جهة أخرى."),
        "ACCEPT_TRANSFER": ("Take it over.", "قبول الإحالة."),
        "DECLINE_TRANSFER": ("Decline it.", "رفض الإحالة."),
        "ARBITRATE": ("Decide whose it is.", "تحكيم."),
        "RESOLVE": ("Resolve it.", "حل."),
        "REOPEN": ("Open it again.", "إعادة فتح."),
        "RATE": ("Rate the resolution.", "تقييم."),
        "APPEAL": ("Appeal against the resolution.", "تظلم."),
        "WITHDRAW": ("Take it back.", "سحب."),
        "LINK_DUPLICATE": ("Link it to a case like it.", "ربط بحالة مشابهة."),
        "SPLIT_DUPLICATE": ("Split it off again.", "فصل."),
        "REQUEST_IDENTITY": ("Ask to know who submitted it.", "طلب كشف الهوية."),
        "FOLLOW": ("Follow it.", "متابعة."),
    },
    "What the viewer may do with a case now.",
    "ما يجوز للمستخدم فعله الآن.",
)
described(
    domain.TawasulPartyKind,
    {
        "CITIZEN": ("A citizen or resident.", "مواطن أو مقيم."),
        "AGENCY": ("The agency's team.", "فريق الجهة."),
        "ARBITER": ("The arbiter of transfers.", "محكّم الإحالات."),
        "PLATFORM": ("The platform by itself.", "المنصة."),
    },
    "On whose side somebody stands.",
    "الطرف.",
)
described(
    domain.TawasulIdentityRequestStatus,
    {
        "PENDING": ("A second person must agree.", "بانتظار موافقة شخص آخر."),
        "APPROVED": ("Opened to the two people.", "تمت الموافقة."),
    },
    "Where a request to open an identity stands.",
    "حالة طلب كشف الهوية.",
)
described(
    domain.TawasulPerformanceDimension,
    {
        "AGENCY": ("By agency.", "حسب الجهة."),
        "CATEGORY": ("By category.", "حسب التصنيف."),
        "MONTH": ("By calendar month.", "حسب الشهر."),
    },
    "By what performance is grouped.",
    "بُعد تجميع الأداء.",
)


@strawberry.enum(description=both("By what a queue is sorted.", "أساس ترتيب القائمة."))
class TawasulCaseOrderField(enum.Enum):
    """Columns of a queue that have an index."""

    DUE_AT = enum_value("due_at", "By deadline.", "حسب الموعد.")
    SUBMITTED_AT = enum_value("submitted_at", "By submission.", "حسب وقت التقديم.")


TawasulUpdateKind = enum.Enum(  # type: ignore[misc]
    "TawasulUpdateKind",
    {"SNAPSHOT": "SNAPSHOT", "LEFT": "LEFT", **{step.name: step.value for step in TawasulStep}},
    module=__name__,
)
"""What a live value tells of: a step, the present state, or a case that went elsewhere."""
described(
    TawasulUpdateKind,
    {
        "SNAPSHOT": ("The state now.", "الحالة الآن."),
        "LEFT": ("A case is not this agency's to see any more.", "لم تعد الحالة لدى هذه الجهة."),
        **STEP_WORDS,
    },
    "Why a live value was sent.",
    "سبب إرسال القيمة الحية.",
)
