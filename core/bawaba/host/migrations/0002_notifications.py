from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from bawaba.db import check_constraint


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DeliveryRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("notice_id", fields.CharField(max_length=32)),
                ("messenger", fields.CharField(max_length=32)),
                ("state", fields.CharField(max_length=16)),
                ("attempts", fields.IntField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("error", fields.CharField(db_default="", max_length=300)),
            ],
            options={
                "table": "core_delivery",
                "app": "core",
                "unique_together": (("notice_id", "messenger"),),
                "indexes": [Index(fields=["state", "changed_at"])],
                "pk_attr": "id",
                "table_description": "The sending of a notice by one messenger.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="NoticeRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("key", fields.CharField(max_length=200)),
                ("person_id", fields.CharField(max_length=64)),
                ("subject_en", fields.TextField(unique=False)),
                ("subject_ar", fields.TextField(unique=False)),
                ("body_en", fields.TextField(unique=False)),
                ("body_ar", fields.TextField(unique=False)),
                ("not_before", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "created_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "core_notice",
                "app": "core",
                "unique_together": (("key", "person_id"),),
                "pk_attr": "id",
                "table_description": "Something to tell a person. Its words are emptied after a month, its key stays.",
            },
            bases=["Table"],
        ),
        ops.AddField(
            model_name="Person",
            name="email",
            field=fields.CharField(null=True, max_length=254),
        ),
        ops.AddField(
            model_name="Person",
            name="phone",
            field=fields.CharField(null=True, max_length=32),
        ),
        check_constraint(
            table="core_delivery",
            name="ck_core_delivery_state",
            sql="state IN ('PENDING', 'SENDING', 'SENT', 'UNCERTAIN')",
        ),
    ]
