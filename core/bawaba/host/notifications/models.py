"""Rows of notifications."""

from __future__ import annotations

from tortoise import fields

from bawaba.db import CheckConstraint, Table


class NoticeRow(Table):
    """Something to tell a person. Its words are emptied after a month, its key stays."""

    id = fields.CharField(max_length=32, primary_key=True)
    key = fields.CharField(max_length=200)
    person_id = fields.CharField(max_length=64)
    subject_en = fields.TextField()
    subject_ar = fields.TextField()
    body_en = fields.TextField()
    body_ar = fields.TextField()
    not_before = fields.DatetimeField()
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Once a person and event."""

        table = "core_notice"
        unique_together = (("key", "person_id"),)


class DeliveryRow(Table):
    """The sending of a notice by one messenger."""

    id = fields.CharField(max_length=32, primary_key=True)
    notice_id = fields.CharField(max_length=32)
    messenger = fields.CharField(max_length=32)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    changed_at = fields.DatetimeField()
    error = fields.CharField(max_length=300, db_default="")

    class Meta:
        """Once a notice and messenger."""

        table = "core_delivery"
        unique_together = (("notice_id", "messenger"),)
        indexes = (("state", "changed_at"),)
        constraints = (
            CheckConstraint(
                check="state IN ('PENDING', 'SENDING', 'SENT', 'UNCERTAIN')",
                name="ck_core_delivery_state",
            ),
        )
