"""Why Tawasul refuses: one class a code."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.text import Text


class BadText(Refusal):
    """What was written is empty or too long. The bounds stand in the input's description."""

    code = "TAWASUL_BAD_TEXT"
    text = Text("Write {least} to {most} characters.", "اكتب نصاً من {least} إلى {most} حرف.")


class BadLocation(Refusal):
    """Latitude is -90 to 90 degrees, longitude -180 to 180."""

    code = "TAWASUL_BAD_LOCATION"
    text = Text("This is no place on Earth.", "هذا ليس موقعاً على الأرض.")


class KindMismatch(Refusal):
    """The category takes cases of another kind. Ask ``tawasulCategories`` for the right one."""

    code = "TAWASUL_KIND_MISMATCH"
    text = Text("This category is for another kind of case.", "هذا التصنيف مخصص لنوع آخر.")


class WrongStatus(Refusal):
    """The case is not in a state in which this can be done. ``allowedActions`` says what can."""

    code = "TAWASUL_WRONG_STATUS"
    text = Text(
        "This cannot be done while the case is {status}.",
        "لا يمكن القيام بذلك والحالة {status_ar}.",
    )


class NotTheAssignee(Refusal):
    """Only whom the case is assigned to, or a supervisor, may do this. Assign it first."""

    code = "TAWASUL_NOT_THE_ASSIGNEE"
    text = Text(
        "Only the person whom the case is assigned to may do this.",
        "لا يقوم بذلك إلا الموظف المسندة إليه الحالة.",
    )


class NotAHandler(Refusal):
    """The assignee must be a case handler of the case's agency whose account is open."""

    code = "TAWASUL_NOT_A_HANDLER"
    text = Text(
        "This person does not handle the agency's cases.",
        "هذا الشخص لا يعالج حالات هذه الجهة.",
    )


class HandlerExcluded(Refusal):
    """An appeal is decided by somebody else than whoever handled the case before."""

    code = "TAWASUL_HANDLER_EXCLUDED"
    text = Text(
        "Whoever handled the case before may not decide its appeal.",
        "لا ينظر في التظلم من عالج الحالة سابقاً.",
    )


class NobodyToAssign(Refusal):
    """The agency has no case handler who may take it. Grant the role to somebody."""

    code = "TAWASUL_NOBODY_TO_ASSIGN"
    text = Text("No case handler is available.", "لا يوجد موظف متاح لمعالجة الحالة.")


class SameAgency(Refusal):
    """A transfer is to another agency that takes cases; inside one, assign or retype."""

    code = "TAWASUL_SAME_AGENCY"
    text = Text("The case is with this agency already.", "الحالة لدى هذه الجهة أصلاً.")


class TransferSettled(Refusal):
    """The arbiter has decided where the case belongs; it is not transferred again."""

    code = "TAWASUL_TRANSFER_SETTLED"
    text = Text(
        "The arbiter has decided which agency answers this case.",
        "حسم المحكّم الجهة المعنية بهذه الحالة.",
    )


class IsDuplicate(Refusal):
    """The case is linked to another and follows it. Act on that one, or split this one off."""

    code = "TAWASUL_IS_DUPLICATE"
    text = Text(
        "The case follows {reference}, of which it is a duplicate.",
        "تتبع هذه الحالة الحالة {reference} لأنها مكررة منها.",
    )


class NotADuplicate(Refusal):
    """Open cases of one agency are linked, 200 at most, to one that is no duplicate itself."""

    code = "TAWASUL_NOT_A_DUPLICATE"
    text = Text("These cases cannot be linked so.", "لا يمكن ربط هاتين الحالتين.")


class WindowClosed(Refusal):
    """The time for this is over: 14 days from the resolution, 7 from a poor rating to appeal."""

    code = "TAWASUL_WINDOW_CLOSED"
    text = Text("The time to do this is over.", "انتهت المدة المتاحة لذلك.")


class AlreadyRated(Refusal):
    """A resolution is rated once."""

    code = "TAWASUL_ALREADY_RATED"
    text = Text("This resolution was rated already.", "سبق تقييم هذا الحل.")


class BadScore(Refusal):
    """A score is 1 to 5."""

    code = "TAWASUL_BAD_SCORE"
    text = Text("The score must be 1 to 5.", "يجب أن يكون التقييم من 1 إلى 5.")


class AppealLocked(Refusal):
    """An appeal follows a poor rating (1 or 2) of the resolution, once a case."""

    code = "TAWASUL_APPEAL_LOCKED"
    text = Text(
        "An appeal needs a poor rating of the resolution first, and is possible once.",
        "يتطلب التظلم تقييماً ضعيفاً للحل أولاً، ولا يُقبل إلا مرة واحدة.",
    )


class ReopenedTooOften(Refusal):
    """A case is reopened twice at most. Submit a new one."""

    code = "TAWASUL_REOPENED_TOO_OFTEN"
    text = Text("The case was reopened twice already.", "سبق إعادة فتح الحالة مرتين.")


class OwnCase(Refusal):
    """Nobody works on a case of their own, nor follows it: it is theirs."""

    code = "TAWASUL_OWN_CASE"
    text = Text("This is your own case.", "هذه حالتك أنت.")


class IdentityNotHidden(Refusal):
    """The citizen did not hide their identity."""

    code = "TAWASUL_IDENTITY_NOT_HIDDEN"
    text = Text("The identity is not hidden.", "الهوية غير مخفية.")


class SecondPersonNeeded(Refusal):
    """Opening an identity takes two people: another one than who asked must approve."""

    code = "TAWASUL_SECOND_PERSON_NEEDED"
    text = Text("Another person must approve this.", "يجب أن يوافق شخص آخر على ذلك.")


class BadCalendar(Refusal):
    """Hours open before they close; days lie on or after ``effectiveFrom``, which is not past."""

    code = "TAWASUL_BAD_CALENDAR"
    text = Text("The calendar cannot be amended so.", "لا يمكن تعديل التقويم بهذه الصورة.")


class BadTargets(Refusal):
    """The first reply takes 1 to 1,000 working hours, the resolution 1 to 250 working days."""

    code = "TAWASUL_BAD_TARGETS"
    text = Text("These targets are out of bounds.", "المدد المحددة خارج الحدود.")


class BadLadder(Refusal):
    """A ladder has 1 to 6 rungs of rising percentages, 10 to 1,000, each telling somebody."""

    code = "TAWASUL_BAD_LADDER"
    text = Text("This ladder cannot be used: {why}.", "لا يمكن استخدام سلم التصعيد هذا: {why}.")


class PastDate(Refusal):
    """What counts already is not changed: take today or a later day."""

    code = "TAWASUL_PAST_DATE"
    text = Text("The date must not be in the past.", "يجب ألا يكون التاريخ في الماضي.")


REFUSALS = (
    BadText,
    BadLocation,
    KindMismatch,
    WrongStatus,
    NotTheAssignee,
    NotAHandler,
    HandlerExcluded,
    NobodyToAssign,
    SameAgency,
    TransferSettled,
    IsDuplicate,
    NotADuplicate,
    WindowClosed,
    AlreadyRated,
    BadScore,
    AppealLocked,
    ReopenedTooOften,
    OwnCase,
    IdentityNotHidden,
    SecondPersonNeeded,
    BadCalendar,
    BadTargets,
    BadLadder,
    PastDate,
)
"""Every refusal of the plugin."""
