"""What front ends send."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.core_types import Channel, OrderDirection, Weekday
from bawaba.graphql import leaf
from bawaba.text import both

from bawaba_tawasul.domain import (
    TawasulClockState,
    TawasulKind,
    TawasulResolution,
    TawasulStatus,
)
from bawaba_tawasul.graphql.words import TawasulCaseOrderField

_REFERENCE = ("The case's reference.", "مرجع الحالة.")
_BODY = ("What to say, 1 to 4,000 characters.", "النص، من 1 إلى 4000 حرف.")
_REASON = ("Why, 1 to 4,000 characters.", "السبب، من 1 إلى 4000 حرف.")
_FILES = ("Uploaded files, 10 at most.", "ملفات مرفوعة، 10 على الأكثر.")
_FROM = ("The first day on which it counts; today or later.", "أول يوم يسري فيه؛ اليوم أو بعده.")


@strawberry.input(description=both("Where a case is about.", "موقع الحالة."))
class TawasulLocationInput:
    """WGS 84."""

    latitude: float = leaf("Degrees north, -90 to 90.", "خط العرض، من -90 إلى 90.")
    longitude: float = leaf("Degrees east, -180 to 180.", "خط الطول، من -180 إلى 180.")
    address: str | None = leaf(
        "In words, 300 characters at most.", "العنوان، 300 حرف على الأكثر.", default=None
    )


@strawberry.input(description=both("A new case.", "حالة جديدة."))
class TawasulSubmitCaseInput:
    """What the citizen has to say, and to whom."""

    kind: TawasulKind = leaf("What it is; that of the category.", "نوعها؛ وهو نوع التصنيف.")
    agency: str = leaf("The agency's code.", "رمز الجهة.")
    category: str = leaf("The code of one of its categories.", "رمز أحد تصنيفاتها.")
    subject: str = leaf("In a line, 1 to 200 characters.", "العنوان، من 1 إلى 200 حرف.")
    body: str = leaf(*_BODY)
    location: TawasulLocationInput | None = leaf("Where.", "الموقع.", default=None)
    attachment_ids: list[strawberry.ID] | None = leaf(*_FILES, default=None)
    hide_identity: bool | None = leaf(
        "True: the agency is not told who you are.",
        "القيمة true: لا تُعرض هويتك على الجهة.",
        default=None,
    )
    channel: Channel = leaf("How it comes.", "قناة التقديم.")
    idempotency_key: str = leaf(
        "A fresh random key for each case that is meant anew.", "مفتاح عشوائي جديد لكل حالة جديدة."
    )


@strawberry.input(description=both("What a queue shows.", "تصفية القائمة."))
class TawasulCaseFilter:
    """Empty fields filter nothing."""

    statuses: list[TawasulStatus] | None = leaf(
        "By status; open cases by default.", "حسب الحالة؛ والافتراضي المفتوحة.", default=None
    )
    categories: list[str] | None = leaf("Codes of categories.", "رموز التصنيفات.", default=None)
    clock_states: list[TawasulClockState] | None = leaf("By clock.", "حسب الوقت.", default=None)
    assigned_to_me: bool | None = leaf(
        "True: only the viewer's.", "القيمة true: المسندة إلي فقط.", default=None
    )
    unassigned: bool | None = leaf(
        "True: only those of nobody.", "القيمة true: غير المسندة فقط.", default=None
    )
    text: str | None = leaf(
        "Words in Arabic or English, of open cases also their beginnings; the newest 500 matches"
        " are looked at.",
        "كلمات بالعربية أو الإنجليزية، وللحالات المفتوحة بداياتها أيضاً؛ ويُنظر في أحدث 500 نتيجة.",
        default=None,
    )


@strawberry.input(description=both("How a queue is sorted.", "ترتيب القائمة."))
class TawasulCaseOrder:
    """By one column, then by id."""

    field: TawasulCaseOrderField = leaf("By what.", "الأساس.")
    direction: OrderDirection = leaf("Which way.", "الاتجاه.")


@strawberry.input(description=both("Which case.", "تحديد حالة."))
class TawasulFollowCaseInput:
    """A case of somebody else."""

    reference: str = leaf(*_REFERENCE)


@strawberry.input(description=both("Who answers a case.", "إسناد حالة."))
class TawasulAssignCaseInput:
    """A handler, or whoever has the fewest open cases."""

    reference: str = leaf(*_REFERENCE)
    assignee_id: strawberry.ID | None = leaf(
        "The person; null: whoever has the fewest open cases.",
        "الشخص؛ وإن خلا فمن لديه أقل عدد من الحالات.",
        default=None,
    )


@strawberry.input(description=both("A reply.", "رد."))
class TawasulReplyInput:
    """From the desk or from the citizen."""

    reference: str = leaf(*_REFERENCE)
    body: str = leaf(*_BODY)
    attachment_ids: list[strawberry.ID] | None = leaf(*_FILES, default=None)
    template_id: strawberry.ID | None = leaf(
        "The template it was made with.", "القالب المستخدم.", default=None
    )


@strawberry.input(description=both("A question to the citizen.", "سؤال لمقدم الحالة."))
class TawasulRequestInformationInput:
    """The clock waits for the answer."""

    reference: str = leaf(*_REFERENCE)
    body: str = leaf(*_BODY)


@strawberry.input(description=both("The citizen's answer.", "إجابة مقدم الحالة."))
class TawasulAnswerRequestInput:
    """The clock runs on."""

    reference: str = leaf(*_REFERENCE)
    body: str = leaf(*_BODY)
    attachment_ids: list[strawberry.ID] | None = leaf(*_FILES, default=None)


@strawberry.input(description=both("An internal note.", "ملاحظة داخلية."))
class TawasulAddNoteInput:
    """For the agency's own team."""

    reference: str = leaf(*_REFERENCE)
    body: str = leaf(*_BODY)


@strawberry.input(description=both("An offer to another agency.", "إحالة إلى جهة أخرى."))
class TawasulTransferCaseInput:
    """Which one, and why."""

    reference: str = leaf(*_REFERENCE)
    agency: str = leaf("The other agency's code.", "رمز الجهة الأخرى.")
    category: str | None = leaf("A category of it.", "تصنيف لديها.", default=None)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("Taking a case over.", "قبول إحالة."))
class TawasulAcceptTransferInput:
    """Under which category it goes on."""

    reference: str = leaf(*_REFERENCE)
    category: str | None = leaf(
        "A category of yours; null: the one offered, or the first of its kind.",
        "تصنيف لديكم؛ وإن خلا فالمعروض أو أول تصنيف من نوعها.",
        default=None,
    )


@strawberry.input(description=both("Declining a case.", "رفض إحالة."))
class TawasulDeclineTransferInput:
    """Why it is not yours."""

    reference: str = leaf(*_REFERENCE)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("An arbiter's decision.", "قرار المحكّم."))
class TawasulArbitrateTransferInput:
    """Whose it is, for good."""

    reference: str = leaf(*_REFERENCE)
    agency: str = leaf("The agency that answers.", "رمز الجهة المعنية.")
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("A resolution.", "حل حالة."))
class TawasulResolveCaseInput:
    """Why it is resolved, and in which words."""

    reference: str = leaf(*_REFERENCE)
    reason: TawasulResolution = leaf("Why it is resolved.", "سبب الحل.")
    body: str = leaf(*_BODY)


@strawberry.input(description=both("Opening a case again.", "إعادة فتح حالة."))
class TawasulReopenCaseInput:
    """Within 14 days."""

    reference: str = leaf(*_REFERENCE)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("A rating.", "تقييم."))
class TawasulRateCaseInput:
    """Once a resolution, within 14 days."""

    reference: str = leaf(*_REFERENCE)
    score: int = leaf("1 to 5.", "من 1 إلى 5.")
    comment: str | None = leaf("In words.", "بالكلمات.", default=None)


@strawberry.input(description=both("An appeal.", "تظلم."))
class TawasulAppealCaseInput:
    """After a poor rating."""

    reference: str = leaf(*_REFERENCE)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("Taking a case back.", "سحب حالة."))
class TawasulWithdrawCaseInput:
    """It ends."""

    reference: str = leaf(*_REFERENCE)
    reason: str | None = leaf("Why.", "السبب.", default=None)


@strawberry.input(description=both("Linking cases that say the same.", "ربط حالتين متشابهتين."))
class TawasulLinkDuplicateInput:
    """Inside one agency."""

    reference: str = leaf(*_REFERENCE)
    of: str = leaf("The case that it follows from now on.", "الحالة التي تتبعها.")


@strawberry.input(description=both("Splitting a case off.", "فصل حالة."))
class TawasulSplitDuplicateInput:
    """It goes its own way again."""

    reference: str = leaf(*_REFERENCE)


@strawberry.input(description=both("A wish to know a hidden identity.", "طلب كشف هوية."))
class TawasulRequestIdentityInput:
    """A second person must agree."""

    reference: str = leaf(*_REFERENCE)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("Agreeing to open an identity.", "الموافقة على كشف هوية."))
class TawasulApproveIdentityInput:
    """By another person than who asked."""

    request_id: strawberry.ID = leaf("The request.", "الطلب.")


@strawberry.input(description=both("A day off.", "عطلة."))
class TawasulHolidayInput:
    """A day of the same English name replaces one that was only estimated."""

    on: dt.date = leaf("The day.", "اليوم.")
    name_ar: str = leaf("Its name in Arabic.", "اسمها بالعربية.")
    name_en: str = leaf("Its name in English.", "اسمها بالإنجليزية.")


@strawberry.input(description=both("Working hours.", "ساعات عمل."))
class TawasulHoursInput:
    """Of the week, or, with days, of a season such as Ramadan."""

    weekdays: list[Weekday] = leaf("On which weekdays.", "أيام الأسبوع.")
    opens_at: dt.time = leaf("When work begins, local time.", "بداية الدوام بالتوقيت المحلي.")
    closes_at: dt.time = leaf("When it ends.", "نهاية الدوام.")
    since: dt.date | None = leaf(
        "A season's first day.", "أول أيام الموسم.", name="from", default=None
    )
    until: dt.date | None = leaf(
        "A season's last day.", "آخر أيام الموسم.", name="to", default=None
    )


@strawberry.input(description=both("An amendment of a calendar.", "تعديل التقويم."))
class TawasulAmendCalendarInput:
    """Undated hours replace the week's; dated ones and holidays are added."""

    agency: str | None = leaf(
        "The agency; null: everybody's calendar.", "الجهة؛ وإن خلت فتقويم الجميع.", default=None
    )
    holidays: list[TawasulHolidayInput] | None = leaf("Days off.", "العطل.", default=None)
    hours: list[TawasulHoursInput] | None = leaf("Working hours.", "ساعات العمل.", default=None)
    effective_from: dt.date = leaf(*_FROM)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("New targets.", "مدد جديدة."))
class TawasulAmendTargetsInput:
    """For cases submitted from a day on."""

    category_id: strawberry.ID = leaf("The category.", "التصنيف.")
    first_reply_hours: int = leaf(
        "Working hours to the first reply, 1 to 1,000.", "ساعات العمل حتى أول رد، من 1 إلى 1000."
    )
    resolution_days: int = leaf(
        "Working days to the resolution, 1 to 250.", "أيام العمل حتى الحل، من 1 إلى 250."
    )
    effective_from: dt.date = leaf(*_FROM)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("A rung of a ladder.", "درجة في سلم التصعيد."))
class TawasulRungInput:
    """At which part of the target who is told."""

    percent: int = leaf("Of the target, 10 to 1,000.", "نسبة من المدة، من 10 إلى 1000.")
    tell: list[str] = leaf(
        "Permissions whose holders in the agency are told, e.g. tawasul.supervise.",
        "الصلاحيات التي يُخطر أصحابها لدى الجهة، مثل tawasul.supervise.",
    )


@strawberry.input(description=both("A new escalation ladder.", "سلم تصعيد جديد."))
class TawasulAmendLadderInput:
    """For clocks that start from a day on."""

    agency: str | None = leaf(
        "The agency; null: everybody's ladder.", "الجهة؛ وإن خلت فسلم الجميع.", default=None
    )
    rungs: list[TawasulRungInput] = leaf("1 to 6, rising.", "من 1 إلى 6، تصاعدياً.")
    effective_from: dt.date = leaf(*_FROM)
    reason: str = leaf(*_REASON)


@strawberry.input(description=both("A reply to be used again.", "قالب رد."))
class TawasulSaveTemplateInput:
    """The title names it inside the agency."""

    agency: str = leaf("The agency's code.", "رمز الجهة.")
    title: str = leaf("Its title, 1 to 200 characters.", "عنوانه، من 1 إلى 200 حرف.")
    body_en: str = leaf("In English.", "بالإنجليزية.")
    body_ar: str = leaf("In Arabic.", "بالعربية.")


@strawberry.input(description=both("Taking a template out of use.", "إيقاف قالب."))
class TawasulRetireTemplateInput:
    """Replies made with it stay."""

    template_id: strawberry.ID = leaf("The template.", "القالب.")
