"""Rows of periods: which months are closed, and what stood when they were."""

from __future__ import annotations

from typing import ClassVar

from bawaba.db import CheckConstraint, Table
from tortoise import fields

__all__ = ["Closing", "ClosingTotal", "Period"]


class Period(Table):
    """A month of the books that was closed at least once. ``id``: YYYY-MM."""

    id = fields.CharField(max_length=7, primary_key=True)
    starts_on = fields.DateField()
    ends_on = fields.DateField(unique=True)
    status = fields.CharField(max_length=20)
    closings = fields.IntField()
    closed_by = fields.CharField(max_length=64)
    closed_at = fields.DatetimeField()
    requested_by = fields.CharField(max_length=64, null=True)
    requested_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        """A wish to reopen has its person, instant and reason."""

        table = "accounting_period"
        constraints: ClassVar = [
            CheckConstraint(
                check="status IN ('OPEN', 'CLOSED', 'REOPEN_REQUESTED')",
                name="ck_accounting_period_status",
            ),
            CheckConstraint(
                check="status <> 'REOPEN_REQUESTED' OR "
                "(requested_by IS NOT NULL AND requested_at IS NOT NULL AND reason IS NOT NULL)",
                name="ck_accounting_period_request",
            ),
        ]


class Closing(Table):
    """What stood when a month was closed: append-only. Headline sums are of that month."""

    id = fields.CharField(max_length=16, primary_key=True)
    period_id = fields.CharField(max_length=7)
    number = fields.IntField()
    closed_by = fields.CharField(max_length=64)
    closed_at = fields.DatetimeField()
    head_number = fields.BigIntField()
    head_hash = fields.CharField(max_length=64)
    debits = fields.BigIntField()
    credits = fields.BigIntField()
    count = fields.BigIntField()
    fils = fields.BigIntField()
    refunded = fields.BigIntField()

    class Meta:
        """A month may be closed again after it was reopened."""

        table = "accounting_closing"
        unique_together = (("period_id", "number"),)
        constraints: ClassVar = [
            CheckConstraint(check="debits = credits", name="ck_accounting_closing_balanced"),
        ]


class ClosingTotal(Table):
    """Both sides of an account through the end of a closed month: append-only."""

    id = fields.CharField(max_length=120, primary_key=True)
    closing_id = fields.CharField(max_length=16, db_index=True)
    account = fields.CharField(max_length=100)
    debits = fields.BigIntField()
    credits = fields.BigIntField()

    class Meta:
        """By effective day, through the month's last."""

        table = "accounting_closing_total"
