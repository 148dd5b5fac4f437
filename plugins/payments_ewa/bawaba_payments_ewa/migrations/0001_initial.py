"""The electricity and water tables."""

from bawaba.db import append_only, check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="EwaAccount",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("number", fields.CharField(unique=True, max_length=20)),
                ("owner_national_id", fields.CharField(db_index=True, max_length=20)),
                ("address_en", fields.CharField(max_length=200)),
                ("address_ar", fields.CharField(max_length=200)),
                ("tariff_class", fields.CharField(max_length=16)),
                ("subsidised", fields.BooleanField()),
                ("balance_fils", fields.BigIntField(db_default=0)),
                ("credit_fils", fields.BigIntField(db_default=0)),
                ("plan", fields.CharField(max_length=16)),
                ("plan_since", fields.DateField(null=True)),
                ("plan_instalment", fields.BigIntField(db_default=0)),
                ("plan_months", fields.IntField(db_default=0)),
                ("plan_metered", fields.BigIntField(db_default=0)),
                ("plan_charged", fields.BigIntField(db_default=0)),
                ("dunning", fields.CharField(max_length=20)),
                ("dunning_round", fields.IntField(db_default=0)),
                ("dunning_since", fields.DateField(null=True)),
                ("dunning_step_on", fields.DateField(null=True)),
                ("dunning_next_on", fields.DateField(null=True, db_index=True)),
                ("told", fields.CharField(max_length=64)),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ewa_account",
                "app": "ewa",
                "pk_attr": "id",
                "table_description": "The platform's mirror of an account, and what it keeps itself: balance, dunning, plan.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="EwaBill",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "ewa.EwaAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bills",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reference", fields.CharField(unique=True, max_length=40)),
                ("issued_on", fields.DateField()),
                ("due_on", fields.DateField()),
                ("starts_on", fields.DateField()),
                ("ends_on", fields.DateField()),
                ("lines", fields.TextField(unique=False)),
                ("amount_fils", fields.BigIntField()),
                ("metered_fils", fields.BigIntField()),
                ("charge_fils", fields.BigIntField()),
                ("applied_fils", fields.BigIntField(db_default=0)),
                ("is_fixed", fields.BooleanField(db_default=False)),
                ("status", fields.CharField(max_length=16)),
                ("superseded_by", fields.CharField(null=True, max_length=40)),
            ],
            options={
                "table": "ewa_bill",
                "app": "ewa",
                "indexes": [Index(fields=["account_id", "issued_on", "id"])],
                "pk_attr": "id",
                "table_description": "A bill. Its lines are frozen as JSON when it is taken.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="EwaLink",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "ewa.EwaAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("person_id", fields.CharField(db_index=True, max_length=64)),
                ("linked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ewa_link",
                "app": "ewa",
                "unique_together": (("person_id", "account_id"),),
                "pk_attr": "id",
                "table_description": "A person who follows an account, as its owner or because they know its owner's number.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="EwaReceipt",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "ewa.EwaAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="receipts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("key", fields.CharField(unique=True, max_length=120)),
                ("kind", fields.CharField(max_length=16)),
                ("fils", fields.BigIntField()),
                ("reversed_fils", fields.BigIntField(db_default=0)),
                ("number", fields.CharField(null=True, max_length=40)),
                ("paid_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ewa_receipt",
                "app": "ewa",
                "indexes": [Index(fields=["account_id", "paid_at", "id"])],
                "pk_attr": "id",
                "table_description": "Money that came to an account. Its ``key`` makes it count once.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="EwaReversal",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=140),
                ),
                (
                    "receipt",
                    fields.ForeignKeyField(
                        "ewa.EwaReceipt",
                        source_field="receipt_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reversals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("fils", fields.BigIntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ewa_reversal",
                "app": "ewa",
                "pk_attr": "key",
                "table_description": "Money given back, once for each refund and item.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="EwaShare",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "receipt",
                    fields.ForeignKeyField(
                        "ewa.EwaReceipt",
                        source_field="receipt_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shares",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.CharField(max_length=32)),
                (
                    "bill",
                    fields.ForeignKeyField(
                        "ewa.EwaBill",
                        source_field="bill_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shares",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("fils", fields.BigIntField()),
            ],
            options={
                "table": "ewa_share",
                "app": "ewa",
                "unique_together": (("account_id", "position"),),
                "pk_attr": "id",
                "table_description": "A part of a receipt and the bill that it went to, or none: an advance.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedAccount",
            fields=[
                (
                    "number",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=20),
                ),
                ("owner_national_id", fields.CharField(db_index=True, max_length=20)),
                ("told_first", fields.TextField(unique=False)),
                ("body", fields.TextField(unique=False)),
                ("connected", fields.BooleanField(db_default=True)),
                ("reconnected_round", fields.IntField(db_default=0)),
            ],
            options={
                "table": "ewa_sim_account",
                "app": "ewa",
                "pk_attr": "number",
                "table_description": "An account of the simulated authority, its answer as JSON, ``told_first`` is the first one.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedLetter",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=160),
                ),
                ("number", fields.CharField(db_index=True, max_length=20)),
                ("kind", fields.CharField(max_length=40)),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "ewa_sim_letter",
                "app": "ewa",
                "pk_attr": "key",
                "table_description": "A letter that the simulated authority has taken, once for each key.",
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
                "table": "ewa_sim_mode",
                "app": "ewa",
                "pk_attr": "id",
                "table_description": "How the simulated authority behaves just now: one row, named ``mode``.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="ewa_account",
            name="ck_ewa_account_credit",
            sql="credit_fils >= 0",
        ),
        check_constraint(
            table="ewa_account",
            name="ck_ewa_account_class",
            sql="tariff_class IN ('DOMESTIC', 'COMMERCIAL')",
        ),
        check_constraint(
            table="ewa_account",
            name="ck_ewa_account_plan",
            sql="plan IN ('METERED', 'FIXED', 'LEAVING')",
        ),
        check_constraint(
            table="ewa_account",
            name="ck_ewa_account_dunning",
            sql="dunning IN ('CLEAR', 'BILLED', 'REMINDED', 'FINAL_NOTICE', 'DISCONNECTION_DUE', 'DISCONNECTED', 'RECONNECTION_DUE')",
        ),
        check_constraint(
            table="ewa_account",
            name="ck_ewa_account_since",
            sql="(dunning = 'CLEAR') = (dunning_since IS NULL)",
        ),
        check_constraint(
            table="ewa_bill",
            name="ck_ewa_bill_status",
            sql="status IN ('UNPAID', 'PARTIALLY_PAID', 'PAID', 'CANCELLED')",
        ),
        check_constraint(
            table="ewa_bill",
            name="ck_ewa_bill_money",
            sql="charge_fils >= 0 AND applied_fils >= 0 AND applied_fils <= charge_fils",
        ),
        partial_unique(
            table="ewa_bill",
            name="uq_ewa_bill_current",
            columns=("account_id",),
            where="superseded_by IS NULL AND status <> 'CANCELLED'",
        ),
        check_constraint(
            table="ewa_receipt",
            name="ck_ewa_receipt_kind",
            sql="kind IN ('HERE', 'ELSEWHERE', 'CREDIT')",
        ),
        check_constraint(
            table="ewa_receipt",
            name="ck_ewa_receipt_money",
            sql="fils > 0 AND reversed_fils >= 0 AND reversed_fils <= fils",
        ),
        check_constraint(
            table="ewa_reversal",
            name="ck_ewa_reversal_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="ewa_share",
            name="ck_ewa_share_fils",
            sql="fils >= 0",
        ),
        check_constraint(
            table="ewa_sim_mode",
            name="ck_ewa_sim_latency",
            sql="latency_ms >= 0",
        ),
        append_only(table="ewa_reversal"),
    ]
