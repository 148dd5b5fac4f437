from bawaba.db import check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="SandboxCheckout",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("token", fields.CharField(unique=True, max_length=64)),
                ("payment_id", fields.CharField(unique=True, max_length=64)),
                ("reference", fields.CharField(db_index=True, max_length=64)),
                ("fils", fields.BigIntField()),
                ("refunded_fils", fields.BigIntField(default=0)),
                ("description_en", fields.TextField(unique=False)),
                ("description_ar", fields.TextField(unique=False)),
                ("callback_url", fields.TextField(unique=False)),
                ("return_url", fields.TextField(null=True, unique=False)),
                ("state", fields.CharField(max_length=16)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sandbox_checkout",
                "app": "sandbox",
                "pk_attr": "id",
                "table_description": "One payment that the platform asked for, in fils. ``id`` is the gateway's reference.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SandboxEvent",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("payment_id", fields.CharField(db_index=True, max_length=64)),
                ("gateway_reference", fields.CharField(max_length=64)),
                ("fils", fields.BigIntField()),
                ("refund_id", fields.CharField(null=True, unique=True, max_length=64)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("callback_url", fields.TextField(unique=False)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "delivered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "sandbox_event",
                "app": "sandbox",
                "pk_attr": "id",
                "table_description": "One message to the platform. ``id`` is its ``webhook-id``, however often it is sent.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SandboxRefund",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("payment_id", fields.CharField(db_index=True, max_length=64)),
                ("fils", fields.BigIntField()),
                ("reason", fields.TextField(unique=False)),
                ("succeeded", fields.BooleanField()),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "sandbox_refund",
                "app": "sandbox",
                "pk_attr": "id",
                "table_description": "One refund that the platform asked for. ``id`` is the platform's id of it.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="sandbox_checkout",
            name="ck_sandbox_checkout_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="sandbox_checkout",
            name="ck_sandbox_checkout_refunded",
            sql="refunded_fils >= 0 AND refunded_fils <= fils",
        ),
        check_constraint(
            table="sandbox_checkout",
            name="ck_sandbox_checkout_state",
            sql="state IN ('OPEN', 'APPROVED', 'DECLINED', 'ABANDONED', 'CANCELLED', 'EXPIRED')",
        ),
        partial_unique(
            table="sandbox_event",
            name="uq_sandbox_event_captured",
            columns=("payment_id",),
            where="kind = 'CAPTURED'",
        ),
        check_constraint(
            table="sandbox_refund",
            name="ck_sandbox_refund_fils",
            sql="fils > 0",
        ),
    ]
