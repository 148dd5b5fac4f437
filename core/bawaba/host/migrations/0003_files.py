from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from bawaba.db import check_constraint


class Migration(migrations.Migration):
    dependencies = [("core", "0002_notifications")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FileObject",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("file_id", fields.CharField(db_index=True, max_length=32)),
                ("state", fields.CharField(max_length=8)),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "core_file_object",
                "app": "core",
                "indexes": [Index(fields=["state", "since"])],
                "pk_attr": "key",
                "table_description": "An object of the store, named here before it is written and until it is deleted.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="FileRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("owner_id", fields.CharField(max_length=64)),
                ("purpose", fields.CharField(max_length=100)),
                ("subject", fields.CharField(null=True, max_length=64)),
                ("name", fields.CharField(max_length=200)),
                ("media_type", fields.CharField(max_length=100)),
                ("size", fields.BigIntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("status", fields.CharField(max_length=12)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("stored_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("object_key", fields.CharField(null=True, unique=True, max_length=64)),
            ],
            options={
                "table": "core_file",
                "app": "core",
                "indexes": [
                    Index(fields=["purpose", "subject"]),
                    Index(fields=["owner_id", "status"]),
                    Index(fields=["status", "expires_at"]),
                ],
                "pk_attr": "id",
                "table_description": "A file that somebody uploads. Every change of it locks this row.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="FileTicket",
            fields=[
                (
                    "digest",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("file_id", fields.CharField(max_length=32)),
                ("person_id", fields.CharField(max_length=64)),
                ("device_id", fields.CharField(null=True, max_length=64)),
                (
                    "expires_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "core_file_ticket",
                "app": "core",
                "pk_attr": "digest",
                "table_description": "A link to one file for one person and one minute: only its SHA-256 is kept.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="core_file_object",
            name="ck_core_file_object_state",
            sql="state IN ('WRITING', 'KEPT', 'DOOMED')",
        ),
        check_constraint(
            table="core_file",
            name="ck_core_file_size",
            sql="size > 0",
        ),
        check_constraint(
            table="core_file",
            name="ck_core_file_status",
            sql="status IN ('AWAITED', 'STORED', 'ATTACHED', 'REJECTED', 'EXPIRED')",
        ),
        check_constraint(
            table="core_file",
            name="ck_core_file_subject",
            sql="(status = 'ATTACHED') = (subject IS NOT NULL)",
        ),
        check_constraint(
            table="core_file",
            name="ck_core_file_object",
            sql="(status IN ('STORED', 'ATTACHED')) = (object_key IS NOT NULL)",
        ),
    ]
