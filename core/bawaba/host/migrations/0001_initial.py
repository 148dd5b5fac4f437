from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from bawaba.db import append_only, check_constraint, partial_unique
from bawaba.host.jobs.domain import JobState


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "number",
                    fields.BigIntField(
                        primary_key=True, unique=True, db_index=True, generated=False
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(null=True, db_index=True, max_length=32)),
                ("device", fields.CharField(null=True, max_length=32)),
                ("action", fields.CharField(max_length=100)),
                ("resource", fields.CharField(db_index=True, max_length=200)),
                ("detail", fields.TextField(unique=False)),
                ("correlation_id", fields.CharField(max_length=100)),
                ("previous_hash", fields.CharField(max_length=64)),
                ("hash", fields.CharField(unique=True, max_length=64)),
            ],
            options={
                "table": "core_audit",
                "app": "core",
                "pk_attr": "number",
                "table_description": "Who did what to which object. Append-only: ``hash`` covers every other column.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "id",
                    fields.IntField(primary_key=True, unique=True, db_index=True, generated=False),
                ),
                ("number", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={
                "table": "core_audit_head",
                "app": "core",
                "pk_attr": "id",
                "table_description": "The one row that is locked to append: the number and hash of the newest entry.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="BillClaim",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("service", fields.CharField(max_length=64)),
                ("bill_id", fields.CharField(max_length=64)),
                ("payment_id", fields.CharField(max_length=32)),
                ("item_id", fields.CharField(unique=True, max_length=32)),
            ],
            options={
                "table": "core_bill_claim",
                "app": "core",
                "unique_together": (("service", "bill_id"),),
                "pk_attr": "id",
                "table_description": "A paid bill. The unique pair is what makes a bill paid at most once.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("person_id", fields.CharField(max_length=32)),
                ("session", fields.CharField(max_length=255)),
                ("label", fields.CharField(max_length=120)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_by", fields.CharField(null=True, max_length=32)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "core_device",
                "app": "core",
                "unique_together": (("person_id", "session"),),
                "pk_attr": "id",
                "table_description": "One sign-in of a person: the session that the issuer named in the token.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="GatewayMessage",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("gateway", fields.CharField(max_length=40)),
                ("event_id", fields.CharField(max_length=128)),
                ("kind", fields.CharField(max_length=20)),
                ("payment_id", fields.CharField(db_index=True, max_length=64)),
                ("refund_id", fields.CharField(null=True, max_length=64)),
                ("fils", fields.BigIntField()),
                ("gateway_reference", fields.CharField(max_length=128)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("body", fields.TextField(unique=False)),
                ("status", fields.CharField(max_length=12)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0)),
                ("note", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "core_gateway_message",
                "app": "core",
                "unique_together": (("gateway", "event_id"),),
                "indexes": [Index(fields=["status", "due_at"])],
                "pk_attr": "id",
                "table_description": "The inbox: what a gateway reported, verified, stored once, kept.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="HistoricAgency",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
            ],
            options={
                "table": "core_historic_agency",
                "app": "core",
                "pk_attr": "code",
                "table_description": "An agency known from brought-forward figures. A plugin's declaration of the code wins.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="HistoricService",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("agency", fields.CharField(db_index=True, max_length=64)),
                ("name_en", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
                ("description_en", fields.CharField(max_length=1000)),
                ("description_ar", fields.CharField(max_length=1000)),
                ("channels", fields.CharField(max_length=200)),
            ],
            options={
                "table": "core_historic_service",
                "app": "core",
                "pk_attr": "code",
                "table_description": "A service known from brought-forward figures: never payable. A declaration wins.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("person_id", fields.CharField(max_length=64)),
                ("operation", fields.CharField(max_length=80)),
                ("key", fields.CharField(max_length=200)),
                ("fingerprint", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=12)),
                ("attempt", fields.CharField(max_length=32)),
                ("since", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("result", fields.TextField(null=True, unique=False)),
                ("refusal", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "core_idempotency_key",
                "app": "core",
                "unique_together": (("person_id", "operation", "key"),),
                "pk_attr": "id",
                "table_description": "One key of one person for one operation: what was asked, by which attempt, what came of it.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="JobRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("name", fields.CharField(max_length=100)),
                ("key", fields.CharField(null=True, max_length=200)),
                ("payload", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "state",
                    fields.CharEnumField(
                        description="READY: READY\nRUNNING: RUNNING\nDONE: DONE\nDEAD: DEAD",
                        enum_type=JobState,
                        max_length=10,
                    ),
                ),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("turn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "lease_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("attempts", fields.IntField()),
                ("last_error", fields.CharField(max_length=500)),
                ("correlation_id", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "finished_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "core_job",
                "app": "core",
                "unique_together": (("name", "key"),),
                "indexes": [
                    Index(fields=["state", "run_at"]),
                    Index(fields=["key", "finished_at"]),
                ],
                "pk_attr": "id",
                "table_description": "One job. ``turn_at`` (periodic jobs only) is the turn that ``run_at`` stands for.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("topic", fields.CharField(max_length=200)),
                ("sequence", fields.BigIntField()),
                ("kind", fields.CharField(max_length=100)),
                ("data", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("correlation_id", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "published_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "core_outbox",
                "app": "core",
                "unique_together": (("topic", "sequence"),),
                "indexes": [Index(fields=["published_at", "id"])],
                "pk_attr": "id",
                "table_description": "One event, written in the transaction that it tells of, kept for resuming.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("reference", fields.CharField(unique=True, max_length=32)),
                ("payer_id", fields.CharField(max_length=64)),
                ("status", fields.CharField(max_length=12)),
                ("channel", fields.CharField(max_length=20)),
                ("gateway", fields.CharField(max_length=40)),
                ("gateway_reference", fields.CharField(null=True, max_length=128)),
                ("checkout_url", fields.TextField(null=True, unique=False)),
                ("return_url", fields.TextField(null=True, unique=False)),
                ("correlation_id", fields.CharField(max_length=64)),
                ("fils", fields.BigIntField()),
                ("captured_fils", fields.BigIntField(default=0)),
                ("surplus_fils", fields.BigIntField(default=0)),
                ("surplus_reserved_fils", fields.BigIntField(default=0)),
                ("surplus_refunded_fils", fields.BigIntField(default=0)),
                ("refunded_fils", fields.BigIntField(default=0)),
                ("failure_en", fields.TextField(null=True, unique=False)),
                ("failure_ar", fields.TextField(null=True, unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "last_event_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("receipt_number", fields.CharField(null=True, unique=True, max_length=32)),
                ("receipt_code", fields.CharField(null=True, max_length=64)),
                ("receipt_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "core_payment",
                "app": "core",
                "indexes": [
                    Index(fields=["payer_id", "created_at", "id"]),
                    Index(fields=["status", "expires_at"]),
                ],
                "pk_attr": "id",
                "table_description": "One basket that somebody pays. Every change of it or its items and refunds locks this row.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="PaymentItem",
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
                        related_name="items",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField()),
                ("service", fields.CharField(max_length=64)),
                ("bill_id", fields.CharField(max_length=64)),
                ("bill_reference", fields.CharField(max_length=64)),
                ("description_en", fields.TextField(unique=False)),
                ("description_ar", fields.TextField(unique=False)),
                ("explanation_en", fields.TextField(unique=False)),
                ("explanation_ar", fields.TextField(unique=False)),
                ("fils", fields.BigIntField()),
                ("state", fields.CharField(max_length=12)),
                ("reserved_fils", fields.BigIntField(default=0)),
                ("refunded_fils", fields.BigIntField(default=0)),
                ("postings", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("undone", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "core_payment_item",
                "app": "core",
                "unique_together": (("payment_id", "service", "bill_id"),),
                "indexes": [Index(fields=["service", "bill_id"])],
                "pk_attr": "id",
                "table_description": "One bill of a payment at its frozen price.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("issuer", fields.CharField(max_length=255)),
                ("subject", fields.CharField(max_length=255)),
                ("national_id", fields.CharField(null=True, db_index=True, max_length=32)),
                ("name", fields.CharField(max_length=200)),
                ("name_ar", fields.CharField(max_length=200)),
                ("claims_at", fields.BigIntField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "suspended_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("suspended_by", fields.CharField(null=True, max_length=32)),
                ("suspension_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "core_person",
                "app": "core",
                "unique_together": (("issuer", "subject"),),
                "pk_attr": "id",
                "table_description": "Somebody whom the issuer vouched for, made at first sight of a valid token.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Refund",
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
                        related_name="refunds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(max_length=12)),
                ("fils", fields.BigIntField()),
                ("reason_en", fields.TextField(unique=False)),
                ("reason_ar", fields.TextField(unique=False)),
                ("requested_by", fields.CharField(null=True, max_length=64)),
                ("failure", fields.TextField(null=True, unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "core_refund",
                "app": "core",
                "indexes": [
                    Index(fields=["status", "created_at", "id"]),
                    Index(fields=["payment_id", "created_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Money to give back through the gateway that took it.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                (
                    "refund",
                    fields.ForeignKeyField(
                        "core.Refund",
                        source_field="refund_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("item_id", fields.CharField(null=True, max_length=32)),
                ("fils", fields.BigIntField()),
                ("in_full", fields.BooleanField(default=False)),
            ],
            options={
                "table": "core_refund_line",
                "app": "core",
                "indexes": [Index(fields=["refund_id"])],
                "pk_attr": "id",
                "table_description": "A part of a refund: of one item, or (``item_id`` null) of money that belongs to no item.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="RoleGrant",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("person_id", fields.CharField(max_length=32)),
                ("role", fields.CharField(db_index=True, max_length=64)),
                ("scope", fields.CharField(max_length=64)),
                ("granted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("granted_by", fields.CharField(null=True, max_length=32)),
            ],
            options={
                "table": "core_grant",
                "app": "core",
                "unique_together": (("person_id", "role", "scope"),),
                "pk_attr": "id",
                "table_description": "A role that a person holds in a scope: an agency's or body's code, or ``*``.",
            },
            bases=["Table"],
        ),
        ops.CreateModel(
            name="Topic",
            fields=[
                (
                    "name",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=200),
                ),
                ("epoch", fields.CharField(max_length=32)),
                ("sequence", fields.BigIntField()),
            ],
            options={
                "table": "core_topic",
                "app": "core",
                "pk_attr": "name",
                "table_description": "How far a topic has come. Its row lock is what numbers events without gaps.",
            },
            bases=["Table"],
        ),
        check_constraint(
            table="core_audit",
            name="ck_core_audit_number",
            sql="number > 0",
        ),
        check_constraint(
            table="core_audit_head",
            name="ck_core_audit_head_single",
            sql="id = 1",
        ),
        check_constraint(
            table="core_payment",
            name="ck_core_payment_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="core_payment",
            name="ck_core_payment_refunded",
            sql="refunded_fils >= 0 AND refunded_fils <= captured_fils",
        ),
        check_constraint(
            table="core_payment",
            name="ck_core_payment_surplus",
            sql="surplus_reserved_fils >= 0 AND surplus_refunded_fils >= 0 AND surplus_reserved_fils + surplus_refunded_fils <= surplus_fils",
        ),
        check_constraint(
            table="core_payment_item",
            name="ck_core_payment_item_fils",
            sql="fils > 0",
        ),
        check_constraint(
            table="core_payment_item",
            name="ck_core_payment_item_refunded",
            sql="reserved_fils >= 0 AND refunded_fils >= 0 AND reserved_fils + refunded_fils <= fils",
        ),
        check_constraint(
            table="core_refund",
            name="ck_core_refund_fils",
            sql="fils > 0",
        ),
        partial_unique(
            table="core_refund",
            name="uq_core_refund_proposed",
            columns=("payment_id",),
            where="status = 'PROPOSED'",
        ),
        check_constraint(
            table="core_refund_line",
            name="ck_core_refund_line_fils",
            sql="fils > 0",
        ),
        append_only("core_audit"),
    ]
