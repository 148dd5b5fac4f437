"""The audit trail: hash-chained, append-only, its heads written to a file outside the database."""

from __future__ import annotations

from bawaba.host.audit.chain import Broken
from bawaba.host.audit.trail import AuditTrail, verify_audit

__all__ = ["AuditTrail", "Broken", "verify_audit"]
