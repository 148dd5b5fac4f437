"""Ask for a place to upload to."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from bawaba import idempotency
from bawaba.db import locked, transaction
from bawaba.errors import Forbidden
from bawaba.files import Purpose
from bawaba.host.files import rules
from bawaba.host.files.desk import desk
from bawaba.host.files.domain import (
    FILE,
    MAX_WAITING,
    UPLOAD_WITHIN,
    FilePurposeUnknown,
    FileStatus,
    TooManyFiles,
)
from bawaba.host.files.models import FileRow
from bawaba.host.identity.models import Person
from bawaba.runtime import new_id, now
from bawaba.viewer import Viewer

_UNATTACHED = [FileStatus.AWAITED.value, FileStatus.STORED.value]


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to upload; ``size`` in bytes, ``sha256`` hexadecimal."""

    name: str
    media_type: str
    size: int
    sha256: str
    purpose: str


async def create(viewer: Viewer, order: Order, key: str) -> FileRow:
    """Return the place for a file, new or of this key.

    Raises:
        Refusal: see ``domain.py``.
        Forbidden: the viewer may not upload for this purpose.
    """
    viewer.person()

    async def work() -> str:
        purpose = desk().purposes.get(order.purpose)
        if purpose is None:
            raise FilePurposeUnknown("purpose")
        if not viewer.can_anywhere(purpose.permission):
            raise Forbidden
        name = rules.clean_name(order.name)
        rules.check_order(
            order.media_type,
            order.size,
            order.sha256,
            allowed=purpose.media_types,
            most=purpose.max_bytes,
        )
        return await _store(viewer, order, name, purpose)

    facts = list(astuple(order))
    return await FileRow.get(id=await idempotency.once(viewer, "files.create", key, facts, work))


async def _store(viewer: Viewer, order: Order, name: str, purpose: Purpose) -> str:
    async with transaction():
        # The person's row is locked, so that many requests at once count each other.
        await locked(Person.filter(id=viewer.person())).first()
        at = now()
        waiting = FileRow.filter(
            owner_id=viewer.person(), status__in=_UNATTACHED, expires_at__gt=at
        )
        if await waiting.count() >= MAX_WAITING:
            raise TooManyFiles
        row = FileRow(
            id=new_id(),
            owner_id=viewer.person(),
            purpose=purpose.name,
            name=name,
            media_type=order.media_type,
            size=order.size,
            sha256=order.sha256.lower(),
            status=FILE.initial.value,
            created_at=at,
            expires_at=at + UPLOAD_WITHIN,
        )
        await row.save(force_create=True)
        await idempotency.done(row.id)
    return row.id
