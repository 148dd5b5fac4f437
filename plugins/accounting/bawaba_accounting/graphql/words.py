"""The enums of the accounting, described in both languages."""

from __future__ import annotations

import enum

import strawberry
from bawaba.graphql import enum_value
from bawaba.ledger import AccountKind, Side
from bawaba.text import both

from bawaba_accounting.domain import Dimension

__all__ = ["AccountKind", "AccountingStatisticsChange", "Dimension", "Side"]

_KINDS = {
    "ASSET": ("What the platform has or is owed.", "ما تملكه المنصة أو ما هو مستحق لها."),
    "LIABILITY": ("What the platform owes.", "ما على المنصة من التزامات."),
    "REVENUE": ("What was earned.", "الإيرادات."),
    "EXPENSE": ("What was spent.", "المصروفات."),
    "EQUITY": ("What was there before, or remains.", "حقوق الملكية والأرصدة المرحّلة."),
}
_SIDES = {
    "DEBIT": ("The left side.", "الجانب المدين."),
    "CREDIT": ("The right side.", "الجانب الدائن."),
}
_DIMENSIONS = {
    "SERVICE": ("By service.", "حسب الخدمة."),
    "AGENCY": ("By agency.", "حسب الجهة."),
    "CHANNEL": ("By channel.", "حسب القناة."),
    "GATEWAY": ("By payment gateway.", "حسب بوابة الدفع."),
    "YEAR": ("By calendar year.", "حسب السنة."),
    "MONTH": ("By calendar month.", "حسب الشهر."),
    "DAY": ("By local day.", "حسب اليوم."),
}


def _named(
    kind: type[enum.Enum], name: str, words: dict[str, tuple[str, str]], en: str, ar: str
) -> None:
    """Register a plain enum under the plugin's prefix; its members stay as they are."""
    strawberry.enum(kind, name=name, description=both(en, ar))
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = both(*words[value.name])


_named(AccountKind, "AccountingAccountKind", _KINDS, "What an account is.", "نوع الحساب.")
_named(Side, "AccountingSide", _SIDES, "A side of an account.", "جانب من جانبي الحساب.")
_named(
    Dimension,
    "AccountingDimension",
    _DIMENSIONS,
    "By what statistics are grouped.",
    "أبعاد تجميع الإحصاءات.",
)


@strawberry.enum(description=both("Why statistics were sent.", "سبب إرسال الإحصاءات."))
class AccountingStatisticsChange(enum.Enum):
    """The kinds of live values."""

    SNAPSHOT = enum_value(
        "SNAPSHOT",
        "The state now; it covers whatever was missed.",
        "الحالة الآن، وتشمل كل ما فات.",
    )
    RECORDED = enum_value("RECORDED", "Journals were recorded.", "سُجّلت قيود جديدة.")
