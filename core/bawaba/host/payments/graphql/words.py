"""The enums of payments as GraphQL shows them."""

from __future__ import annotations

from bawaba.core_types import described
from bawaba.host.payments.domain import PaymentStatus, RefundStatus, UpdateKind

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
        "REQUESTED": ("Asked of the payment gateway.", "طُلب من بوابة الدفع."),
        "SUCCEEDED": ("The money went back to the payer.", "أُعيد المبلغ إلى الدافع."),
        "FAILED": ("The gateway could not give it back.", "تعذّر على بوابة الدفع إعادته."),
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
    },
    "What happened to a payment.",
    "ما حدث لعملية الدفع.",
)
UpdateKind.__strawberry_definition__.name = "PaymentUpdateKind"  # type: ignore[attr-defined]

__all__ = ["PaymentStatus", "RefundStatus", "UpdateKind"]
