"""Documents of the agenda: versions, who reads them, and the manifest that a tablet keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bawaba import db, files, runtime
from bawaba.errors import NotFound
from bawaba.graphql import global_id
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MAX_DOCUMENTS,
    MAX_VERSIONS,
    LogKind,
    MeetingRole,
)
from bawaba_emeeting.models import MeetingAgendaItem, MeetingDocument, MeetingVersion
from bawaba_emeeting.refusals import AgendaFull, NotAMember, TooManyVersions
from bawaba_emeeting.rules.texts import title_within
from bawaba_emeeting.services import councils, log, sittings
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.sittings import Work, begin, require_not_over

PURPOSE = "meeting.document"
_OFFICE = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "image/jpeg",
        "image/png",
        f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation",
    }
)
"""What a document may be."""
DOCUMENT = ("id", "meeting_id", "item_id", "title", "version", "version_id", "file_id", "sha256")
_KEEPERS = frozenset({MeetingRole.CHAIR, MeetingRole.SECRETARY, MeetingRole.OPERATOR})


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file for an item; ``document``: of which document it is a new version."""

    item: str
    title: str
    attachment: str
    document: str | None = None


async def add(viewer: Viewer, asked: NewDocument) -> str:
    """Put an uploaded file on the agenda, or a new version of one; return the document's id.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``; no such item, document or file.
        WrongStatus: the meeting is over.
        AgendaFull, TooManyVersions, FileNotReady: see there.
    """
    title = title_within(asked.title)
    async with db.transaction():
        item = await MeetingAgendaItem.filter(id=asked.item).first()
        if item is None:
            raise NotFound("agendaItemId")
        work = await begin(viewer, item.meeting_id, path="agendaItemId")
        _check(work)
        document = await _document(item, asked.document)
        version = MeetingVersion(
            id=runtime.new_id(),
            document_id=document.id,
            meeting_id=item.meeting_id,
            number=document.version + 1,
            title=title,
            added_by=work.me["id"],
            added_at=work.at,
        )
        stored = await files.attach(viewer, PURPOSE, [asked.attachment], version.id, "attachmentId")
        version.file_id, version.sha256 = stored[0].id, stored[0].sha256
        await version.save(force_create=True)
        await _renew(document, version)
        await _write(work, document)
    return document.id


def _check(work: Work) -> None:
    require_not_over(work)
    if MeetingRole(work.me["role"]) not in _KEEPERS:
        raise NotAMember("agendaItemId")


async def _document(item: MeetingAgendaItem, wanted: str | None) -> MeetingDocument:
    if wanted is not None:
        found = await MeetingDocument.filter(id=wanted, item_id=item.id).first()
        if found is None:
            raise NotFound("documentId")
        if found.version >= MAX_VERSIONS:
            raise TooManyVersions("documentId", most=MAX_VERSIONS)
        return found
    if await MeetingDocument.filter(item_id=item.id).count() >= MAX_DOCUMENTS:
        raise AgendaFull("agendaItemId", most=MAX_DOCUMENTS)
    return MeetingDocument(
        id=runtime.new_id(), meeting_id=item.meeting_id, item_id=item.id, version=0
    )


async def _renew(document: MeetingDocument, version: MeetingVersion) -> None:
    is_new = document.version == 0
    document.title, document.version = version.title, version.number
    document.version_id, document.file_id = version.id, version.file_id
    document.sha256 = version.sha256
    await document.save(force_create=is_new)


async def _write(work: Work, document: MeetingDocument) -> None:
    await log.append(
        work.row,
        LogKind.DOCUMENT_ADDED,
        work.viewer,
        subject=document.id,
        by_id=work.me["id"],
        data={
            "title": document.title,
            "version": document.version,
            "sha256": document.sha256,
            "item": document.item_id,
        },
    )
    await work.row.save()
    await log.announce(work.row.id, LogKind.DOCUMENT_ADDED.value)


async def readable(viewer: Viewer, version_ids: Sequence[str]) -> frozenset[str]:
    """Return the versions whose files the viewer may read: those of their own councils."""
    rows = await MeetingVersion.filter(id__in=list(version_ids)).values("id", "meeting_id")
    inside = {
        meeting["id"]
        for meeting, council in await sittings.seen(viewer, {row["meeting_id"] for row in rows})
        if councils.attends(viewer, council)
    }
    return frozenset(row["id"] for row in rows if row["meeting_id"] in inside)


async def of_ids(viewer: Viewer, ids: Collection[str]) -> dict[str, Row]:
    """Return those documents that the viewer may read, by id."""
    rows = await MeetingDocument.filter(id__in=list(ids)).values(*DOCUMENT)
    allowed = await readable(viewer, [row["version_id"] for row in rows])
    return {row["id"]: row for row in rows if row["version_id"] in allowed}


async def of_meeting(meeting_id: str) -> Mapping[str, list[Row]]:
    """Return the documents of a meeting by item, in the order in which they were added."""
    rows = MeetingDocument.filter(meeting_id=meeting_id).order_by("id")
    found: dict[str, list[Row]] = {}
    for row in await rows.values(*DOCUMENT):
        found.setdefault(row["item_id"], []).append(row)
    return found


async def manifest(meeting_id: str) -> str:
    """Return the SHA-256 over all current files: one line ``id version sha256`` each.

    The ids are those that clients know, in the order of :func:`page`.
    """
    rows = MeetingDocument.filter(meeting_id=meeting_id).order_by("id")
    told = "".join(
        f"{global_id('MeetingDocument', row['id'])} {row['version']} {row['sha256']}\n"
        for row in await rows.values("id", "version", "sha256")
    )
    return hashlib.sha256(told.encode()).hexdigest()


async def page(meeting_id: str, first: int, after: str | None) -> Page:
    """Return a page of a meeting's documents, in the order in which they were added."""
    rows = MeetingDocument.filter(meeting_id=meeting_id)
    return await keyset_page(rows, order=("id",), first=first, after=after, columns=DOCUMENT)
