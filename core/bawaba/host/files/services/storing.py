"""Take the bytes of an upload: each attempt under a key of its own, recorded before it is written.

No crash leaves an object that no row names: the row comes first, and goes after the object.
"""

from __future__ import annotations

from bawaba.db import locked, transaction
from bawaba.errors import NotFound
from bawaba.host.files.desk import desk
from bawaba.host.files.domain import (
    ATTACH_WITHIN,
    FILE,
    FileAlreadyStored,
    FileStatus,
    FileTrigger,
    ObjectState,
)
from bawaba.host.files.models import FileObject, FileRow
from bawaba.runtime import new_id, now
from bawaba.viewer import Viewer


async def awaited(viewer: Viewer, file_id: str) -> FileRow:
    """Return the viewer's own file, which waits for its bytes.

    Raises:
        NotFound: there is none, or it is somebody else's.
        FileAlreadyStored: it does not wait any more.
    """
    row = await FileRow.get_or_none(id=file_id, owner_id=viewer.person())
    if row is None:
        raise NotFound
    if not FILE.allows(FileStatus(row.status), FileTrigger.STORE) or row.expires_at <= now():
        raise FileAlreadyStored
    return row


async def begin(file_id: str) -> str:
    """Record a new attempt; return the key to write to."""
    key = new_id()
    async with transaction():
        await FileObject.create(
            key=key, file_id=file_id, state=ObjectState.WRITING.value, since=now()
        )
    return key


async def finish(file_id: str, key: str) -> FileRow:
    """Make the written object the file's.

    Raises:
        FileAlreadyStored: another attempt was first, or the attempt took too long.
    """
    async with transaction():
        row = await locked(FileRow.filter(id=file_id)).get()
        written = await locked(FileObject.filter(key=key)).first()
        status = FileStatus(row.status)
        alive = written is not None and written.state == ObjectState.WRITING.value
        if not alive or not FILE.allows(status, FileTrigger.STORE):
            raise FileAlreadyStored
        at = now()
        row.status = FILE.next(status, FileTrigger.STORE).value
        row.object_key, row.stored_at, row.expires_at = key, at, at + ATTACH_WITHIN
        await row.save(update_fields=["status", "object_key", "stored_at", "expires_at"])
        await FileObject.filter(key=key).update(state=ObjectState.KEPT.value)
    return row


async def reject(file_id: str, key: str) -> None:
    """Refuse the file for good: its bytes are not what was declared."""
    async with transaction():
        row = await locked(FileRow.filter(id=file_id)).get()
        status = FileStatus(row.status)
        if FILE.allows(status, FileTrigger.REJECT):
            row.status = FILE.next(status, FileTrigger.REJECT).value
            await row.save(update_fields=["status"])
        await _doom(key)
    await remove(key)


async def give_up(key: str) -> None:
    """Drop an attempt whose object is not kept; the file goes on waiting."""
    async with transaction():
        doomed = await _doom(key)
    if doomed:
        await remove(key)


async def remove(key: str) -> None:
    """Delete a doomed object, then the row that names it."""
    await desk().store.delete(key)
    async with transaction():
        await FileObject.filter(key=key, state=ObjectState.DOOMED.value).delete()


async def _doom(key: str) -> bool:
    writing = FileObject.filter(key=key, state=ObjectState.WRITING.value)
    return bool(await writing.update(state=ObjectState.DOOMED.value))
