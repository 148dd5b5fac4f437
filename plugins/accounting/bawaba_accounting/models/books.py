"""The rows of the ledger and of its statistics."""

from __future__ import annotations

from typing import ClassVar

from bawaba.db import CheckConstraint, Table
from tortoise import fields

__all__ = [
    "Account",
    "Activity",
    "Balance",
    "ChainHead",
    "IntegrityRun",
    "JournalRow",
    "PostingRow",
    "Reversal",
    "Rollup",
]


class Account(Table):
    """An account, opened once and never closed."""

    code = fields.CharField(max_length=100, primary_key=True)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=10)

    class Meta:
        table = "accounting_account"
        constraints: ClassVar = [
            CheckConstraint(
                check="kind IN ('ASSET', 'LIABILITY', 'REVENUE', 'EXPENSE', 'EQUITY')",
                name="ck_accounting_account_kind",
            )
        ]


class Balance(Table):
    """The totals of both sides of an account now. The zero row is made with the account."""

    account = fields.CharField(max_length=100, primary_key=True)
    debits = fields.BigIntField(db_default=0)
    credits = fields.BigIntField(db_default=0)

    class Meta:
        table = "accounting_balance"
        constraints: ClassVar = [
            CheckConstraint(
                check="debits >= 0 AND credits >= 0", name="ck_accounting_balance_sides"
            )
        ]


class JournalRow(Table):
    """A journal: append-only. ``number`` is gapless and is its place in the chain.

    Its insertion seals it: triggers compare ``lines``, ``debits`` and ``credits`` with the
    postings that stand, and refuse further ones.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    number = fields.BigIntField(unique=True)
    reference = fields.CharField(max_length=200, unique=True)
    kind = fields.CharField(max_length=32)
    description_en = fields.TextField()
    description_ar = fields.TextField()
    effective_on = fields.DateField()
    booked_at = fields.DatetimeField()
    payment_id = fields.CharField(max_length=64, null=True, db_index=True)
    reverses_id = fields.CharField(max_length=32, null=True, db_index=True)
    correlation_id = fields.CharField(max_length=128)
    lines = fields.IntField()
    debits = fields.BigIntField()
    credits = fields.BigIntField()
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "accounting_journal"
        indexes = (("booked_at", "number"), ("effective_on", "number"))
        constraints: ClassVar = [
            CheckConstraint(
                check="debits = credits AND debits > 0", name="ck_accounting_journal_balanced"
            ),
            CheckConstraint(check="number > 0", name="ck_accounting_journal_number"),
        ]


class PostingRow(Table):
    """A posting: append-only. ``debits_after`` and ``credits_after`` are its account's then."""

    position = fields.BigIntField(primary_key=True, generated=False)
    number = fields.BigIntField()
    account = fields.CharField(max_length=100)
    side = fields.CharField(max_length=6)
    fils = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    debits_after = fields.BigIntField()
    credits_after = fields.BigIntField()

    class Meta:
        table = "accounting_posting"
        indexes = (("account", "position"),)
        constraints: ClassVar = [
            CheckConstraint(check="fils > 0", name="ck_accounting_posting_fils"),
            CheckConstraint(check="side IN ('DEBIT', 'CREDIT')", name="ck_accounting_posting_side"),
            CheckConstraint(check="currency = 'BHD'", name="ck_accounting_posting_currency"),
            CheckConstraint(
                check="position / 1048576 = number", name="ck_accounting_posting_position"
            ),
        ]


class Activity(Table):
    """What a journal added to the statistics: append-only."""

    position = fields.BigIntField(primary_key=True, generated=False)
    number = fields.BigIntField()
    service = fields.CharField(max_length=64)
    agency = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=20)
    gateway = fields.CharField(max_length=64)
    counted_on = fields.DateField(db_index=True)
    count = fields.BigIntField()
    fils = fields.BigIntField()
    refunded = fields.BigIntField()

    class Meta:
        table = "accounting_activity"
        constraints: ClassVar = [
            CheckConstraint(
                check="position / 1048576 = number", name="ck_accounting_activity_position"
            )
        ]


class ChainHead(Table):
    """The end of the chain: one row, and the one lock of the ledger."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    number = fields.BigIntField()
    hash = fields.CharField(max_length=64)
    booked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "accounting_chain"
        constraints: ClassVar = [CheckConstraint(check="id = 1", name="ck_accounting_chain_single")]


class Reversal(Table):
    """How much of a journal was reversed, by account and (account ``*``) as a whole."""

    id = fields.BigIntField(primary_key=True)
    journal_id = fields.CharField(max_length=32)
    account = fields.CharField(max_length=100)
    posted = fields.BigIntField()
    reversed = fields.BigIntField()

    class Meta:
        table = "accounting_reversal"
        unique_together = (("journal_id", "account"),)
        constraints: ClassVar = [
            CheckConstraint(
                check="reversed >= 0 AND reversed <= posted", name="ck_accounting_reversal_left"
            )
        ]


class Rollup(Table):
    """The statistics of one cell over one period, kept by the statement that books."""

    id = fields.BigIntField(primary_key=True)
    grain = fields.CharField(max_length=5)
    starts_on = fields.DateField()
    service = fields.CharField(max_length=64)
    agency = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=20)
    gateway = fields.CharField(max_length=64)
    count = fields.BigIntField()
    fils = fields.BigIntField()
    refunded = fields.BigIntField()

    class Meta:
        table = "accounting_rollup"
        unique_together = (("grain", "starts_on", "service", "agency", "channel", "gateway"),)
        constraints: ClassVar = [
            CheckConstraint(
                check="grain IN ('TOTAL', 'YEAR', 'MONTH', 'DAY')",
                name="ck_accounting_rollup_grain",
            )
        ]


class IntegrityRun(Table):
    """The last finished check of the books: one row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    checked = fields.BigIntField()
    head_hash = fields.CharField(max_length=64)
    is_intact = fields.BooleanField()
    fault_number = fields.BigIntField(null=True)
    fault_journal_id = fields.CharField(max_length=32, null=True)
    fault_en = fields.TextField(null=True)
    fault_ar = fields.TextField(null=True)
    checked_at = fields.DatetimeField()
    full_at = fields.DatetimeField(null=True)

    class Meta:
        table = "accounting_integrity"
        constraints: ClassVar = [
            CheckConstraint(check="id = 1", name="ck_accounting_integrity_single")
        ]
