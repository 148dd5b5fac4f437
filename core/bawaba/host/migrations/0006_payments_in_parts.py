from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from bawaba.db import check_constraint


class Migration(migrations.Migration):
    dependencies = [("core", "0005_correspondence")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BillBalance",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=140),
                ),
                ("claimed_fils", fields.BigIntField()),
                ("limit_fils", fields.BigIntField()),
            ],
            options={
                "table": "core_bill_balance",
                "app": "core",
                "pk_attr": "key",
                "table_description": "What stands paid of a bill that takes parts. The constraint is what keeps it from too much.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "payment",
                    fields.ForeignKeyField(
                        "core.Payment",
                        source_field="payment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="disputes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=128)),
                ("status", fields.CharField(max_length=12)),
                ("fils", fields.BigIntField()),
                ("uncovered_fils", fields.BigIntField(default=0)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "core_dispute",
                "app": "core",
                "unique_together": (("gateway", "reference"),),
                "indexes": [
                    Index(fields=["status", "opened_at", "id"]),
                    Index(fields=["payment_id", "opened_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A payer's objection to a payment at his or her bank, as the gateway tells of it.",
            },
            bases=["Table"],
        ),
        ops.AlterModelOptions(
            name="BillClaim",
            options={
                "table": "core_bill_claim",
                "app": "core",
                "unique_together": (("service", "bill_id"),),
                "pk_attr": "id",
                "table_description": "A bill that is paid once and whole. The unique pair is what makes it paid at most once.",
            },
        ),
        ops.AddField(
            model_name="GatewayMessage",
            name="dispute_id",
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddField(
            model_name="Payment",
            name="authorised_fils",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Payment",
            name="disputed_fils",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Payment",
            name="double_of",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddIndex(
            model_name="Payment",
            index=Index(fields=["double_of"]),
        ),
        ops.AddIndex(
            model_name="Payment",
            index=Index(fields=["gateway_reference"]),
        ),
        ops.AddField(
            model_name="PaymentItem",
            name="limit_fils",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Refund",
            name="decided_by",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Refund",
            name="kind",
            field=fields.CharField(default="REFUND", db_default="REFUND", max_length=12),
        ),
        check_constraint(
            table="core_bill_balance",
            name="ck_core_bill_balance_claimed",
            sql="claimed_fils >= 0 AND claimed_fils <= limit_fils",
        ),
        check_constraint(
            table="core_dispute",
            name="ck_core_dispute_fils",
            sql="fils > 0",
        ),
    ]
