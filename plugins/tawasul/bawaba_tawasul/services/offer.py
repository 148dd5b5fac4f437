"""What the plugin brings to the catalogue and to people's rights."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from bawaba.catalogue import Agency, Service
from bawaba.plugin import Permission, Role
from bawaba.text import Text

STARTING: dict[str, Any] = tomllib.loads(
    resources.files("bawaba_tawasul").joinpath("agencies.toml").read_text(encoding="utf-8")
)
"""The agencies and categories with which the plugin begins."""
SERVICE = "tawasul"
OWNER = "egov"
AGENCIES = (
    Agency(
        OWNER, Text("Information & eGovernment Authority", "هيئة المعلومات والحكومة الإلكترونية")
    ),
    *(Agency(entry["code"], Text(entry["en"], entry["ar"])) for entry in STARTING["agencies"]),
)
SERVICES = (
    Service(
        SERVICE,
        OWNER,
        Text("Tawasul: suggestions and complaints", "تواصل: المقترحات والشكاوى"),
        Text(
            "Send a complaint, a suggestion or an inquiry to any agency, and follow its answer.",
            "إرسال شكوى أو مقترح أو استفسار إلى أي جهة ومتابعة الرد.",
        ),
        payable=False,
    ),
)
PERMISSIONS = (
    Permission(
        "tawasul.use",
        Text("Submit cases and follow one's own.", "تقديم الحالات ومتابعة حالات الشخص نفسه."),
    ),
    Permission("tawasul.desk", Text("See an agency's cases.", "الاطلاع على حالات جهة.")),
    Permission("tawasul.handle", Text("Answer an agency's cases.", "معالجة حالات جهة.")),
    Permission(
        "tawasul.supervise",
        Text(
            "Assign an agency's cases, answer any of them, and approve opening an identity.",
            "إسناد حالات جهة ومعالجتها والموافقة على كشف الهوية.",
        ),
    ),
    Permission(
        "tawasul.coordinate",
        Text("Send and receive transfers for an agency.", "إحالة الحالات واستلامها باسم جهة."),
    ),
    Permission(
        "tawasul.arbitrate",
        Text("Decide which agency answers a case.", "تحديد الجهة المعنية بالحالة."),
    ),
    Permission("tawasul.measure", Text("See performance.", "الاطلاع على مؤشرات الأداء.")),
    Permission(
        "tawasul.regulate",
        Text("Set calendars, targets and ladders.", "تحديد التقويم والمدد وسلم التصعيد."),
    ),
)
ROLES = (
    Role("tawasul-citizen", Text("Citizen or resident", "مواطن أو مقيم"), ("tawasul.use",), True),
    Role(
        "tawasul-handler", Text("Case handler", "معالج حالات"), ("tawasul.desk", "tawasul.handle")
    ),
    Role(
        "tawasul-supervisor",
        Text("Case supervisor", "مشرف الحالات"),
        ("tawasul.desk", "tawasul.supervise", "tawasul.measure", "tawasul.regulate"),
    ),
    Role(
        "tawasul-coordinator",
        Text("Agency coordinator", "منسق الجهة"),
        ("tawasul.desk", "tawasul.coordinate"),
    ),
    Role("tawasul-arbiter", Text("Arbiter of transfers", "محكّم الإحالات"), ("tawasul.arbitrate",)),
    Role(
        "tawasul-performance-officer",
        Text("Portal performance officer", "مسؤول أداء البوابة"),
        ("tawasul.measure", "tawasul.regulate"),
    ),
)
