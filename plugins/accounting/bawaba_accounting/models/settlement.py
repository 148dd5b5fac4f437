"""Rows of settlement: files of gateways, what the books say moved, differences, payouts."""

from __future__ import annotations

from typing import ClassVar

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

__all__ = [
    "Difference",
    "GatewayBook",
    "Movement",
    "Payout",
    "PayoutNotice",
    "Resolution",
    "SettlementFile",
    "StatementLine",
]


class GatewayBook(Table):
    """How far the books are read for one gateway: the lock of everything about its settlement."""

    gateway = fields.CharField(max_length=40, primary_key=True)
    position = fields.BigIntField(db_default=0)
    first_on = fields.DateField(null=True)
    last_on = fields.DateField(null=True)

    class Meta:
        """One row a gateway."""

        table = "accounting_gateway_book"


class SettlementFile(Table):
    """A settlement file, stored once, replaced as a whole by a later revision.

    ``provisional``: taken in before the gateway's day was over, so that the day's file replaces it.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    gateway = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=64)
    revision = fields.IntField()
    settled_on = fields.DateField()
    sha256 = fields.CharField(max_length=64)
    status = fields.CharField(max_length=12)
    lines = fields.IntField()
    fils = fields.BigIntField()
    fees = fields.BigIntField()
    imported_at = fields.DatetimeField()
    imported_by = fields.CharField(max_length=64, null=True)
    provisional = fields.BooleanField(db_default=False)

    class Meta:
        """The same bytes stand once; of the revisions of a file one counts."""

        table = "accounting_settlement_file"
        unique_together = (("gateway", "sha256"),)
        indexes: ClassVar = (("gateway", "settled_on", "id"), ("settled_on", "id"))
        constraints: ClassVar = [
            CheckConstraint(
                check="status IN ('LIVE', 'SUPERSEDED')", name="ck_accounting_settlement_status"
            ),
            UniqueConstraint(
                fields=("gateway", "reference"),
                name="uq_accounting_settlement_live",
                condition="status = 'LIVE'",
            ),
        ]


class StatementLine(Table):
    """A line of a file. ``parcel``: the payment, or the gateway's reference, that it is about."""

    id = fields.CharField(max_length=48, primary_key=True)
    file_id = fields.CharField(max_length=32)
    file_reference = fields.CharField(max_length=64)
    number = fields.IntField()
    gateway = fields.CharField(max_length=40)
    settled_on = fields.DateField()
    kind = fields.CharField(max_length=20)
    gateway_reference = fields.CharField(max_length=64)
    payment_id = fields.CharField(max_length=64, null=True)
    refund_id = fields.CharField(max_length=64, null=True)
    parcel = fields.CharField(max_length=72)
    fils = fields.BigIntField()
    fee = fields.BigIntField()
    occurred_at = fields.DatetimeField()
    payout = fields.CharField(max_length=64, null=True)
    status = fields.CharField(max_length=12)

    class Meta:
        """Found by what it is about, by its payout, and by its file."""

        table = "accounting_statement_line"
        unique_together = (("file_id", "number"),)
        indexes: ClassVar = (
            ("gateway", "parcel"),
            ("gateway", "payout"),
            ("gateway", "settled_on", "status"),
        )


class Movement(Table):
    """What a journal moved on a gateway's clearing account, in signed fils: read off the books."""

    id = fields.CharField(max_length=80, primary_key=True)
    gateway = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=32)
    gateway_reference = fields.CharField(max_length=128)
    payment_id = fields.CharField(max_length=64)
    refund_id = fields.CharField(max_length=64, null=True)
    parcel = fields.CharField(max_length=72)
    fils = fields.BigIntField()
    moved_on = fields.DateField()
    line_id = fields.CharField(max_length=48, null=True, unique=True)

    class Meta:
        """A line names one movement at most; found by payment, and by day where none names it."""

        table = "accounting_movement"
        indexes: ClassVar = (("gateway", "parcel"), ("gateway", "moved_on", "id"))


class Difference(Table):
    """Something in which a gateway and the books do not agree. Kept when it is settled."""

    id = fields.CharField(max_length=32, primary_key=True)
    gateway = fields.CharField(max_length=40)
    settled_on = fields.DateField()
    kind = fields.CharField(max_length=24)
    what = fields.CharField(max_length=220)
    parcel = fields.CharField(max_length=72)
    gateway_reference = fields.CharField(max_length=128)
    payment_id = fields.CharField(max_length=64, null=True)
    expected = fields.BigIntField()
    actual = fields.BigIntField()
    status = fields.CharField(max_length=12)
    found_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    resolved_by = fields.CharField(max_length=64, null=True)
    account = fields.CharField(max_length=100, null=True)
    reason = fields.TextField(null=True)
    journal_id = fields.CharField(max_length=32, null=True, unique=True)

    class Meta:
        """One open difference about one thing; resolved by a person, with a journal, or not."""

        table = "accounting_difference"
        indexes: ClassVar = (
            ("status", "settled_on", "id"),
            ("gateway", "settled_on", "id"),
            ("gateway", "parcel"),
        )
        constraints: ClassVar = [
            CheckConstraint(
                check="status IN ('OPEN', 'RESOLVED', 'GONE')",
                name="ck_accounting_difference_status",
            ),
            CheckConstraint(
                check="(status = 'RESOLVED') = (journal_id IS NOT NULL) "
                "AND (status = 'RESOLVED') = (resolved_by IS NOT NULL)",
                name="ck_accounting_difference_resolved",
            ),
            UniqueConstraint(
                fields=("gateway", "what"),
                name="uq_accounting_difference_open",
                condition="status = 'OPEN'",
            ),
        ]


class Resolution(Table):
    """What a person asked to be done about a difference, and who decided it."""

    id = fields.CharField(max_length=32, primary_key=True)
    difference_id = fields.CharField(max_length=32, db_index=True)
    status = fields.CharField(max_length=12)
    account = fields.CharField(max_length=100)
    reason = fields.TextField()
    fils = fields.BigIntField()
    requested_by = fields.CharField(max_length=64)
    requested_on = fields.DateField()
    requested_at = fields.DatetimeField()
    decided_by = fields.CharField(max_length=64, null=True)
    decided_at = fields.DatetimeField(null=True)
    failure = fields.TextField(null=True)

    class Meta:
        """One waits for a difference at most; summed by person and local day; two people."""

        table = "accounting_resolution"
        indexes: ClassVar = (("status", "id"), ("requested_by", "requested_on"))
        constraints: ClassVar = [
            CheckConstraint(
                check="status IN ('AWAITING', 'BOOKED', 'REJECTED', 'LAPSED')",
                name="ck_accounting_resolution_status",
            ),
            CheckConstraint(check="fils > 0", name="ck_accounting_resolution_fils"),
            CheckConstraint(
                check="status <> 'BOOKED' OR decided_by IS NULL OR decided_by <> requested_by",
                name="ck_accounting_resolution_two",
            ),
            UniqueConstraint(
                fields=("difference_id",),
                name="uq_accounting_resolution_waits",
                condition="status = 'AWAITING'",
            ),
        ]


class PayoutNotice(Table):
    """What one live file says of a payout."""

    id = fields.CharField(max_length=110, primary_key=True)
    file_id = fields.CharField(max_length=32, db_index=True)
    gateway = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=64)
    settled_on = fields.DateField()
    fils = fields.BigIntField()
    paid_on = fields.DateField()
    bank_reference = fields.CharField(max_length=64)

    class Meta:
        """The latest file that names a payout counts."""

        table = "accounting_payout_notice"
        indexes: ClassVar = (("gateway", "reference"),)


class Payout(Table):
    """A payout that is booked: what it brought to the bank and what the gateway kept."""

    id = fields.CharField(max_length=110, primary_key=True)
    gateway = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=64)
    fils = fields.BigIntField()
    fees = fields.BigIntField()
    paid_on = fields.DateField()
    bank_reference = fields.CharField(max_length=64)
    bookings = fields.IntField()
    booked_at = fields.DatetimeField()

    class Meta:
        """One row a payout; a correction is a further journal of the difference alone."""

        table = "accounting_payout"
        unique_together = (("gateway", "reference"),)
