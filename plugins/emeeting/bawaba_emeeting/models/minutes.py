"""Minutes: the record, its amendments, signatures and printed editions."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table
from tortoise import fields

_ID = 32


class MeetingMinutes(Table):
    """The minutes of a meeting: what its log says, as JSON, and how far they are approved."""

    meeting_id = fields.CharField(max_length=_ID, primary_key=True)
    status = fields.CharField(max_length=12)
    version = fields.IntField()
    record: Any = fields.JSONField()
    drafted_at = fields.DatetimeField()
    approved_at = fields.DatetimeField(null=True)
    seal = fields.CharField(max_length=64, null=True)

    class Meta:
        """Approved ones are sealed."""

        table = "meeting_minutes"
        constraints = (
            CheckConstraint(
                check="(status = 'APPROVED') = (approved_at IS NOT NULL AND seal IS NOT NULL)",
                name="ck_meeting_minutes_sealed",
            ),
        )


class MeetingAmendment(Table):
    """A section of the minutes as somebody amended it, never changed. It made ``version``."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    version = fields.IntField()
    section = fields.CharField(max_length=64)
    language = fields.CharField(max_length=2)
    text = fields.TextField()
    amended_by = fields.CharField(max_length=_ID)
    amended_at = fields.DatetimeField()

    class Meta:
        """The last one of a section and language counts."""

        table = "meeting_amendment"
        unique_together = (("meeting_id", "version"),)


class MeetingSignature(Table):
    """A member's approval of a version, over the hash of what it says, never changed."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    version = fields.IntField()
    member_id = fields.CharField(max_length=_ID)
    content_sha256 = fields.CharField(max_length=64)
    signed_at = fields.DatetimeField()
    device_id = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """Once a version and member."""

        table = "meeting_signature"
        unique_together = (("meeting_id", "version", "member_id"),)


class MeetingEdition(Table):
    """A printed edition of a version: a PDF of one language."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    version = fields.IntField()
    status = fields.CharField(max_length=12)
    language = fields.CharField(max_length=2)
    file_id = fields.CharField(max_length=_ID)
    sha256 = fields.CharField(max_length=64)

    class Meta:
        """One for each version, state and language."""

        table = "meeting_edition"
        unique_together = (("meeting_id", "version", "status", "language"),)
