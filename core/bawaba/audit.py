"""The audit trail: who did what to which object, appended in the transaction that did it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bawaba.runtime import current
from bawaba.viewer import Viewer

__all__ = ["AuditPort", "record"]


class AuditPort(Protocol):
    """What the host implements."""

    async def record(
        self, viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any]
    ) -> None:
        """See :func:`record`."""
        ...


async def record(
    viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Append an entry to the hash-chained audit trail, in the current transaction.

    Args:
        viewer: None for what the platform does by itself.
        action: ``permit.objection.upheld``; resource: ``PermitFee:PF-1``.
        detail: JSON; no secrets, no personal data beyond ids.

    Raises:
        RuntimeError: called outside a transaction.
    """
    await current().audit.record(viewer, action, resource, detail or {})
