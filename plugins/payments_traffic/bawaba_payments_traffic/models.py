"""Rows of the fines, the objections, and of the simulated directorate."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields


class TrafficFine(Table):
    """The platform's mirror of a fine in the directorate's register, and what was paid here.

    ``told`` columns copy the register, ``status`` is the platform's own knowledge. The money
    columns concern the one settled payment item, after a full reversal only
    ``reversed_receipt`` keeps the receipt it had.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    violation = fields.CharField(max_length=40)
    plate_number = fields.CharField(max_length=20)
    plate_category = fields.CharField(max_length=20)
    location_en = fields.CharField(max_length=200)
    location_ar = fields.CharField(max_length=200)
    occurred_at = fields.DatetimeField()
    offered_at = fields.DatetimeField()
    debtor_national_id = fields.CharField(max_length=20)
    referred_on = fields.DateField(null=True)
    seen_at = fields.DatetimeField()
    status = fields.CharField(max_length=16)
    settled_item_id = fields.CharField(max_length=64, null=True, unique=True)
    receipt_number = fields.CharField(max_length=40, null=True)
    paid_fils = fields.BigIntField(db_default=0)
    reversed_fils = fields.BigIntField(db_default=0)
    paid_at = fields.DatetimeField(null=True)
    notified_at = fields.DatetimeField(null=True)
    reversed_receipt = fields.CharField(max_length=40, null=True)

    class Meta:
        """One fine a reference; money and status agree."""

        table = "traffic_fine"
        indexes = (("debtor_national_id", "occurred_at"),)
        constraints = (
            CheckConstraint(
                check="status IN ('UNPAID', 'PAID', 'CANCELLED')", name="ck_traffic_fine_status"
            ),
            CheckConstraint(
                check="paid_fils >= 0 AND reversed_fils >= 0 AND reversed_fils <= paid_fils",
                name="ck_traffic_fine_money",
            ),
            CheckConstraint(
                check="settled_item_id IS NULL OR status <> 'UNPAID'", name="ck_traffic_fine_item"
            ),
        )


class TrafficObjection(Table):
    """A debtor's objection to a fine, and its decision."""

    id = fields.CharField(max_length=32, primary_key=True)
    fine: fields.ForeignKeyRelation[TrafficFine] = fields.ForeignKeyField(
        "traffic.TrafficFine", related_name="objections", on_delete=fields.RESTRICT, db_index=True
    )
    fine_id: str
    person_id = fields.CharField(max_length=64, db_index=True)
    grounds = fields.TextField()
    status = fields.CharField(max_length=16)
    submitted_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.CharField(max_length=64, null=True)
    reason = fields.TextField(null=True)
    refund_id = fields.CharField(max_length=64, null=True)

    class Meta:
        """At most one open objection a fine."""

        table = "traffic_objection"
        indexes = (("status", "submitted_at", "id"),)
        constraints = (
            CheckConstraint(
                check="status IN ('SUBMITTED', 'UPHELD', 'REJECTED')",
                name="ck_traffic_objection_status",
            ),
            CheckConstraint(
                check="(status = 'SUBMITTED') = (decided_at IS NULL)",
                name="ck_traffic_objection_decided",
            ),
            UniqueConstraint(
                fields=("fine_id",),
                name="uq_traffic_objection_open",
                condition="status = 'SUBMITTED'",
            ),
        )


class SimulatedFine(Table):
    """A fine in the simulated directorate's register, its answer as JSON and what it was told.

    ``body`` is what the register said first, which is what it says again while it is late.
    """

    reference = fields.CharField(max_length=40, primary_key=True)
    plate_number = fields.CharField(max_length=20)
    plate_category = fields.CharField(max_length=20)
    owner_national_id = fields.CharField(max_length=20)
    debtor_national_id = fields.CharField(max_length=20, db_index=True)
    body = fields.TextField()
    status = fields.CharField(max_length=16)
    receipt = fields.CharField(max_length=40, null=True)
    item_id = fields.CharField(max_length=64, null=True)

    class Meta:
        """Look-ups by plate need the owner."""

        table = "traffic_sim_fine"
        indexes = (("plate_number", "plate_category", "owner_national_id"),)


class SimulatedNotice(Table):
    """A notice that the simulated directorate has taken, once for each key."""

    key = fields.CharField(max_length=160, primary_key=True)
    reference = fields.CharField(max_length=40, db_index=True)
    body = fields.TextField()

    class Meta:
        """A notice counts once."""

        table = "traffic_sim_notice"


class SimulatedMode(Table):
    """How the simulated directorate behaves just now: one row, named ``mode``."""

    id = fields.CharField(max_length=8, primary_key=True)
    latency_ms = fields.IntField(db_default=0)
    outage = fields.BooleanField(db_default=False)
    late = fields.BooleanField(db_default=False)

    class Meta:
        """No negative latency."""

        table = "traffic_sim_mode"
        constraints = (CheckConstraint(check="latency_ms >= 0", name="ck_traffic_sim_latency"),)
