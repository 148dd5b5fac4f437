"""What the accounting brings: permissions, roles, the demo's people."""

from __future__ import annotations

from bawaba.plugin import DemoPerson, Grant, Permission, Role
from bawaba.text import Text

__all__ = ["PEOPLE", "PERMISSIONS", "ROLES"]

PERMISSIONS = (
    Permission("accounting.read", Text("Read the books.", "الاطلاع على الدفاتر.")),
    Permission(
        "accounting.manage",
        Text("Settle differences and close periods.", "تسوية الفروق وإقفال الفترات."),
    ),
)
ROLES = (
    Role(
        "treasurer",
        Text("Treasurer", "أمين الخزينة"),
        ("accounting.read", "accounting.manage", "payments.read", "payments.refund"),
    ),
    Role(
        "auditor",
        Text("Auditor", "مدقق الحسابات"),
        ("accounting.read", "payments.read", "correspondence.read"),
    ),
)
PEOPLE = (
    DemoPerson("treasurer", Text("Treasurer", "أمينة الخزينة"), "810000019", (Grant("treasurer"),)),
    DemoPerson("auditor", Text("Auditor", "مدقق الحسابات"), "820000026", (Grant("auditor"),)),
)
