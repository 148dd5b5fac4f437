"""Who may read which file now; and tickets, which ask that again at each download."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bawaba.db import transaction
from bawaba.errors import NotFound
from bawaba.host.files.desk import desk
from bawaba.host.files.domain import TICKET_LIVES, FileStatus
from bawaba.host.files.models import FileRow, FileTicket
from bawaba.runtime import current, now
from bawaba.viewer import Viewer

_READABLE = {FileStatus.STORED.value, FileStatus.ATTACHED.value}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A link to one file, for one person."""

    url: str
    expires_at: dt.datetime


async def seen(viewer: Viewer, ids: Sequence[str]) -> Mapping[str, FileRow]:
    """Return those files that are the viewer's own, or of a subject that the viewer may read."""
    if viewer.person_id is None:
        return {}
    rows = {row.id: row for row in await FileRow.filter(id__in=list(ids))}
    asked: dict[str, set[str]] = {}
    for row in rows.values():
        if row.owner_id != viewer.person_id and row.subject is not None:
            asked.setdefault(row.purpose, set()).add(row.subject)
    allowed: set[tuple[str, str | None]] = set()
    for name, subjects in asked.items():
        purpose = desk().purposes.get(name)
        if purpose is not None:
            readable = await purpose.may_read(viewer, sorted(subjects))
            allowed |= {(name, subject) for subject in readable}
    return {
        id_: row
        for id_, row in rows.items()
        if row.owner_id == viewer.person_id or (row.purpose, row.subject) in allowed
    }


async def readable(viewer: Viewer, file_id: str, *path: str) -> FileRow:
    """Return a file whose bytes the viewer may read.

    Raises:
        NotFound: there is none, the viewer may not, or its bytes are not there.
    """
    row = (await seen(viewer, [file_id])).get(file_id)
    if row is None or row.status not in _READABLE:
        raise NotFound(*path)
    return row


async def create_ticket(viewer: Viewer, file_id: str) -> Ticket:
    """Return a link that works for a minute without a header.

    Raises as :func:`readable`.
    """
    row = await readable(viewer, file_id, "id")
    secret, expires_at = current().ids.secret(), now() + TICKET_LIVES
    async with transaction():
        await FileTicket.create(
            digest=_digest(secret),
            file_id=row.id,
            person_id=viewer.person(),
            device_id=viewer.device_id,
            expires_at=expires_at,
        )
    return Ticket(f"{current().public_url}/files/tickets/{secret}", expires_at)


async def ticket_of(secret: str) -> FileTicket:
    """Return the ticket behind a link.

    Raises:
        NotFound: there is none, or its minute is over.
    """
    row = await FileTicket.get_or_none(digest=_digest(secret), expires_at__gt=now())
    if row is None:
        raise NotFound
    return row


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
