"""What the accounting brings: permissions, roles, the demo's people."""

from __future__ import annotations

from bawaba.plugin import DemoPerson, Grant, Permission, Role
from bawaba.text import Text

__all__ = ["PEOPLE", "PERMISSIONS", "ROLES"]

PERMISSIONS = (
    Permission("accounting.read", Text("Read the books.", "الاطلاع على الدفاتر.")),
    Permission(
        "accounting.reconcile",
        Text("Resolve differences with gateways.", "تسوية الفروق مع البوابات."),
    ),
    Permission(
        "accounting.approve",
        Text(
            "Approve resolutions of differences over the limit.",
            "اعتماد تسويات الفروق التي تتجاوز الحد.",
        ),
    ),
    Permission("accounting.close", Text("Close and reopen months.", "إقفال الأشهر وإعادة فتحها.")),
    Permission("accounting.remit", Text("Pay on to agencies.", "تحويل المبالغ إلى الجهات.")),
)
ROLES = (
    Role(
        "treasurer",
        Text("Treasurer", "أمين الخزينة"),
        (
            "accounting.read",
            "payments.read",
            "payments.refund",
            "payments.approve",
            "accounting.reconcile",
            "accounting.approve",
            "accounting.close",
            "accounting.remit",
        ),
    ),
    Role(
        "auditor",
        Text("Auditor", "مدقق الحسابات"),
        ("accounting.read", "payments.read", "correspondence.read"),
    ),
)
PEOPLE = (
    DemoPerson("treasurer", Text("Treasurer", "أمينة الخزينة"), "810000019", (Grant("treasurer"),)),
    DemoPerson(
        "treasurer-2",
        Text("Deputy treasurer", "نائب أمينة الخزينة"),
        "810000027",
        (Grant("treasurer"),),
    ),
    DemoPerson("auditor", Text("Auditor", "مدقق الحسابات"), "820000026", (Grant("auditor"),)),
)
