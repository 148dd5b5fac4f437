"""What the plugin brings to the catalogue, to the ledger and to people's rights."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.ledger import Account, AccountKind
from bawaba.plugin import Permission, Role
from bawaba.text import Text

from bawaba_payments_traffic.domain import AGENCY, PAYABLE_ACCOUNT, SERVICE

EVIDENCE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})
AGENCIES = (Agency(AGENCY, Text("General Directorate of Traffic", "الإدارة العامة للمرور")),)
SERVICES = (
    Service(
        SERVICE,
        AGENCY,
        Text("Traffic fines", "المخالفات المرورية"),
        Text(
            "Look up traffic fines, pay them, and object to them.",
            "الاستعلام عن المخالفات المرورية وسدادها والاعتراض عليها.",
        ),
        payable=True,
    ),
)
ACCOUNTS = (
    Account(
        PAYABLE_ACCOUNT,
        Text("Payable to the General Directorate of Traffic", "مستحقات الإدارة العامة للمرور"),
        AccountKind.LIABILITY,
    ),
)
PERMISSIONS = (
    Permission(
        "traffic.read", Text("See any fine and objection.", "الاطلاع على أي مخالفة واعتراض.")
    ),
    Permission("traffic.decide", Text("Decide objections.", "البت في الاعتراضات.")),
    Permission(
        "traffic.object", Text("Object to one's own fines.", "الاعتراض على المخالفات الخاصة.")
    ),
)
ROLES = (
    Role(
        "traffic-officer",
        Text("Traffic officer", "ضابط مرور"),
        ("traffic.read", "traffic.decide"),
    ),
    Role("traffic-debtor", Text("Road user", "مستخدم الطريق"), ("traffic.object",), everyone=True),
)
