"""Months that are closed, remittances, and how far the last walk along the chain came."""

from bawaba.db import append_only, check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_settlement")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16),
                ),
                ("period_id", fields.CharField(max_length=7)),
                ("number", fields.IntField()),
                ("closed_by", fields.CharField(max_length=64)),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("head_number", fields.BigIntField()),
                ("head_hash", fields.CharField(max_length=64)),
                ("debits", fields.BigIntField()),
                ("credits", fields.BigIntField()),
                ("count", fields.BigIntField()),
                ("fils", fields.BigIntField()),
                ("refunded", fields.BigIntField()),
            ],
            options={
                "table": "accounting_closing",
                "app": "accounting",
                "unique_together": (("period_id", "number"),),
                "pk_attr": "id",
                "table_description": "What stood when a month was closed: append-only. Headline sums are of that month.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="ClosingTotal",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120),
                ),
                ("closing_id", fields.CharField(db_index=True, max_length=16)),
                ("account", fields.CharField(max_length=100)),
                ("debits", fields.BigIntField()),
                ("credits", fields.BigIntField()),
            ],
            options={
                "table": "accounting_closing_total",
                "app": "accounting",
                "pk_attr": "id",
                "table_description": "Both sides of an account through the end of a closed month: append-only.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Period",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=7),
                ),
                ("starts_on", fields.DateField()),
                ("ends_on", fields.DateField(unique=True)),
                ("status", fields.CharField(max_length=20)),
                ("closings", fields.IntField()),
                ("closed_by", fields.CharField(max_length=64)),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("requested_by", fields.CharField(null=True, max_length=64)),
                (
                    "requested_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "accounting_period",
                "app": "accounting",
                "pk_attr": "id",
                "table_description": "A month of the books that was closed at least once. ``id``: YYYY-MM.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Remittance",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("agency", fields.CharField(max_length=64)),
                ("account", fields.CharField(max_length=100)),
                ("ordered_on", fields.DateField()),
                ("fils", fields.BigIntField()),
                ("status", fields.CharField(max_length=12)),
                ("proposed_by", fields.CharField(max_length=64)),
                ("proposed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("approved_by", fields.CharField(null=True, max_length=64)),
                (
                    "approved_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("bank_reference", fields.CharField(null=True, max_length=64)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("journal_id", fields.CharField(null=True, max_length=32)),
            ],
            options={
                "table": "accounting_remittance",
                "app": "accounting",
                "indexes": [
                    Index(fields=["ordered_on", "id"]),
                    Index(fields=["status", "ordered_on", "id"]),
                    Index(fields=["account", "status"]),
                ],
                "pk_attr": "id",
                "table_description": "An order to pay an agency what its account holds.",
            },
            bases=["Table"],
        ),
        ops.AddField(
            model_name="IntegrityRun",
            name="full_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="JournalRow",
            index=Index(fields=["effective_on", "number"]),
        ),
        check_constraint(
            table="accounting_closing",
            name="ck_accounting_closing_balanced",
            sql="debits = credits",
        ),
        check_constraint(
            table="accounting_period",
            name="ck_accounting_period_status",
            sql="status IN ('OPEN', 'CLOSED', 'REOPEN_REQUESTED')",
        ),
        check_constraint(
            table="accounting_period",
            name="ck_accounting_period_request",
            sql="status <> 'REOPEN_REQUESTED' OR (requested_by IS NOT NULL AND requested_at IS NOT NULL AND reason IS NOT NULL)",
        ),
        check_constraint(
            table="accounting_remittance",
            name="ck_accounting_remittance_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="accounting_remittance",
            name="ck_accounting_remittance_two",
            sql="approved_by IS NULL OR approved_by <> proposed_by",
        ),
        partial_unique(
            table="accounting_remittance",
            name="uq_accounting_remittance_day",
            columns=("account", "ordered_on"),
            where="status NOT IN ('FAILED', 'CANCELLED')",
        ),
        append_only(table="accounting_closing"),
        append_only(table="accounting_closing_total"),
    ]
