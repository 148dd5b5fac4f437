"""A registry of identity alone, and two people."""

from __future__ import annotations

from bawaba.host.identity import declarations
from bawaba.plugin import DemoPerson, Grant, Permission
from bawaba.text import Text
from world import registry_of

SARA = DemoPerson("sara", Text("Sara", "سارة"), "900101001")
ADMIN = DemoPerson("admin", Text("Maryam", "مريم"), "800101001", (Grant("admin"),))
CORE = registry_of(
    permissions=[*declarations.PERMISSIONS, Permission("payments.pay", Text("Pay.", "الدفع."))],
    roles=declarations.ROLES,
    errors=declarations.ERRORS,
    schema=declarations.SCHEMA_PARTS,
    core_fields=declarations.CORE_FIELDS,
    nodes=declarations.NODES,
)
