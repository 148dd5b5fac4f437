from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from bawaba.db import append_only, check_constraint, partial_unique


class Migration(migrations.Migration):
    dependencies = [("core", "0004_suspended_scope")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LetterEntry",
            fields=[
                (
                    "number",
                    fields.BigIntField(
                        primary_key=True, unique=True, db_index=True, generated=False
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("keeper", fields.CharField(max_length=64)),
                ("direction", fields.CharField(max_length=16)),
                ("agency", fields.CharField(max_length=64)),
                ("kind", fields.CharField(max_length=100)),
                ("key", fields.CharField(max_length=200)),
                ("message_id", fields.CharField(max_length=64)),
                ("correlation_id", fields.CharField(db_index=True, max_length=100)),
                ("body_sha256", fields.CharField(max_length=64)),
                ("sealed", fields.TextField(unique=False)),
                ("receipt", fields.TextField(unique=False)),
                ("receipt_sha256", fields.CharField(max_length=64)),
                ("receipt_signer", fields.CharField(max_length=64)),
                ("repeated", fields.BooleanField()),
                ("previous_hash", fields.CharField(max_length=64)),
                ("hash", fields.CharField(unique=True, max_length=64)),
            ],
            options={
                "table": "core_letter",
                "app": "core",
                "unique_together": (("keeper", "direction", "message_id"),),
                "indexes": [Index(fields=["keeper", "agency", "number"])],
                "pk_attr": "number",
                "table_description": "A letter whose receipt is verified (sent) or given (received). Append-only.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="LetterHead",
            fields=[
                (
                    "id",
                    fields.IntField(primary_key=True, unique=True, db_index=True, generated=False),
                ),
                ("number", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "core_letter_head",
                "app": "core",
                "pk_attr": "id",
                "table_description": "The one row that is locked to append: the number and hash of the newest entry.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="LetterKey",
            fields=[
                (
                    "thumbprint",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("party", fields.CharField(max_length=64)),
                ("jwk", fields.TextField(unique=False)),
            ],
            options={
                "table": "core_letter_key",
                "app": "core",
                "pk_attr": "thumbprint",
                "table_description": "A public key that signed a receipt in the log, under its RFC 7638 thumbprint. Append-only.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="core_letter",
            name="ck_core_letter_number",
            sql="number > 0",
        ),
        check_constraint(
            table="core_letter",
            name="ck_core_letter_direction",
            sql="direction IN ('TO_AGENCY', 'FROM_AGENCY')",
        ),
        partial_unique(
            table="core_letter",
            name="uq_core_letter_key",
            columns=("keeper", "direction", "agency", "key"),
            where="repeated = FALSE",
        ),
        check_constraint(
            table="core_letter_head",
            name="ck_core_letter_head_single",
            sql="id = 1",
        ),
        append_only("core_letter"),
        append_only("core_letter_key"),
    ]
