"""The civil service tables."""

from bawaba.db import append_only, check_constraint
from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="CivilEntity",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=40),
                ),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
            ],
            options={
                "table": "civil_service_entity",
                "app": "civilService",
                "pk_attr": "code",
                "table_description": "A ministry or other body that employs civil servants. ``code`` is a scope of roles.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilEmployee",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("employee_number", fields.CharField(unique=True, max_length=20)),
                ("national_id", fields.CharField(unique=True, max_length=20)),
                (
                    "entity",
                    fields.ForeignKeyField(
                        "civilService.CivilEntity",
                        source_field="entity_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="employees",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
                ("position_en", fields.CharField(max_length=200)),
                ("position_ar", fields.CharField(max_length=200)),
                ("grade", fields.CharField(max_length=40)),
                ("hired_on", fields.DateField()),
                ("left_on", fields.DateField(null=True)),
                ("openings", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("version", fields.BigIntField()),
                ("seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "civil_service_employee",
                "app": "civilService",
                "indexes": [Index(fields=["entity_id", "employee_number"])],
                "pk_attr": "id",
                "table_description": "The platform's mirror of an employee in the bureau's register.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilHoliday",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("on", fields.DateField(unique=True)),
                ("is_off", fields.BooleanField()),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
                ("announced_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("announced_by", fields.CharField(max_length=64)),
            ],
            options={
                "table": "civil_service_holiday",
                "app": "civilService",
                "pk_attr": "id",
                "table_description": "An announcement: ``on`` is a day off, or (``is_off`` False) a working day after all.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilLeave",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "employee",
                    fields.ForeignKeyField(
                        "civilService.CivilEmployee",
                        source_field="employee_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="leaves",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("person_id", fields.CharField(null=True, max_length=64)),
                ("kind", fields.CharField(max_length=16)),
                ("first_on", fields.DateField()),
                ("last_on", fields.DateField()),
                ("days", fields.IntField()),
                ("status", fields.CharField(max_length=16)),
                ("reason", fields.TextField(unique=False)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decision", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "civil_service_leave",
                "app": "civilService",
                "indexes": [
                    Index(fields=["employee_id", "first_on"]),
                    Index(fields=["status", "requested_at", "id"]),
                    Index(fields=["status", "last_on"]),
                ],
                "pk_attr": "id",
                "table_description": "A leave. ``person_id`` asked for it, None: at the bureau. ``days``: what is drawn.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilLeaveStep",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "leave",
                    fields.ForeignKeyField(
                        "civilService.CivilLeave",
                        source_field="leave_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="steps",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("step", fields.CharField(max_length=16)),
                ("days", fields.IntField()),
                ("person_id", fields.CharField(null=True, max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "civil_service_leave_step",
                "app": "civilService",
                "pk_attr": "id",
                "table_description": "A line of a leave's history, never changed. ``person_id`` None: the platform.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilLetter",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200),
                ),
                ("kind", fields.CharField(max_length=60)),
                ("digest", fields.CharField(max_length=64)),
                ("reply", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("taken_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "civil_service_letter",
                "app": "civilService",
                "pk_attr": "key",
                "table_description": "A letter of the bureau that was taken, once for each key, and what was answered.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilPayslip",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "employee",
                    fields.ForeignKeyField(
                        "civilService.CivilEmployee",
                        source_field="employee_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="payslips",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("month", fields.CharField(max_length=7)),
                ("net_fils", fields.BigIntField()),
                ("issued_on", fields.DateField()),
                ("verification_code", fields.CharField(unique=True, max_length=24)),
                ("issued_to_en", fields.CharField(max_length=200)),
                ("issued_to_ar", fields.CharField(max_length=200)),
                ("position_en", fields.CharField(max_length=200)),
                ("position_ar", fields.CharField(max_length=200)),
                ("entity_en", fields.CharField(max_length=200)),
                ("entity_ar", fields.CharField(max_length=200)),
            ],
            options={
                "table": "civil_service_payslip",
                "app": "civilService",
                "unique_together": (("employee_id", "month"),),
                "pk_attr": "id",
                "table_description": "What was paid for a month (YYYY-MM), append-only. ``net_fils`` is the sum of its lines.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilPayslipLine",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "payslip",
                    fields.ForeignKeyField(
                        "civilService.CivilPayslip",
                        source_field="payslip_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("kind", fields.CharField(max_length=20)),
                ("label_en", fields.CharField(max_length=200)),
                ("label_ar", fields.CharField(max_length=200)),
                ("fils", fields.BigIntField()),
                ("corrects", fields.CharField(null=True, max_length=7)),
            ],
            options={
                "table": "civil_service_payslip_line",
                "app": "civilService",
                "unique_together": (("payslip_id", "position"),),
                "pk_attr": "id",
                "table_description": "A line of a payslip, append-only. ``corrects``: the earlier month it is about.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilPrint",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "payslip",
                    fields.ForeignKeyField(
                        "civilService.CivilPayslip",
                        source_field="payslip_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="prints",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("language", fields.CharField(max_length=2)),
                ("file_id", fields.CharField(max_length=32)),
            ],
            options={
                "table": "civil_service_print",
                "app": "civilService",
                "unique_together": (("payslip_id", "language"),),
                "pk_attr": "id",
                "table_description": "A payslip printed in a language.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilRequest",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("reference", fields.CharField(unique=True, max_length=40)),
                (
                    "employee",
                    fields.ForeignKeyField(
                        "civilService.CivilEmployee",
                        source_field="employee_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("person_id", fields.CharField(null=True, max_length=64)),
                ("kind", fields.CharField(max_length=16)),
                ("language", fields.CharField(max_length=2)),
                ("purpose", fields.CharField(max_length=200)),
                ("status", fields.CharField(max_length=20)),
                ("fee_fils", fields.BigIntField()),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_item_id", fields.CharField(null=True, unique=True, max_length=64)),
                ("receipt_number", fields.CharField(null=True, max_length=40)),
                ("paid_fils", fields.BigIntField(db_default=0)),
                ("reversed_fils", fields.BigIntField(db_default=0)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "delivered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("issued_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "civil_service_request",
                "app": "civilService",
                "indexes": [
                    Index(fields=["employee_id", "requested_at", "id"]),
                    Index(fields=["status", "expires_at"]),
                ],
                "pk_attr": "id",
                "table_description": "A request for a certificate, and the bill of its fee.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="CivilCertificate",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "request",
                    fields.OneToOneField(
                        "civilService.CivilRequest",
                        source_field="request_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="certificate",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("verification_code", fields.CharField(unique=True, max_length=24)),
                ("issued_on", fields.DateField()),
                ("prepared_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("facts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("file_id", fields.CharField(null=True, max_length=32)),
                ("sha256", fields.CharField(null=True, max_length=64)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_reason", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "civil_service_certificate",
                "app": "civilService",
                "pk_attr": "id",
                "table_description": "A certificate: prepared first, issued once ``file_id`` is there. ``facts`` never change.",
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
            ],
            options={
                "table": "civil_service_sim_mode",
                "app": "civilService",
                "pk_attr": "id",
                "table_description": "How the simulated bureau behaves just now: one row, named ``mode``.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedNotice",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200),
                ),
                ("kind", fields.CharField(max_length=60)),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "civil_service_sim_notice",
                "app": "civilService",
                "pk_attr": "key",
                "table_description": "A letter that the simulated bureau has taken, once for each key.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="SimulatedRecord",
            fields=[
                (
                    "employee_number",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=20),
                ),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "civil_service_sim_record",
                "app": "civilService",
                "pk_attr": "employee_number",
                "table_description": "An employee in the simulated register: what it answers, as JSON.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="civil_service_employee",
            name="ck_civil_service_employed",
            sql="left_on IS NULL OR left_on >= hired_on",
        ),
        check_constraint(
            table="civil_service_leave",
            name="ck_civil_service_leave_period",
            sql="last_on >= first_on",
        ),
        check_constraint(
            table="civil_service_leave",
            name="ck_civil_service_leave_days",
            sql="days >= 0",
        ),
        check_constraint(
            table="civil_service_leave",
            name="ck_civil_service_leave_status",
            sql="status IN ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'TAKEN')",
        ),
        check_constraint(
            table="civil_service_payslip",
            name="ck_civil_service_payslip_month",
            sql="length(month) = 7",
        ),
        check_constraint(
            table="civil_service_payslip_line",
            name="ck_civil_service_line_kind",
            sql="kind IN ('BASIC', 'ALLOWANCE', 'DEDUCTION', 'SOCIAL_INSURANCE', 'CORRECTION')",
        ),
        check_constraint(
            table="civil_service_payslip_line",
            name="ck_civil_service_line_corrects",
            sql="(kind = 'CORRECTION') = (corrects IS NOT NULL)",
        ),
        check_constraint(
            table="civil_service_request",
            name="ck_civil_service_request_status",
            sql="status IN ('SUBMITTED', 'AWAITING_PAYMENT', 'PAID', 'ISSUED', 'CANCELLED', 'EXPIRED', 'REVOKED')",
        ),
        check_constraint(
            table="civil_service_request",
            name="ck_civil_service_request_money",
            sql="fee_fils >= 0 AND paid_fils >= 0 AND reversed_fils >= 0 AND reversed_fils <= paid_fils",
        ),
        check_constraint(
            table="civil_service_request",
            name="ck_civil_service_request_item",
            sql="settled_item_id IS NULL OR status NOT IN ('AWAITING_PAYMENT', 'EXPIRED')",
        ),
        check_constraint(
            table="civil_service_sim_mode",
            name="ck_civil_service_latency",
            sql="latency_ms >= 0",
        ),
        append_only(table="civil_service_payslip"),
        append_only(table="civil_service_payslip_line"),
        append_only(table="civil_service_leave_step"),
        append_only(table="civil_service_letter"),
    ]
