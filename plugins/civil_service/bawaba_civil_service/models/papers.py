"""Rows of requests for certificates and of the certificates."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table
from tortoise import fields

from bawaba_civil_service.models.people import CivilEmployee


class CivilRequest(Table):
    """A request for a certificate, and the bill of its fee.

    ``person_id`` asked for it, None: it was asked for at the bureau. ``fee_fils`` is what was in
    force on the day of the request. The money columns concern the one settled payment item.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    reference = fields.CharField(max_length=40, unique=True)
    employee: fields.ForeignKeyRelation[CivilEmployee] = fields.ForeignKeyField(
        "civilService.CivilEmployee", related_name="requests", on_delete=fields.RESTRICT
    )
    employee_id: str
    person_id = fields.CharField(max_length=64, null=True)
    kind = fields.CharField(max_length=16)
    language = fields.CharField(max_length=2)
    purpose = fields.CharField(max_length=200)
    status = fields.CharField(max_length=20)
    fee_fils = fields.BigIntField()
    requested_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    settled_item_id = fields.CharField(max_length=64, null=True, unique=True)
    receipt_number = fields.CharField(max_length=40, null=True)
    paid_fils = fields.BigIntField(db_default=0)
    reversed_fils = fields.BigIntField(db_default=0)
    paid_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    issued_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Money and status agree."""

        table = "civil_service_request"
        indexes = (("employee_id", "requested_at", "id"), ("status", "expires_at"))
        constraints = (
            CheckConstraint(
                check="status IN ('SUBMITTED', 'AWAITING_PAYMENT', 'PAID', 'ISSUED', 'CANCELLED', "
                "'EXPIRED', 'REVOKED')",
                name="ck_civil_service_request_status",
            ),
            CheckConstraint(
                check="fee_fils >= 0 AND paid_fils >= 0 AND reversed_fils >= 0 "
                "AND reversed_fils <= paid_fils",
                name="ck_civil_service_request_money",
            ),
            CheckConstraint(
                check="settled_item_id IS NULL OR status NOT IN ('AWAITING_PAYMENT', 'EXPIRED')",
                name="ck_civil_service_request_item",
            ),
        )


class CivilCertificate(Table):
    """A certificate: prepared first, issued once ``file_id`` is there. ``facts`` never change."""

    id = fields.CharField(max_length=32, primary_key=True)
    request: fields.OneToOneRelation[CivilRequest] = fields.OneToOneField(
        "civilService.CivilRequest", related_name="certificate", on_delete=fields.RESTRICT
    )
    request_id: str
    verification_code = fields.CharField(max_length=24, unique=True)
    issued_on = fields.DateField()
    prepared_at = fields.DatetimeField()
    facts: Any = fields.JSONField()
    file_id = fields.CharField(max_length=32, null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    revoked_at = fields.DatetimeField(null=True)
    revoked_reason = fields.TextField(null=True)

    class Meta:
        table = "civil_service_certificate"
