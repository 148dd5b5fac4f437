"""The enums, in words."""

from __future__ import annotations

import enum

from bawaba.core_types import described

from bawaba_bahrain_post.domain import (
    PostBillKind,
    PostBoxStatus,
    PostScanKind,
    PostShipmentStatus,
)

__all__ = ["PostBillKind", "PostBoxStatus", "PostScanKind", "PostShipmentStatus", "PostUpdateKind"]

described(
    PostScanKind,
    {
        "ACCEPTED": ("Accepted from the sender.", "استُلم من المرسل."),
        "DEPARTED": ("Left the office of exchange abroad.", "غادر مكتب التبادل في الخارج."),
        "ARRIVED": ("Arrived in Bahrain.", "وصل إلى البحرين."),
        "HELD_FOR_DUTY": ("Held by customs until duty is paid.", "محتجز حتى سداد الرسوم."),
        "RELEASED": ("Released by customs.", "أفرجت عنه الجمارك."),
        "SORTED": ("Sorted.", "تم فرزه."),
        "OUT_FOR_DELIVERY": ("Out for delivery.", "خرج للتسليم."),
        "DELIVERY_FAILED": ("Delivery was attempted in vain.", "محاولة تسليم دون جدوى."),
        "READY_FOR_COLLECTION": ("Ready at the office.", "جاهز للاستلام من المكتب."),
        "RETURNED": ("On its way back to the sender.", "في طريق العودة إلى المرسل."),
        "DELIVERED": ("Delivered.", "تم التسليم."),
    },
    "What a scan says of a shipment.",
    "ما تفيده قراءة الملصق عن الشحنة.",
)
described(
    PostShipmentStatus,
    {
        "EXPECTED": ("Announced; not scanned yet.", "أُعلن عنها ولم يُقرأ ملصقها بعد."),
        "IN_TRANSIT": ("On its way.", "في الطريق."),
        "HELD_FOR_DUTY": ("Held by customs; duty is to be paid.", "محتجزة وعليها رسوم."),
        "DUTY_PAID": (
            "Duty is paid; customs has yet to release it.",
            "سُددت الرسوم وبانتظار الإفراج.",
        ),
        "RELEASED": ("Released by customs.", "أفرجت عنها الجمارك."),
        "OUT_FOR_DELIVERY": ("Out for delivery.", "خرجت للتسليم."),
        "AWAITING_COLLECTION": (
            "Waits at the office to be collected.",
            "بانتظار الاستلام من المكتب.",
        ),
        "RETURNED": ("On its way back to the sender.", "في طريق العودة إلى المرسل."),
        "DELIVERED": ("Delivered.", "تم تسليمها."),
    },
    "Where a shipment is.",
    "حالة الشحنة.",
)
described(
    PostBillKind,
    {
        "DUTY": ("Customs duty of a shipment.", "رسوم جمركية على شحنة."),
        "BOX_RENEWAL": ("A year's rent of a post box.", "إيجار صندوق بريد لسنة."),
    },
    "What a bill of the post is for.",
    "موضوع فاتورة البريد.",
)
described(
    PostBoxStatus,
    {
        "ACTIVE": ("Paid; nothing to do.", "مدفوع ولا شيء مطلوب."),
        "DUE": ("To be renewed soon.", "حان تجديده."),
        "GRACE": ("Expired; it can still be renewed.", "انتهى إيجاره ويمكن تجديده."),
        "CLOSED": ("Closed; it cannot be renewed.", "مغلق ولا يمكن تجديده."),
    },
    "Where the rent of a post box stands.",
    "حالة إيجار صندوق البريد.",
)


class PostUpdateKind(enum.Enum):
    """Why a live value was sent."""

    SNAPSHOT = "SNAPSHOT"
    SCANNED = "SCANNED"
    ASSESSED = "ASSESSED"
    DUTY_PAID = "DUTY_PAID"
    DUTY_REVERSED = "DUTY_REVERSED"


described(
    PostUpdateKind,
    {
        "SNAPSHOT": ("The state now.", "الحالة الآن."),
        "SCANNED": ("It was scanned.", "قُرئ ملصقها."),
        "ASSESSED": ("Its duty was assessed.", "قُدرت رسومها."),
        "DUTY_PAID": ("Its duty was paid.", "سُددت رسومها."),
        "DUTY_REVERSED": ("Its duty was given back.", "رُدت رسومها."),
    },
    "Why a live value was sent.",
    "سبب إرسال القيمة الحية.",
)
