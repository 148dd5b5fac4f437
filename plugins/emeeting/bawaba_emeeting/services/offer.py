"""What the plugin brings to the catalogue and to people's rights."""

from __future__ import annotations

from bawaba.catalogue import Agency, Service
from bawaba.plugin import Permission, Role
from bawaba.text import Text

OWNER = "egov"
ATTEND, OPERATE, REGULATE = "meeting.attend", "meeting.operate", "meeting.regulate"
MEMBER_ROLE, OPERATOR_ROLE = "meeting-member", "meeting-operator"
AGENCIES = (
    Agency(
        OWNER, Text("Information & eGovernment Authority", "هيئة المعلومات والحكومة الإلكترونية")
    ),
)
SERVICES = (
    Service(
        "emeeting",
        OWNER,
        Text("e-Meeting: councils and committees", "الاجتماع الإلكتروني: المجالس واللجان"),
        Text(
            "Hold a council's meetings electronically: files, attendance, votes and minutes.",
            "عقد اجتماعات المجالس إلكترونياً: الملفات والحضور والتصويت والمحاضر.",
        ),
        payable=False,
    ),
)
PERMISSIONS = (
    Permission(
        ATTEND,
        Text("Take part in a council's meetings.", "المشاركة في اجتماعات مجلس."),
    ),
    Permission(
        OPERATE,
        Text("Operate a council's meetings.", "تشغيل اجتماعات مجلس."),
    ),
    Permission(
        REGULATE,
        Text(
            "Set councils' rules, adoption and operators.",
            "تحديد قواعد المجالس ومراحل تطبيقها ومشغليها.",
        ),
    ),
)
ROLES = (
    Role(MEMBER_ROLE, Text("Member of a council", "عضو مجلس"), (ATTEND,)),
    Role(
        OPERATOR_ROLE,
        Text("Operator of a council", "مشغل اجتماعات مجلس"),
        (ATTEND, OPERATE, "accounts.manage"),
    ),
    Role("meeting-registrar", Text("Registrar of councils", "مسجل المجالس"), (REGULATE,)),
)
