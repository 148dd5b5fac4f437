"""Rows of files."""

from __future__ import annotations

from typing import ClassVar

from tortoise import fields

from bawaba.db import CheckConstraint, Table


class FileRow(Table):
    """A file that somebody uploads. Every change of it locks this row."""

    id = fields.CharField(max_length=32, primary_key=True)
    owner_id = fields.CharField(max_length=64)
    purpose = fields.CharField(max_length=100)
    subject = fields.CharField(max_length=64, null=True)
    name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=100)
    size = fields.BigIntField()
    sha256 = fields.CharField(max_length=64)
    status = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    stored_at = fields.DatetimeField(null=True)
    object_key = fields.CharField(max_length=64, null=True, unique=True)

    class Meta:
        """Lists by subject and by owner, and the sweep of what has expired."""

        table = "core_file"
        indexes: ClassVar = (
            ("purpose", "subject"),
            ("owner_id", "status"),
            ("status", "expires_at"),
        )
        constraints: ClassVar = [
            CheckConstraint(check="size > 0", name="ck_core_file_size"),
            CheckConstraint(
                check="status IN ('AWAITED', 'STORED', 'ATTACHED', 'REJECTED', 'EXPIRED')",
                name="ck_core_file_status",
            ),
            CheckConstraint(
                check="(status = 'ATTACHED') = (subject IS NOT NULL)", name="ck_core_file_subject"
            ),
            CheckConstraint(
                check="(status IN ('STORED', 'ATTACHED')) = (object_key IS NOT NULL)",
                name="ck_core_file_object",
            ),
        ]


class FileObject(Table):
    """An object of the store, named here before it is written and until it is deleted."""

    key = fields.CharField(max_length=64, primary_key=True)
    file_id = fields.CharField(max_length=32, db_index=True)
    state = fields.CharField(max_length=8)
    since = fields.DatetimeField()

    class Meta:
        """The sweep of what is to be deleted."""

        table = "core_file_object"
        indexes: ClassVar = (("state", "since"),)
        constraints: ClassVar = [
            CheckConstraint(
                check="state IN ('WRITING', 'KEPT', 'DOOMED')", name="ck_core_file_object_state"
            )
        ]


class FileTicket(Table):
    """A link to one file for one person and one minute: only its SHA-256 is kept."""

    digest = fields.CharField(max_length=64, primary_key=True)
    file_id = fields.CharField(max_length=32)
    person_id = fields.CharField(max_length=64)
    device_id = fields.CharField(max_length=64, null=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        """Where it is stored."""

        table = "core_file_ticket"
