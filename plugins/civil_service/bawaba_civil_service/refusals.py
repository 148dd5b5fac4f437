"""Why something of the civil service is refused."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.errors import Refusal
from bawaba.text import Text


class NoRecord(Refusal):
    """The bureau's register knows no employee with the signed-in person's personal number."""

    code = "CIVIL_SERVICE_NO_RECORD"
    text = Text("There is no civil service record in your name.", "لا يوجد سجل خدمة مدنية باسمك.")


class NotEmployed(Refusal):
    """The employee has left the service; a salary certificate and leave are for those who serve."""

    code = "CIVIL_SERVICE_NOT_EMPLOYED"
    text = Text("You have left the civil service.", "انتهت خدمتك في الخدمة المدنية.")


class NoFee(Refusal):
    """No fee is laid down for this certificate on this day, so it cannot be requested."""

    code = "CIVIL_SERVICE_NO_FEE"
    text = Text(
        "This certificate is not offered at present.", "هذه الشهادة غير متاحة في الوقت الحالي."
    )


class TooManyRequests(Refusal):
    """So many requests wait for payment already; pay or cancel one of them first."""

    code = "CIVIL_SERVICE_TOO_MANY_REQUESTS"
    text = Text(
        "{most} requests wait for payment already; pay or cancel one.",
        "لديك {most} طلبات بانتظار الدفع؛ ادفع رسم أحدها أو ألغه.",
    )


class BadText(Refusal):
    """The text is too short or too long."""

    code = "CIVIL_SERVICE_TEXT_LENGTH"
    text = Text("Write between {least} and {most} characters.", "اكتب ما بين {least} و{most} حرفاً.")


class RequestClosed(Refusal):
    """The request is paid or has ended; only one that waits for payment can be cancelled."""

    code = "CIVIL_SERVICE_REQUEST_CLOSED"
    text = Text("This request cannot be cancelled any more.", "لم يعد ممكناً إلغاء هذا الطلب.")


class BadPeriod(Refusal):
    """Leave ends on or after its first day and lasts a year at most.

    It begins not earlier than 60 days ago, and at most a year ahead.
    """

    code = "CIVIL_SERVICE_BAD_PERIOD"
    text = Text("These dates are not acceptable: {why}.", "هذه التواريخ غير مقبولة: {why}.")


class NoWorkingDays(Refusal):
    """Every day of the period is a weekend or a holiday: no leave is needed."""

    code = "CIVIL_SERVICE_NO_WORKING_DAYS"
    text = Text("There is no working day in this period.", "لا توجد أيام عمل في هذه الفترة.")


class LeaveOverlaps(Refusal):
    """Another leave, requested or approved, holds one of these days."""

    code = "CIVIL_SERVICE_LEAVE_OVERLAPS"
    text = Text("Another leave holds one of these days.", "توجد إجازة أخرى في أحد هذه الأيام.")


class BalanceTooLow(Refusal):
    """The balance does not cover the leave on its first day, or a later one that was granted."""

    code = "CIVIL_SERVICE_BALANCE_TOO_LOW"
    text = Text(
        "The leave needs {days} days; the balance does not cover them.",
        "الرصيد لا يغطي أيام هذه الإجازة، وعددها {days}.",
    )


class OwnLeave(Refusal):
    """Nobody decides about his or her own leave; another manager of the entity has to."""

    code = "CIVIL_SERVICE_OWN_LEAVE"
    text = Text("You cannot decide about your own leave.", "لا يجوز لك البت في إجازتك.")


class LeaveDecided(Refusal):
    """The leave was approved, rejected, cancelled or taken before; the sentence says which."""

    code = "CIVIL_SERVICE_LEAVE_DECIDED"
    text = Text("This leave is {status} already.", "هذه الإجازة {status} بالفعل.")


class LeaveBegun(Refusal):
    """An approved leave can be cancelled until the day before it begins."""

    code = "CIVIL_SERVICE_LEAVE_BEGUN"
    text = Text("This leave has begun.", "لقد بدأت هذه الإجازة.")


class HolidayKnown(Refusal):
    """The calendar says so already."""

    code = "CIVIL_SERVICE_HOLIDAY_KNOWN"
    text = Text("The calendar says so already.", "التقويم يتضمن ذلك بالفعل.")


REFUSALS: Sequence[type[Refusal]] = (
    NoRecord,
    NotEmployed,
    NoFee,
    TooManyRequests,
    BadText,
    RequestClosed,
    BadPeriod,
    NoWorkingDays,
    LeaveOverlaps,
    BalanceTooLow,
    OwnLeave,
    LeaveDecided,
    LeaveBegun,
    HolidayKnown,
)
