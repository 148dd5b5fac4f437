from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("core", "0006_payments_in_parts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="LetterWaiting",
            fields=[
                (
                    "number",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("agency", fields.CharField(max_length=64)),
                ("key", fields.CharField(max_length=200)),
                ("kind", fields.CharField(max_length=100)),
                ("body", fields.TextField(unique=False)),
                ("correlation_id", fields.CharField(max_length=100)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "core_letter_waiting",
                "app": "core",
                "unique_together": (("agency", "key"),),
                "indexes": [Index(fields=["agency", "number"])],
                "pk_attr": "number",
                "table_description": "A letter that waits until its agency can be reached. Removed once it has its receipt.",
            },
            bases=["Table"],
        ),
    ]
