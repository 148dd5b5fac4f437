from bawaba.db import append_only, check_constraint, partial_unique
from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="PostBox",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("office", fields.CharField(max_length=20)),
                ("number", fields.CharField(max_length=20)),
                ("size", fields.CharField(max_length=20)),
                ("holder_national_id", fields.CharField(max_length=20)),
                ("status", fields.CharField(max_length=8)),
                ("expires_on", fields.DateField()),
                ("next_step_on", fields.DateField(null=True, db_index=True)),
            ],
            options={
                "table": "post_box",
                "app": "post",
                "indexes": [Index(fields=["holder_national_id", "id"])],
                "pk_attr": "id",
                "table_description": "A rented post box. ``expires_on`` is the last day that is paid.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PostCustomer",
            fields=[
                (
                    "person_id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("national_id", fields.CharField(db_index=True, max_length=20)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "post_customer",
                "app": "post",
                "pk_attr": "person_id",
                "table_description": "A person of the platform who signed in with this personal number, to be told things.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PostShipment",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("tracking_number", fields.CharField(unique=True, max_length=13)),
                ("track", fields.CharField(max_length=24)),
                ("status", fields.CharField(max_length=24)),
                ("recipient_national_id", fields.CharField(null=True, max_length=20)),
                ("recipient_name_en", fields.CharField(null=True, max_length=80)),
                ("recipient_name_ar", fields.CharField(null=True, max_length=80)),
                ("declared_heading", fields.CharField(null=True, max_length=20)),
                ("declared_fils", fields.BigIntField(null=True)),
                ("held_on", fields.DateField(null=True)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "post_shipment",
                "app": "post",
                "indexes": [
                    Index(fields=["recipient_national_id", "id"]),
                    Index(fields=["track", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A shipment that the post told of, by scan or when asked.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PostBill",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("reference", fields.CharField(unique=True, max_length=40)),
                (
                    "shipment",
                    fields.ForeignKeyField(
                        "post.PostShipment",
                        source_field="shipment_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bills",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "box",
                    fields.ForeignKeyField(
                        "post.PostBox",
                        source_field="box_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bills",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("debtor_national_id", fields.CharField(null=True, max_length=20)),
                ("status", fields.CharField(max_length=16)),
                ("fixed_fils", fields.BigIntField()),
                ("customs_fils", fields.BigIntField(db_default=0)),
                ("lines", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("since", fields.DateField()),
                ("until", fields.DateField(null=True)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_item_id", fields.CharField(null=True, unique=True, max_length=64)),
                ("receipt_number", fields.CharField(null=True, max_length=40)),
                ("paid_fils", fields.BigIntField(db_default=0)),
                ("reversed_fils", fields.BigIntField(db_default=0)),
                ("reversed_receipt", fields.CharField(null=True, max_length=40)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "post_bill",
                "app": "post",
                "indexes": [
                    Index(fields=["debtor_national_id", "opened_at"]),
                    Index(fields=["shipment_id"]),
                    Index(fields=["box_id", "status"]),
                ],
                "pk_attr": "id",
                "table_description": "What the post asks for: customs duty of a shipment, or a year's rent of a box.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PostScan",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "shipment",
                    fields.ForeignKeyField(
                        "post.PostShipment",
                        source_field="shipment_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=24)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("place_en", fields.CharField(max_length=80)),
                ("place_ar", fields.CharField(max_length=80)),
                ("note_en", fields.CharField(null=True, max_length=200)),
                ("note_ar", fields.CharField(null=True, max_length=200)),
                ("letter_key", fields.CharField(null=True, max_length=200)),
                ("taken_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "post_scan",
                "app": "post",
                "unique_together": (("shipment_id", "kind", "occurred_at", "place_en"),),
                "pk_attr": "id",
                "table_description": "One scan of a shipment, stored once and never changed.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedConsignment",
            fields=[
                (
                    "tracking_number",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=13),
                ),
                ("body", fields.TextField(unique=False)),
                ("item_id", fields.CharField(null=True, max_length=64)),
                ("released_at", fields.CharField(null=True, max_length=40)),
            ],
            options={
                "table": "post_sim_consignment",
                "app": "post",
                "pk_attr": "tracking_number",
                "table_description": "A shipment in the simulated post's system: its answer as JSON.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedLetter",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200),
                ),
                ("kind", fields.CharField(max_length=40)),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "post_sim_letter",
                "app": "post",
                "pk_attr": "key",
                "table_description": "A letter that the simulated post has taken, once for each key.",
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
            ],
            options={
                "table": "post_sim_mode",
                "app": "post",
                "pk_attr": "id",
                "table_description": "How the simulated post behaves just now: one row, named ``mode``.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="post_box",
            name="ck_post_box_status",
            sql="status IN ('ACTIVE', 'DUE', 'GRACE', 'CLOSED')",
        ),
        check_constraint(
            table="post_box",
            name="ck_post_box_step",
            sql="(status = 'CLOSED') = (next_step_on IS NULL)",
        ),
        partial_unique(
            table="post_box",
            name="uq_post_box_let",
            columns=("office", "number"),
            where="status <> 'CLOSED'",
        ),
        check_constraint(
            table="post_shipment",
            name="ck_post_shipment_status",
            sql="status IN ('EXPECTED', 'IN_TRANSIT', 'HELD_FOR_DUTY', 'DUTY_PAID', 'RELEASED', 'OUT_FOR_DELIVERY', 'AWAITING_COLLECTION', 'RETURNED', 'DELIVERED')",
        ),
        check_constraint(
            table="post_shipment",
            name="ck_post_shipment_track",
            sql="status = track OR (track = 'HELD_FOR_DUTY' AND status = 'DUTY_PAID')",
        ),
        check_constraint(
            table="post_bill",
            name="ck_post_bill_status",
            sql="status IN ('UNPAID', 'PAID', 'CANCELLED')",
        ),
        check_constraint(
            table="post_bill",
            name="ck_post_bill_kind",
            sql="(kind = 'DUTY' AND shipment_id IS NOT NULL AND box_id IS NULL) OR (kind = 'BOX_RENEWAL' AND box_id IS NOT NULL AND shipment_id IS NULL)",
        ),
        check_constraint(
            table="post_bill",
            name="ck_post_bill_money",
            sql="fixed_fils > 0 AND customs_fils >= 0 AND customs_fils <= fixed_fils AND reversed_fils >= 0 AND reversed_fils <= paid_fils",
        ),
        check_constraint(
            table="post_bill",
            name="ck_post_bill_item",
            sql="(settled_item_id IS NOT NULL) = (status = 'PAID')",
        ),
        partial_unique(
            table="post_bill",
            name="uq_post_bill_shipment",
            columns=("shipment_id",),
            where="shipment_id IS NOT NULL",
        ),
        partial_unique(
            table="post_bill",
            name="uq_post_bill_box_open",
            columns=("box_id",),
            where="box_id IS NOT NULL AND status = 'UNPAID'",
        ),
        check_constraint(
            table="post_sim_mode",
            name="ck_post_sim_latency",
            sql="latency_ms >= 0",
        ),
        append_only(table="post_scan"),
    ]
