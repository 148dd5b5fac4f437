"""Rows of the audit trail."""

from __future__ import annotations

from tortoise import fields

from bawaba.db import CheckConstraint, Table


class AuditEntry(Table):
    """Who did what to which object. Append-only: ``hash`` covers every other column.

    ``detail`` is canonical JSON (sorted keys) kept as text, so that its bytes, which the hash
    covers, come back as they were written.
    """

    number = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=32, null=True, db_index=True)
    device = fields.CharField(max_length=32, null=True)
    action = fields.CharField(max_length=100)
    resource = fields.CharField(max_length=200, db_index=True)
    detail = fields.TextField()
    correlation_id = fields.CharField(max_length=100)
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64, unique=True)

    class Meta:
        """Where it is stored."""

        table = "core_audit"
        constraints = (CheckConstraint(check="number > 0", name="ck_core_audit_number"),)


class AuditHead(Table):
    """The one row that is locked to append: the number and hash of the newest entry."""

    id = fields.IntField(primary_key=True, generated=False)
    number = fields.BigIntField()
    hash = fields.CharField(max_length=64)

    class Meta:
        """Where it is stored."""

        table = "core_audit_head"
        constraints = (CheckConstraint(check="id = 1", name="ck_core_audit_head_single"),)
