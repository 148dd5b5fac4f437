"""Appending to the audit trail, and verifying it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog

from bawaba import runtime
from bawaba.db import after_commit, locked, require_transaction
from bawaba.host.audit.chain import GENESIS, Broken, Walk, canonical, digest
from bawaba.host.audit.models import AuditEntry, AuditHead
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
HEADS_FILE = "audit-heads.jsonl"
_HEAD = 1
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
        head = await _locked_head()
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
        await AuditHead.filter(id=_HEAD).update(number=entry["number"], hash=entry["hash"])
        _publish_after_commit(entry["number"], entry["hash"])


async def verify_audit() -> Broken | None:
    """Walk the whole trail and return the first broken entry, or None.

    Finds a changed, removed, inserted or swapped entry, a history rewritten with fresh hashes,
    and a cut tail, as long as the heads file in the data folder is the one that was written.
    """
    published = read_heads(_heads_path())
    head = await AuditHead.get_or_none(id=_HEAD)
    walk = Walk(published)
    while entries := await _after(walk.number):
        broken = walk.follow(entries)
        if broken is not None:
            return broken
    return walk.finish((head.number, head.hash) if head else None)


def read_heads(path: Path) -> dict[int, str]:
    """Return number to hash of every line of a heads file; a torn line is passed over."""
    heads: dict[int, str] = {}
    if not path.exists():
        return heads
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = orjson.loads(line)
                heads[int(entry["number"])] = str(entry["hash"])
            except (ValueError, KeyError, TypeError):
                log.warning("a line of the audit heads file cannot be read")
    return heads


async def _locked_head() -> AuditHead:
    head = await locked(AuditHead.filter(id=_HEAD)).first()
    if head is None:
        await AuditHead.bulk_create(
            [AuditHead(id=_HEAD, number=0, hash=GENESIS)], ignore_conflicts=True
        )
        head = await locked(AuditHead.filter(id=_HEAD)).get()
    return head


async def _after(number: int) -> list[dict[str, Any]]:
    # An entry numbered 0 or below was never written by us: let the walk meet it at the start.
    query = AuditEntry.all() if number == 0 else AuditEntry.filter(number__gt=number)
    return await query.order_by("number").limit(_BATCH).values()


def _heads_path() -> Path:
    return Path(runtime.current().data_dir) / HEADS_FILE


def _publish_after_commit(number: int, digest_: str) -> None:
    path = _heads_path()
    line = orjson.dumps({"number": number, "hash": digest_}) + b"\n"
    after_commit(lambda: _append(path, line))


def _append(path: Path, line: bytes) -> None:
    """Append in one write: lines of several processes never mix."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)
