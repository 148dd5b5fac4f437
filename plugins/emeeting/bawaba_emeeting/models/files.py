"""Documents of an agenda, their versions, and the comments on them."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table
from tortoise import fields

_ID = 32


class MeetingDocument(Table):
    """A document of an item, as it is in its newest version."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    item_id = fields.CharField(max_length=_ID)
    title = fields.CharField(max_length=300)
    version = fields.IntField()
    version_id = fields.CharField(max_length=_ID)
    file_id = fields.CharField(max_length=_ID)
    sha256 = fields.CharField(max_length=64)

    class Meta:
        """Listed by item."""

        table = "meeting_document"
        indexes = (("meeting_id", "item_id", "id"),)


class MeetingVersion(Table):
    """A version of a document, never changed: its file is attached to it."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    document_id = fields.CharField(max_length=_ID)
    meeting_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    title = fields.CharField(max_length=300)
    file_id = fields.CharField(max_length=_ID)
    sha256 = fields.CharField(max_length=64)
    added_by = fields.CharField(max_length=_ID)
    added_at = fields.DatetimeField()

    class Meta:
        """Numbered without gaps."""

        table = "meeting_version"
        unique_together = (("document_id", "number"),)


class MeetingComment(Table):
    """What a member says about a place in a document.

    Of a PRIVATE one ``body`` and ``quote`` are empty and ``sealed`` holds them, encrypted.
    """

    id = fields.CharField(max_length=_ID, primary_key=True)
    document_id = fields.CharField(max_length=_ID)
    author_id = fields.CharField(max_length=_ID)
    member_id = fields.CharField(max_length=_ID)
    version = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    page = fields.IntField(null=True)
    rectangle: Any = fields.JSONField(null=True)
    visibility = fields.CharField(max_length=8)
    quote = fields.TextField(db_default="")
    body = fields.TextField(db_default="")
    sealed = fields.TextField(null=True)
    written_at = fields.DatetimeField()

    class Meta:
        """Listed by document, oldest first. A private one holds nothing to be read."""

        table = "meeting_comment"
        indexes = (("document_id", "visibility", "written_at", "id"),)
        constraints = (
            CheckConstraint(
                check="visibility IN ('PRIVATE', 'SHARED')", name="ck_meeting_comment_visibility"
            ),
            CheckConstraint(
                check="(visibility = 'PRIVATE') = (sealed IS NOT NULL)",
                name="ck_meeting_comment_sealed",
            ),
            CheckConstraint(
                check="visibility = 'SHARED' OR (body = '' AND quote = '')",
                name="ck_meeting_comment_private",
            ),
        )
