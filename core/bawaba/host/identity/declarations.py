"""What identity adds to core's own declarations."""

from __future__ import annotations

from bawaba.host.identity import domain
from bawaba.host.identity.graphql import (
    IdentityMutation,
    IdentityQuery,
    PersonFields,
    load_devices,
    load_persons,
)  # fmt: skip
from bawaba.plugin import CoreFields, DemoPerson, Grant, NodeType, Permission, Role, SchemaPart
from bawaba.text import Text

MODELS = "bawaba.host.identity.models"
"""The module of its rows."""
PERMISSIONS = [
    Permission(
        domain.ACCOUNTS_OWN,
        Text("See and sign out one's own devices.", "الاطلاع على الأجهزة الشخصية وإبطالها."),
    ),
    Permission(
        domain.ACCOUNTS_MANAGE,
        Text(
            "Suspend accounts and sign out anybody's devices.",
            "تعليق الحسابات وإبطال أجهزة أي شخص.",
        ),
    ),
    Permission(
        "platform.manage",
        Text("See what operators see of the platform.", "الاطلاع على ما يخص مشغّلي المنصة."),
    ),
    Permission(
        "jobs.manage",
        Text(
            "See and requeue failed background work.", "الاطلاع على المهام الفاشلة وإعادة تشغيلها."
        ),
    ),
]
ROLES = [
    Role(
        "citizen",
        Text("Citizen or resident", "مواطن أو مقيم"),
        (domain.ACCOUNTS_OWN, "payments.pay"),
        everyone=True,
    ),
    Role(
        "admin",
        Text("Platform administrator", "مدير المنصة"),
        (domain.ACCOUNTS_MANAGE, "platform.manage", "jobs.manage", "correspondence.read"),
    ),
]
ERRORS = [domain.OwnAccount, domain.BadReason]
SCHEMA_PARTS = [SchemaPart(query=IdentityQuery, mutation=IdentityMutation)]
CORE_FIELDS = [CoreFields("Person", PersonFields)]
NODES = [NodeType("Person", load_persons), NodeType("Device", load_devices)]
DEMO_PEOPLE = [
    DemoPerson("admin", Text("Maryam Admin", "مريم المدير"), "800101001", (Grant("admin"),)),
]
