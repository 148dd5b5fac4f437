"""The enums, described in both languages."""

from __future__ import annotations

import enum

import strawberry
from bawaba.core_types import described
from bawaba.graphql import enum_value
from bawaba.text import both

from bawaba_civil_service.domain import (
    CivilServiceCertificateKind,
    CivilServiceDocumentKind,
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    CivilServiceLeaveStepKind,
    CivilServiceLineKind,
    CivilServiceRequestStatus,
)

__all__ = [
    "CivilServiceCertificateKind",
    "CivilServiceDocumentKind",
    "CivilServiceLeaveKind",
    "CivilServiceLeaveStatus",
    "CivilServiceLeaveStepKind",
    "CivilServiceLineKind",
    "CivilServiceRequestStatus",
    "CivilServiceUpdateKind",
]

_PAPERS = {
    "SALARY": ("What an employee earns.", "راتب الموظف."),
    "EXPERIENCE": ("Where and since when an employee has served.", "خبرة الموظف ومدة خدمته."),
}
described(CivilServiceCertificateKind, _PAPERS, "What a certificate states.", "موضوع الشهادة.")
described(
    CivilServiceDocumentKind,
    {**_PAPERS, "PAYSLIP": ("A month's payslip.", "قسيمة راتب شهر.")},
    "What can be verified by its code.",
    "المستند الذي يمكن التحقق منه برمزه.",
)
described(
    CivilServiceRequestStatus,
    {
        "SUBMITTED": ("Just made.", "مقدم للتو."),
        "AWAITING_PAYMENT": ("Its fee is to be paid.", "بانتظار دفع الرسم."),
        "PAID": ("Paid; being prepared.", "مدفوع وقيد الإعداد."),
        "ISSUED": ("The certificate is there.", "صدرت الشهادة."),
        "CANCELLED": ("Given up, or paid back.", "أُلغي أو رُد رسمه."),
        "EXPIRED": ("Not paid in time.", "لم يُدفع في المهلة."),
        "REVOKED": ("Issued, and revoked since.", "صدرت الشهادة ثم أُبطلت."),
    },
    "Where a request for a certificate stands.",
    "حالة طلب الشهادة.",
)
described(
    CivilServiceLeaveKind,
    {
        "ANNUAL": ("Annual leave.", "إجازة سنوية."),
        "SICK": ("Sick leave.", "إجازة مرضية."),
        "CASUAL": ("Casual leave.", "إجازة عارضة."),
    },
    "What leave is for.",
    "نوع الإجازة.",
)
_LEAVE = {
    "REQUESTED": ("To be decided.", "بانتظار القرار."),
    "APPROVED": ("Approved.", "موافق عليها."),
    "REJECTED": ("Rejected.", "مرفوضة."),
    "CANCELLED": ("Given up.", "ملغاة."),
    "TAKEN": ("Over.", "انتهت."),
}
described(CivilServiceLeaveStatus, _LEAVE, "Where a leave stands.", "حالة الإجازة.")
described(
    CivilServiceLeaveStepKind,
    {
        **_LEAVE,
        "RECOUNTED": (
            "A holiday was announced; days were given back.",
            "أُعلنت عطلة فأُعيدت أيام إلى الرصيد.",
        ),
    },
    "What happened to a leave.",
    "ما جرى على الإجازة.",
)
described(
    CivilServiceLineKind,
    {
        "BASIC": ("The basic salary.", "الراتب الأساسي."),
        "ALLOWANCE": ("An allowance.", "علاوة."),
        "DEDUCTION": ("Something taken off.", "استقطاع."),
        "SOCIAL_INSURANCE": ("The share of social insurance.", "حصة التأمين الاجتماعي."),
        "CORRECTION": ("A correction of an earlier month.", "تصحيح شهر سابق."),
    },
    "What a line of a payslip is.",
    "نوع بند القسيمة.",
)


@strawberry.enum(description=both("Why a live value was sent.", "سبب إرسال القيمة الحية."))
class CivilServiceUpdateKind(enum.Enum):
    """SNAPSHOT, or the state that a request has come to."""

    SNAPSHOT = enum_value("SNAPSHOT", "The request as it is.", "الطلب كما هو.")
    PAID = enum_value("PAID", "Its fee was paid.", "دُفع رسمه.")
    ISSUED = enum_value("ISSUED", "The certificate was issued.", "صدرت الشهادة.")
    CANCELLED = enum_value("CANCELLED", "It was given up or paid back.", "أُلغي أو رُد رسمه.")
    EXPIRED = enum_value("EXPIRED", "It was not paid in time.", "لم يُدفع في المهلة.")
    REVOKED = enum_value("REVOKED", "The certificate was revoked.", "أُبطلت الشهادة.")
