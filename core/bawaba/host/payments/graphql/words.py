"""The enums of payments as GraphQL shows them."""

from __future__ import annotations

from bawaba.core_types import described
from bawaba.host.payments.domain import (
    DisputeStatus,
    PaymentStatus,
    RefundKind,
    RefundStatus,
    UpdateKind,
)

KEY = (
    "Makes a repetition harmless: a new one for each wish of the user.",
    "يجعل التكرار آمناً: مفتاح جديد لكل طلب.",
)
"""What an idempotency key is for."""
ERRORS = ("Why nothing was done; empty when it was.", "سبب عدم التنفيذ؛ فارغة عند النجاح.")
"""What stands in the errors of a payload."""

described(
    PaymentStatus,
    {
        "PENDING": ("Waiting for the payer.", "بانتظار الدافع."),
        "AUTHORISED": ("The amount is held, not yet taken.", "المبلغ محجوز ولم يُحصَّل بعد."),
        "CAPTURED": ("Paid.", "مدفوعة."),
        "FAILED": ("Declined, or not paid as asked.", "مرفوضة، أو لم تُدفع كما طُلب."),
        "CANCELLED": ("Abandoned, or cancelled by the payer.", "تُركت أو ألغاها الدافع."),
        "EXPIRED": ("Not paid in time.", "انتهت مهلة الدفع."),
    },
    "How far a payment has come.",
    "حالة عملية الدفع.",
)
described(
    RefundStatus,
    {
        "PROPOSED": (
            "The platform holds money that awaits a decision.",
            "مبلغ لدى المنصة بانتظار القرار.",
        ),
        "AWAITING_APPROVAL": (
            "Over the limit: a second person decides.",
            "يتجاوز الحد: بانتظار اعتماد شخص ثانٍ.",
        ),
        "REQUESTED": ("Asked of the payment gateway.", "طُلب من بوابة الدفع."),
        "SUCCEEDED": ("The money went back to the payer.", "أُعيد المبلغ إلى الدافع."),
        "FAILED": ("The gateway could not give it back.", "تعذّر على بوابة الدفع إعادته."),
        "REJECTED": ("Turned down.", "رُفض."),
        "REVERSED": (
            "The payer's bank sent the money back; it waits for another way.",
            "أعاد مصرف الدافع المبلغ؛ وهو بانتظار طريق آخر.",
        ),
    },
    "How far a refund has come.",
    "حالة الاسترداد.",
)
described(
    UpdateKind,
    {
        "SNAPSHOT": ("The state now; covers what was skipped.", "الحالة الآن؛ وتشمل ما فات."),
        "STARTED": ("The payment was started.", "بدأت عملية الدفع."),
        "CHECKOUT_OPENED": ("The checkout page is open.", "فُتحت صفحة الدفع."),
        "AUTHORISED": ("The amount is held.", "حُجز المبلغ."),
        "CAPTURED": ("The money was taken.", "حُصِّل المبلغ."),
        "FAILED": ("Declined, or not paid as asked.", "رُفضت، أو لم تُدفع كما طُلب."),
        "CANCELLED": ("Abandoned, or cancelled by the payer.", "تُركت أو ألغاها الدافع."),
        "EXPIRED": ("Not paid in time.", "انتهت مهلة الدفع."),
        "REFUND_PROPOSED": ("A refund was proposed.", "اقتُرح استرداد."),
        "REFUND_REQUESTED": ("A refund was asked for.", "طُلب استرداد."),
        "REFUND_SUCCEEDED": ("Money went back to the payer.", "أُعيد مبلغ إلى الدافع."),
        "REFUND_FAILED": ("A refund failed.", "تعذّر استرداد."),
        "REFUND_AWAITING_APPROVAL": (
            "A refund waits for a second person.",
            "استرداد بانتظار اعتماد شخص ثانٍ.",
        ),
        "REFUND_REJECTED": ("A refund was turned down.", "رُفض استرداد."),
        "REFUND_REVERSED": ("The money of a refund came back.", "عاد مبلغ استرداد."),
        "DISPUTE_OPENED": (
            "The payer objected to it at the bank.",
            "اعترض الدافع عليها لدى مصرفه.",
        ),
        "DISPUTE_WON": ("A dispute ended for the platform.", "حُسم اعتراض لصالح المنصة."),
        "DISPUTE_LOST": ("A dispute ended for the payer.", "حُسم اعتراض لصالح الدافع."),
    },
    "What happened to a payment.",
    "ما حدث لعملية الدفع.",
)
described(
    RefundKind,
    {
        "REFUND": ("Given back by the platform.", "أعادته المنصة."),
        "CHARGEBACK": ("Taken back by the payer's bank.", "استعاده مصرف الدافع."),
    },
    "Who wanted the money back.",
    "الجهة التي طلبت إعادة المبلغ.",
)
described(
    DisputeStatus,
    {
        "OPEN": ("The bank is examining it.", "قيد النظر لدى المصرف."),
        "WON": ("The money is back.", "عاد المبلغ."),
        "LOST": ("The payer has the money back.", "استعاد الدافع المبلغ."),
    },
    "How a dispute stands.",
    "حالة الاعتراض.",
)
UpdateKind.__strawberry_definition__.name = "PaymentUpdateKind"  # type: ignore[attr-defined]

DisputeStatus.__strawberry_definition__.name = "PaymentDisputeStatus"  # type: ignore[attr-defined]

__all__ = [
    "ERRORS",
    "KEY",
    "DisputeStatus",
    "PaymentStatus",
    "RefundKind",
    "RefundStatus",
    "UpdateKind",
]
