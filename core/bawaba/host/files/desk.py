"""The file port that the runtime carries: what is declared, the store, and the port's verbs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from bawaba.files import File, Purpose
from bawaba.host.files.domain import FileStatus
from bawaba.host.files.models import FileRow
from bawaba.host.files.storage import ObjectStore
from bawaba.runtime import current
from bawaba.viewer import Viewer


class Files:
    """The host's file port."""

    def __init__(self, purposes: Mapping[str, Purpose], store: ObjectStore) -> None:
        self.purposes, self.store = purposes, store

    async def attach(
        self, viewer: Viewer, purpose: str, ids: Sequence[str], subject: str, path: Sequence[str]
    ) -> Sequence[File]:
        """See :func:`bawaba.files.attach`."""
        from bawaba.host.files.services import attaching  # noqa: PLC0415  it needs the desk

        return await attaching.attach(viewer, self.purposes[purpose], ids, subject, path)

    async def make(
        self, purpose: str, subject: str, name: str, media_type: str, content: bytes
    ) -> File:
        """See :func:`bawaba.files.store`."""
        from bawaba.host.files.services import making  # noqa: PLC0415  it needs the desk

        return await making.store(self.purposes[purpose], subject, name, media_type, content)

    async def of_subjects(
        self, purpose: str, subjects: Collection[str]
    ) -> Mapping[str, Sequence[File]]:
        """See :func:`bawaba.files.of_subjects`."""
        found: dict[str, list[File]] = {}
        if not subjects:
            return found
        rows = FileRow.filter(purpose=purpose, subject__in=list(set(subjects)))
        for row in await rows.order_by("id"):
            found.setdefault(str(row.subject), []).append(file_of(row))
        return found


def desk() -> Files:
    """Return the current host's files."""
    return cast("Files", current().files)


def file_of(row: FileRow) -> File:
    """Return a row as the door shows it."""
    return File(
        id=row.id,
        purpose=row.purpose,
        subject=row.subject,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        owner_id=row.owner_id,
        status=FileStatus(row.status),
        stored_at=row.stored_at,
    )
