"""What gateways settle: files, lines, differences, payouts."""

from bawaba.db import check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("settled_on", fields.DateField()),
                ("kind", fields.CharField(max_length=24)),
                ("what", fields.CharField(max_length=220)),
                ("parcel", fields.CharField(max_length=72)),
                ("gateway_reference", fields.CharField(max_length=128)),
                ("payment_id", fields.CharField(null=True, max_length=64)),
                ("expected", fields.BigIntField()),
                ("actual", fields.BigIntField()),
                ("status", fields.CharField(max_length=12)),
                ("found_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("resolved_by", fields.CharField(null=True, max_length=64)),
                ("account", fields.CharField(null=True, max_length=100)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("journal_id", fields.CharField(null=True, unique=True, max_length=32)),
            ],
            options={
                "table": "accounting_difference",
                "app": "accounting",
                "indexes": [
                    Index(fields=["status", "settled_on", "id"]),
                    Index(fields=["gateway", "settled_on", "id"]),
                    Index(fields=["gateway", "parcel"]),
                ],
                "pk_attr": "id",
                "table_description": "Something in which a gateway and the books do not agree. Kept when it is settled.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="GatewayBook",
            fields=[
                (
                    "gateway",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40),
                ),
                ("position", fields.BigIntField(db_default=0)),
                ("first_on", fields.DateField(null=True)),
                ("last_on", fields.DateField(null=True)),
            ],
            options={
                "table": "accounting_gateway_book",
                "app": "accounting",
                "pk_attr": "gateway",
                "table_description": "How far the books are read for one gateway: the lock of everything about its settlement.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Movement",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=32)),
                ("gateway_reference", fields.CharField(max_length=128)),
                ("payment_id", fields.CharField(max_length=64)),
                ("refund_id", fields.CharField(null=True, max_length=64)),
                ("parcel", fields.CharField(max_length=72)),
                ("fils", fields.BigIntField()),
                ("moved_on", fields.DateField()),
                ("line_id", fields.CharField(null=True, unique=True, max_length=48)),
            ],
            options={
                "table": "accounting_movement",
                "app": "accounting",
                "indexes": [
                    Index(fields=["gateway", "parcel"]),
                    Index(fields=["gateway", "moved_on", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "What a journal moved on a gateway's clearing account, in signed fils: read off the books.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Payout",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=110),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=64)),
                ("fils", fields.BigIntField()),
                ("fees", fields.BigIntField()),
                ("paid_on", fields.DateField()),
                ("bank_reference", fields.CharField(max_length=64)),
                ("bookings", fields.IntField()),
                ("booked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "accounting_payout",
                "app": "accounting",
                "unique_together": (("gateway", "reference"),),
                "pk_attr": "id",
                "table_description": "A payout that is booked: what it brought to the bank and what the gateway kept.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PayoutNotice",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=110),
                ),
                ("file_id", fields.CharField(db_index=True, max_length=32)),
                ("gateway", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=64)),
                ("settled_on", fields.DateField()),
                ("fils", fields.BigIntField()),
                ("paid_on", fields.DateField()),
                ("bank_reference", fields.CharField(max_length=64)),
            ],
            options={
                "table": "accounting_payout_notice",
                "app": "accounting",
                "indexes": [Index(fields=["gateway", "reference"])],
                "pk_attr": "id",
                "table_description": "What one live file says of a payout.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SettlementFile",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=64)),
                ("revision", fields.IntField()),
                ("settled_on", fields.DateField()),
                ("sha256", fields.CharField(max_length=64)),
                ("status", fields.CharField(max_length=12)),
                ("lines", fields.IntField()),
                ("fils", fields.BigIntField()),
                ("fees", fields.BigIntField()),
                ("imported_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("imported_by", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "accounting_settlement_file",
                "app": "accounting",
                "unique_together": (("gateway", "sha256"),),
                "indexes": [
                    Index(fields=["gateway", "settled_on", "id"]),
                    Index(fields=["settled_on", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A settlement file, stored once, replaced as a whole by a later revision.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=48),
                ),
                ("file_id", fields.CharField(max_length=32)),
                ("file_reference", fields.CharField(max_length=64)),
                ("number", fields.IntField()),
                ("gateway", fields.CharField(max_length=40)),
                ("settled_on", fields.DateField()),
                ("kind", fields.CharField(max_length=20)),
                ("gateway_reference", fields.CharField(max_length=64)),
                ("payment_id", fields.CharField(null=True, max_length=64)),
                ("refund_id", fields.CharField(null=True, max_length=64)),
                ("parcel", fields.CharField(max_length=72)),
                ("fils", fields.BigIntField()),
                ("fee", fields.BigIntField()),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("payout", fields.CharField(null=True, max_length=64)),
                ("status", fields.CharField(max_length=12)),
            ],
            options={
                "table": "accounting_statement_line",
                "app": "accounting",
                "unique_together": (("file_id", "number"),),
                "indexes": [
                    Index(fields=["gateway", "parcel"]),
                    Index(fields=["gateway", "payout"]),
                    Index(fields=["gateway", "settled_on", "status"]),
                ],
                "pk_attr": "id",
                "table_description": "A line of a file. ``parcel``: the payment, or the gateway's reference, that it is about.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="accounting_difference",
            name="ck_accounting_difference_status",
            sql="status IN ('OPEN', 'RESOLVED', 'GONE')",
        ),
        check_constraint(
            table="accounting_difference",
            name="ck_accounting_difference_resolved",
            sql="(status = 'RESOLVED') = (journal_id IS NOT NULL) AND (status = 'RESOLVED') = (resolved_by IS NOT NULL)",
        ),
        partial_unique(
            table="accounting_difference",
            name="uq_accounting_difference_open",
            columns=("gateway", "what"),
            where="status = 'OPEN'",
        ),
        check_constraint(
            table="accounting_settlement_file",
            name="ck_accounting_settlement_status",
            sql="status IN ('LIVE', 'SUPERSEDED')",
        ),
        partial_unique(
            table="accounting_settlement_file",
            name="uq_accounting_settlement_live",
            columns=("gateway", "reference"),
            where="status = 'LIVE'",
        ),
    ]
