"""The traffic tables."""

from bawaba.db import check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="SimulatedFine",
            fields=[
                (
                    "reference",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40),
                ),
                ("plate_number", fields.CharField(max_length=20)),
                ("plate_category", fields.CharField(max_length=20)),
                ("owner_national_id", fields.CharField(max_length=20)),
                ("debtor_national_id", fields.CharField(db_index=True, max_length=20)),
                ("body", fields.TextField(unique=False)),
                ("status", fields.CharField(max_length=16)),
                ("receipt", fields.CharField(null=True, max_length=40)),
                ("item_id", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "traffic_sim_fine",
                "app": "traffic",
                "indexes": [Index(fields=["plate_number", "plate_category", "owner_national_id"])],
                "pk_attr": "reference",
                "table_description": "A fine in the simulated directorate's register, its answer as JSON and what it was told.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedMode",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8),
                ),
                ("latency_ms", fields.IntField(db_default=0)),
                ("outage", fields.BooleanField(db_default=False)),
                ("late", fields.BooleanField(db_default=False)),
            ],
            options={
                "table": "traffic_sim_mode",
                "app": "traffic",
                "pk_attr": "id",
                "table_description": "How the simulated directorate behaves just now: one row, named ``mode``.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedNotice",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=160),
                ),
                ("reference", fields.CharField(db_index=True, max_length=40)),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "traffic_sim_notice",
                "app": "traffic",
                "pk_attr": "key",
                "table_description": "A notice that the simulated directorate has taken, once for each key.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="TrafficFine",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("reference", fields.CharField(unique=True, max_length=40)),
                ("violation", fields.CharField(max_length=40)),
                ("plate_number", fields.CharField(max_length=20)),
                ("plate_category", fields.CharField(max_length=20)),
                ("location_en", fields.CharField(max_length=200)),
                ("location_ar", fields.CharField(max_length=200)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("offered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("debtor_national_id", fields.CharField(max_length=20)),
                ("referred_on", fields.DateField(null=True)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("status", fields.CharField(max_length=16)),
                ("settled_item_id", fields.CharField(null=True, unique=True, max_length=64)),
                ("receipt_number", fields.CharField(null=True, max_length=40)),
                ("paid_fils", fields.BigIntField(db_default=0)),
                ("reversed_fils", fields.BigIntField(db_default=0)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "notified_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("reversed_receipt", fields.CharField(null=True, max_length=40)),
            ],
            options={
                "table": "traffic_fine",
                "app": "traffic",
                "indexes": [Index(fields=["debtor_national_id", "occurred_at"])],
                "pk_attr": "id",
                "table_description": "The platform's mirror of a fine in the directorate's register, and what was paid here.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="TrafficObjection",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "fine",
                    fields.ForeignKeyField(
                        "traffic.TrafficFine",
                        source_field="fine_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="objections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("person_id", fields.CharField(db_index=True, max_length=64)),
                ("grounds", fields.TextField(unique=False)),
                ("status", fields.CharField(max_length=16)),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_by", fields.CharField(null=True, max_length=64)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("refund_id", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "traffic_objection",
                "app": "traffic",
                "indexes": [Index(fields=["status", "submitted_at", "id"])],
                "pk_attr": "id",
                "table_description": "A debtor's objection to a fine, and its decision.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="traffic_sim_mode",
            name="ck_traffic_sim_latency",
            sql="latency_ms >= 0",
        ),
        check_constraint(
            table="traffic_fine",
            name="ck_traffic_fine_status",
            sql="status IN ('UNPAID', 'PAID', 'CANCELLED')",
        ),
        check_constraint(
            table="traffic_fine",
            name="ck_traffic_fine_money",
            sql="paid_fils >= 0 AND reversed_fils >= 0 AND reversed_fils <= paid_fils",
        ),
        check_constraint(
            table="traffic_fine",
            name="ck_traffic_fine_item",
            sql="settled_item_id IS NULL OR status <> 'UNPAID'",
        ),
        check_constraint(
            table="traffic_objection",
            name="ck_traffic_objection_status",
            sql="status IN ('SUBMITTED', 'UPHELD', 'REJECTED')",
        ),
        check_constraint(
            table="traffic_objection",
            name="ck_traffic_objection_decided",
            sql="(status = 'SUBMITTED') = (decided_at IS NULL)",
        ),
        partial_unique(
            table="traffic_objection",
            name="uq_traffic_objection_open",
            columns=("fine_id",),
            where="status = 'SUBMITTED'",
        ),
    ]
