"""The audit trail: hash-chained, append-only, its heads written to a file outside the database."""

from __future__ import annotations

from bawaba.host.audit.trail import AuditTrail, verify_audit
from bawaba.host.chains import Broken

__all__ = ["AuditTrail", "Broken", "verify_audit"]
