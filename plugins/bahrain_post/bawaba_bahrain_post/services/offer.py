"""What the plugin brings to the catalogue, to the ledger and to people's rights."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.ledger import Account, AccountKind
from bawaba.plugin import Permission, Role
from bawaba.text import Text

from bawaba_bahrain_post.domain import AGENCY, CUSTOMS_ACCOUNT, POST_ACCOUNT, SERVICE

AGENCIES = (Agency(AGENCY, Text("Bahrain Post", "بريد البحرين")),)
SERVICES = (
    Service(
        SERVICE,
        AGENCY,
        Text("Bahrain Post services", "خدمات بريد البحرين"),
        Text(
            "Follow shipments, pay customs duty, renew post boxes.",
            "متابعة الشحنات وسداد الرسوم الجمركية وتجديد صناديق البريد.",
        ),
        payable=True,
    ),
)
ACCOUNTS = (
    Account(
        POST_ACCOUNT, Text("Payable to Bahrain Post", "مستحقات بريد البحرين"), AccountKind.LIABILITY
    ),
    Account(
        CUSTOMS_ACCOUNT,
        Text("Duty and tax collected for Customs Affairs", "رسوم وضرائب محصلة لشؤون الجمارك"),
        AccountKind.LIABILITY,
    ),
)
PERMISSIONS = (
    Permission(
        "post.desk",
        Text(
            "See what customs holds, for whom, and any bill and box.",
            "الاطلاع على الشحنات المحتجزة لدى الجمارك وأصحابها، وعلى أي فاتورة أو صندوق.",
        ),
    ),
    Permission(
        "post.use",
        Text("See one's own shipments and boxes.", "اطلاع المستخدم على شحناته وصناديقه."),
    ),
)
ROLES = (
    Role("post-officer", Text("Post officer", "موظف بريد"), ("post.desk",)),
    Role(
        "post-customer",
        Text("Customer of the post", "متعامل مع البريد"),
        ("post.use",),
        everyone=True,
    ),
)
