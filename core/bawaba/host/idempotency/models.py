"""The row of idempotency keys."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from bawaba.db import Table


class IdempotencyKey(Table):
    """One key of one person for one operation: what was asked, by which attempt, what came of it.

    ``attempt`` is the token of whoever holds the key: an attempt that lost it can store nothing.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    person_id = fields.CharField(max_length=64)
    operation = fields.CharField(max_length=80)
    key = fields.CharField(max_length=200)
    fingerprint = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    attempt = fields.CharField(max_length=32)
    since = fields.DatetimeField(db_index=True)
    result: str | None = fields.TextField(null=True)
    refusal: Any = fields.JSONField(null=True)

    class Meta:
        """A key belongs to a person and an operation."""

        table = "core_idempotency_key"
        unique_together = (("person_id", "operation", "key"),)
