"""The enums, described."""

from __future__ import annotations

from bawaba.graphql import described

from bawaba_payments_ewa.domain import (
    EwaDunningStatus,
    EwaLineKind,
    EwaPlanKind,
    EwaReceiptKind,
    EwaTariffClass,
    EwaUpdateKind,
)

described(
    EwaTariffClass,
    {
        "DOMESTIC": ("A home.", "سكني."),
        "COMMERCIAL": ("A business.", "تجاري."),
    },
    "What an account supplies.",
    "نوع الحساب.",
)
described(
    EwaLineKind,
    {
        "ELECTRICITY": ("Electricity of one tier.", "كهرباء ضمن شريحة."),
        "WATER": ("Water of one tier.", "ماء ضمن شريحة."),
        "SERVICE_FEE": ("The monthly fee of the supply.", "رسم الخدمة الشهري."),
        "SEWERAGE_FEE": ("A share of the water charge.", "رسم الصرف الصحي من قيمة الماء."),
        "MUNICIPAL_FEE": ("Collected for the municipality.", "رسم يُحصَّل لصالح البلدية."),
        "VAT": ("Value added tax.", "ضريبة القيمة المضافة."),
        "INSTALMENT": ("An instalment of fixed billing.", "قسط الفوترة الثابتة."),
        "TRUE_UP": ("What makes fixed billing exact.", "تسوية الفوترة الثابتة."),
        "BROUGHT_FORWARD": ("The account's balance before.", "رصيد الحساب السابق."),
    },
    "What a line of a bill charges.",
    "موضوع بند الفاتورة.",
)
described(
    EwaDunningStatus,
    {
        "CLEAR": ("Nothing is open.", "لا مستحقات."),
        "BILLED": ("A bill is open.", "توجد فاتورة غير مسددة."),
        "REMINDED": ("A reminder was sent.", "أُرسل تذكير."),
        "FINAL_NOTICE": ("The final notice was sent.", "أُرسل الإنذار الأخير."),
        "DISCONNECTION_DUE": ("The supply is to be disconnected.", "تقرر قطع الخدمة."),
        "DISCONNECTED": ("The supply is disconnected.", "الخدمة مقطوعة."),
        "RECONNECTION_DUE": ("Paid; the supply is to be connected.", "سُدد؛ وستُعاد الخدمة."),
    },
    "How far an account is from a bill to a disconnected supply.",
    "موضع الحساب بين الفاتورة وقطع الخدمة.",
)
described(
    EwaPlanKind,
    {
        "METERED": ("Each bill follows the meters.", "حسب القراءة."),
        "FIXED": ("Equal instalments, and a true-up.", "أقساط متساوية وتسوية سنوية."),
        "LEAVING": ("The next bill settles the difference.", "تُسوّى الفروق في الفاتورة القادمة."),
    },
    "How an account is billed.",
    "طريقة الفوترة.",
)
described(
    EwaUpdateKind,
    {
        "SNAPSHOT": ("The state now.", "الحالة الآن."),
        "TOLD": ("The authority told something new.", "أبلغت الهيئة بجديد."),
        "PAID": ("Something was paid here.", "دُفع مبلغ عبر المنصة."),
        "REVERSED": ("Something was given back.", "رُد مبلغ."),
        "DUNNING": ("A step of dunning.", "خطوة في إجراءات التحصيل."),
        "PLAN": ("The way of billing changed.", "تغيرت طريقة الفوترة."),
    },
    "Why a live value was sent.",
    "سبب الإرسال.",
)
described(
    EwaReceiptKind,
    {
        "HERE": ("Paid on this platform.", "دُفع عبر هذه المنصة."),
        "ELSEWHERE": ("Paid to the authority otherwise.", "دُفع للهيئة بطريق آخر."),
        "CREDIT": ("Credited by a true-up.", "رصيد من تسوية."),
    },
    "Where money of an account came from.",
    "مصدر المبلغ.",
)
