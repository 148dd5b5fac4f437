"""Attach uploaded files to an object of a plugin."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.db import locked, require_transaction
from bawaba.files import File, Purpose
from bawaba.graphql import NotFound, raw_id
from bawaba.host.files.desk import file_of
from bawaba.host.files.domain import (
    FILE,
    MAX_ATTACHED,
    FileNotReady,
    FileStatus,
    FileTrigger,
    TooManyFiles,
)
from bawaba.host.files.models import FileRow
from bawaba.runtime import now
from bawaba.viewer import Viewer


async def attach(
    viewer: Viewer, purpose: Purpose, ids: Sequence[str], subject: str, path: Sequence[str]
) -> Sequence[File]:
    """See :func:`bawaba.files.attach`."""
    require_transaction()
    if len(ids) > MAX_ATTACHED:
        raise TooManyFiles(*path)
    wanted = [raw_id(id_, "Attachment", *path, str(index)) for index, id_ in enumerate(ids)]
    if not wanted:
        return []
    mine = FileRow.filter(id__in=wanted, owner_id=viewer.person(), purpose=purpose.name)
    rows = {row.id: row for row in await locked(mine.order_by("id"))}
    for index, id_ in enumerate(wanted):
        if id_ not in rows:
            raise NotFound(*path, str(index))
        await _attach(rows[id_], subject, (*path, str(index)))
    return [file_of(rows[id_]) for id_ in dict.fromkeys(wanted)]


async def _attach(row: FileRow, subject: str, path: Sequence[str]) -> None:
    status = FileStatus(row.status)
    if status is FileStatus.ATTACHED and row.subject == subject:
        return
    if not FILE.allows(status, FileTrigger.ATTACH) or row.expires_at <= now():
        raise FileNotReady(*path)
    row.status, row.subject = FILE.next(status, FileTrigger.ATTACH).value, subject
    await row.save(update_fields=["status", "subject"])
