"""What the audit room adds to core's own declarations."""

from __future__ import annotations

MODELS = "bawaba.host.audit.models"
"""The module of its rows."""
APPEND_ONLY = ("core_audit",)
"""Tables that the migration makes append-only."""
