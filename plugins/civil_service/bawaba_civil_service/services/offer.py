"""What the plugin brings to the catalogue, to the ledger and to people's rights."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.ledger import Account, AccountKind
from bawaba.plugin import Permission, Role
from bawaba.text import Text

from bawaba_civil_service.domain import AGENCY, PAYABLE_ACCOUNT, SERVICE

USE = "civilService.use"
READ = "civilService.read"
APPROVE = "civilService.approveLeave"
ANNOUNCE = "civilService.announce"
PRINT = "civilService.print"

AGENCIES = (Agency(AGENCY, Text("Civil Service Bureau", "جهاز الخدمة المدنية")),)
SERVICES = (
    Service(
        SERVICE,
        AGENCY,
        Text("Civil service employees", "خدمات موظفي الخدمة المدنية"),
        Text(
            "One's record, leave and payslips, and certificates that anybody can verify.",
            "السجل الوظيفي والإجازات وقسائم الراتب، وشهادات يمكن للجميع التحقق منها.",
        ),
        payable=True,
    ),
)
ACCOUNTS = (
    Account(
        PAYABLE_ACCOUNT,
        Text("Payable to the Civil Service Bureau", "مستحقات جهاز الخدمة المدنية"),
        AccountKind.LIABILITY,
    ),
)
PERMISSIONS = (
    Permission(
        USE,
        Text(
            "See one's own record; ask for leave and certificates.",
            "اطلاع الموظف على سجله وطلب الإجازات والشهادات.",
        ),
    ),
    Permission(
        READ,
        Text(
            "See the records and leave of an entity's employees; never their pay.",
            "الاطلاع على سجلات موظفي الجهة وإجازاتهم دون رواتبهم.",
        ),
    ),
    Permission(
        APPROVE,
        Text("Decide about the leave of an entity's employees.", "البت في إجازات موظفي الجهة."),
    ),
    Permission(ANNOUNCE, Text("Announce official holidays.", "إعلان العطل الرسمية.")),
    Permission(
        PRINT,
        Text(
            "Print certificates and payslips: the platform alone; no role has it.",
            "طباعة الشهادات وقسائم الراتب: للمنصة وحدها ولا يملكها أي دور.",
        ),
    ),
)
ROLES = (
    Role("civil-service-user", Text("Civil servant", "موظف مدني"), (USE,), everyone=True),
    Role("civil-service-officer", Text("Personnel officer", "مسؤول شؤون الموظفين"), (READ,)),
    Role("civil-service-manager", Text("Manager", "مدير"), (READ, APPROVE)),
    Role("civil-service-registrar", Text("Bureau registrar", "مسجل الجهاز"), (ANNOUNCE,)),
)
