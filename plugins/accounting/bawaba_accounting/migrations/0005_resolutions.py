"""What people ask to be done about differences: over a limit a second one decides."""

from bawaba.db import check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("accounting", "0004_provisional")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Resolution",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("difference_id", fields.CharField(db_index=True, max_length=32)),
                ("status", fields.CharField(max_length=12)),
                ("account", fields.CharField(max_length=100)),
                ("reason", fields.TextField(unique=False)),
                ("fils", fields.BigIntField()),
                ("requested_by", fields.CharField(max_length=64)),
                ("requested_on", fields.DateField()),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_by", fields.CharField(null=True, max_length=64)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("failure", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "accounting_resolution",
                "app": "accounting",
                "indexes": [
                    Index(fields=["status", "id"]),
                    Index(fields=["requested_by", "requested_on"]),
                ],
                "pk_attr": "id",
                "table_description": "What a person asked to be done about a difference, and who decided it.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="accounting_resolution",
            name="ck_accounting_resolution_status",
            sql="status IN ('AWAITING', 'BOOKED', 'REJECTED', 'LAPSED')",
        ),
        check_constraint(
            table="accounting_resolution",
            name="ck_accounting_resolution_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="accounting_resolution",
            name="ck_accounting_resolution_two",
            sql="status <> 'BOOKED' OR decided_by IS NULL OR decided_by <> requested_by",
        ),
        partial_unique(
            table="accounting_resolution",
            name="uq_accounting_resolution_waits",
            columns=("difference_id",),
            where="status = 'AWAITING'",
        ),
    ]
