"""The sample app's tables, as the writer writes them (append_only by hand)."""

from bawaba.db import append_only, check_constraint, partial_unique
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("code", fields.CharField(unique=True, max_length=20)),
                ("branch", fields.CharField(db_default="main", max_length=20)),
                ("number", fields.IntField(db_default=0)),
                ("balance", fields.BigIntField(db_default=0)),
                ("state", fields.CharField(db_index=True, db_default="open", max_length=10)),
            ],
            options={
                "table": "sample_account",
                "app": "sample",
                "unique_together": (("branch", "number"),),
                "pk_attr": "id",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Line",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "sample.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
            ],
            options={"table": "sample_line", "app": "sample", "pk_attr": "id"},
            bases=["Table"],
        ),
        check_constraint(
            table="sample_account",
            name="ck_sample_balance",
            sql="balance >= 0",
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("code", "state"), name="uq_sample_code_state"),
        ),
        partial_unique(
            table="sample_account",
            name="uq_sample_frozen",
            columns=("branch",),
            where="state = 'frozen'",
        ),
        append_only(table="sample_line"),
    ]
