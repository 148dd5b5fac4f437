"""Rows of remittance: what is paid on to agencies."""

from __future__ import annotations

from typing import ClassVar

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

__all__ = ["Remittance"]


class Remittance(Table):
    """An order to pay an agency what its account holds."""

    id = fields.CharField(max_length=32, primary_key=True)
    agency = fields.CharField(max_length=64)
    account = fields.CharField(max_length=100)
    ordered_on = fields.DateField()
    fils = fields.BigIntField()
    status = fields.CharField(max_length=12)
    proposed_by = fields.CharField(max_length=64)
    proposed_at = fields.DatetimeField()
    approved_by = fields.CharField(max_length=64, null=True)
    approved_at = fields.DatetimeField(null=True)
    sent_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    bank_reference = fields.CharField(max_length=64, null=True)
    reason = fields.TextField(null=True)
    journal_id = fields.CharField(max_length=32, null=True)

    class Meta:
        """One a day and account that was not given up; two people; amounts above zero."""

        table = "accounting_remittance"
        indexes: ClassVar = (
            ("ordered_on", "id"),
            ("status", "ordered_on", "id"),
            ("account", "status"),
        )
        constraints: ClassVar = [
            CheckConstraint(check="fils > 0", name="ck_accounting_remittance_fils"),
            CheckConstraint(
                check="approved_by IS NULL OR approved_by <> proposed_by",
                name="ck_accounting_remittance_two",
            ),
            UniqueConstraint(
                fields=("account", "ordered_on"),
                name="uq_accounting_remittance_day",
                condition="status NOT IN ('FAILED', 'CANCELLED')",
            ),
        ]
