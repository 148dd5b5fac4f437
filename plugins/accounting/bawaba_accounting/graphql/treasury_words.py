"""The enums of settlement, periods and remittance, described in both languages."""

from __future__ import annotations

import enum

import strawberry
from bawaba.text import both

from bawaba_accounting.domain.closing import PeriodStatus
from bawaba_accounting.domain.remitting import RemittanceStatus
from bawaba_accounting.domain.settlement import (
    DifferenceKind,
    DifferenceStatus,
    FileStatus,
    ReconciliationStatus,
    ResolutionStatus,
)

__all__ = [
    "DifferenceKind",
    "DifferenceStatus",
    "FileStatus",
    "PeriodStatus",
    "ReconciliationStatus",
    "RemittanceStatus",
    "ResolutionStatus",
]


def _named(
    kind: type[enum.Enum], name: str, words: dict[str, tuple[str, str]], en: str, ar: str
) -> None:
    strawberry.enum(kind, name=name, description=both(en, ar))
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = both(*words[value.name])


_named(
    DifferenceKind,
    "AccountingDifferenceKind",
    {
        "MISSING_AT_GATEWAY": (
            "The books have it; no file of the gateway names it, and its file is there.",
            "مسجّل في الدفاتر ولم يرد في ملفات البوابة رغم وصول ملف يومه.",
        ),
        "MISSING_IN_BOOKS": (
            "The gateway names it; the books do not have it.",
            "ورد في ملف البوابة وليس مسجّلاً في الدفاتر.",
        ),
        "AMOUNT_DIFFERS": ("Both have it, with other amounts.", "المبلغ مختلف بين الطرفين."),
        "DUPLICATE_LINE": ("The gateway names it twice.", "كررته البوابة."),
        "PAYOUT_DIFFERS": (
            "A payout is not the sum of its lines less fees.",
            "الدفعة لا تساوي مجموع سطورها بعد خصم الرسوم.",
        ),
        "FEE_DIFFERS": ("A fee is not the agreed one.", "الرسم يخالف المتفق عليه."),
        "SETTLED_AFTER_ALL": (
            "What was resolved by hand turned up: the resolution is to be taken back.",
            "ظهر ما سُوّي يدوياً، فيجب عكس التسوية.",
        ),
    },
    "In what a gateway and the books do not agree.",
    "نوع الفرق بين البوابة والدفاتر.",
)
_named(
    DifferenceStatus,
    "AccountingDifferenceStatus",
    {
        "OPEN": ("Nobody has settled it.", "قائم."),
        "RESOLVED": ("A person resolved it, with a journal.", "سوّاه موظف بقيد."),
        "GONE": ("What was missing came.", "زال بوصول ما كان ناقصاً."),
    },
    "Where a difference stands.",
    "حالة الفرق.",
)
_named(
    ResolutionStatus,
    "AccountingResolutionStatus",
    {
        "AWAITING_APPROVAL": (
            "It is over the limit: a second person decides.",
            "تجاوزت الحد، وتنتظر قرار شخص ثانٍ.",
        ),
        "BOOKED": ("It is booked, and the difference is resolved.", "قُيّدت وسُوّي الفرق."),
        "REJECTED": ("It was declined; the difference is open.", "رُفضت وبقي الفرق قائماً."),
        "LAPSED": ("The difference vanished first.", "زال الفرق قبل البت فيها."),
    },
    "How far the resolution of a difference has come.",
    "حالة تسوية الفرق.",
)
_named(
    FileStatus,
    "AccountingSettlementFileStatus",
    {
        "LIVE": ("It counts.", "معتمد."),
        "SUPERSEDED": ("A later revision took its place.", "حلت محله نسخة أحدث."),
    },
    "Whether a settlement file counts.",
    "حالة ملف التسوية.",
)
_named(
    ReconciliationStatus,
    "AccountingReconciliationStatus",
    {
        "MATCHED": ("Everything agrees.", "متطابق بالكامل."),
        "DIFFERENCES": ("Differences are open.", "توجد فروق قائمة."),
        "RESOLVED": ("Every difference was resolved by hand.", "سُوّيت كل الفروق يدوياً."),
    },
    "Where the reconciliation of a day stands.",
    "حالة مطابقة اليوم.",
)
_named(
    PeriodStatus,
    "AccountingPeriodStatus",
    {
        "OPEN": ("It takes journals.", "مفتوح للقيد."),
        "CLOSED": ("Nothing is booked into it.", "مقفل."),
        "REOPEN_REQUESTED": (
            "Closed; one person asked to reopen it, a second one must confirm.",
            "مقفل، وطلب شخص إعادة فتحه وينتظر تأكيد شخص ثان.",
        ),
    },
    "Whether a month takes journals.",
    "حالة الشهر.",
)
_named(
    RemittanceStatus,
    "AccountingRemittanceStatus",
    {
        "PROPOSED": ("A second person must approve it.", "ينتظر موافقة شخص ثان."),
        "APPROVED": ("It may be sent.", "جاهز للإرسال."),
        "SENT": ("The bank has it; it is booked.", "أُرسل إلى البنك وقُيّد."),
        "CONFIRMED": ("It arrived.", "وصل."),
        "FAILED": ("The bank returned it; it is booked back.", "أعاده البنك وعُكس قيده."),
        "CANCELLED": ("It was given up before it was sent.", "أُلغي قبل إرساله."),
    },
    "How far a remittance has come.",
    "حالة التحويل.",
)
