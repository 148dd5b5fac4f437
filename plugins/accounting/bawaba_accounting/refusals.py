"""Why the accounting refuses: one class a code."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.text import Text

__all__ = [
    "REFUSALS",
    "AccountNotAllowed",
    "AmountUnusable",
    "DifferenceSettled",
    "DifferencesOpen",
    "IntegrityUnproven",
    "NothingToRemit",
    "PeriodNotBalanced",
    "PeriodNotLatest",
    "PeriodNotNext",
    "PeriodNotOver",
    "ReasonUnusable",
    "RemittanceOrdered",
    "ReopenDiffers",
    "ResolutionAwaiting",
    "ResolutionNotAwaiting",
    "SecondPersonNeeded",
    "SettlementFileDiffers",
    "WrongStatus",
]


class AccountNotAllowed(Refusal):
    """A difference is resolved against an account that its kind allows. The message names them."""

    code = "ACCOUNTING_ACCOUNT_NOT_ALLOWED"
    text = Text(
        "Differences of this kind are resolved against one of: {accounts}.",
        "تُسوّى الفروق من هذا النوع على أحد الحسابات: {accounts}.",
    )


class DifferenceSettled(Refusal):
    """The difference is resolved already, or it vanished when a file brought what was missing."""

    code = "ACCOUNTING_DIFFERENCE_SETTLED"
    text = Text("The difference is not open any more.", "لم يعد الفرق قائماً.")


class DifferencesOpen(Refusal):
    """A month with open differences is not closed. Resolve them, or wait for the missing file."""

    code = "ACCOUNTING_DIFFERENCES_OPEN"
    text = Text(
        "{count} differences are open in or before this month.",
        "يوجد {count} من الفروق القائمة في هذا الشهر أو قبله.",
    )


class IntegrityUnproven(Refusal):
    """The last check of the books is missing, older than the month's end, or found a fault.

    Wait for the next check, or run `bawaba accounting verify`.
    """

    code = "ACCOUNTING_INTEGRITY_UNPROVEN"
    text = Text(
        "The books have not been found intact since the month ended.",
        "لم تثبت سلامة الدفاتر منذ نهاية الشهر.",
    )


class NothingToRemit(Refusal):
    """The agency's account holds less than the amount, after the orders that wait.

    Ask for less, or for another agency.
    """

    code = "ACCOUNTING_NOTHING_TO_REMIT"
    text = Text(
        "BHD {left} can be remitted to this agency now.",
        "المتاح للتحويل إلى هذه الجهة الآن {left} د.ب.",
    )


class RemittanceOrdered(Refusal):
    """There is one remittance to an agency a day. Cancel that one, or wait for tomorrow."""

    code = "ACCOUNTING_REMITTANCE_ORDERED"
    text = Text(
        "A remittance to this agency was ordered today already.",
        "سبق إصدار أمر تحويل إلى هذه الجهة اليوم.",
    )


class PeriodNotBalanced(Refusal):
    """The trial balance does not balance. Find the fault with `bawaba accounting verify`."""

    code = "ACCOUNTING_PERIOD_NOT_BALANCED"
    text = Text("The trial balance does not balance.", "ميزان المراجعة غير متوازن.")


class PeriodNotLatest(Refusal):
    """Only the latest closed month is reopened. Reopen later ones first."""

    code = "ACCOUNTING_PERIOD_NOT_LATEST"
    text = Text(
        "Only the latest closed month can be reopened.",
        "لا يُعاد فتح إلا آخر شهر مقفل.",
    )


class PeriodNotNext(Refusal):
    """`endsOn` is not the last day of the oldest open month. Close months in their order."""

    code = "ACCOUNTING_PERIOD_NOT_NEXT"
    text = Text(
        "The next month to be closed ends on {ends_on}.",
        "الشهر التالي للإقفال ينتهي في {ends_on}.",
    )


class PeriodNotOver(Refusal):
    """A month is closed once it is over where the services are."""

    code = "ACCOUNTING_PERIOD_NOT_OVER"
    text = Text("The month is not over.", "لم ينته الشهر بعد.")


class ReasonUnusable(Refusal):
    """A reason is needed, of 1 to 500 characters."""

    code = "ACCOUNTING_REASON_MISSING"
    text = Text("Give a reason of 1 to 500 characters.", "اذكر السبب في 1 إلى 500 حرف.")


class AmountUnusable(Refusal):
    """The amount has more than three decimals or is out of range."""

    code = "ACCOUNTING_AMOUNT_INVALID"
    text = Text(
        "An amount has at most three decimals and is in range.",
        "يجب ألا تزيد منازل المبلغ العشرية على ثلاث وأن يكون ضمن الحدود.",
    )


class ReopenDiffers(Refusal):
    """Somebody asked to reopen this month for another reason. Confirm with the same reason."""

    code = "ACCOUNTING_REOPEN_DIFFERS"
    text = Text(
        "The month was asked to be reopened for another reason: {reason}",
        "طُلب إعادة فتح الشهر لسبب آخر: {reason}",
    )


class ResolutionAwaiting(Refusal):
    """Somebody asked to resolve the difference over the limit. Approve or decline that first."""

    code = "ACCOUNTING_RESOLUTION_AWAITING"
    text = Text(
        "A resolution of this difference awaits a second person.",
        "توجد تسوية لهذا الفرق بانتظار شخص ثانٍ.",
    )


class ResolutionNotAwaiting(Refusal):
    """The resolution awaits no decision: it was decided before, or the difference vanished."""

    code = "ACCOUNTING_RESOLUTION_NOT_AWAITING"
    text = Text("The resolution awaits no decision.", "لا تنتظر هذه التسوية قراراً.")


class SecondPersonNeeded(Refusal):
    """Who proposed it, or asked for it, does not approve it. Another person must."""

    code = "ACCOUNTING_SECOND_PERSON_NEEDED"
    text = Text("A second person must do this.", "يجب أن يقوم بذلك شخص آخر.")


class SettlementFileDiffers(Refusal):
    """A settlement file of the same name and revision stands, with other content.

    Ask the gateway which one counts, and for a higher revision of it; or take it in with
    `bawaba accounting settlement FILE --gateway NAME --replace`.
    """

    code = "ACCOUNTING_SETTLEMENT_FILE_DIFFERS"
    text = Text(
        "File {reference} of {day}, revision {revision}, stands with other content: SHA-256"
        " {standing}…, not {coming}…",
        "الملف {reference} ليوم {day} بالنسخة {revision} موجود بمحتوى آخر: بصمته {standing}…"
        " وليست {coming}…",
    )


class WrongStatus(Refusal):
    """The order is not in a state in which this can be done. Load it again."""

    code = "ACCOUNTING_WRONG_STATUS"
    text = Text("The order's state does not allow this.", "حالة الأمر لا تسمح بذلك.")


REFUSALS: tuple[type[Refusal], ...] = (
    AccountNotAllowed,
    DifferenceSettled,
    DifferencesOpen,
    IntegrityUnproven,
    NothingToRemit,
    RemittanceOrdered,
    PeriodNotBalanced,
    PeriodNotLatest,
    PeriodNotNext,
    PeriodNotOver,
    ReasonUnusable,
    AmountUnusable,
    ReopenDiffers,
    ResolutionAwaiting,
    ResolutionNotAwaiting,
    SecondPersonNeeded,
    SettlementFileDiffers,
    WrongStatus,
)
"""Every refusal of the accounting, for the catalogue of errors."""
