"""What goes by itself: expired places, files that nobody attached, crashed attempts, tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bawaba.db import skip_locked, transaction
from bawaba.host.files.domain import ATTEMPT_DEAD, FILE, FileStatus, FileTrigger, ObjectState
from bawaba.host.files.models import FileObject, FileRow, FileTicket
from bawaba.host.files.services.storing import remove
from bawaba.runtime import now

log = structlog.get_logger(__name__)
SWEEP = 200
_EXPIRING = [FileStatus.AWAITED.value, FileStatus.STORED.value]


async def clean(_: Mapping[str, Any]) -> None:
    """Expire, doom and delete. A periodic job; what cannot be deleted now is met again."""
    while await _expire() == SWEEP:
        pass
    async with transaction():
        await FileTicket.filter(expires_at__lte=now()).delete()
        await FileObject.filter(
            state=ObjectState.WRITING.value, since__lte=now() - ATTEMPT_DEAD
        ).update(state=ObjectState.DOOMED.value, since=now())
    doomed = FileObject.filter(state=ObjectState.DOOMED.value)
    for key in await doomed.order_by("since").limit(SWEEP).values_list("key", flat=True):
        try:
            await remove(str(key))
        except Exception as error:  # noqa: BLE001  the store is out of reach: next time
            log.warning("an object could not be deleted", error=repr(error)[:300])


async def _expire() -> int:
    async with transaction():
        overdue = FileRow.filter(status__in=_EXPIRING, expires_at__lte=now())
        rows = await skip_locked(overdue.order_by("id").limit(SWEEP))
        for row in rows:
            key, row.object_key = row.object_key, None
            row.status = FILE.next(FileStatus(row.status), FileTrigger.EXPIRE).value
            await row.save(update_fields=["status", "object_key"])
            if key is not None:
                await FileObject.filter(key=key).update(state=ObjectState.DOOMED.value, since=now())
    return len(rows)
