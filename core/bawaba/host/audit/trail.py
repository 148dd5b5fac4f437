"""Appending to the audit trail, and verifying it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import runtime
from bawaba.db import require_transaction
from bawaba.host.audit.chain import canonical, digest
from bawaba.host.audit.models import AuditEntry, AuditHead
from bawaba.host.chains.heads import advance, head_of, locked_head, path_of, read_heads
from bawaba.host.chains.rules import Broken, Walk
from bawaba.viewer import Viewer

HEADS_FILE = "audit-heads.jsonl"
_BATCH = 1000


class AuditTrail:
    """The host's audit port.

    Appending locks one row until the commit. To keep the order of locks the same everywhere,
    record after the rows are written and before ``live.emit``.
    """

    async def record(
        self, viewer: Viewer | None, action: str, resource: str, detail: Mapping[str, Any]
    ) -> None:
        """See :func:`bawaba.audit.record`."""
        require_transaction()
        head = await locked_head(AuditHead)
        entry = {
            "number": head.number + 1,
            "at": runtime.now(),
            "actor": viewer.person_id if viewer else None,
            "device": viewer.device_id if viewer else None,
            "action": action,
            "resource": resource,
            "detail": canonical(detail),
            "correlation_id": runtime.correlation_id(),
            "previous_hash": head.hash,
        }
        entry["hash"] = digest(entry)
        await AuditEntry.bulk_create([AuditEntry(**entry)])
        await advance(AuditHead, entry["number"], entry["hash"], HEADS_FILE)


async def verify_audit() -> Broken | None:
    """Walk the whole trail and return the first broken entry, or None.

    Finds a changed, removed, inserted or swapped entry, a history rewritten with fresh hashes,
    and a cut tail, as long as the heads file in the data folder is the one that was written.
    """
    walk = Walk(read_heads(path_of(HEADS_FILE)), digest)
    head = await head_of(AuditHead)
    while entries := await _after(walk.number):
        broken = walk.follow(entries)
        if broken is not None:
            return broken
    return walk.finish(head)


async def _after(number: int) -> list[dict[str, Any]]:
    # An entry numbered 0 or below was never written by us: let the walk meet it at the start.
    query = AuditEntry.all() if number == 0 else AuditEntry.filter(number__gt=number)
    return await query.order_by("number").limit(_BATCH).values()
