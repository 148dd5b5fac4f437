"""Store bytes that the platform itself made, as a file of a plugin's object."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

from bawaba.db import in_transaction, locked, transaction
from bawaba.files import File, Purpose
from bawaba.host.files.desk import desk, file_of
from bawaba.host.files.domain import (
    FILE,
    PLATFORM,
    UPLOAD_WITHIN,
    FileAlreadyStored,
    FileStatus,
    FileTrigger,
)
from bawaba.host.files.models import FileRow
from bawaba.host.files.rules import clean_name
from bawaba.host.files.services import storing
from bawaba.runtime import new_id, now


async def store(purpose: Purpose, subject: str, name: str, media_type: str, content: bytes) -> File:
    """See :func:`bawaba.files.store`."""
    if in_transaction():
        raise RuntimeError("bytes are not stored inside a transaction")
    if media_type not in purpose.media_types or not 1 <= len(content) <= purpose.max_bytes:
        raise ValueError(f"{purpose.name} takes no {media_type} of {len(content)} bytes")
    row = await _row(purpose, subject, clean_name(name), media_type, content)
    if row.status == FileStatus.ATTACHED.value:
        return file_of(row)
    key = await storing.begin(row.id)
    try:
        await desk().store.write(key, _once(content))
        await storing.finish(row.id, key)
    except FileAlreadyStored:
        await storing.give_up(key)  # another attempt was first: its bytes are the same
    except BaseException:
        await asyncio.shield(storing.give_up(key))
        raise
    return await _attach(row.id, subject)


async def _row(
    purpose: Purpose, subject: str, name: str, media_type: str, content: bytes
) -> FileRow:
    """Return the row of these bytes: that of before, or a new one which waits for them."""
    sha256 = hashlib.sha256(content).hexdigest()
    same = FileRow.filter(
        purpose=purpose.name, subject=subject, name=name, sha256=sha256, owner_id=PLATFORM
    )
    found = await same.order_by("id").first()
    if found is not None:
        return found
    at = now()
    row = FileRow(
        id=new_id(),
        owner_id=PLATFORM,
        purpose=purpose.name,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=sha256,
        status=FILE.initial.value,
        created_at=at,
        expires_at=at + UPLOAD_WITHIN,
    )
    async with transaction():
        await row.save(force_create=True)
    return row


async def _attach(file_id: str, subject: str) -> File:
    async with transaction():
        row = await locked(FileRow.filter(id=file_id)).get()
        if row.status != FileStatus.ATTACHED.value:
            row.status = FILE.next(FileStatus(row.status), FileTrigger.ATTACH).value
            row.subject = subject
            await row.save(update_fields=["status", "subject"])
    return file_of(row)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
