"""What the plugin brings to the catalogue, to the ledger, to people's rights and to letters."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.correspondence import Correspondent
from bawaba.ledger import Account, AccountKind
from bawaba.plugin import Permission, Role
from bawaba.text import Text

from bawaba_payments_ewa.domain import AGENCY, PAYABLE_ACCOUNT, SERVICE
from bawaba_payments_ewa.gateway import simulator
from bawaba_payments_ewa.services import accounts

AGENCIES = (Agency(AGENCY, Text("Electricity and Water Authority", "هيئة الكهرباء والماء")),)
SERVICES = (
    Service(
        SERVICE,
        AGENCY,
        Text("Electricity and water bills", "فواتير الكهرباء والماء"),
        Text(
            "Look up an account, pay its bill in whole, in part or in advance, and follow it.",
            "الاستعلام عن الحساب وسداد فاتورته كاملة أو جزئياً أو مقدماً ومتابعته.",
        ),
        payable=True,
    ),
)
ACCOUNTS = (
    Account(
        PAYABLE_ACCOUNT,
        Text("Payable to the Electricity and Water Authority", "مستحقات هيئة الكهرباء والماء"),
        AccountKind.LIABILITY,
    ),
)
PERMISSIONS = (
    Permission("ewa.read", Text("See any account and bill.", "الاطلاع على أي حساب وفاتورة.")),
    Permission(
        "ewa.use",
        Text(
            "Follow accounts, and choose how one's own is billed.",
            "متابعة الحسابات واختيار المشترك طريقة فوترة حسابه.",
        ),
    ),
)
ROLES = (
    Role(
        "ewa-officer", Text("Electricity and water officer", "موظف الكهرباء والماء"), ("ewa.read",)
    ),
    Role("ewa-customer", Text("Customer", "مشترك"), ("ewa.use",), everyone=True),
)
CORRESPONDENTS = (
    Correspondent(
        AGENCY,
        takes={"ewa.bills": accounts.take_letter},
        simulated=simulator.ANSWERS,
        line=simulator.line,
    ),
)
