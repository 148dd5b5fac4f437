"""What hangs on a case: messages, notes, steps, followers, identity requests."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields

_ID = 32
_CODE = 64


class TawasulMessage(Table):
    """What citizen and agency write to each other."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    kind = fields.CharField(max_length=24)
    author_kind = fields.CharField(max_length=16)
    author_id = fields.CharField(max_length=_ID)
    agency = fields.CharField(max_length=_CODE)
    body = fields.TextField()
    template_id = fields.CharField(max_length=_ID, null=True)
    sent_at = fields.DatetimeField()

    class Meta:
        """Read in order of being sent."""

        table = "tawasul_message"
        indexes = (("case_id", "sent_at", "id"),)


class TawasulNote(Table):
    """What an agency's team writes for itself: a table that no citizen's path joins."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    agency = fields.CharField(max_length=_CODE)
    author_id = fields.CharField(max_length=_ID)
    body = fields.TextField()
    added_at = fields.DatetimeField()

    class Meta:
        """Read in order of being added."""

        table = "tawasul_note"
        indexes = (("case_id", "added_at", "id"),)


class TawasulHistory(Table):
    """One step of a case, append-only. ``note`` of a step that is not ``open`` is the desk's."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=24)
    status_from = fields.CharField(max_length=24, null=True)
    status_to = fields.CharField(max_length=24)
    note = fields.TextField(db_default="")
    public = fields.BooleanField()
    agency = fields.CharField(max_length=_CODE)
    actor_kind = fields.CharField(max_length=16)
    actor_id = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """Steps of a case are numbered without gaps."""

        table = "tawasul_history"
        unique_together = (("case_id", "number"),)


class TawasulFollower(Table):
    """Somebody else whom a case concerns too."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    person_id = fields.CharField(max_length=_ID, db_index=True)
    followed_at = fields.DatetimeField()

    class Meta:
        """Once a person."""

        table = "tawasul_follower"
        unique_together = (("case_id", "person_id"),)


class TawasulIdentityRequest(Table):
    """A wish to open a hidden identity, and the second person who approved it."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID, db_index=True)
    agency = fields.CharField(max_length=_CODE)
    reason = fields.TextField()
    status = fields.CharField(max_length=16)
    requested_by = fields.CharField(max_length=_ID)
    requested_at = fields.DatetimeField()
    approved_by = fields.CharField(max_length=_ID, null=True)
    approved_at = fields.DatetimeField(null=True)

    class Meta:
        """Two people, always."""

        table = "tawasul_identity_request"
        indexes = (("agency", "status", "id"),)
        constraints = (
            CheckConstraint(
                check="approved_by IS NULL OR approved_by <> requested_by",
                name="ck_tawasul_identity_two",
            ),
            CheckConstraint(
                check="(status = 'APPROVED') = (approved_by IS NOT NULL)",
                name="ck_tawasul_identity_status",
            ),
        )
