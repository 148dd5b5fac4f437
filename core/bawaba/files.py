"""Files that people upload and that belong to a plugin's objects.

A plugin declares for what it takes files (:class:`Purpose`, hook ``declare_file_purposes``). A
person asks for a place (``createUpload``), sends the bytes over HTTP, and names the file's id in
a mutation; the plugin's service then attaches it to its object in its own transaction::

    attached = await files.attach(viewer, "permit.evidence", ids, objection.id, "attachmentIds")

From then on whoever ``may_read`` the object at that moment may read the file. ``bawaba.core_types``
has the GraphQL type: ``Attachment.of(file)``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bawaba.host.files import domain
from bawaba.host.files.domain import FileNotReady, FileStatus, TooManyFiles
from bawaba.runtime import current
from bawaba.text import Text
from bawaba.viewer import Viewer

__all__ = [
    "MAX_ATTACHED",
    "File",
    "FileNotReady",
    "FilePort",
    "FileStatus",
    "Purpose",
    "TooManyFiles",
    "attach",
    "of_subjects",
    "store",
]

MAX_ATTACHED = domain.MAX_ATTACHED
"""The most files that one call attaches."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """For what files are uploaded, returned by ``declare_file_purposes``.

    Args:
        name: carries the plugin's prefix: ``permit.evidence``.
        title: what people call it.
        permission: needed to upload.
        media_types: what is taken; each must be one whose content the platform can recognise.
        max_bytes: the largest file, in bytes.
        may_read: gets the viewer and subjects (ids of the plugin's objects), and returns those
            whose files the viewer may read now. Asked at every look and every download.
    """

    name: str
    title: Text
    permission: str
    media_types: frozenset[str]
    max_bytes: int
    may_read: Callable[[Viewer, Sequence[str]], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file, or a place for one.

    ``subject`` is the id of the object that it is attached to; ``size`` is in bytes; ``sha256``
    is hexadecimal; ``owner_id`` is who uploads it; ``stored_at`` is in UTC.
    """

    id: str
    purpose: str
    subject: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    owner_id: str
    status: FileStatus
    stored_at: dt.datetime | None


class FilePort(Protocol):
    """What the host implements."""

    async def attach(
        self, viewer: Viewer, purpose: str, ids: Sequence[str], subject: str, path: Sequence[str]
    ) -> Sequence[File]:
        """See :func:`attach`."""
        ...

    async def make(
        self, purpose: str, subject: str, name: str, media_type: str, content: bytes
    ) -> File:
        """See :func:`store`."""
        ...

    async def of_subjects(
        self, purpose: str, subjects: Collection[str]
    ) -> Mapping[str, Sequence[File]]:
        """See :func:`of_subjects`."""
        ...


async def attach(
    viewer: Viewer, purpose: str, ids: Sequence[str], subject: str, *path: str
) -> Sequence[File]:
    """Attach the viewer's uploaded files to an object, in the current transaction.

    The rows are locked. Repeating it for the same subject changes nothing.

    Args:
        purpose: a declared purpose's name.
        ids: global ids of type Attachment, at most :data:`MAX_ATTACHED`.
        subject: the id of the plugin's object, at most 64 characters.
        path: where in the input the ids stand, for refusals: ``"attachmentIds"``.

    Raises:
        TooManyFiles: there are more than may be.
        NotFound: no such file, somebody else's, or one of another purpose.
        FileNotReady: its bytes did not arrive, or it is attached elsewhere already.
        LookupError: no loaded plugin declared the purpose.
        RuntimeError: called outside a transaction.
    """
    return await current().files.attach(viewer, purpose, ids, subject, path)


async def of_subjects(purpose: str, subjects: Collection[str]) -> Mapping[str, Sequence[File]]:
    """Return the attached files of each subject that has some, oldest first; one statement.

    The caller has asked already whether the viewer may see the subjects.
    """
    return await current().files.of_subjects(purpose, subjects)


async def store(purpose: str, subject: str, name: str, media_type: str, content: bytes) -> File:
    """Store bytes that the platform itself made, e.g. a certificate, as a file of an object.

    It is read as an upload is, by whoever ``may_read`` the subject. The same bytes under the same
    name for the same subject are stored once, however often a retried job asks.

    Args:
        purpose: a declared purpose's name, which must take ``media_type``.
        subject: the id of the plugin's object, at most 64 characters.
        name: what people save it as.

    Raises:
        ValueError: the purpose does not take such a file.
        LookupError: no loaded plugin declared the purpose.
        RuntimeError: called inside a transaction.
    """
    return await current().files.make(purpose, subject, name, media_type, content)
