"""Cases, and the words by which they are found."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

_ID = 32
_CODE = 64
_OPEN = "stopped_at IS NULL"


class TawasulCase(Table):
    """A case.

    Its clock is told by ``segments`` (which agency's calendar since when) and
    ``pauses``; ``due_at``, ``escalates_at``, ``paused_at`` and ``pause_ends_at`` follow from them
    and from the calendars, and are kept to be searched for.

    While the clock waits for the citizen ``due_at`` is the latest deadline: the one if the whole
    cap of pauses is used up.
    """

    id = fields.CharField(max_length=_ID, primary_key=True)
    reference = fields.CharField(max_length=24, unique=True)
    kind = fields.CharField(max_length=16)
    status = fields.CharField(max_length=24)
    agency = fields.CharField(max_length=_CODE)
    category_id = fields.CharField(max_length=_ID)
    category = fields.CharField(max_length=_CODE)
    subject = fields.CharField(max_length=200)
    body = fields.TextField()
    channel = fields.CharField(max_length=16)
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    address = fields.CharField(max_length=300, db_default="")
    submitter_id = fields.CharField(max_length=_ID)
    hide_identity = fields.BooleanField(db_default=False)
    submitted_at = fields.DatetimeField()
    assignee_id = fields.CharField(max_length=_ID, null=True)
    excluded: Any = fields.JSONField()
    steps = fields.IntField(db_default=0)

    started_at = fields.DatetimeField()
    spent_before = fields.IntField(db_default=0)
    segments: Any = fields.JSONField()
    pauses: Any = fields.JSONField()
    target_minutes = fields.IntField()
    first_reply_minutes = fields.IntField()
    calendar = fields.BigIntField()
    due_at = fields.DatetimeField()
    first_reply_due_at = fields.DatetimeField()
    first_replied_at = fields.DatetimeField(null=True)
    paused_at = fields.DatetimeField(null=True)
    pause_ends_at = fields.DatetimeField(null=True)
    stopped_at = fields.DatetimeField(null=True)
    escalation_level = fields.IntField(db_default=0)
    escalates_at = fields.DatetimeField(null=True)

    resolution = fields.CharField(max_length=16, null=True)
    resolved_at = fields.DatetimeField(null=True)
    resolved_minutes = fields.IntField(null=True)
    first_resolved_at = fields.DatetimeField(null=True)
    on_time = fields.BooleanField(null=True)
    late_once = fields.BooleanField(db_default=False)
    reopenings = fields.IntField(db_default=0)
    appealed_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    rating_score = fields.IntField(null=True)
    rating_comment = fields.CharField(max_length=4000, null=True)
    rated_at = fields.DatetimeField(null=True)

    transfer_to = fields.CharField(max_length=_CODE, null=True)
    transfer_category_id = fields.CharField(max_length=_ID, null=True)
    transfer_reason = fields.TextField(null=True)
    transfer_expires_at = fields.DatetimeField(null=True)
    transfers = fields.IntField(db_default=0)
    declines = fields.IntField(db_default=0)
    settled = fields.BooleanField(db_default=False)
    duplicate_of_id = fields.CharField(max_length=_ID, null=True)
    followers = fields.IntField(db_default=0)

    class Meta:
        """Lists of open cases have indexes of their own, as small as the open cases are few."""

        table = "tawasul_case"
        indexes = (
            ("submitter_id", "submitted_at", "id"),
            ("agency", "submitted_at", "id"),
            ("agency", "due_at", "id"),
            ("duplicate_of_id",),
        )
        constraints = (
            CheckConstraint(
                check="status IN ('SUBMITTED', 'ASSIGNED', 'AWAITING_INFORMATION', "
                "'TRANSFER_OFFERED', 'IN_ARBITRATION', 'RESOLVED', 'REOPENED', 'APPEALED', "
                "'CLOSED', 'WITHDRAWN')",
                name="ck_tawasul_case_status",
            ),
            CheckConstraint(
                check="(status IN ('RESOLVED', 'CLOSED', 'WITHDRAWN')) = (stopped_at IS NOT NULL)",
                name="ck_tawasul_case_stopped",
            ),
            CheckConstraint(
                check="(status = 'TRANSFER_OFFERED') = (transfer_expires_at IS NOT NULL)",
                name="ck_tawasul_case_transfer",
            ),
            CheckConstraint(
                check="rating_score IS NULL OR (rating_score >= 1 AND rating_score <= 5)",
                name="ck_tawasul_case_score",
            ),
            UniqueConstraint(
                fields=("agency", "due_at", "id"), name="uq_tawasul_case_queue", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("agency", "submitted_at", "id"),
                name="uq_tawasul_case_new",
                condition=_OPEN,
            ),
            UniqueConstraint(
                fields=("agency", "assignee_id", "due_at", "id"),
                name="uq_tawasul_case_assignee",
                condition=_OPEN,
            ),
            UniqueConstraint(
                fields=("transfer_to", "id"),
                name="uq_tawasul_case_offered",
                condition="transfer_to IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("status", "submitted_at", "id"),
                name="uq_tawasul_case_arbitration",
                condition="status = 'IN_ARBITRATION'",
            ),
            UniqueConstraint(
                fields=("escalates_at", "id"), name="uq_tawasul_case_escalates", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("calendar", "id"), name="uq_tawasul_case_calendar", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("closes_at", "id"),
                name="uq_tawasul_case_closes",
                condition="status = 'RESOLVED'",
            ),
            UniqueConstraint(
                fields=("transfer_expires_at", "id"),
                name="uq_tawasul_case_expires",
                condition="transfer_expires_at IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("pause_ends_at", "id"),
                name="uq_tawasul_case_waits",
                condition="pause_ends_at IS NOT NULL",
            ),
        )


class TawasulWords(Table):
    """The words by which a case is found, folded, with a mark for its agency."""

    number = fields.BigIntField(primary_key=True, generated=True)
    case_id = fields.CharField(max_length=_ID, unique=True)
    is_open = fields.BooleanField()
    words = fields.TextField()

    class Meta:
        """Full text stands on ``words``."""

        table = "tawasul_words"
